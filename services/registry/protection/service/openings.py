"""The one way to a protected address: one official asks, another allows, the first looks once."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from foundation import clock
from foundation.authorization import Denied
from foundation.database import Page, decode_cursor, page_of
from foundation.identifiers import new_id
from foundation.parameters import OPENING_APPROVAL, OPENING_VIEW
from foundation.problems import Problem
from foundation.work import Work
from services.registry.protection.domain import (
    AlertKind,
    Ground,
    IllegalOpeningStep,
    Opening,
    OpeningAct,
    OpeningId,
    OpeningState,
)
from services.registry.protection.problems import (
    OpeningNotFound,
    OpeningStateConflict,
    PersonNotProtected,
    SecondOfficialNeeded,
)
from services.registry.protection.repository import PARAMETERS, Alerts, Concealment, Openings
from services.registry.residents.repository import Residents

from .alarms import raise_alert

LAPSE_OPENING: Final = "registry.protection.lapse_opening"
_BEFORE_ALL = UUID(int=0)
_REQUEST = "registry.protection.request_opening"
_ALLOW = "registry.protection.allow_opening"
_VIEW = "registry.protection.view_address"


async def request(work: Work, resident_id: UUID, *, ground: Ground, reason: str) -> Opening:
    """Ask to see where somebody lives; whoever looks after them is told at once.

    Raises:
        Denied: nobody hides that address, or the caller is not to know that it is hidden (404).
    """
    await _require_not_excluded(work, resident_id, PersonNotProtected())
    if not await Concealment(work.tx, work.cipher).is_hidden(resident_id):
        known = await Residents(work.tx).get(resident_id)
        raise Denied(PersonNotProtected(), subjects=[] if known is None else [resident_id])
    now = clock.now()
    opening = Opening(
        id=OpeningId(new_id()),
        resident_id=resident_id,
        state=OpeningState.REQUESTED,
        purpose=str(work.caller.purpose or ""),
        ground=ground,
        reason=reason,
        requested_by=work.principal.subject,
        requested_at=now,
        until=now + await PARAMETERS.lasting(work.tx, OPENING_APPROVAL),
        decided_by=None,
        version=1,
    )
    await Openings(work.tx, work.cipher).add(opening)
    await _lapse_later(work, opening.id, opening.until)
    await _told(work, opening, AlertKind.OPENING_REQUESTED, _REQUEST)
    return opening


async def list_waiting(work: Work, *, cursor: str | None, limit: int) -> Page[Opening]:
    """Return the requests that wait for a word or for their one look; no address is among them.

    Raises:
        InvalidCursor: the cursor is not one of this list's (400).
    """
    position: UUID = decode_cursor(cursor, UUID)[0] if cursor else _BEFORE_ALL
    waiting = await Openings(work.tx, work.cipher).waiting(after=position, limit=limit + 1)
    page = page_of(waiting, limit=limit, key=lambda opening: (opening.id,))
    shown = [one for one in page.items if not await _is_excluded(work, one.resident_id)]
    await work.record(
        _ALLOW,
        subjects=[opening.resident_id for opening in shown],
        detail={"count": len(shown)},
    )
    return Page(items=shown, next_cursor=page.next_cursor)


async def allow(work: Work, opening_id: UUID, *, agreed: bool) -> Opening:
    """Allow the one look, or decline it, as an official who did not ask for it.

    Raises:
        Denied: there is no such request (404), or it is the caller's own (403); alerted.
        OpeningStateConflict: it was decided, or the time for it is over (409).
    """
    opening = await _held(work, opening_id)
    if opening.requested_by == work.principal.subject:
        raise Denied(SecondOfficialNeeded(), subjects=[opening.resident_id])
    now = clock.now()
    state = _taken(opening, OpeningAct.APPROVE if agreed else OpeningAct.DECLINE, now)
    until = now + await PARAMETERS.lasting(work.tx, OPENING_VIEW) if agreed else opening.until
    openings = Openings(work.tx, work.cipher)
    await openings.decide(opening, state, by=work.principal.subject, at=now, until=until)
    if agreed:
        await _lapse_later(work, opening.id, until)
    kind = AlertKind.OPENING_APPROVED if agreed else AlertKind.OPENING_DECLINED
    await _told(work, opening, kind, _ALLOW)
    return await _held(work, opening_id)


async def view(work: Work, opening_id: UUID) -> tuple[str, str]:
    """Return postal code and address to who asked for them, once.

    Raises:
        Denied: there is no such request of the caller's (404); alerted.
        OpeningStateConflict: not allowed, used, or the time for it is over (409).
    """
    opening = await _held(work, opening_id)
    if opening.requested_by != work.principal.subject:
        raise Denied(OpeningNotFound(), subjects=[opening.resident_id])
    now = clock.now()
    _taken(opening, OpeningAct.VIEW, now)
    found = await Concealment(work.tx, work.cipher).open(opening.resident_id)
    if found is None:
        raise OpeningStateConflict
    await Openings(work.tx, work.cipher).use(opening, at=now)
    await _told(work, opening, AlertKind.ADDRESS_OPENED, _VIEW)
    return found


async def lapse(work: Work, opening_id: UUID) -> None:
    """End a request whose time is over; whoever looks after the person is told."""
    openings = Openings(work.tx, work.cipher)
    opening = await openings.get_for_change(opening_id)
    if opening is None:
        return
    try:
        opening.take(OpeningAct.LAPSE, at=clock.now())
    except IllegalOpeningStep:
        return
    await openings.lapse(opening)
    await _told(work, opening, AlertKind.OPENING_LAPSED, LAPSE_OPENING)


def _taken(opening: Opening, act: OpeningAct, at: datetime) -> OpeningState:
    try:
        return opening.take(act, at=at)
    except IllegalOpeningStep as illegal:
        raise OpeningStateConflict from illegal


async def _held(work: Work, opening_id: UUID) -> Opening:
    opening = await Openings(work.tx, work.cipher).get_for_change(opening_id)
    if opening is None:
        raise Denied(OpeningNotFound())
    await _require_not_excluded(work, opening.resident_id, OpeningNotFound())
    return opening


async def _require_not_excluded(work: Work, resident_id: UUID, problem: Problem) -> None:
    """Insist that no measure keeps this official away from this person.

    Raises:
        Denied: one does; what they are told is the same as if there were nobody.
    """
    if await _is_excluded(work, resident_id):
        raise Denied(problem, subjects=[resident_id])


async def _is_excluded(work: Work, resident_id: UUID) -> bool:
    cared = await Alerts(work.tx).care_of(resident_id)
    return any(work.principal.subject in row["excluded_officials"] for row in cared)


async def _lapse_later(work: Work, opening_id: UUID, at: datetime) -> None:
    await work.enqueue(
        LAPSE_OPENING, {"opening_id": str(opening_id)}, available_at=at + timedelta(seconds=1)
    )


async def _told(work: Work, opening: Opening, kind: AlertKind, action: str) -> None:
    """Record a step and alert those who look after the person."""
    await work.record(
        action,
        subject=opening.resident_id,
        obj=str(opening.id),
        detail={"ground": opening.ground.value, "act": kind.value},
    )
    cared = await Alerts(work.tx).care_of(opening.resident_id)
    await raise_alert(
        work,
        kind,
        action=action,
        measure_id=cared[0]["id"] if cared else None,
        resident_id=opening.resident_id,
        opening_id=opening.id,
    )
