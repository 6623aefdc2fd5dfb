"""Asking for a signature, seeing what came of it, and judging it again from what was kept."""

from uuid import UUID

from foundation import clock
from foundation.identifiers import new_id
from foundation.identity import Resident
from foundation.identity.jpki import Evidence, SignatureRefused, Trust, verify
from foundation.problems import Fault, Forbidden
from foundation.work import Work
from gateway.clients import repository as clients
from gateway.frontends.returns import origin_of
from gateway.handles import Handle
from gateway.own import own_session

from . import repository
from .domain import LIFETIME, Signature, SignatureId, SignatureState
from .problems import EvidenceNotKept, ReturnAddressUnknown, SignatureNotFound
from .schemas import SignatureRead, SignatureRequest, SignatureRequested, VerificationRead

REQUESTED = "platform.signature.request"
READ = "platform.signature.read"
VERIFIED_AGAIN = "platform.signature.verify-again"


async def request(work: Work, wanted: SignatureRequest, *, issuer: str) -> SignatureRequested:
    """Ask the caller to sign, and say where their browser goes for it.

    Raises:
        Forbidden: the caller is no resident, or their session is over.
        ReturnAddressUnknown: the browser would be sent where the client never said.
    """
    principal = work.principal
    if not isinstance(principal, Resident):
        raise Forbidden
    session = await own_session(work)
    await _check_return(work, principal.client_id, wanted.return_to)
    now, handle = clock.now(), Handle.new(work.tenancy.code)
    signature = Signature(
        id=SignatureId(new_id()),
        state=SignatureState.REQUESTED,
        purpose=wanted.purpose,
        document_digest=bytes.fromhex(wanted.document_digest),
        person=session.person,
        subject=principal.subject,
        client_id=principal.client_id,
        resident_id=principal.resident_id,
        for_another=principal.representation is not None,
        return_to=wanted.return_to,
        client_state=wanted.state,
        requested_at=now,
        expires_at=now + LIFETIME,
    )
    await repository.add(
        work.tx,
        signature,
        statement_sealed=work.cipher.encrypt(
            wanted.statement, field=repository.STATEMENT, row_id=signature.id
        ),
        handle_hash=handle.digest,
    )
    await work.record(
        REQUESTED,
        subject=principal.resident_id,
        obj=str(signature.id),
        detail={"purpose": wanted.purpose},
    )
    location = f"{issuer}/oauth/sign?request={handle.text}"
    return SignatureRequested.at(signature, statement=wanted.statement, location=location)


async def read(work: Work, signature_id: UUID) -> SignatureRead:
    """Read one's own signature; one that was never made in its time has expired.

    Raises:
        SignatureNotFound: there is none, or it is another person's.
    """
    try:
        session = await own_session(work)
    except Forbidden as forgotten:
        raise SignatureNotFound from forgotten
    found = await repository.find(work.tx, signature_id)
    if found is None or found[0].person != session.person:
        raise SignatureNotFound
    signature, sealed = found
    if signature.is_over(clock.now()):
        signature = await _expired(work, signature)
    await work.record(READ, subject=signature.resident_id, obj=str(signature.id))
    statement = work.cipher.decrypt(sealed, field=repository.STATEMENT, row_id=signature.id)
    return SignatureRead.of(signature, statement=statement)


async def verify_again(work: Work, signature_id: UUID, trust: Trust | None) -> VerificationRead:
    """Judge a signature from nothing but what was kept; no authority is asked.

    Raises:
        SignatureNotFound: there is none.
        EvidenceNotKept: it was never verified, or no authority is believed here.
    """
    found = await repository.find(work.tx, signature_id)
    if found is None:
        raise SignatureNotFound
    kept = await repository.evidence(work.tx, signature_id)
    if kept is None or trust is None:
        raise EvidenceNotKept
    sealed, fingerprint, crl = kept
    text = work.cipher.decrypt(sealed, field=repository.EVIDENCE, row_id=signature_id)
    evidence = Evidence.from_text(text, crl=crl)
    report, refusal = None, None
    try:
        report = verify(evidence, trust).report.as_json()
    except SignatureRefused as refused:
        refusal = str(refused.refusal)
    await work.record(
        VERIFIED_AGAIN,
        subject=found[0].resident_id,
        obj=str(signature_id),
        detail={"holds": refusal is None},
    )
    return VerificationRead(
        signature_id=signature_id,
        holds=refusal is None,
        refusal=refusal,
        evidence_unchanged=evidence.fingerprint == fingerprint.hex(),
        evidence_sha256=fingerprint.hex(),
        report=report,
    )


async def _check_return(work: Work, client_id: str, address: str) -> None:
    client = await clients.find(work.tx, client_id)
    if client is None or not (
        address in client.redirect_uris or origin_of(address) in client.origins
    ):
        raise ReturnAddressUnknown.of(
            [
                Fault(
                    pointer="/return_to",
                    detail="This address is not registered for the client.",
                    detail_ja="このアドレスはクライアントに登録されていません。",
                )
            ]
        )


async def _expired(work: Work, signature: Signature) -> Signature:
    current = await repository.locked(work.tx, signature.id)
    if current is None or not current.is_over(clock.now()):
        return current or signature
    expired = current.expired(clock.now())
    await repository.save(work.tx, expired)
    return expired
