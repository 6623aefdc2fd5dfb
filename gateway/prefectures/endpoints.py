"""Consents to assist over HTTP: the municipality's own, and those that an office was given."""

from uuid import UUID

from foundation.web import CurrentWork, CursorText, Limit, Listing, OfficeRouter
from gateway.assistance import acts
from gateway.assistance.problems import (
    AssistanceConsentNotFound,
    AssistanceConsentStateConflict,
    AssistanceNeedsSecondPerson,
)

from . import service
from .schemas import AssistanceOfferRead, AssistancePropose, AssistanceRead

consents = OfficeRouter(prefix="/assistance-consents", tags=["assistance"])
offers = OfficeRouter(prefix="/assistance-offers", tags=["assistance"])


@consents.post(
    "",
    permission=acts.PROPOSE,
    status_code=201,
    summary="他の団体の職員による支援への同意を起案する",
)
async def propose_assistance_consent(work: CurrentWork, body: AssistancePropose) -> AssistanceRead:
    """Propose that another office may act here, as what, why, and until when."""
    return AssistanceRead.of(await service.propose(work, body.terms()))


@consents.get("", permission=acts.READ, summary="支援への同意の一覧を見る")
async def list_assistance_consents(
    work: CurrentWork, limit: Limit = 50, cursor: CursorText = None
) -> Listing[AssistanceRead]:
    """List what was ever consented to, the last proposed first."""
    page = await service.listed(work, cursor=cursor, limit=limit)
    return Listing[AssistanceRead](
        items=[AssistanceRead.of(consent) for consent in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


@consents.get(
    "/{consent_id}",
    permission=acts.READ,
    problems=[AssistanceConsentNotFound],
    summary="支援への同意を見る",
)
async def read_assistance_consent(work: CurrentWork, consent_id: UUID) -> AssistanceRead:
    """Read one consent: its terms, and who proposed, confirmed and withdrew it."""
    return AssistanceRead.of(await service.read(work, consent_id))


@consents.post(
    "/{consent_id}/confirmation",
    permission=acts.CONFIRM,
    problems=[
        AssistanceConsentNotFound,
        AssistanceNeedsSecondPerson,
        AssistanceConsentStateConflict,
    ],
    summary="支援への同意を別の管理者が確定する",
)
async def confirm_assistance_consent(work: CurrentWork, consent_id: UUID) -> AssistanceRead:
    """Confirm what another administrator proposed."""
    return AssistanceRead.of(await service.confirm(work, consent_id))


@consents.post(
    "/{consent_id}/withdrawal",
    permission=acts.WITHDRAW,
    problems=[AssistanceConsentNotFound, AssistanceConsentStateConflict],
    summary="支援への同意を撤回する(1秒以内に無効)",
)
async def withdraw_assistance_consent(work: CurrentWork, consent_id: UUID) -> AssistanceRead:
    """Take a consent back; who acts on it is refused everywhere within a second."""
    return AssistanceRead.of(await service.withdraw(work, consent_id))


@offers.get("", permission=acts.READ_OFFERS, summary="自分の団体が支援できる自治体を見る")
async def list_assistance_offers(
    work: CurrentWork, limit: Limit = 50, cursor: CursorText = None
) -> Listing[AssistanceOfferRead]:
    """List where officials of the caller's own office may act, today or later."""
    page = await service.offered(work, cursor=cursor, limit=limit)
    return Listing[AssistanceOfferRead](
        items=[AssistanceOfferRead.of(offer) for offer in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )
