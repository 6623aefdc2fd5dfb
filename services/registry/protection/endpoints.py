"""Protection over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from foundation.web import CurrentWork, CursorText, Limit, Listing, OfficeRouter
from services.registry import permissions

from . import service
from .domain import MeasureState
from .problems import (
    AlertNotFound,
    ExtensionTooEarly,
    MeasureNotFound,
    MeasureStateConflict,
    OpeningNotFound,
    OpeningStateConflict,
    PersonNotProtected,
    SecondOfficialNeeded,
)
from .schemas import (
    AlertRead,
    MeasureApply,
    MeasurePropose,
    MeasureRead,
    MeasureReceipt,
    MeasureSummary,
    OpenedAddress,
    OpeningRead,
    OpeningReceipt,
    OpeningRequest,
    PersonGiven,
    SecondWord,
)

router = OfficeRouter(tags=["protection"])

_CHANGE = [MeasureNotFound, MeasureStateConflict]
_STATES = [state for state in MeasureState if state is not MeasureState.RELEASED]


@router.post(
    "/protection-measures",
    permission=permissions.MANAGE_PROTECTION,
    status_code=201,
    summary="支援措置の申出を受け付ける(この時点から住所を隠す)",
)
async def apply_for_protection(work: CurrentWork, body: MeasureApply) -> MeasureReceipt:
    """Take an application; from this answer on nobody sees where its people live or lived."""
    return MeasureReceipt.of(await service.apply(work, body.application()))


@router.get(
    "/protection-measures",
    permission=permissions.READ_PROTECTION,
    summary="支援措置の一覧を見る(期限切れを含む)",
)
async def list_protection_measures(
    work: CurrentWork,
    state: Annotated[list[MeasureState] | None, Query(max_length=7)] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Listing[MeasureSummary]:
    """List what protects somebody, the eldest first; `state=overdue` is the list to work off."""
    page = await service.list_measures(work, states=state or _STATES, cursor=cursor, limit=limit)
    return Listing[MeasureSummary](
        items=[MeasureSummary.of(measure) for measure in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


@router.get(
    "/protection-measures/{measure_id}",
    permission=permissions.READ_PROTECTION,
    problems=[MeasureNotFound],
    summary="支援措置の内容を見る",
)
async def read_protection_measure(work: CurrentWork, measure_id: UUID) -> MeasureRead:
    """Read a measure: who is protected from whom, and until when."""
    return MeasureRead.of(await service.read(work, measure_id))


@router.post(
    "/protection-measures/{measure_id}/provision",
    permission=permissions.MANAGE_PROTECTION,
    problems=_CHANGE,
    summary="仮支援措置として扱う",
)
async def provide_protection(work: CurrentWork, measure_id: UUID) -> MeasureReceipt:
    """Record that the measure is provisional until it is decided."""
    return MeasureReceipt.of(await service.provide(work, measure_id))


@router.post(
    "/protection-measures/{measure_id}/persons",
    permission=permissions.MANAGE_PROTECTION,
    problems=_CHANGE,
    status_code=201,
    summary="併せて支援を求める者を加える(この時点から住所を隠す)",
)
async def join_protection(work: CurrentWork, measure_id: UUID, body: PersonGiven) -> MeasureReceipt:
    """Protect somebody more, such as a child who moved with the applicant."""
    return MeasureReceipt.of(await service.join(work, measure_id, body.person()))


@router.post(
    "/protection-measures/{measure_id}/proposal",
    permission=permissions.MANAGE_PROTECTION,
    problems=_CHANGE,
    summary="支援決定または解除を起案する",
)
async def propose_protection_step(
    work: CurrentWork, measure_id: UUID, body: MeasurePropose
) -> MeasureReceipt:
    """Propose to grant or to release; nothing changes until another official decides."""
    return MeasureReceipt.of(await service.propose(work, measure_id, body.act, reason=body.reason))


@router.post(
    "/protection-measures/{measure_id}/decision",
    permission=permissions.DECIDE_PROTECTION,
    problems=[*_CHANGE, SecondOfficialNeeded],
    summary="起案された支援決定または解除を、別の職員が決裁する",
)
async def decide_protection_step(
    work: CurrentWork, measure_id: UUID, body: SecondWord
) -> MeasureReceipt:
    """Agree to what was proposed, or decline it, as an official who did not propose it."""
    agreed = body.decision == "agreed"
    return MeasureReceipt.of(await service.decide(work, measure_id, agreed=agreed))


@router.post(
    "/protection-measures/{measure_id}/extension",
    permission=permissions.MANAGE_PROTECTION,
    problems=[*_CHANGE, ExtensionTooEarly],
    summary="支援期間を1年延長する(末日の1か月前から)",
)
async def extend_protection(work: CurrentWork, measure_id: UUID) -> MeasureReceipt:
    """Record that a measure goes on for another year."""
    return MeasureReceipt.of(await service.extend(work, measure_id))


@router.post(
    "/address-openings",
    permission=permissions.REQUEST_OPENING,
    problems=[PersonNotProtected],
    status_code=201,
    summary="非開示の住所の閲覧を申請する(別の職員の承認が要る)",
)
async def request_address_opening(work: CurrentWork, body: OpeningRequest) -> OpeningReceipt:
    """Ask to see one protected address once; whoever looks after the person is told."""
    opening = await service.request(work, body.resident_id, ground=body.ground, reason=body.reason)
    return OpeningReceipt.of(opening)


@router.get(
    "/address-openings",
    permission=permissions.ALLOW_OPENING,
    summary="承認を待つ閲覧申請の一覧を見る",
)
async def list_address_openings(
    work: CurrentWork, limit: Limit = 50, cursor: CursorText = None
) -> Listing[OpeningRead]:
    """List the requests that wait for a word, or for the one look."""
    page = await service.list_waiting(work, cursor=cursor, limit=limit)
    return Listing[OpeningRead](
        items=[OpeningRead.of(opening) for opening in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


@router.post(
    "/address-openings/{opening_id}/decision",
    permission=permissions.ALLOW_OPENING,
    problems=[OpeningNotFound, OpeningStateConflict, SecondOfficialNeeded],
    summary="閲覧申請を、申請者とは別の職員が決裁する",
)
async def decide_address_opening(
    work: CurrentWork, opening_id: UUID, body: SecondWord
) -> OpeningReceipt:
    """Allow the one look, or decline it, within a quarter of an hour."""
    agreed = body.decision == "agreed"
    return OpeningReceipt.of(await service.allow(work, opening_id, agreed=agreed))


@router.post(
    "/address-openings/{opening_id}/viewing",
    permission=permissions.VIEW_OPENED,
    problems=[OpeningNotFound, OpeningStateConflict],
    idempotent_post=False,
    summary="承認された住所を1回だけ見る(申請者本人・10分以内)",
)
async def view_opened_address(work: CurrentWork, opening_id: UUID) -> OpenedAddress:
    """Look once. The answer is kept nowhere, so it cannot be asked for a second time."""
    postal_code, address = await service.view(work, opening_id)
    return OpenedAddress(postal_code=postal_code, address=address)


@router.get(
    "/protection-alerts",
    permission=permissions.READ_ALERTS,
    summary="支援措置に関する警告の一覧を見る",
)
async def list_protection_alerts(
    work: CurrentWork, limit: Limit = 50, cursor: CursorText = None
) -> Listing[AlertRead]:
    """List what nobody has seen yet: looks, attempts, measures near or past their last day."""
    page = await service.list_unseen(work, cursor=cursor, limit=limit)
    return Listing[AlertRead](
        items=[AlertRead.of(alert) for alert in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


@router.post(
    "/protection-alerts/{alert_id}/acknowledgement",
    permission=permissions.READ_ALERTS,
    problems=[AlertNotFound],
    summary="警告を確認済みにする",
)
async def acknowledge_protection_alert(work: CurrentWork, alert_id: UUID) -> AlertRead:
    """Say that one saw an alert."""
    return AlertRead.of(await service.acknowledge(work, alert_id))
