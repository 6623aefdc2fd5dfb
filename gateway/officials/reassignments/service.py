"""What administrators do with a list of reassignments: check it, and carry it out whole."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from foundation import clock
from foundation.identifiers import new_id
from foundation.identity import Role
from foundation.problems import Fault, InvalidInput, PreconditionFailed
from foundation.work import Work
from gateway.duties import acts
from gateway.duties.domain import (
    LEAST_ADMINISTRATORS,
    SENSITIVE,
    Grant,
    GrantAct,
    GrantState,
    Period,
    midnight,
)
from gateway.officials.grants import repository as grants, service as granting
from gateway.officials.grants.problems import FourEyesRequired, NotForOneself
from gateway.officials.people import repository as people
from gateway.officials.providers import repository as providers
from gateway.officials.providers.problems import LastWayIn

from . import repository
from .domain import (
    TRANSITIONS,
    Entry,
    Line,
    NotAList,
    ReassignmentAct,
    ReassignmentState,
    Remark,
    changes_of,
    judge,
    needs_four_eyes,
    read_csv,
    warnings_of,
)
from .problems import (
    NotAReassignmentList,
    ReassignmentHasFaults,
    ReassignmentNotFound,
    ReassignmentStateConflict,
)
from .repository import Reassignment

_LASTING = timedelta(days=30)
_PAST = Fault(
    pointer="/effective_on",
    detail="A reassignment takes effect today or later.",
    detail_ja="異動日には、今日以降の日付を指定してください。",
)


async def load_csv(work: Work, content: bytes, *, effective_on: date, reason: str) -> Reassignment:
    """Check a list as it was saved.

    Raises:
        NotAReassignmentList: it cannot be read as one (422).
        InvalidInput: its day is past (422).
    """
    try:
        lines = read_csv(content)
    except NotAList as error:
        raise NotAReassignmentList from error
    return await load(work, lines, effective_on=effective_on, reason=reason)


async def load(
    work: Work, lines: Sequence[Line], *, effective_on: date, reason: str
) -> Reassignment:
    """Check a list and keep it; nothing else happens.

    Raises:
        InvalidInput: its day is past (422).
    """
    if effective_on < clock.today():
        raise InvalidInput.of([_PAST])
    entries, faults = judge(lines, effective_on=effective_on)
    one = Reassignment(
        id=new_id(),
        effective_on=effective_on,
        reason=reason,
        lines=tuple(lines),
        report=await _report(work, entries, faults, effective_on=effective_on),
        state=ReassignmentState.CHECKED,
        loaded_by=work.principal.subject,
        loaded_at=clock.now(),
    )
    await repository.add(work.tx, work.cipher, one)
    await _record(work, one)
    return one


async def read(work: Work, reassignment_id: UUID) -> Reassignment:
    """Return a list with its report.

    Raises:
        ReassignmentNotFound: 404.
    """
    one = await repository.get(work.tx, work.cipher, reassignment_id)
    if one is None:
        raise ReassignmentNotFound
    return one


async def confirm(work: Work, reassignment_id: UUID, *, version: int) -> Reassignment:
    """Carry a list out, all of it: what ends ends the day before, what begins begins on the day.

    Raises:
        ReassignmentNotFound: 404.
        PreconditionFailed: it changed since it was read (412).
        ReassignmentStateConflict: it is decided, or its day is past (409).
        ReassignmentHasFaults: a line is wrong (409).
        FourEyesRequired: it gives a sensitive duty, and who loaded it would confirm it (403).
        NotForOneself: the loader or the confirmer would get a sensitive duty (403).
        LastWayIn: fewer than two administrators would be left (409).
    """
    one = await _held(work, reassignment_id, ReassignmentAct.CONFIRMED, version=version)
    entries, faults = judge(one.lines, effective_on=one.effective_on)
    if faults:
        raise ReassignmentHasFaults
    if one.effective_on < clock.today():
        raise ReassignmentStateConflict
    if needs_four_eyes(entries) and one.loaded_by == work.principal.subject:
        raise FourEyesRequired
    lasting = midnight(one.effective_on) + _LASTING
    before = await providers.administrators(work.tx, now=clock.now(), lasting=lasting)
    for entry in entries:
        await _carry_out(work, one, entry)
    left = await providers.administrators(work.tx, now=clock.now(), lasting=lasting)
    if len(left) < LEAST_ADMINISTRATORS and left < before:
        raise LastWayIn
    return await _decided(work, one, ReassignmentState.CONFIRMED)


async def discard(work: Work, reassignment_id: UUID, *, version: int) -> Reassignment:
    """Throw a list away; its report stays.

    Raises:
        ReassignmentNotFound: 404.
        PreconditionFailed: it changed since it was read (412).
        ReassignmentStateConflict: it is decided (409).
    """
    one = await _held(work, reassignment_id, ReassignmentAct.DISCARDED, version=version)
    return await _decided(work, one, ReassignmentState.DISCARDED)


async def _carry_out(work: Work, one: Reassignment, entry: Entry) -> None:
    subject = await grants.known_as(work.tx, work.cipher, entry.named_by, entry.name)
    parties = {one.loaded_by, work.principal.subject}
    if subject in parties and entry.roles & SENSITIVE:
        raise NotForOneself
    changes = changes_of(entry, await _held_by(work, one, entry, subject))
    now, caller = clock.now(), work.principal.subject
    for grant in changes.ended:
        if grant.period.first_day >= one.effective_on:
            gone = grant.after(GrantAct.REVOKED, by=caller, at=now)
        else:
            gone = grant.ending(one.effective_on - timedelta(days=1), at=now)
        await grants.keep(work.tx, work.cipher, gone)
        await granting.watch(work, gone)
        if one.effective_on <= clock.today():
            await granting.end_sessions(work.tx, subject)
    for role in sorted(changes.begun):
        await _begin(work, one, entry, role, subject)


async def _held_by(
    work: Work, one: Reassignment, entry: Entry, subject: str | None
) -> Sequence[Grant]:
    key = grants.hash_of(work.cipher, entry.named_by, entry.name)
    return await grants.not_over(
        work.tx,
        work.cipher,
        subjects=[subject] if subject else [],
        hashes=[key] if key else [],
        moment=midnight(one.effective_on),
    )


async def _begin(
    work: Work, one: Reassignment, entry: Entry, role: Role, subject: str | None
) -> None:
    now = clock.now()
    grant = Grant(
        id=new_id(),
        subject=subject,
        named_by=entry.named_by,
        name=entry.name,
        name_hash=grants.hash_of(work.cipher, entry.named_by, entry.name),
        role=role,
        period=Period.of_days(one.effective_on, entry.last_day),
        reason=one.reason,
        state=GrantState.GRANTED,
        proposed_by=one.loaded_by,
        proposed_at=one.loaded_at,
        decided_by=work.principal.subject,
        decided_at=now,
        changed_at=now,
        reassignment_id=one.id,
    )
    await grants.add(work.tx, work.cipher, grant)
    await granting.watch(work, grant)


async def _report(
    work: Work, entries: Sequence[Entry], faults: Sequence[Remark], *, effective_on: date
) -> dict[str, Any]:
    """Say what the list would do, and what is worth knowing, naming lines and no people."""
    warnings: list[Remark] = []
    begun = ended = 0
    for entry in entries:
        subject = await grants.known_as(work.tx, work.cipher, entry.named_by, entry.name)
        key = grants.hash_of(work.cipher, entry.named_by, entry.name)
        held = await grants.not_over(
            work.tx,
            work.cipher,
            subjects=[subject] if subject else [],
            hashes=[key] if key else [],
            moment=midnight(effective_on),
        )
        changes = changes_of(entry, held)
        begun, ended = begun + len(changes.begun), ended + len(changes.ended)
        by_group = await people.by_group(work.tx, [subject] if subject else [])
        warnings += warnings_of(
            entry, is_known=subject is not None, by_group=[one.role for one in by_group]
        )
    return {
        "people": len(entries),
        "begun": begun,
        "ended": ended,
        "needs_four_eyes": needs_four_eyes(entries),
        "faults": [asdict(fault) for fault in faults],
        "warnings": [asdict(warning) for warning in warnings],
    }


async def _held(
    work: Work, reassignment_id: UUID, act: ReassignmentAct, *, version: int
) -> Reassignment:
    one = await repository.get(work.tx, work.cipher, reassignment_id, to_change=True)
    if one is None:
        raise ReassignmentNotFound
    if one.version != version:
        raise PreconditionFailed
    if (one.state, act) not in TRANSITIONS:
        raise ReassignmentStateConflict
    return one


async def _decided(work: Work, one: Reassignment, state: ReassignmentState) -> Reassignment:
    now, caller = clock.now(), work.principal.subject
    await repository.decide(work.tx, one, state, by=caller, at=now)
    done = replace(
        one, state=state, decided_by=caller, decided_at=now, version=one.version + 1, lines=()
    )
    await _record(work, done)
    return done


async def _record(work: Work, one: Reassignment) -> None:
    detail = {"state": str(one.state), "effective_on": str(one.effective_on)}
    await work.record(acts.REASSIGN.action, obj=str(one.id), detail=detail)
