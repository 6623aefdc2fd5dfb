"""Recording who may act for whom, and ending it everywhere within a second.

Three hands are kept apart: whoever records a right, whoever confirms it for a protected person,
and whoever holds it. Of a person who is protected from the holder nothing is said at all.
"""

from dataclasses import replace
from functools import partial
from uuid import UUID

from foundation import clock
from foundation.authorization import Denied
from foundation.identity import Resident
from foundation.work import Work
from gateway.bindings import records, repository as bindings
from gateway.bindings.identities import known
from gateway.own import own_session
from gateway.representations import acts, repository, taking_up
from gateway.representations.domain import (
    RULES,
    Deciding,
    Event,
    IllegalTransition,
    Recorded,
    State,
    falls_with_bar,
)
from gateway.representations.taking_up import Pair

from .document import Document
from .ending import BARRED, end_right, end_void
from .problems import (
    NotByOneself,
    NotRevocable,
    RepresentationNotFound,
    RepresentationStateConflict,
    RepresentedNotFound,
)
from .recording import Recording, announce, holder_named, holder_shown, keep, standing_of
from .signed import require_signature, written


async def record(
    work: Work, recording: Recording, *, code: str | None, resident_id: UUID | None, is_holder: bool
) -> Recorded:
    """Record a right on a document seen; it waits for a second official.

    One alone could give themselves the right to act for anybody: an official's directory account
    and their card cannot be told to be the same person, by design.

    Raises:
        NotByOneself: the official is the holder.
        SlipNotFound: no open slip has the code.
        RepresentedNotFound: nobody who could be represented by the holder.
        RightRefused: it could not be a right of its kind.
    """
    if is_holder:
        raise NotByOneself
    holder, official = (
        await holder_named(work, code=code, resident_id=resident_id),
        await _deciding(work),
    )
    if holder.person == official.person or holder.record in official.known_as:
        raise NotByOneself
    found = await standing_of(work, recording.represented_id, holder)
    proposal = recording.judged(found)
    right = await keep(work, recording, holder, proposal, state=State.AWAITING_SECOND)
    await work.record(
        acts.RECORD.action,
        subjects=_both(right),
        obj=str(right.id),
        detail={"ground": right.ground.value, "state": right.state.value},
    )
    return right


async def draft(work: Work, recording: Recording, *, code: str) -> Document:
    """Write down what a resident would sign to have somebody act for them; nothing is kept.

    Raises:
        SlipNotFound: no open slip has the code.
        RepresentedNotFound: the caller has no record here.
        RightRefused: it could not be a mandate.
    """
    holder = await holder_shown(work, code)
    found = await standing_of(work, recording.represented_id, holder)
    recording.judged(found)
    document = await written(work, recording, holder, code=code)
    await work.record(acts.DRAFT.action, subject=recording.represented_id)
    return document


async def request(work: Work, recording: Recording, *, code: str) -> Recorded:
    """Ask, as a resident, that somebody may act for oneself; an official confirms it.

    Raises:
        SignatureNotFound: the signature named is not the caller's.
        MandateSignatureRefused: it is not over exactly this, too old, or used.
        SlipNotFound: no open slip has the code.
        RepresentedNotFound: the caller has no record here.
        RightRefused: it could not be a mandate.
    """
    holder = await holder_named(work, code=code, resident_id=None)
    found = await standing_of(work, recording.represented_id, holder)
    proposal, signed = recording.judged(found), None
    if recording.signature_id is not None:
        signed = await written(work, recording, holder, code=code)
        await require_signature(
            work,
            recording.signature_id,
            document=signed,
            represented_id=recording.represented_id,
        )
    right = await keep(work, recording, holder, proposal, state=State.REQUESTED, signed=signed)
    await work.record(acts.REQUEST.action, subjects=_both(right), obj=str(right.id))
    return right


