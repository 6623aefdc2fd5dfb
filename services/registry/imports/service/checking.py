"""A file is judged: part by part, in any order, and then as a whole.

Each part is one transaction: its lines, its faults and the note that it was judged. Whoever is
killed in the middle of one has not begun it, so to take up again is only to go on.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from foundation.encryption import Cipher, Field
from foundation.work import Work
from services.registry.imports.domain import (
    Arrival,
    Import,
    ImportState,
    Judge,
    Judged,
    Kind,
    NotCsv,
    Report,
    degrading,
    explained,
    protected_places,
    staged,
)
from services.registry.imports.events import ImportChecked
from services.registry.imports.problems import UnreadableFile
from services.registry.imports.repository import Imports, Judgement, Parts, Staging, take_time
from services.registry.residents.repository import ADDRESS, POSTAL_CODE

from .keeping import opened

CHECK_PART: Final = "check_import_part"
JUDGE: Final = "judge_import"

_CONTENT: Final = Field("registry.residents.content")
_MOST_CHARACTERS: Final = 200


@dataclass(frozen=True, slots=True)
class _Lines:
    """What judging a part came to, ready to be written."""

    judged: Judged
    columns: dict[str, list[Any]]
    characters: Counter[str]


async def check_part(work: Work, checked: Import, part: int) -> None:
    """Judge the lines of one part, unless that was done.

    Raises:
        UnreadableFile: they are not CSV (422).
    """
    parts = Parts(work.tx, checked.id)
    row = await parts.get(part)
    if row is None or row["is_checked"]:
        return
    blob, first_line, lines = row["content_sealed"], row["first_line"], row["lines"]
    found = await asyncio.to_thread(
        lambda: _judged(
            opened(work.cipher, blob, import_id=checked.id, part=part),
            arrival=checked.arrival,
            at=(first_line, lines),
            cipher=work.cipher,
        )
    )
    if found.columns["line"]:
        await Staging(work.tx, checked.id).add(found.columns)
    await parts.add_faults(found.judged.faults)
    await parts.checked(
        part,
        rows=found.judged.rows,
        staged=len(found.judged.lines),
        characters=found.characters,
    )


async def check_part_of(work: Work, import_id: UUID, part: int) -> None:
    """Judge one part of a waiting file, and have the whole judged after the last of them."""
    waiting = await Imports(work.tx).get(import_id)
    if waiting is None or waiting.state is not ImportState.RECEIVED:
        return
    try:
        await check_part(work, waiting, part)
    except UnreadableFile:
        await _refuse(work, import_id)
        return
    # Whoever ends last must know it: the row is held while the parts are counted.
    await Imports(work.tx).get_for_change(import_id)
    progress = await Parts(work.tx, import_id).progress()
    if progress["checked"] == waiting.parts:
        await work.enqueue(JUDGE, {"import_id": str(import_id)})


async def judge(work: Work, import_id: UUID) -> Import:
    """Judge the lines against each other and the register, and report what they would do."""
    imports, parts = Imports(work.tx), Parts(work.tx, import_id)
    waiting = await imports.get_for_change(import_id)
    if waiting is None:
        raise LookupError("An import that is judged was there a moment ago.")
    if waiting.state is not ImportState.RECEIVED:
        return waiting
    progress = await parts.progress()
    await take_time(work.tx)
    staging = Staging(work.tx, import_id)
    if await staging.count() != progress["staged"]:
        return await _begin_anew(work, waiting)
    judgement = Judgement(work.tx, import_id)
    await judgement.plan_for(progress["staged"])
    if await judgement.cross_check(lines=progress["staged"]):
        await parts.mark_faulty()
    report = await reported(work, waiting, rows=progress["rows"])
    checked = replace(
        waiting, state=ImportState.CHECKED, report=report, version=waiting.version + 1
    )
    await imports.move(checked)
    await work.record(
        "registry.import.manage",
        obj=str(import_id),
        detail={"act": "checked", "rows": report.rows, "good": report.good},
    )
    await work.emit(ImportChecked(subject_id=import_id, rows=report.rows, good=report.good))
    return checked


async def reported(work: Work, judged: Import, *, rows: int) -> Report:
    """Return what a judged file would do to the register as it is now."""
    judgement, parts = Judgement(work.tx, judged.id), Parts(work.tx, judged.id)
    good, new, changed = await judgement.would()
    return Report(
        rows=rows,
        good=good,
        new=new,
        changed=changed,
        unchanged=good - new - changed,
        already_imported=await Imports(work.tx).has_confirmed(judged.digest),
        faults=await parts.groups(),
        missing=await judgement.missing() if judged.kind is Kind.FULL else 0,
        characters=explained(await parts.characters(), most=_MOST_CHARACTERS),
    )


async def _begin_anew(work: Work, lost: Import) -> Import:
    """Judge all parts again: the waiting lines survive a crash of ours, not one of the database."""
    await Staging(work.tx, lost.id).clear()
    await Parts(work.tx, lost.id).begin_anew()
    for part in range(lost.parts):
        await work.enqueue(CHECK_PART, {"import_id": str(lost.id), "part": part})
    return lost


async def _refuse(work: Work, import_id: UUID) -> None:
    imports = Imports(work.tx)
    waiting = await imports.get_for_change(import_id)
    if waiting is None or not waiting.may_become(ImportState.REFUSED):
        return
    await imports.move(replace(waiting, state=ImportState.REFUSED, version=waiting.version + 1))
    await Staging(work.tx, import_id).clear()
    await Parts(work.tx, import_id).clear()
    await work.record("registry.import.manage", obj=str(import_id), detail={"act": "refused"})


def _judged(content: bytes, *, arrival: Arrival, at: tuple[int, int], cipher: Cipher) -> _Lines:
    """Read, judge and prepare a part; it is all computing, so another thread may do it."""
    first_line, lines = at
    text = content.decode(arrival.encoding).removeprefix("\ufeff" if first_line == 1 else "")
    try:
        judged = Judge(arrival.order, arrival.layout).judge(
            text, first_line=first_line, lines=lines
        )
    except NotCsv as error:
        raise UnreadableFile(
            f"Lines {first_line} to {first_line + lines - 1} are not CSV.",
            detail_ja=f"{first_line}~{first_line + lines - 1} 行目のどこかで、"
            "二重引用符が閉じていないか、値の途中に裸の二重引用符があります。",
        ) from error
    columns = staged(judged.columns, judged.lines)
    columns["content_digest"] = cipher.fingerprints(columns.pop("content"), field=_CONTENT)
    columns |= _addresses_sealed(judged, cipher)
    return _Lines(judged, columns, degrading(judged.columns["name_formal"]))


def _addresses_sealed(judged: Judged, cipher: Cipher) -> dict[str, list[bytes | None]]:
    """Seal the addresses that must not be known, before they wait anywhere."""
    count = len(judged.lines)
    sealed: dict[str, list[bytes | None]] = {
        "postal_code_sealed": [None] * count,
        "address_sealed": [None] * count,
    }
    for place in protected_places(judged.columns):
        number = judged.columns["resident_number"][place]
        postal_code = judged.columns["postal_code"][place].replace("-", "")
        sealed["postal_code_sealed"][place] = cipher.encrypt(
            postal_code, field=POSTAL_CODE, row_id=number
        )
        sealed["address_sealed"][place] = cipher.encrypt(
            judged.columns["address"][place], field=ADDRESS, row_id=number
        )
    return sealed
