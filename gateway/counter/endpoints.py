"""The counter over HTTP, at the platform's office."""

from uuid import UUID

from fastapi import Response

from foundation.web import CurrentWork, OfficeRouter
from gateway.bindings import acts
from gateway.bindings.domain import Slip

from . import service
from .problems import (
    AlreadyBound,
    RecordNotFound,
    RecordTaken,
    SecondOfficialNeeded,
    SlipNotFound,
    SlipStateConflict,
)
from .schemas import (
    BindingCreate,
    BindingRead,
    BindingRelease,
    BindingReleased,
    SlipFind,
    SlipFound,
    SlipRead,
    Succession,
)
from .service import Outcome

router = OfficeRouter(tags=["bindings"])


@router.post(
    "/counter-slips",
    permission=acts.SHOW_SLIP,
    problems=[SlipStateConflict],
    status_code=201,
    summary="窓口で示す番号を受け取る",
)
async def show_slip(work: CurrentWork, response: Response) -> SlipRead:
    """Give the caller a code to show at the counter, good for a week; an earlier one is void."""
    slip, code = await service.show(work)
    response.headers["Location"] = f"/platform/v1/counter-slips/{slip.id}"
    return SlipRead(
        id=slip.id, code=code, state=slip.state, expires_at=slip.expires_at, version=slip.version
    )


@router.delete(
    "/counter-slips/{slip_id}",
    permission=acts.SHOW_SLIP,
    problems=[SlipNotFound],
    status_code=204,
    summary="窓口で示す番号を取り下げる",
)
async def withdraw_slip(work: CurrentWork, slip_id: UUID) -> None:
    """Take back one's own code."""
    await service.withdraw(work, slip_id)


@router.post(
    "/counter-slips/search",
    permission=acts.FIND_SLIP,
    problems=[SlipNotFound],
    status_code=200,
    idempotent_post=False,
    summary="窓口で示された番号を照会する",
)
async def find_slip(work: CurrentWork, body: SlipFind) -> SlipFound:
    """Find whose code this is: which record it is probably about. A code belongs in no URL."""
    return _found(await service.find(work, body.code))


@router.post(
    "/bindings",
    permission=acts.BIND,
    problems=[SlipNotFound, RecordNotFound, AlreadyBound, RecordTaken, SlipStateConflict],
    status_code=201,
    summary="本人確認書類を確認し、サインインと住民登録を結び付ける",
)
async def create_binding(work: CurrentWork, body: BindingCreate, response: Response) -> BindingRead:
    """Bind on a document seen; for a protected person this waits for a second official."""
    outcome = await service.bind(
        work,
        body.code,
        body.resident_id,
        evidence=body.evidence,
        supersede=body.supersede,
    )
    response.headers["Location"] = f"/platform/v1/counter-slips/{outcome.slip.id}"
    return _read(outcome)


@router.post(
    "/counter-slips/{slip_id}/confirmation",
    permission=acts.CONFIRM_BINDING,
    problems=[SlipNotFound, RecordNotFound, SecondOfficialNeeded, AlreadyBound, SlipStateConflict],
    status_code=200,
    summary="支援措置の対象者の結び付けを、二人目の職員として確認する",
)
async def confirm_binding(work: CurrentWork, slip_id: UUID) -> BindingRead:
    """Confirm what a colleague proposed."""
    return _read(await service.confirm(work, slip_id))


@router.post(
    "/counter-slips/{slip_id}/declination",
    permission=acts.DECLINE_SLIP,
    problems=[SlipNotFound, SlipStateConflict],
    status_code=200,
    summary="本人と確認できない申し出を断る",
)
async def decline_slip(work: CurrentWork, slip_id: UUID) -> SlipFound:
    """Close a slip whose holder could not show who they are."""
    return _found(await service.decline(work, slip_id))


@router.post(
    "/bindings/succession",
    permission=acts.SUCCEED,
    problems=[SlipNotFound, RecordNotFound, AlreadyBound, SlipStateConflict],
    status_code=200,
    summary="更新後のカードでのサインインを、以前のサインインから確認する",
)
async def succeed_binding(work: CurrentWork, body: Succession) -> BindingRead:
    """Hand one's record over to one's new card; the caller's own sign-ins end with it."""
    return _read(await service.succeed(work, body.code))


@router.post(
    "/bindings/{resident_id}/release",
    permission=acts.RELEASE,
    problems=[RecordNotFound],
    status_code=200,
    summary="サインインと住民登録の結び付けを解除する",
)
async def release_binding(
    work: CurrentWork, resident_id: UUID, body: BindingRelease
) -> BindingReleased:
    """End a binding that was wrong; every session that rests on it ends within a second."""
    ended = await service.release(work, resident_id, reason=body.reason)
    return BindingReleased(resident_id=resident_id, sessions_ended=ended)


def _found(slip: Slip) -> SlipFound:
    return SlipFound(
        id=slip.id,
        state=slip.state,
        candidate_id=slip.candidate_id,
        proposed_id=slip.resident_id,
        expires_at=slip.expires_at,
        version=slip.version,
    )


def _read(outcome: Outcome) -> BindingRead:
    return BindingRead(
        slip_id=outcome.slip.id,
        resident_id=outcome.resident_id,
        state="settled" if outcome.slip.state.value == "settled" else "awaiting_second",
        superseded=outcome.superseded,
    )
