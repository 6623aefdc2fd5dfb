"""What the section does with a confirmed application: grant it, refuse it, or send it back."""

from uuid import UUID

from foundation import clock
from foundation.identifiers import new_id
from foundation.work import Work
from services.benefits.applications.domain import (
    Application,
    ApplicationState,
    IllegalTransition,
)
from services.benefits.applications.problems import ApplicationNotFound, ApplicationStateConflict
from services.benefits.applications.repository import Applications
from services.benefits.applications.service import CaseFile, read_case

from .domain import STATE_AFTER, CorrectionRequest, Decision, DecisionId, Outcome
from .events import ApplicationGranted, ApplicationRefused, ApplicationReturned
from .problems import CorrectionNotAsked, DecisionNotFound
from .repository import Decisions


async def decide(work: Work, application_id: UUID, *, outcome: Outcome, reason: str) -> Decision:
    """Grant or refuse a confirmed application.

    Raises:
        ApplicationNotFound: 404.
        ApplicationStateConflict: not confirmed by the household, or decided before (409).
    """
    application = await _to_change(work, application_id, to=STATE_AFTER[outcome])
    decision = Decision(
        id=DecisionId(new_id()),
        application_id=application.id,
        outcome=outcome,
        reason=reason,
        decided_by=work.principal.subject,
        decided_at=clock.now(),
    )
    await Decisions(work.tx).add(decision, of=application)
    await Applications(work.tx).keep(application, at=decision.decided_at)
    await work.record(
        "benefits.application.decide",
        subjects=application.offer.member_ids,
        obj=str(application.id),
        detail={"outcome": str(outcome)},
    )
    match outcome:
        case Outcome.GRANTED:
            event = ApplicationGranted(
                subject_id=application.id,
                programme_id=application.programme_id,
                amount_yen=application.offer.amount_yen,
            )
        case Outcome.REFUSED:
            event = ApplicationRefused(
                subject_id=application.id, programme_id=application.programme_id
            )
    await work.emit(event)
    return decision


async def send_back(work: Work, application_id: UUID, *, reason: str) -> CaseFile:
    """Ask the household to correct its answer; it may do so after the period, too.

    Raises:
        ApplicationNotFound: 404.
        ApplicationStateConflict: not confirmed by the household, or decided before (409).
    """
    application = await _to_change(work, application_id, to=ApplicationState.RETURNED)
    now = clock.now()
    await Decisions(work.tx).ask_for_correction(
        new_id(), of=application, reason=reason, by=work.principal.subject, at=now
    )
    await Applications(work.tx).keep(application, at=now)
    await work.record(
        "benefits.application.return",
        subjects=application.offer.member_ids,
        obj=str(application.id),
    )
    await work.emit(
        ApplicationReturned(subject_id=application.id, programme_id=application.programme_id)
    )
    return await read_case(work, application_id)


async def read_decision(work: Work, application_id: UUID) -> Decision:
    """Return the decision on an application the caller may see.

    Raises:
        ApplicationNotFound: another household's, or nowhere (404).
        ResidentNotBound: 403.
        DecisionNotFound: nothing is decided yet (404).
    """
    file = await read_case(work, application_id)
    application = file.case.application
    decision = await Decisions(work.tx).of(
        application.id,
        programme_id=application.programme_id,
        household_id=application.household_id,
    )
    if decision is None:
        raise DecisionNotFound
    return decision


async def read_correction_request(work: Work, application_id: UUID) -> CorrectionRequest:
    """Return what the section last asked to correct on an application the caller may see.

    Raises:
        ApplicationNotFound: another household's, or nowhere (404).
        ResidentNotBound: 403.
        CorrectionNotAsked: it was never sent back (404).
    """
    file = await read_case(work, application_id)
    asked = await Decisions(work.tx).last_correction_request(file.case.application)
    if asked is None:
        raise CorrectionNotAsked
    return asked


async def _to_change(work: Work, application_id: UUID, *, to: ApplicationState) -> Application:
    application = await Applications(work.tx).get_for_change(application_id)
    if application is None:
        raise ApplicationNotFound
    if application.state is to:  # a state may follow itself for a corrected account only
        raise ApplicationStateConflict(state=str(to))
    try:
        return application.to(to)
    except IllegalTransition as wrong:
        raise ApplicationStateConflict(state=str(wrong.current)) from wrong
