"""Imports over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Header, Query
from starlette.requests import Request
from starlette.responses import Response

from foundation.database import Transaction
from foundation.problems import UnsupportedMediaType
from foundation.web import (
    LIST_BODY_BYTES,
    Audience,
    CurrentWork,
    Limit,
    Listing,
    News,
    OfficeRouter,
    RawBody,
    SpooledBody,
)
from services.registry import permissions

from . import service
from .domain import Kind, Layout
from .problems import (
    ImportHasFaults,
    ImportNotFound,
    ImportStateConflict,
    LayoutNotFound,
    MissingCannotBeEnded,
    NothingIsKept,
    UnreadableFile,
    UnreasonableArchive,
)
from .schemas import (
    ImportConfirm,
    ImportProgress,
    ImportRead,
    LayoutKeep,
    LayoutRead,
    MissingRead,
    PreviewRead,
)

router = OfficeRouter(prefix="/imports", tags=["imports"])
layouts = OfficeRouter(prefix="/import-layouts", tags=["imports"])
previews = OfficeRouter(prefix="/import-previews", tags=["imports"])

_MOST_BYTES = 512 * 1024 * 1024
_SECONDS = 240.0
"""A register of a million residents is cut, packed and sealed in this one request."""
_ENCODINGS = {"": "utf-8", "utf-8": "utf-8", "shift_jis": "cp932", "cp932": "cp932"}
_BEFORE_ALL = UUID(int=0)
Load = Annotated[
    Kind, Query(description="full は全件(載っていない人を報告する)、delta は変わった分。")
]
LayoutName = Annotated[
    str | None,
    Query(pattern="^[a-z0-9-]{1,40}$", description="登録ずみの見出しの対応の名前。"),
]
LastEventId = Annotated[
    str | None,
    Header(
        pattern="^[0-9]{1,9}-[0-9]{1,9}$",
        description="最後に受け取った id。同じ内容は二度送られない。",
    ),
]
AfterLine = Annotated[int, Query(ge=0, le=100_000_000, description="この行番号より後から。")]
_AUDIENCE = Audience()
_EXAMPLE = (
    "宛名番号,世帯番号,続柄,氏名_正字,氏名,氏名カナ,カナ確認,通称,氏名_英字,生年月日,性別,"
    "郵便番号,住所,国籍区分,住民となった日,住民でなくなった日,課税区分,支援措置\r\n"
    "900001,900001,世帯主,見本　花子,見本　花子,ミホン　ハナコ,1,,,1992-04-15,2,"
    "0900024,北海道北見市北四条東1丁目,japanese,2015-04-01,,exempt,\r\n"
)


@router.post(
    "",
    permission=permissions.IMPORT_REGISTER,
    problems=[UnreadableFile, UnreasonableArchive, LayoutNotFound],
    accepts=["text/csv"],
    example=_EXAMPLE,
    max_body_bytes=_MOST_BYTES,
    spooled=True,
    seconds=_SECONDS,
    status_code=201,
    summary="住民情報のファイルを確認する(まだ書き込まない)",
)
async def check_import(
    work: CurrentWork,
    request: Request,
    spool: SpooledBody,
    load: Load = Kind.DELTA,
    layout: LayoutName = None,
) -> ImportRead:
    """Check a CSV of residents and households: what it would do, and what is wrong with it.

    UTF-8 unless the media type says `charset=shift_jis` (read as CP932 with the NEC and IBM
    extensions); with `Content-Encoding: gzip` it may be packed. The first line names the columns,
    in English or in Japanese. A file of more than some ten thousand lines is answered as
    `received` and checked behind the counter: read it again until it is `checked`.
    """
    kept = None if layout is None else await service.newest_layout(work, layout)
    sent = service.Sent(
        encoding=_encoding_of(request),
        is_packed=request.headers.get("content-encoding", "").strip().lower() == "gzip",
        kind=load,
        layout=Layout() if kept is None else kept.layout,
        layout_name=None if kept is None else kept.name,
        layout_revision=None if kept is None else kept.revision,
    )
    arrived = await service.receive(work, spool, sent)
    return ImportRead.of(arrived, await service.progress_of(work, arrived))


@router.get(
    "/{import_id}",
    permission=permissions.IMPORT_REGISTER,
    problems=[ImportNotFound],
    summary="取込みの進み具合と結果を見る",
)
async def read_import(work: CurrentWork, import_id: UUID) -> ImportRead:
    """Read how far an import is, and its report."""
    return ImportRead.of(*await service.read(work, import_id))


@router.get(
    "/{import_id}/events",
    permission=permissions.IMPORT_REGISTER,
    problems=[ImportNotFound],
    produces="text/event-stream",
    summary="取込みの進み具合を、変わるたびに受け取る",
)
async def follow_import(
    work: CurrentWork, request: Request, import_id: UUID, last_event_id: LastEventId = None
) -> Response:
    """Hear how far an import is whenever that changes (server-sent events).

    `progress` while it is checked or let in, `settled` once it waits for a word or is done; then
    there is nothing more to hear. Each carries a JSON object: id, state, lines, lines_judged, rows,
    good, new, changed, unchanged. An answer ends after 15 seconds at most; ask again with
    `Last-Event-ID`, as every EventSource does. In silence a comment comes every 5 seconds.
    """
    await service.read(work, import_id)

    async def look(transaction: Transaction) -> News:
        return ImportProgress.told(*await service.glance(transaction, import_id))

    return _AUDIENCE.stream(request, work, look, heard=last_event_id)


@router.get(
    "/{import_id}/faulty-rows",
    permission=permissions.IMPORT_REGISTER,
    problems=[ImportNotFound, NothingIsKept],
    produces="text/csv",
    summary="直すべき行を理由と直し方つきの CSV で受け取る",
)
async def read_faulty_rows(
    work: CurrentWork, import_id: UUID, after_line: AfterLine = 0
) -> Response:
    """Read the faulty lines as they were sent, in the same character set, each with its reason.

    At most 50,000 lines; continue after the last line's number. A cell that a spreadsheet would
    take for a formula begins with an apostrophe. Of a protected person no address is returned.
    """
    content, encoding = await service.read_faulty_rows(work, import_id, after_line=after_line)
    charset = "shift_jis" if encoding == "cp932" else "utf-8"
    return Response(
        content,
        headers={
            "Content-Type": f"text/csv; charset={charset}",
            "Content-Disposition": f'attachment; filename="faulty-rows-{import_id}.csv"',
        },
    )


@router.get(
    "/{import_id}/missing",
    permission=permissions.IMPORT_REGISTER,
    problems=[ImportNotFound, NothingIsKept],
    summary="全件のファイルに載っていない住民を見る",
)
async def list_missing_residents(
    work: CurrentWork, import_id: UUID, limit: Limit = 100, after: UUID = _BEFORE_ALL
) -> Listing[MissingRead]:
    """List present residents whom a waiting full load does not speak of; nothing happens to them.

    Continue with `after` = the last `resident_id`.
    """
    found = await service.read_missing(work, import_id, after=after, limit=limit + 1)
    items = [MissingRead(resident_id=one, resident_number=number) for one, number in found[:limit]]
    return Listing[MissingRead](items=items, next_cursor=None, has_more=len(found) > limit)


@router.post(
    "/{import_id}/confirmation",
    permission=permissions.IMPORT_REGISTER,
    problems=[ImportNotFound, ImportStateConflict, ImportHasFaults, MissingCannotBeEnded],
    seconds=_SECONDS,
    summary="確認ずみのファイルを住民情報に取り込む",
)
async def confirm_import(work: CurrentWork, import_id: UUID, body: ImportConfirm) -> ImportRead:
    """Let the good lines into the register, all or none.

    A large file is answered as `confirming`: read it again until it is `confirmed`.
    """
    confirmed = await service.confirm(
        work,
        import_id,
        leave_out_faulty=body.accept_faulty_rows == "leave_out",
        ended_on=body.end_missing_on,
    )
    return ImportRead.of(confirmed, await service.progress_of(work, confirmed))


@router.post(
    "/{import_id}/disposal",
    permission=permissions.IMPORT_REGISTER,
    problems=[ImportNotFound, ImportStateConflict],
    summary="確認したファイルを破棄する",
)
async def discard_import(work: CurrentWork, import_id: UUID) -> ImportRead:
    """Forget the lines of a file; its report stays."""
    discarded = await service.discard(work, import_id)
    return ImportRead.of(discarded, await service.progress_of(work, discarded))


@previews.post(
    "",
    permission=permissions.IMPORT_REGISTER,
    problems=[UnreadableFile, LayoutNotFound],
    accepts=["text/csv"],
    example=_EXAMPLE,
    idempotent_post=False,
    summary="ファイルの先頭が、どう読み取られるかを見る(何も保存しない)",
)
async def preview_import(
    work: CurrentWork, request: Request, content: RawBody, layout: LayoutName = None
) -> PreviewRead:
    """See how the beginning of a file would be read: its columns, its first 20 lines, their faults.

    Send the header and some whole lines, at most 64 KiB and not packed; what stands after the last
    end of a line is passed over. Nothing is kept. Of a protected person no address is shown.
    """
    kept = None if layout is None else await service.newest_layout(work, layout)
    found = await service.preview(
        work,
        content,
        encoding=_encoding_of(request),
        layout=Layout() if kept is None else kept.layout,
    )
    return PreviewRead.of(found)


@layouts.post(
    "",
    permission=permissions.IMPORT_REGISTER,
    status_code=201,
    max_body_bytes=LIST_BODY_BYTES,
    summary="自庁の見出し・コード・日付の書き方を登録する",
)
async def keep_import_layout(work: CurrentWork, body: LayoutKeep) -> LayoutRead:
    """Keep the next revision of a layout; a file is read with the newest of the name it says."""
    return LayoutRead.of(await service.keep_layout(work, body.name, body.layout()))


@layouts.get(
    "",
    permission=permissions.IMPORT_REGISTER,
    summary="登録ずみの見出しの対応を見る",
)
async def list_import_layouts(work: CurrentWork) -> Listing[LayoutRead]:
    """List the revisions of all layouts, the newest of each name first."""
    found = [LayoutRead.of(kept) for kept in await service.list_layouts(work)]
    return Listing[LayoutRead](items=found, next_cursor=None, has_more=False)


def _encoding_of(request: Request) -> str:
    """Return the character set to read with.

    Raises:
        UnsupportedMediaType: one we do not read (415).
    """
    _, _, parameters = request.headers.get("content-type", "").partition(";")
    name = ""
    for parameter in parameters.split(";"):
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "charset":
            name = value.strip().strip('"').lower()
    if name not in _ENCODINGS:
        raise UnsupportedMediaType(
            "The character set is utf-8 or shift_jis.",
            detail_ja="文字コードは utf-8 か shift_jis です。",
        )
    return _ENCODINGS[name]
