"""Decisions over HTTP."""

from uuid import UUID

from foundation.web import CurrentWork, OfficeRouter
from services.benefits import permissions
from services.benefits.applications.problems import (
    ApplicationNotFound,
    ApplicationStateConflict,
    ResidentNotBound,
)
from services.benefits.applications.schemas import ApplicationRead

from . import service
from .problems import CorrectionNotAsked, DecisionNotFound
from .schemas import CorrectionAsk, CorrectionRead, DecisionGive, DecisionRead

router = OfficeRouter(prefix="/applications", tags=["assessments"])


@router.post(
    "/{application_id}/decision",
    permission=permissions.DECIDE_APPLICATION,
    problems=[ApplicationNotFound, ApplicationStateConflict],
    status_code=201,
    summary="支給または不支給を決定する",
)
async def decide_application(
    work: CurrentWork, application_id: UUID, body: DecisionGive
) -> DecisionRead:
    """Grant or refuse a confirmed application; the decision is kept as it was given."""
    decision = await service.decide(work, application_id, outcome=body.decision, reason=body.reason)
    return DecisionRead.of(decision)


@router.get(
    "/{application_id}/decision",
    permission=permissions.READ_APPLICATION,
    problems=[ApplicationNotFound, DecisionNotFound, ResidentNotBound],
    summary="支給または不支給の決定を見る",
)
async def read_decision(work: CurrentWork, application_id: UUID) -> DecisionRead:
    """Read the decision and its reason; a resident reads their own household's."""
    return DecisionRead.of(await service.read_decision(work, application_id))


@router.post(
    "/{application_id}/return",
    permission=permissions.RETURN_APPLICATION,
    problems=[ApplicationNotFound, ApplicationStateConflict],
    status_code=200,
    summary="申請の補正を求める",
)
async def return_application(
    work: CurrentWork, application_id: UUID, body: CorrectionAsk
) -> ApplicationRead:
    """Send a confirmed application back; the household confirms it anew."""
    return ApplicationRead.of_file(
        await service.send_back(work, application_id, reason=body.reason)
    )


@router.get(
    "/{application_id}/return",
    permission=permissions.READ_APPLICATION,
    problems=[ApplicationNotFound, CorrectionNotAsked, ResidentNotBound],
    summary="求められた補正の内容を見る",
)
async def read_return(work: CurrentWork, application_id: UUID) -> CorrectionRead:
    """Read what the section last asked to correct; a resident reads their own household's."""
    return CorrectionRead.of(await service.read_correction_request(work, application_id))
