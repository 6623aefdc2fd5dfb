"""Showing a code, and what officials and the person's own earlier sign-in do with it.

A record passes from one sign-in to another only here, by somebody's word, and at that moment the
earlier one ends everywhere.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from foundation import clock
from foundation.encryption import Field
from foundation.identifiers import new_id
from foundation.identity import Official, name_of
from foundation.parameters import SLIP
from foundation.work import Work
from gateway.authorization.service import end
from gateway.bindings import acts, records, repository, slips
from gateway.bindings.domain import (
    Evidence,
    Grade,
    IllegalSlipTransition,
    Slip,
    SlipAct,
    SlipState,
    new_code,
    read_code,
)
from gateway.bindings.events import RecordBound, RecordReleased
from gateway.logout.repository import open_of_person
from gateway.own import own_session
from gateway.parameters.repository import PARAMETERS

from .problems import (
    AlreadyBound,
    RecordNotFound,
    RecordTaken,
    SecondOfficialNeeded,
    SlipNotFound,
    SlipStateConflict,
)

CODE = Field("platform.counter_slips.code")
REASON = Field("platform.past_bindings.reason")
_INDEX = Field("platform.counter_slips.code_index")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a slip at the counter."""

    slip: Slip
    resident_id: UUID
    superseded: bool = False


async def show(work: Work) -> tuple[Slip, str]:
    """Give the caller a code to show at the counter, in place of any they had.

    Raises:
        SlipStateConflict: two officials are at work on the earlier one.
    """
    session, now = await own_session(work), clock.now()
    until = now + await PARAMETERS.lasting(work.tx, SLIP)
    slip = await _open_slip(work, session.person)
    if slip is None:
        slip = Slip(
            id=new_id(),
            person=session.person,
            state=SlipState.HELD,
            created_at=now,
            expires_at=until,
        )
        if not await slips.add(work.tx, slip):
            raise SlipStateConflict
    _after(slip, SlipAct.SHOW)
    code = new_code()
    sealed = work.cipher.encrypt(code, field=CODE, row_id=slip.id)
    await slips.show(work.tx, slip.id, code=(_index(work, code), sealed), now=now, until=until)
    await work.record(acts.SHOW_SLIP.action, obj=str(slip.id))
    shown = replace(slip, state=SlipState.SHOWN, expires_at=until, version=slip.version + 1)
    return shown, code


async def withdraw(work: Work, slip_id: UUID) -> None:
    """Take back one's own slip.

    Raises:
        SlipNotFound: it is another's, or is closed.
    """
    session = await own_session(work)
    slip = await _open_slip(work, session.person)
    if slip is None or slip.id != slip_id:
        raise SlipNotFound
    await _move(work, slip, SlipAct.WITHDRAW)
    await work.record(acts.SHOW_SLIP.action, obj=str(slip.id), detail={"withdrawn": True})


async def find(work: Work, code: str) -> Slip:
    """Return the slip with a code.

    Raises:
        SlipNotFound: there is none, or it is closed.
    """
    slip = await slip_of(work, code)
    candidates = [one for one in (slip.candidate_id, slip.resident_id) if one is not None]
    await work.record(acts.FIND_SLIP.action, subjects=candidates, obj=str(slip.id))
    return slip


async def bind(
    work: Work, code: str, resident_id: UUID, *, evidence: Evidence, supersede: bool
) -> Outcome:
    """Bind the person who shows a code, on a document; of a protected person only propose it.

    Raises:
        SlipNotFound: no open slip has the code.
        RecordNotFound: no present resident has the number.
        AlreadyBound: the person has a record.
        RecordTaken: the record is another sign-in's, and that is not meant to end.
        SlipStateConflict: it waits for a second official already.
    """
    slip, record = await slip_of(work, code), await _record(work, resident_id)
    await _require_free(work, slip.person, resident_id, supersede=supersede)
    proposed = replace(
        slip,
        resident_id=resident_id,
        evidence=evidence.value,
        first_by=work.principal.subject,
    )
    if record.protected:
        moved = await _move(work, proposed, SlipAct.PROPOSE)
        await work.record(
            acts.BIND.action,
            subject=resident_id,
            obj=str(slip.id),
            detail={"evidence": evidence.value, "awaits_second": True},
        )
        return Outcome(slip=moved, resident_id=resident_id)
    moved = await _move(work, proposed, SlipAct.SETTLE)
    superseded = await _take(work, moved, resident_id, second_by=None)
    await work.record(
        acts.BIND.action,
        subject=resident_id,
        obj=str(slip.id),
        detail={"evidence": evidence.value, "superseded": superseded},
    )
    return Outcome(slip=moved, resident_id=resident_id, superseded=superseded)


