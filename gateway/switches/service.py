"""What a municipality's administrator does with its switches."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from foundation import clock
from foundation.identifiers import new_id
from foundation.problems import PreconditionFailed
from foundation.work import Work

from .domain import (
    PLACES,
    Closure,
    Incomplete,
    NotAllowed,
    Notice,
    Pause,
    Standing,
    State,
    Switch,
    check_plan,
)
from .events import PauseCalledOff, PausePlanned, ServiceSwitched
from .problems import PauseNotFound, SwitchClosed, SwitchIncomplete, SwitchNotFound
from .repository import Switchboard

_MOST_PAUSES = 50


async def read_all(work: Work) -> list[Switch]:
    """Return every switch of the municipality, also those nobody ever touched."""
    touched = await Switchboard(work.tx).all()
    return [touched.get(place) or Switch(id=new_id(), place=place) for place in PLACES]


async def read(work: Work, place: str) -> Switch:
    """Return one switch.

    Raises:
        SwitchNotFound: 404.
    """
    return await Switchboard(work.tx).at(_known(place))


async def switch(
    work: Work, place: str, standing: Standing, *, reason: str, version: int
) -> Switch:
    """Open, restrict, pause or close a service; every gateway knows within a second.

    Raises:
        SwitchNotFound: 404.
        PreconditionFailed: somebody switched it in the meantime (412).
        SwitchClosed: a pause would open by itself what was closed (409).
        SwitchIncomplete: the door would be shut without a word or an end (422).
    """
    switchboard = Switchboard(work.tx)
    before = await switchboard.held(_known(place))
    if before.version != version:
        raise PreconditionFailed
    try:
        after = before.switched(standing, by=work.principal.subject, at=clock.now(), reason=reason)
    except Incomplete as incomplete:
        raise SwitchIncomplete(str(incomplete)) from incomplete
    except NotAllowed as closed:
        raise SwitchClosed from closed
    await switchboard.set(after, code=work.tenancy.code)
    await work.record("platform.service.switch", obj=place, detail={"state": standing.state.value})
    await work.emit(
        ServiceSwitched(
            subject_id=after.id, service=place, state=standing.state.value, until=standing.until
        )
    )
    return after


async def plan(
    work: Work,
    place: str,
    state: State,
    *,
    hours: tuple[datetime, datetime],
    notice: Notice,
    reason: str,
) -> Pause:
    """Announce a pause; it begins and ends by itself.

    Raises:
        SwitchNotFound: 404.
        SwitchIncomplete: it does not lie ahead, or ends before it begins (422).
    """
    now, (starts_at, ends_at) = clock.now(), hours
    try:
        check_plan(state, starts_at=starts_at, ends_at=ends_at, now=now)
    except Incomplete as incomplete:
        raise SwitchIncomplete(str(incomplete)) from incomplete
    pause = Pause(
        id=new_id(),
        closure=Closure(
            place=_known(place), state=state, starts_at=starts_at, ends_at=ends_at, notice=notice
        ),
        planned_by=work.principal.subject,
        planned_at=now,
        reason=reason,
    )
    await Switchboard(work.tx).plan(pause, code=work.tenancy.code)
    await work.record("platform.service.switch", obj=str(pause.id), detail={"planned": True})
    await work.emit(
        PausePlanned(
            subject_id=pause.id,
            service=place,
            state=state.value,
            starts_at=starts_at,
            ends_at=ends_at,
        )
    )
    return pause


async def planned(work: Work, place: str) -> Sequence[Pause]:
    """Return what is planned for a service and not over.

    Raises:
        SwitchNotFound: 404.
    """
    return await Switchboard(work.tx).pauses(_known(place), now=clock.now(), limit=_MOST_PAUSES)


async def call_off(work: Work, place: str, pause_id: UUID) -> Pause:
    """End a pause before its time, or before it began.

    Raises:
        SwitchNotFound, PauseNotFound: 404.
    """
    found = await Switchboard(work.tx).call_off(
        pause_id,
        place=_known(place),
        by=work.principal.subject,
        now=clock.now(),
        code=work.tenancy.code,
    )
    if found is None:
        raise PauseNotFound
    await work.record("platform.service.switch", obj=str(pause_id), detail={"called_off": True})
    await work.emit(PauseCalledOff(subject_id=pause_id, service=place))
    return found


def _known(place: str) -> str:
    if place not in PLACES:
        raise SwitchNotFound
    return place
