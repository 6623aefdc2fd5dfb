"""A small service for the tests of the counter: notes, whose only effect is an event each.

It borrows the schema of benefits, where the tables that every service has stand ready.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from foundation.authorization import CARD_WITHIN_5_MINUTES, Denied, PolicyTable, permission
from foundation.database import UniqueViolation
from foundation.events import Event
from foundation.identifiers import new_id
from foundation.identity import Purpose, Role
from foundation.problems import Forbidden, NotFound, PreconditionFailed, Problem
from foundation.web import (
    CurrentWork,
    CursorText,
    IfMatch,
    Limit,
    Line,
    Listing,
    OfficeRouter,
    RawBody,
    Retirement,
    Version,
    Wire,
)

SERVICE = "benefits"


@dataclass(frozen=True, kw_only=True)
class NoteTaken(Event):
    type_: ClassVar[str] = "benefits.note.taken.v1"
    amount: int


class NoteNotFound(NotFound):
    slug = "example/note-not-found"
    title = "There is no such note."
    title_ja = "メモが見つかりません。"


class NoteTake(Wire):
    text: Line
    amount: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    on: date | None = None


class NoteRead(Wire):
    id: UUID
    text: str
    version: Version


_OFFICIALS = (Role.CLERK, Role.ADMINISTRATOR)

TAKE = permission(
    "benefits.note.take",
    scope="benefits:write",
    residents=True,
    officials=_OFFICIALS,
    purposes=(Purpose.APPLICATION,),
    personal=True,
    description_ja="メモを取る",
)
READ = permission(
    "benefits.note.read",
    scope="benefits:read",
    officials=_OFFICIALS,
    purposes=(Purpose.APPLICATION, Purpose.AUDIT),
    personal=True,
    description_ja="メモを読む",
)
COUNT = permission(
    "benefits.note.count",
    scope="benefits:read",
    officials=_OFFICIALS,
    machines=True,
    purposes=(Purpose.OPERATION,),
    description_ja="メモを数える",
)
SEAL = permission(
    "benefits.note.seal",
    scope="benefits:write",
    residents=True,
    in_person=True,
    businesses=True,
    purposes=(Purpose.APPLICATION,),
    personal=True,
    assurance=CARD_WITHIN_5_MINUTES,
    description_ja="メモに封をする",
)
POLICY = PolicyTable(SERVICE, [TAKE, READ, COUNT, SEAL])

router = OfficeRouter(prefix="/notes", tags=("notes",))


@router.post("", permission=TAKE, summary="メモを取る", status_code=201)
async def take_note(work: CurrentWork, body: NoteTake, response: Response) -> NoteRead:
    """Take a note."""
    note_id = new_id()
    await work.emit(NoteTaken(subject_id=note_id, amount=body.amount))
    await work.record("benefits.note.take", subject=note_id)
    response.headers["Location"] = f"/benefits/v1/notes/{note_id}"
    return NoteRead(id=note_id, text=body.text, version=1)


@router.post("/unaudited", permission=TAKE, summary="記録を残さない", status_code=201)
async def take_note_without_trace(work: CurrentWork, body: NoteTake) -> NoteRead:
    """Take a note and leave no trail, which must come to nothing."""
    note_id = new_id()
    await work.emit(NoteTaken(subject_id=note_id, amount=body.amount))
    return NoteRead(id=note_id, text=body.text, version=1)


@router.post("/failing", permission=TAKE, summary="途中で失敗する", status_code=201)
async def take_note_and_fail(work: CurrentWork, body: NoteTake) -> NoteRead:
    """Do the work and then fail as the text says."""
    await work.emit(NoteTaken(subject_id=new_id(), amount=body.amount))
    await work.record("benefits.note.take")
    failures: dict[str, Exception] = {
        "unexpected": RuntimeError("CANARY"),
        "unique": UniqueViolation("notes_key"),
        "forbidden": Forbidden(),
        "denied": Denied(Forbidden()),
        "not-found": NoteNotFound(),
    }
    raise failures[body.text]


@router.post(
    "/imports",
    permission=COUNT,
    summary="CSV を数える",
    accepts=("text/csv",),
    example="番号,本文\r\n1,見本\r\n",
    max_body_bytes=100,
)
async def import_notes(work: CurrentWork, body: RawBody) -> dict[str, int]:
    """Count the bytes of a file."""
    del work
    return {"size": len(body)}


@router.post("/search", permission=COUNT, summary="探す", idempotent_post=False)
async def search_notes(work: CurrentWork, body: NoteTake) -> dict[str, str]:
    """Search with terms that do not belong in a URL."""
    del work
    return {"text": body.text}


@router.get("", permission=COUNT, summary="一覧")
async def list_notes(
    work: CurrentWork, limit: Limit = 50, cursor: CursorText = None, on: date | None = None
) -> Listing[NoteRead]:
    """List notes."""
    del work, limit, cursor, on
    return Listing(items=[])


@router.get("/file", permission=COUNT, summary="ファイル", produces="application/octet-stream")
async def read_file(work: CurrentWork) -> Response:
    """Stream a file in parts."""
    tenant = str(work.tenancy.code)

    async def parts() -> AsyncIterator[str]:
        yield "振込,"
        yield tenant

    return StreamingResponse(
        parts(),
        media_type="application/octet-stream",
        headers={"Content-Disposition": 'attachment; filename="notes.bin"'},
    )


@router.get("/{note_id}", permission=READ, summary="読む", problems=[NoteNotFound])
async def read_note(work: CurrentWork, note_id: UUID) -> NoteRead:
    """Read a note; those whose number ends in 0 are nobody's."""
    if str(note_id).endswith("0"):
        raise NoteNotFound
    await work.record("benefits.note.read", subject=note_id)
    return NoteRead(id=note_id, text="メモ", version=3)


@router.put("/{note_id}", permission=TAKE, summary="書き直す", problems=[NoteNotFound])
async def replace_note(
    work: CurrentWork, note_id: UUID, expected: IfMatch, body: NoteTake
) -> NoteRead:
    """Replace version 3 of a note."""
    if expected != 3:
        raise PreconditionFailed
    await work.record("benefits.note.replace", subject=note_id)
    return NoteRead(id=note_id, text=body.text, version=4)


@router.post("/{note_id}/seal", permission=SEAL, summary="封をする", status_code=204)
async def seal_note(work: CurrentWork, note_id: UUID) -> None:
    """Seal a note, which only somebody may who has just shown their card."""
    await work.record("benefits.note.seal", subject=note_id)


@router.delete("/{note_id}", permission=TAKE, summary="消す", status_code=204)
async def remove_note(work: CurrentWork, note_id: UUID, expected: IfMatch) -> None:
    """Remove a note."""
    del expected
    await work.record("benefits.note.remove", subject=note_id)


def problems() -> list[type[Problem]]:
    """Return the problems of this service's own."""
    return [NoteNotFound]


@router.get(
    "/{note_id}/old",
    permission=READ,
    problems=[NoteNotFound],
    summary="以前の形でメモを読む",
    retires=Retirement(
        since=date(2026, 4, 1),
        sunset=date(2027, 4, 1),
        instead="/benefits/v1/notes",
        read_more="/docs",
    ),
)
async def read_note_as_before(work: CurrentWork, note_id: UUID) -> NoteRead:
    """Read a note in the way that will end."""
    if note_id.int == 0:
        raise NoteNotFound
    await work.record("benefits.note.read", obj=str(note_id))
    return NoteRead(id=note_id, text="控え", version=1)
