"""The trail in an archive, checked against its seals without a database."""

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Final

from foundation.audit import NoteRefused, Report, Verifier, verify
from foundation.identifiers import TenantId

from .archive import SEALS, Archive
from .refusals import DoesNotHold

_NOTE_LINES: Final = 6


async def trail_report(archive: Archive) -> Report | None:
    """Check every entry and every seal; None where the trail has never been sealed.

    Raises:
        DoesNotHold: the archive says it is sealed, but not with which key.
    """
    notes = [*_outside(archive), *_inside(archive)]
    if not notes:
        return None
    if archive.manifest.audit_verifier is None:
        raise DoesNotHold("audit_verifier")
    try:
        verifier = Verifier.parse(archive.manifest.audit_verifier)
    except NoteRefused as error:
        raise DoesNotHold("audit_verifier") from error
    return await verify(TenantId(archive.manifest.tenant_id), _entries(archive), notes, verifier)


async def check_trail(archive: Archive) -> None:
    """Refuse an archive whose trail does not fit its seals.

    Raises:
        DoesNotHold: an entry was changed, removed, added or put in another order.
    """
    report = await trail_report(archive)
    if report is not None and not report.is_clean:
        fault = report.faults[0]
        raise DoesNotHold(f"audit.entries {fault.kind} {fault.where}")


def _outside(archive: Archive) -> list[str]:
    lines = archive.content(SEALS).decode().splitlines(keepends=True)
    kept = [line for line in lines if line.strip() or line == "\n"]
    notes, held = list[str](), list[str]()
    for line in kept:
        if not held and line == "\n":
            continue
        held.append(line)
        if line.startswith("— "):
            notes.append("".join(held))
            held = []
    return notes


def _inside(archive: Archive) -> list[str]:
    part = archive.manifest.table("audit.checkpoints")
    return [] if part is None else [str(json.loads(one)["note"]) for one in archive.lines(part)]


async def _entries(archive: Archive) -> AsyncIterator[dict[str, Any]]:
    part = archive.manifest.table("audit.entries")
    if part is None:
        return
    for line in archive.lines(part):
        row = json.loads(line)
        row["at"] = datetime.fromisoformat(row["at"])
        row["leaf"] = bytes.fromhex(row["leaf"].removeprefix("\\x"))
        yield row
