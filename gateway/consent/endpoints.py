"""Consents over HTTP, at the platform's office: seen and taken back by those who gave them."""

from uuid import UUID

from foundation.web import CurrentWork, Listing, OfficeRouter
from gateway import permissions

from . import service
from .problems import ConsentNotFound
from .schemas import ConsentRead, ConsentWithdrawn

router = OfficeRouter(prefix="/consents", tags=["consents"])

_WITHIN_SECONDS = 1


@router.get(
    "",
    permission=permissions.READ_OWN_CONSENTS,
    summary="自分がアプリに与えた許可の一覧を見る",
)
async def list_consents(work: CurrentWork) -> Listing[ConsentRead]:
    """List what the caller lets applications do, in the words they were asked in."""
    found = await service.own_consents(work)
    return Listing[ConsentRead](items=[ConsentRead.of(one, name) for one, name in found])


@router.delete(
    "/{consent_id}",
    permission=permissions.WITHDRAW_OWN_CONSENT,
    problems=[ConsentNotFound],
    summary="アプリに与えた許可を取り消す",
)
async def withdraw_consent(work: CurrentWork, consent_id: UUID) -> ConsentWithdrawn:
    """Take a consent back; the application's sign-ins of the caller end with it."""
    ended = await service.withdraw(work, consent_id)
    return ConsentWithdrawn(
        id=consent_id, sessions_ended=ended, effective_within_seconds=_WITHIN_SECONDS
    )
