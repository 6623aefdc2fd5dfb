"""Signatures over HTTP, to whoever was asked to sign and to auditors."""

from dataclasses import dataclass
from typing import Annotated, Protocol, cast
from uuid import UUID

from fastapi import Depends, Request

from foundation.identity.jpki import Trust, TrustSettings
from foundation.web import PROSE_BODY_BYTES, CurrentWork, OfficeRouter
from gateway import permissions

from . import service
from .problems import EvidenceNotKept, ReturnAddressUnknown, SignatureNotFound
from .schemas import SignatureRead, SignatureRequest, SignatureRequested, VerificationRead

router = OfficeRouter(prefix="/signatures", tags=["signatures"])


class _Settings(Protocol):
    """What of the office's settings is asked for here."""

    issuer: str
    jpki: TrustSettings | None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the house is reached, and the authorities that are believed in it."""

    settings: _Settings

    @property
    def trust(self) -> Trust | None:
        """The authorities, read when they are needed; None where none is named or there yet."""
        jpki = self.settings.jpki
        try:
            return Trust.load(jpki) if jpki is not None else None
        except FileNotFoundError:
            return None


def surroundings(request: Request) -> Surroundings:
    """Return the office's surroundings."""
    return Surroundings(cast("_Settings", request.app.state.office.settings))


Around = Annotated[Surroundings, Depends(surroundings)]


@router.post(
    "",
    permission=permissions.REQUEST_SIGNATURE,
    problems=[ReturnAddressUnknown],
    max_body_bytes=PROSE_BODY_BYTES,
    status_code=201,
    summary="文書への電子署名を求める",
)
async def request_signature(
    work: CurrentWork, around: Around, body: SignatureRequest
) -> SignatureRequested:
    """Ask the person who is signed in to sign a document; the answer says where to go for it."""
    return await service.request(work, body, issuer=around.settings.issuer)


@router.get(
    "/{signature_id}",
    permission=permissions.READ_SIGNATURE,
    problems=[SignatureNotFound],
    summary="自分の電子署名の状況を見る",
)
async def read_signature(work: CurrentWork, signature_id: UUID) -> SignatureRead:
    """Read one's own signature and whether it was believed."""
    return await service.read(work, signature_id)


@router.post(
    "/{signature_id}/verification",
    permission=permissions.VERIFY_SIGNATURE,
    problems=[SignatureNotFound, EvidenceNotKept],
    status_code=200,
    summary="保存した証拠で電子署名をもう一度検証する",
)
async def verify_signature(
    work: CurrentWork, signature_id: UUID, around: Around
) -> VerificationRead:
    """Judge a signature again, as of when it was made, from the evidence alone."""
    return await service.verify_again(work, signature_id, around.trust)