async def confirm(work: Work, slip_id: UUID) -> Outcome:
    """Confirm, as a second official, what a first one proposed for a protected person.

    Raises:
        SlipNotFound: there is no such open slip.
        SlipStateConflict: nothing was proposed.
        SecondOfficialNeeded: the caller proposed it.
    """
    slip = await _slip_of_id(work, slip_id)
    _after(slip, SlipAct.CONFIRM)
    if slip.first_by == work.principal.subject:
        raise SecondOfficialNeeded
    resident_id = _proposed(slip)
    await _record(work, resident_id)
    moved = await _move(work, slip, SlipAct.CONFIRM)
    superseded = await _take(work, moved, resident_id, second_by=work.principal.subject)
    await work.record(
        acts.CONFIRM_BINDING.action,
        subject=resident_id,
        obj=str(slip.id),
        detail={"superseded": superseded},
    )
    return Outcome(slip=moved, resident_id=resident_id, superseded=superseded)


async def decline(work: Work, slip_id: UUID) -> Slip:
    """Close a slip whose holder could not show who they are.

    Raises:
        SlipNotFound: there is no such open slip.
        SlipStateConflict: it was never shown.
    """
    moved = await _move(work, await _slip_of_id(work, slip_id), SlipAct.DECLINE)
    await work.record(acts.DECLINE_SLIP.action, obj=str(slip_id))
    return moved


async def succeed(work: Work, code: str) -> Outcome:
    """Confirm from an earlier sign-in that a new card is the caller's too: the second factor.

    Only where the new card said exactly what the earlier one said, and never for a protected
    person, whose binding two officials saw.

    Raises:
        SlipNotFound: the code is not of a slip held for the caller's own record.
    """
    session, slip = await own_session(work), await slip_of(work, code)
    own = await repository.find(work.tx, session.person)
    holder = await repository.holder_of(work.tx, own) if own is not None else None
    if own is None or holder is None or slip.candidate_id != own or slip.person == session.person:
        raise SlipNotFound
    record = await _record(work, own)
    if record.protected or slip.attributes is None or slip.attributes != holder.attributes:
        raise SlipNotFound
    moved = await _move(work, replace(slip, resident_id=own), SlipAct.SETTLE)
    await _take(work, moved, own, second_by=None)
    await work.record(acts.SUCCEED.action, subject=own, obj=str(slip.id))
    return Outcome(slip=moved, resident_id=own, superseded=True)


async def release(work: Work, resident_id: UUID, *, reason: str) -> int:
    """End the binding of a record, and every session that rests on it.

    Raises:
        RecordNotFound: nobody is bound to such a record.
    """
    ended = await _end(work, resident_id, because="released", reason=reason)
    if ended is None:
        raise RecordNotFound
    await work.record(
        acts.RELEASE.action,
        subject=resident_id,
        obj=str(resident_id),
        detail={"sessions_ended": ended},
    )
    return ended


async def slip_of(work: Work, code: str) -> Slip:
    """Return the open slip with a code, for whatever is then done with it.

    Raises:
        SlipNotFound: there is none, or it is closed.
    """
    read = read_code(code)
    slip = await slips.by_code(work.tx, _index(work, read)) if read is not None else None
    if slip is None or not slip.is_open(clock.now()):
        raise SlipNotFound
    return slip


