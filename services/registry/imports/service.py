"""What the registrar does with a file: have it checked, then confirm or discard it."""

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any
from uuid import UUID

from foundation import clock
from foundation.encryption import Cipher, Field
from foundation.identifiers import new_id
from foundation.work import Work
from services.registry.protection.service import settle_file
from services.registry.residents.repository import ADDRESS, POSTAL_CODE

from .domain import (
    COLUMNS,
    Findings,
    Import,
    ImportId,
    ImportState,
    Person,
    Reader,
    Report,
    UnreadableHeader,
    column_order,
)
from .events import ImportConfirmed
from .problems import ImportHasFaults, ImportNotFound, ImportStateConflict, UnreadableFile
from .repository import Imports, Staging

_BATCH = 1_000
_CONTENT = Field("registry.residents.content")
_CHARACTER_SETS = {"utf-8-sig": ("UTF-8", "Shift_JIS"), "cp932": ("Shift_JIS", "UTF-8")}
"""What people call the character set a file is read with, and the one it may be in instead."""


async def check(work: Work, raw: bytes, *, encoding: str) -> Import:
    """Read a file and say what it would do; nothing of it enters the register.

    Raises:
        UnreadableFile: not in that character set, not CSV, or without its columns (422).
    """
    arrived_id, findings = ImportId(new_id()), Findings()
    staging = Staging(work.tx, arrived_id)
    lines = _lines(raw, encoding, findings)
    staged = (_staged(person, arrived_id, work.cipher) for person in lines)
    while batch := list(islice(staged, _BATCH)):
        await staging.add(batch)
    for kind, marked in (await staging.cross_check()).items():
        for line in marked:
            findings.add(kind, line)
    digest = hashlib.sha256(raw).digest()
    imports = Imports(work.tx)
    good, new, changed = await staging.would()
    report = Report(
        rows=_count(raw, encoding),
        good=good,
        new=new,
        changed=changed,
        unchanged=good - new - changed,
        already_imported=await imports.has_confirmed(digest),
        faults=findings.groups(),
    )
    arrived = Import(
        id=arrived_id,
        state=ImportState.CHECKED,
        digest=digest,
        report=report,
        created_at=clock.now(),
        confirmed_at=None,
        version=1,
    )
    await imports.add(arrived, created_by=work.principal.subject)
    await work.record(
        "registry.import.manage",
        obj=str(arrived.id),
        detail={"act": "checked", "rows": report.rows, "good": good},
    )
    return arrived


async def read(work: Work, import_id: UUID) -> Import:
    """Return an import with its report.

    Raises:
        ImportNotFound: another municipality's, or none (404).
    """
    found = await Imports(work.tx).get(import_id)
    if found is None:
        raise ImportNotFound
    await work.record("registry.import.manage", obj=str(import_id), detail={"act": "read"})
    return found


async def confirm(work: Work, import_id: UUID, *, leave_out_faulty: bool) -> Import:
    """Let the good lines into the register, all or none.

    Raises:
        ImportNotFound: 404.
        ImportStateConflict: it was confirmed or discarded already (409).
        ImportHasFaults: lines would be left out and nobody said so (409).
    """
    waiting = await _to_change(work, import_id, ImportState.CONFIRMED)
    now, staging = clock.now(), Staging(work.tx, import_id)
    # The register may have changed since the check: somebody may be under protection by now.
    marked = await staging.cross_check()
    if (waiting.report.faults or marked) and not leave_out_faulty:
        raise ImportHasFaults
    await staging.let_in(now)
    await staging.seal_history(work.cipher)
    await settle_file(work)
    await staging.clear()
    confirmed = replace(
        waiting, state=ImportState.CONFIRMED, confirmed_at=now, version=waiting.version + 1
    )
    await Imports(work.tx).move(confirmed, confirmed_by=work.principal.subject, confirmed_at=now)
    new, changed = waiting.report.new, waiting.report.changed
    await work.record(
        "registry.import.manage",
        obj=str(import_id),
        detail={"act": "confirmed", "new": new, "changed": changed},
    )
    await work.emit(ImportConfirmed(subject_id=confirmed.id, new=new, changed=changed))
    return confirmed


