"""Receptions over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query

from foundation.web import CurrentWork, CursorText, Limit, Listing, OfficeRouter
from services.window_dx import permissions
from services.window_dx.windows.problems import WindowNotFound

from . import service
from .domain import ReceptionState
from .problems import ReceptionNotFound, ReceptionStateConflict
from .schemas import (
    BoardRead,
    NextReception,
    ReceptionRead,
    ReceptionStanding,
    ReceptionTake,
    ReceptionTransfer,
    WaitingTimesRead,
)

router = OfficeRouter(tags=["receptions"])

_CHANGE = [ReceptionNotFound, ReceptionStateConflict]


@router.post(
    "/receptions",
    permission=permissions.TAKE_TICKET,
    problems=[WindowNotFound],
    status_code=201,
    summary="受付番号を取る",
)
async def take_ticket(work: CurrentWork, body: ReceptionTake) -> ReceptionRead:
    """Take the next number of a window: online by a resident, at the counter, or at a kiosk."""
    reception = await service.take(
        work, window_id=body.window_id, matter=body.matter, resident_id=body.resident_id
    )
    return ReceptionRead.of(reception)


@router.get(
    "/receptions/{reception_id}",
    permission=permissions.READ_RECEPTION,
    problems=[ReceptionNotFound],
    summary="受付の状況を見る",
)
async def read_reception(work: CurrentWork, reception_id: UUID) -> ReceptionStanding:
    """Read a reception and how many wait before it; a resident sees their own only."""
    reception, ahead = await service.read(work, reception_id)
    return ReceptionStanding(reception=ReceptionRead.of(reception), ahead=ahead)


@router.get(
    "/windows/{window_id}/receptions",
    permission=permissions.LIST_RECEPTIONS,
    problems=[WindowNotFound],
    summary="窓口の今日の受付を見る",
)
async def list_receptions(
    work: CurrentWork,
    window_id: UUID,
    state: Annotated[list[ReceptionState] | None, Query(max_length=5)] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Listing[ReceptionRead]:
    """List today's receptions of a window, of all states unless some are named."""
    page = await service.list_of_window(
        work,
        window_id=window_id,
        states=state or list(ReceptionState),
        cursor=cursor,
        limit=limit,
    )
    return Listing[ReceptionRead](
        items=[ReceptionRead.of(reception) for reception in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


@router.get(
    "/windows/{window_id}/board",
    permission=permissions.READ_WINDOWS,
    problems=[WindowNotFound],
    summary="窓口の混み具合を見る",
)
async def read_board(work: CurrentWork, window_id: UUID) -> BoardRead:
    """See the numbers being served and how many wait; never who they are."""
    return BoardRead.of(await service.board(work, window_id))


@router.post(
    "/windows/{window_id}/call-next",
    permission=permissions.SERVE_RECEPTION,
    problems=[WindowNotFound],
    summary="次の人を呼ぶ",
)
async def call_next(work: CurrentWork, window_id: UUID) -> NextReception:
    """Call whoever has waited longest; no number twice, none passed over."""
    called = await service.call_next(work, window_id)
    return NextReception(reception=ReceptionRead.of(called) if called else None)


@router.post(
    "/receptions/{reception_id}/hold",
    permission=permissions.SERVE_RECEPTION,
    problems=_CHANGE,
    summary="対応を保留する",
)
async def hold_reception(work: CurrentWork, reception_id: UUID) -> ReceptionRead:
    """Hold a reception while the person fills in or fetches something."""
    return ReceptionRead.of(await service.hold(work, reception_id))


@router.post(
    "/receptions/{reception_id}/resumption",
    permission=permissions.SERVE_RECEPTION,
    problems=_CHANGE,
    summary="保留した対応を再開する",
)
async def resume_reception(work: CurrentWork, reception_id: UUID) -> ReceptionRead:
    """Go on with a person who was held."""
    return ReceptionRead.of(await service.resume(work, reception_id))


@router.post(
    "/receptions/{reception_id}/transfer",
    permission=permissions.SERVE_RECEPTION,
    problems=[*_CHANGE, WindowNotFound],
    summary="別の窓口へ引き継ぐ",
)
async def transfer_reception(
    work: CurrentWork, reception_id: UUID, body: ReceptionTransfer
) -> ReceptionRead:
    """Pass the person on to another window with the same number."""
    return ReceptionRead.of(await service.pass_on(work, reception_id, window_id=body.window_id))


@router.post(
    "/receptions/{reception_id}/completion",
    permission=permissions.SERVE_RECEPTION,
    problems=_CHANGE,
    summary="対応を終える",
)
async def finish_reception(work: CurrentWork, reception_id: UUID) -> ReceptionRead:
    """Finish a reception; the time it took is measured."""
    return ReceptionRead.of(await service.finish(work, reception_id))


@router.post(
    "/receptions/{reception_id}/absence",
    permission=permissions.SERVE_RECEPTION,
    problems=_CHANGE,
    summary="呼び出したが不在だったことを記録する",
)
async def note_absence(work: CurrentWork, reception_id: UUID) -> ReceptionRead:
    """Note that nobody answered the call."""
    return ReceptionRead.of(await service.note_absence(work, reception_id))


@router.get(
    "/windows/{window_id}/waiting-times",
    permission=permissions.READ_WAITING_TIMES,
    problems=[WindowNotFound],
    summary="待ち時間の実測値を見る",
)
async def read_waiting_times(
    work: CurrentWork, window_id: UUID, since: date, until: date
) -> WaitingTimesRead:
    """Read the waiting and service times measured between two days, both included."""
    times = await service.waiting_times(work, window_id, since=since, until=until)
    return WaitingTimesRead.of(times)
