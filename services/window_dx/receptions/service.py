"""What residents and clerks do at a window."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from foundation import clock
from foundation.database import Page, decode_cursor, page_of
from foundation.identifiers import new_id
from foundation.identity import Business, Machine, Resident, name_of
from foundation.problems import Fault, InvalidInput
from foundation.work import Work
from services.window_dx.windows.problems import WindowNotFound
from services.window_dx.windows.repository import Windows

from .domain import Act, Board, Channel, Reception, ReceptionId, ReceptionState, WaitingTimes
from .events import ReceptionCalled, ReceptionFinished
from .problems import ReceptionNotFound, ReceptionStateConflict
from .repository import Receptions, elapsed

_BEFORE_ALL = UUID(int=0)
_UNKNOWN_RESIDENT = Fault(
    pointer="/resident_id",
    detail="The register knows no such resident.",
    detail_ja="この住民は住民情報に登録されていません。",
)
_LAST_BEFORE_FIRST = Fault(
    pointer="/until",
    detail="The last day lies before the first.",
    detail_ja="終わりの日は、始めの日以後にしてください。",
    location="query",
)


async def take(
    work: Work, *, window_id: UUID, matter: str, resident_id: UUID | None = None
) -> Reception:
    """Give the next number of today; a resident takes it for themselves.

    Raises:
        WindowNotFound: 404.
        InvalidInput: the register does not know the resident (422).
    """
    await _require_window(work, window_id)
    today = clock.today()
    receptions = Receptions(work.tx)
    if isinstance(work.principal, Resident):
        resident_id = work.principal.resident_id
    elif resident_id is not None and not await receptions.is_resident(resident_id):
        raise InvalidInput.of([_UNKNOWN_RESIDENT])
    number = await receptions.next_number(window_id, today)
    # Read the clock only now: who has the number keeps the counter until this work ends, so the
    # queue, which is ordered by time, has the order of the numbers people hold in their hands.
    queued_at = clock.now()
    reception = Reception(
        id=ReceptionId(new_id()),
        window_id=window_id,
        taken_at_window_id=window_id,
        received_on=today,
        number=number,
        matter=matter,
        channel=_channel_of(work),
        taken_by=_taker(work),
        resident_id=resident_id,
        state=ReceptionState.WAITING,
        queued_at=queued_at,
        called_at=None,
        version=1,
    )
    await receptions.add(reception)
    await _note(work, reception, Act.TAKEN)
    await _record(work, "window_dx.reception.take", reception)
    return reception


async def read(work: Work, reception_id: UUID) -> tuple[Reception, int]:
    """Return a reception and how many wait before it.

    Raises:
        ReceptionNotFound: it is another municipality's, or another resident's (404).
    """
    receptions = Receptions(work.tx)
    reception = await receptions.get(reception_id)
    if reception is None or not _may_see(work, reception):
        raise ReceptionNotFound
    await _record(work, "window_dx.reception.read", reception)
    waits = reception.state is ReceptionState.WAITING
    return reception, await receptions.ahead_of(reception) if waits else 0


async def list_of_window(
    work: Work,
    *,
    window_id: UUID,
    states: Sequence[ReceptionState],
    cursor: str | None,
    limit: int,
) -> Page[Reception]:
    """Return today's receptions of a window in the order their numbers were taken.

    Raises:
        WindowNotFound: 404.
    """
    await _require_window(work, window_id)
    after: UUID = decode_cursor(cursor, UUID)[0] if cursor else _BEFORE_ALL
    found = await Receptions(work.tx).listed(
        window_id, clock.today(), states=states, after=after, limit=limit + 1
    )
    page = page_of(found, limit=limit, key=lambda reception: (reception.id,))
    shown = [item.resident_id for item in page.items if item.resident_id]
    await work.record(
        "window_dx.reception.list",
        subjects=shown,
        obj=str(window_id),
        detail={"count": len(page.items)},
    )
    return page


async def board(work: Work, window_id: UUID) -> Board:
    """Return the numbers on the screen above a window.

    Raises:
        WindowNotFound: 404.
    """
    await _require_window(work, window_id)
    return await Receptions(work.tx).board(window_id, clock.today())


async def call_next(work: Work, window_id: UUID) -> Reception | None:
    """Call whoever has waited longest at this window today; None if nobody waits.

    Clerks who call at the same moment are served one after the other, so no number is called
    twice and none is passed over.

    Raises:
        WindowNotFound: 404.
    """
    if await Windows(work.tx).get_in_turn(window_id) is None:
        raise WindowNotFound
    waiting = await Receptions(work.tx).first_waiting(window_id, clock.today())
    if waiting is None:
        await work.record("window_dx.reception.serve", obj=str(window_id), detail={"count": 0})
        return None
    called = await _go_on(work, waiting, Act.CALLED)
    await work.emit(
        ReceptionCalled(subject_id=called.id, window_id=called.window_id, number=called.number)
    )
    return called


async def hold(work: Work, reception_id: UUID) -> Reception:
    """Let somebody fill in or fetch something.

    Raises:
        ReceptionNotFound: 404.
        ReceptionStateConflict: it is not being served (409).
    """
    return await _go_on(work, await _to_change(work, reception_id), Act.HELD)


async def resume(work: Work, reception_id: UUID) -> Reception:
    """Go on with who was held.

    Raises:
        ReceptionNotFound: 404.
        ReceptionStateConflict: it is not held (409).
    """
    return await _go_on(work, await _to_change(work, reception_id), Act.RESUMED)


async def finish(work: Work, reception_id: UUID) -> Reception:
    """Close the reception.

    Raises:
        ReceptionNotFound: 404.
        ReceptionStateConflict: it is not being served (409).
    """
    finished = await _go_on(work, await _to_change(work, reception_id), Act.FINISHED)
    await work.emit(
        ReceptionFinished(
            subject_id=finished.id, window_id=finished.window_id, number=finished.number
        )
    )
    return finished


async def note_absence(work: Work, reception_id: UUID) -> Reception:
    """Note that nobody answered the call.

    Raises:
        ReceptionNotFound: 404.
        ReceptionStateConflict: it was not called (409).
    """
    return await _go_on(work, await _to_change(work, reception_id), Act.ABSENT)


async def pass_on(work: Work, reception_id: UUID, *, window_id: UUID) -> Reception:
    """Send the person to another window with the same number, waiting there from now on.

    Raises:
        ReceptionNotFound, WindowNotFound: 404.
        ReceptionStateConflict: it is not being served, or is at that window already (409).
    """
    reception = await _to_change(work, reception_id)
    await _require_window(work, window_id)
    moved = reception.passed_on_to(window_id, at=clock.now())
    if moved is None:
        raise ReceptionStateConflict
    return await _keep(work, moved, Act.TRANSFERRED, before=reception)


async def waiting_times(work: Work, window_id: UUID, *, since: date, until: date) -> WaitingTimes:
    """Return what was measured at a window from one day to another, both included.

    Raises:
        WindowNotFound: 404.
        InvalidInput: the last day lies before the first (422).
    """
    await _require_window(work, window_id)
    if until < since:
        raise InvalidInput.of([_LAST_BEFORE_FIRST])
    return await Receptions(work.tx).measured(window_id, since=since, until=until)


async def _go_on(work: Work, reception: Reception, act: Act) -> Reception:
    moved = reception.after(act, at=clock.now())
    if moved is None:
        raise ReceptionStateConflict
    return await _keep(work, moved, act, before=reception)


async def _keep(work: Work, moved: Reception, act: Act, *, before: Reception) -> Reception:
    await Receptions(work.tx).move(moved)
    await _note(work, before, act)
    await _record(work, "window_dx.reception.serve", moved, act=act)
    return moved


async def _note(work: Work, before: Reception, act: Act) -> None:
    """Add the act with the time it took: the wait until a call, the service until its end."""
    now = clock.now()
    since = {Act.CALLED: before.queued_at, Act.FINISHED: before.called_at}.get(act)
    await Receptions(work.tx).note(
        id=new_id(),
        reception_id=before.id,
        window_id=before.window_id,
        act=act.value,
        acted_on=clock.today(),
        acted_at=now,
        actor=work.principal.subject,
        seconds=None if since is None else elapsed(since, now),
    )


async def _record(work: Work, action: str, reception: Reception, *, act: Act | None = None) -> None:
    await work.record(
        action,
        subject=reception.resident_id,
        obj=str(reception.id),
        detail={"act": act.value} if act else {},
    )


async def _to_change(work: Work, reception_id: UUID) -> Reception:
    reception = await Receptions(work.tx).get_for_change(reception_id)
    if reception is None:
        raise ReceptionNotFound
    return reception


async def _require_window(work: Work, window_id: UUID) -> None:
    if await Windows(work.tx).get(window_id) is None:
        raise WindowNotFound


def _may_see(work: Work, reception: Reception) -> bool:
    if not isinstance(work.principal, Resident):
        return not isinstance(work.principal, Business)
    if reception.taken_by == _taker(work):
        return True  # who is moving in takes a number before any register knows them
    own = work.principal.resident_id
    return own is not None and reception.resident_id == own


def _taker(work: Work) -> str:
    """Return who takes a number; what somebody does for another is not their own to see later."""
    principal = work.principal
    is_for_another = isinstance(principal, Resident) and principal.representation is not None
    return name_of(principal) if is_for_another else principal.subject


def _channel_of(work: Work) -> Channel:
    match work.principal:
        case Resident():
            return Channel.ONLINE
        case Machine():
            return Channel.KIOSK
        case _:
            return Channel.COUNTER