async def settle(work: Work, slip: Slip) -> Slip:
    """Close a slip that served its turn.

    Raises:
        SlipStateConflict: it waits for a second official.
    """
    return await _move(work, slip, SlipAct.SETTLE)


async def own_slip(work: Work, person: str) -> tuple[Slip, str] | None:
    """Return a person's open slip and its code, if one is shown."""
    slip = await slips.open_of(work.tx, person)
    if slip is None or slip.code_sealed is None or not slip.is_open(clock.now()):
        return None
    return slip, work.cipher.decrypt(slip.code_sealed, field=CODE, row_id=slip.id)


async def _open_slip(work: Work, person: str) -> Slip | None:
    """Return a person's open slip; one whose week is over is closed first."""
    slip = await slips.open_of(work.tx, person)
    if slip is None or slip.is_open(clock.now()):
        return slip
    await _move(work, slip, SlipAct.EXPIRE)
    return None


async def _slip_of_id(work: Work, slip_id: UUID) -> Slip:
    slip = await slips.by_id(work.tx, slip_id)
    if slip is None or not slip.is_open(clock.now()):
        raise SlipNotFound
    return slip


async def _record(work: Work, resident_id: UUID) -> records.Record:
    record = (await records.of(work.tx, resident_id)).get(resident_id)
    if record is None or not record.present:
        raise RecordNotFound
    return record


async def _require_free(work: Work, person: str, resident_id: UUID, *, supersede: bool) -> None:
    if await repository.find(work.tx, person) is not None:
        raise AlreadyBound
    if not supersede and await repository.holder_of(work.tx, resident_id) is not None:
        raise RecordTaken


async def _take(work: Work, slip: Slip, resident_id: UUID, *, second_by: str | None) -> bool:
    """Bind the slip's person; whoever held the record before ends with their sessions."""
    ended = await _end(work, resident_id, because="superseded", reason=None)
    grounds = repository.Grounds(
        grade=Grade.OFFICIAL.value,
        attributes=slip.attributes,
        evidence=slip.evidence,
        bound_by=slip.first_by or name_of(work.principal),
        second_by=second_by,
    )
    if not await repository.bind(
        work.tx, slip.person, resident_id=resident_id, grounds=grounds, at=clock.now()
    ):
        raise AlreadyBound
    await work.emit(RecordBound(subject_id=resident_id, grade=Grade.OFFICIAL.value))
    return ended is not None


async def _end(work: Work, resident_id: UUID, *, because: str, reason: str | None) -> int | None:
    """End a record's binding; return how many sessions ended with it, None if there was none."""
    now = clock.now()
    sealed = work.cipher.encrypt(reason, field=REASON, row_id=resident_id) if reason else None
    by = work.principal.subject if isinstance(work.principal, Official) else "the-person"
    ending = repository.Ending(because=because, by=by, at=now, reason_sealed=sealed)
    person = await repository.release(work.tx, resident_id, ending)
    if person is None:
        return None
    await work.emit(RecordReleased(subject_id=resident_id, because=because))
    found = await open_of_person(work.tx, person, now=now)
    return sum([await end(work.tx, one.id, because=f"binding-{because}") for one in found])


async def _move(work: Work, slip: Slip, act: SlipAct) -> Slip:
    state = _after(slip, act)
    await slips.move(work.tx, slip, state, by=name_of(work.principal), now=clock.now())
    return replace(slip, state=state, version=slip.version + 1)


def _after(slip: Slip, act: SlipAct) -> SlipState:
    try:
        return slip.after(act)
    except IllegalSlipTransition as wrong:
        raise SlipStateConflict(state=wrong.state.value) from wrong


def _proposed(slip: Slip) -> UUID:
    if slip.resident_id is None:
        raise TypeError("A slip that awaits a second official names a record.")
    return slip.resident_id


def _index(work: Work, code: str) -> bytes:
    return work.cipher.blind_index(code, field=_INDEX)
