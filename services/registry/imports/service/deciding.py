"""A word about a file: its good lines enter the register, all or none, or it is forgotten."""

from dataclasses import replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from foundation import clock
from foundation.work import Work
from services.registry.imports.domain import Decision, Import, ImportState, Kind
from services.registry.imports.events import ImportConfirmed
from services.registry.imports.problems import (
    ImportHasFaults,
    ImportNotFound,
    ImportStateConflict,
    MissingCannotBeEnded,
)
from services.registry.imports.repository import (
    Imports,
    Judgement,
    LettingIn,
    Parts,
    Staging,
    take_time,
)
from services.registry.protection.service import settle_file

from .checking import reported

CONFIRM: Final = "confirm_import"
AT_ONCE_ROWS: Final = 12_000
"""So many enter the register while the registrar waits."""


async def confirm(
    work: Work, import_id: UUID, *, leave_out_faulty: bool, ended_on: date | None
) -> Import:
    """Let the good lines into the register, all or none; a large file does so behind the counter.

    Raises:
        ImportNotFound: 404.
        ImportStateConflict: it was confirmed or discarded already (409).
        ImportHasFaults: lines would be left out and nobody said so (409).
        MissingCannotBeEnded: the file cannot tell who is missing (409).
    """
    waiting = await _to_change(work, import_id, ImportState.CONFIRMED)
    report = waiting.report
    if report.faults and not leave_out_faulty:
        raise ImportHasFaults
    if ended_on is not None and (waiting.kind is not Kind.FULL or report.faults):
        raise MissingCannotBeEnded
    decision = Decision(
        by=work.principal.subject, leave_out_faulty=leave_out_faulty, ended_on=ended_on
    )
    decided = replace(waiting, decision=decision)
    if report.good + report.missing <= AT_ONCE_ROWS:
        return await _let_in(work, decided)
    confirming = replace(decided, state=ImportState.CONFIRMING, version=waiting.version + 1)
    await Imports(work.tx).move(confirming)
    await work.record("registry.import.manage", obj=str(import_id), detail={"act": "confirming"})
    await work.enqueue(CONFIRM, {"import_id": str(import_id)})
    return confirming


async def let_in(work: Work, import_id: UUID) -> None:
    """Do what was decided about a large file."""
    decided = await Imports(work.tx).get_for_change(import_id)
    if decided is None or decided.state is not ImportState.CONFIRMING:
        return
    try:
        await _let_in(work, decided)
    except ImportHasFaults:
        # The register has changed since the check, and nobody has seen these faults yet.
        report = await reported(work, decided, rows=decided.report.rows)
        await Imports(work.tx).move(
            replace(
                decided,
                state=ImportState.CHECKED,
                report=report,
                decision=None,
                version=decided.version + 1,
            )
        )
        await work.record("registry.import.manage", obj=str(import_id), detail={"act": "returned"})


async def discard(work: Work, import_id: UUID) -> Import:
    """Forget the lines of a file.

    Raises:
        ImportNotFound: 404.
        ImportStateConflict: it was confirmed or discarded already (409).
    """
    waiting = await _to_change(work, import_id, ImportState.DISCARDED)
    await take_time(work.tx)
    await Staging(work.tx, import_id).clear()
    await Parts(work.tx, import_id).clear()
    discarded = replace(waiting, state=ImportState.DISCARDED, version=waiting.version + 1)
    await Imports(work.tx).move(discarded)
    await work.record("registry.import.manage", obj=str(import_id), detail={"act": "discarded"})
    return discarded


async def _let_in(work: Work, decided: Import) -> Import:
    """Write everything in this one transaction.

    Raises:
        ImportHasFaults: faults that nobody has agreed to leave out (409).
    """
    decision = decided.decision
    if decision is None:
        raise ValueError("Nobody has decided about this import.")
    now, staging = clock.now(), Staging(work.tx, decided.id)
    letting_in, judgement = LettingIn(work.tx, decided.id), Judgement(work.tx, decided.id)
    await letting_in.alone()
    await take_time(work.tx)
    lines = decided.report.good
    await judgement.plan_for(lines)
    # The register may have changed since the check: somebody may be under protection by now.
    if await judgement.check_again():
        await Parts(work.tx, decided.id).mark_faulty()
        if not decision.leave_out_faulty:
            raise ImportHasFaults
    good, new, changed = await judgement.would()
    ended = 0
    if decision.ended_on is not None:
        ended = await letting_in.end_missing(now, ended_on=decision.ended_on)
    await letting_in.run(now, new=new, changed=changed, all_new=new == good and not changed)
    await letting_in.seal_history(work.cipher)
    await settle_file(work)
    await staging.clear()
    await Parts(work.tx, decided.id).clear()
    confirmed = _confirmed(decided, now, good=good, new=new, changed=changed)
    await Imports(work.tx).move(confirmed)
    await work.record(
        "registry.import.manage",
        obj=str(decided.id),
        detail={"act": "confirmed", "new": new, "changed": changed, "ended": ended},
    )
    await work.emit(ImportConfirmed(subject_id=decided.id, new=new, changed=changed))
    return confirmed


def _confirmed(decided: Import, now: datetime, *, good: int, new: int, changed: int) -> Import:
    """Return the import as it stands with what was let in, which the check may have foretold."""
    unchanged = good - new - changed
    report = replace(decided.report, good=good, new=new, changed=changed, unchanged=unchanged)
    return replace(
        decided,
        state=ImportState.CONFIRMED,
        report=report,
        confirmed_at=now,
        version=decided.version + 1,
    )


async def _to_change(work: Work, import_id: UUID, state: ImportState) -> Import:
    waiting = await Imports(work.tx).get_for_change(import_id)
    if waiting is None:
        raise ImportNotFound
    if waiting.state is ImportState.CONFIRMING or not waiting.may_become(state):
        raise ImportStateConflict
    return waiting