async def confirm(work: Work, right_id: UUID) -> Recorded:
    """Confirm, as another official than who recorded it, what waits to be confirmed.

    Raises:
        RepresentationNotFound: there is none, or its holder is barred by now.
        RepresentationStateConflict: it does not wait.
        NotByOneself: the caller recorded it, would hold it, or is to be represented.
    """
    right = await _locked(work, right_id)
    state = _after(right, Event.CONFIRM)
    if not right.may_be_confirmed_by(await _deciding(work)):
        raise NotByOneself
    found = await taking_up.standing(work.tx, Pair.of(right))
    if found.is_barred:
        raise RepresentationNotFound
    by = work.principal.subject
    await repository.move(work.tx, right, state, now=clock.now(), second_by=by)
    await announce(work, right)
    await work.record(acts.CONFIRM.action, subjects=_both(right), obj=str(right.id))
    return replace(right, state=state, second_by=by, version=right.version + 1)


async def decline(work: Work, right_id: UUID) -> Recorded:
    """Refuse what waits to be confirmed.

    Raises:
        RepresentationNotFound: there is none.
        RepresentationStateConflict: it does not wait.
    """
    right = await _locked(work, right_id)
    ended = await _end(work, right, Event.DECLINE, because="declined")
    await work.record(acts.CONFIRM.action, subjects=_both(right), obj=str(right.id))
    return ended


async def end(work: Work, right_id: UUID, *, reason: str) -> Recorded:
    """End a right, as an official; whoever acts on it is refused everywhere within a second.

    Raises:
        RepresentationNotFound: there is none.
        RepresentationStateConflict: it has ended.
    """
    right = await _locked(work, right_id)
    ended = await _end(work, right, Event.WITHDRAW, because=reason)
    # Not among the accesses to the holder's data: an end that must be kept secret is not there.
    await work.record(
        acts.END.action, subject=right.represented_id, obj=str(right.id), detail={"reason": reason}
    )
    return ended


async def revoke_own(work: Work, right_id: UUID) -> Recorded:
    """End, as the represented person or the holder, what was given and not imposed.

    Raises:
        RepresentationNotFound: it is neither over the caller nor theirs.
        NotRevocable: it rests on the law.
        RepresentationStateConflict: it has ended; or the caller holds it and a protection has
            made it void, and with this refusal it ends.
    """
    right = await _locked(work, right_id)
    person, own = await _myself(work)
    is_holder = right.is_held_by(person=person, record=own)
    if not is_holder and right.represented_id != own:
        raise RepresentationNotFound
    if not RULES[right.ground].revocable:
        raise NotRevocable
    if right.is_over:  # nor is it said which of the ends it was: one of them must be kept secret
        raise RepresentationStateConflict(state=State.ENDED.value)
    if is_holder and await taking_up.is_void(work.tx, right, person=person, record=own):
        raise Denied(
            RepresentationStateConflict(state=State.ENDED.value),
            subjects=[right.represented_id],
            settle=partial(end_void, right_id=right.id),
        )
    ended = await _end(work, right, Event.WITHDRAW, because="by-holder" if is_holder else "by-self")
    subjects = _both(right) if is_holder else [right.represented_id]
    await work.record(acts.REVOKE_OWN.action, subjects=subjects, obj=str(right.id))
    return ended


async def held(work: Work) -> list[Recorded]:
    """Return the rights the caller may take up today."""
    rights = await taking_up.held_by(work.tx, (await own_session(work)).person)
    await work.record(acts.READ_HELD.action, subjects=[right.represented_id for right in rights])
    return rights


async def over_oneself(work: Work) -> list[Recorded]:
    """Return the rights to act for the caller, ended ones among them.

    Raises:
        RepresentedNotFound: it is not known which record is the caller's.
    """
    _, own = await _myself(work)
    if own is None:
        raise RepresentedNotFound
    rights = await repository.over(work.tx, own)
    await work.record(acts.READ_OVER_ONESELF.action, subject=own)
    return rights


async def recorded(work: Work, represented_id: UUID) -> list[Recorded]:
    """Return the rights to act for a resident, as an official sees them.

    Raises:
        RepresentedNotFound: the municipality has no such resident.
    """
    if represented_id not in await records.of(work.tx, represented_id):
        raise RepresentedNotFound
    rights = await repository.over(work.tx, represented_id)
    await work.record(acts.READ_RECORDED.action, subject=represented_id, obj=str(represented_id))
    return rights