async def discard(work: Work, import_id: UUID) -> Import:
    """Forget the lines of a file.

    Raises:
        ImportNotFound: 404.
        ImportStateConflict: it was confirmed or discarded already (409).
    """
    waiting = await _to_change(work, import_id, ImportState.DISCARDED)
    await Staging(work.tx, import_id).clear()
    discarded = replace(waiting, state=ImportState.DISCARDED, version=waiting.version + 1)
    await Imports(work.tx).move(discarded, confirmed_by=None, confirmed_at=None)
    await work.record("registry.import.manage", obj=str(import_id), detail={"act": "discarded"})
    return discarded


async def _to_change(work: Work, import_id: UUID, state: ImportState) -> Import:
    waiting = await Imports(work.tx).get_for_change(import_id)
    if waiting is None:
        raise ImportNotFound
    if not waiting.may_become(state):
        raise ImportStateConflict
    return waiting


def _text_of(raw: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(raw), encoding=encoding, newline="")


def _lines(raw: bytes, encoding: str, findings: Findings) -> Iterator[Person]:
    """Yield the people of a file one by one; faults go to the findings."""
    try:
        rows = csv.reader(_text_of(raw, encoding), strict=True)
        reader = Reader(column_order(next(rows, list[str]())))
        for line, cells in enumerate(rows, start=2):
            if not any(cells):
                continue
            read = reader.read(cells, line=line)
            if isinstance(read, Person):
                yield read
                continue
            for kind in read:
                findings.add(kind, line)
    except UnreadableHeader as error:
        raise UnreadableFile(
            f"Missing: {', '.join(error.missing) or '-'}. Unknown: {', '.join(error.unknown)}.",
            detail_ja=f"足りない見出し: {'、'.join(error.missing) or 'なし'}。"
            f"知らない、または重複した見出し: {'、'.join(error.unknown) or 'なし'}。",
            missing=list(error.missing),
            columns=list(COLUMNS),
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        name, other = _CHARACTER_SETS[encoding]
        raise UnreadableFile(
            f"It is not CSV in {name}. If it is in {other}, say so in Content-Type.",
            detail_ja=f"{name} の CSV として読み取れません。{other} のファイルであれば、"
            f"Content-Type に charset={other.lower()} と指定してください。",
        ) from error


def _count(raw: bytes, encoding: str) -> int:
    """Return how many lines a file has below its header, empty ones left out."""
    rows = csv.reader(_text_of(raw, encoding))
    return max(0, sum(1 for cells in rows if any(cells)) - 1)


def _staged(person: Person, import_id: ImportId, cipher: Cipher) -> dict[str, Any]:
    """Return a line as it waits; an address that must not be known is sealed before it waits."""
    protected = person.protection != ""
    sealed = {
        "postal_code_sealed": _seal(cipher, POSTAL_CODE, person.postal_code, person),
        "address_sealed": _seal(cipher, ADDRESS, person.address, person),
    }
    return {
        "import_id": import_id,
        "line": person.line,
        "new_resident_id": new_id(),
        "new_household_id": new_id(),
        "household_number": person.household_number,
        "resident_number": person.resident_number,
        "relationship": person.relationship,
        "is_householder": person.is_householder,
        "name_formal": person.name_formal,
        "name_display": person.name_display,
        "name_kana": person.name_kana,
        "name_kana_verified": person.name_kana_verified,
        "alias": person.alias,
        "name_latin": person.name_latin,
        "birth_text": person.birth.text,
        "birth_on": person.birth.earliest,
        "birth_precision": person.birth.precision.value,
        "gender": person.gender,
        "nationality_kind": person.nationality_kind,
        "postal_code": "" if protected else person.postal_code,
        "address": "" if protected else person.address,
        "resident_from": person.resident_from,
        "resident_until": person.resident_until,
        "tax_status": person.tax_status,
        "protection": person.protection,
        "name_search": person.name_search,
        "kana_search": person.kana_search,
        "content_digest": cipher.blind_index(person.content(), field=_CONTENT),
        **sealed,
    }


def _seal(cipher: Cipher, field: Field, text: str, person: Person) -> bytes | None:
    if person.protection == "":
        return None
    return cipher.encrypt(text, field=field, row_id=person.resident_number)