async def bar(work: Work, represented_id: UUID, barred_id: UUID) -> tuple[int, int]:
    """Record from whom a person is protected, and end whatever right that one may hold.

    Returns:
        How many rights ended, and of how many of them nothing tells whose they were.

    Raises:
        RepresentedNotFound: the municipality has no such resident.
    """
    pair = Pair(represented_id=represented_id, record=barred_id)
    found = await taking_up.standing(work.tx, pair)
    if found.represented is None or found.holder is None or represented_id == barred_id:
        raise RepresentedNotFound
    await repository.bar(
        work.tx,
        represented_id=represented_id,
        barred_id=barred_id,
        by=work.principal.subject,
        at=clock.now(),
    )
    falling = await _falling(work, represented_id, barred_id)
    for right, _ in falling:
        await end_right(work.tx, right, Event.END, because=BARRED)
    unknown = sum(is_unknown for _, is_unknown in falling)
    await work.record(
        acts.BAR.action,
        subject=represented_id,
        detail={"representations_ended": len(falling), "of_unknown_holders": unknown},
    )
    return len(falling), unknown


async def _falling(
    work: Work, represented_id: UUID, barred_id: UUID
) -> list[tuple[Recorded, bool]]:
    """Return the rights that end with a bar, each with whether nothing tells whose it is."""
    rights = await repository.open_over(work.tx, represented_id)
    identities = await known(
        work.tx,
        persons=[right.holder_person for right in rights if right.holder_person is not None],
        records=[barred_id, *(right.holder_id for right in rights if right.holder_id is not None)],
    )
    barred = identities.records(person=None, record=barred_id)
    holders = [
        (right, identities.records(person=right.holder_person, record=right.holder_id))
        for right in rights
    ]
    return [
        (right, not known_as)
        for right, known_as in holders
        if falls_with_bar(known_as=known_as, barred=barred)
    ]


async def unbar(work: Work, represented_id: UUID, barred_id: UUID) -> None:
    """Take back that somebody is barred; rights that ended with it stay ended.

    Raises:
        RepresentedNotFound: it was not recorded.
    """
    if not await repository.unbar(work.tx, represented_id=represented_id, barred_id=barred_id):
        raise RepresentedNotFound
    await work.record(acts.BAR.action, subject=represented_id, detail={"taken_back": True})


async def own_record(work: Work) -> UUID:
    """Return the caller's own record.

    Raises:
        RepresentedNotFound: it is not known.
    """
    _, own = await _myself(work)
    if own is None:
        raise RepresentedNotFound
    return own


async def _myself(work: Work) -> tuple[str, UUID | None]:
    """Return the caller's name in this municipality and the record they are bound to now."""
    session, principal = await own_session(work), work.principal
    bound = principal.resident_id if isinstance(principal, Resident) else None
    return session.person, bound or await bindings.find(work.tx, session.person)


async def _deciding(work: Work) -> Deciding:
    """Return the caller, an official, with the records they are known by as a resident."""
    person = (await own_session(work)).person
    identities = await known(work.tx, persons=[person], records=[])
    return Deciding(
        subject=work.principal.subject,
        person=person,
        known_as=identities.records(person=person, record=None),
    )


async def _locked(work: Work, right_id: UUID) -> Recorded:
    right = await repository.locked(work.tx, right_id)
    if right is None:
        raise RepresentationNotFound
    return right


async def _end(work: Work, right: Recorded, event: Event, *, because: str) -> Recorded:
    _after(right, event)
    return await end_right(work.tx, right, event, because=because)


def _after(right: Recorded, event: Event) -> State:
    try:
        return right.after(event)
    except IllegalTransition as wrong:
        raise RepresentationStateConflict(state=wrong.state.value) from wrong


def _both(right: Recorded) -> list[UUID]:
    return [one for one in (right.represented_id, right.holder_id) if one is not None]
