"""Judging a signature that was made, and keeping what it was judged by."""

import asyncio
import logging
from uuid import UUID

from foundation import clock
from foundation.database import Transaction
from foundation.encryption import Cipher
from foundation.events import Event, Outbox
from foundation.identity.jpki import (
    CardHolder,
    Evidence,
    Presented,
    RevocationUnavailable,
    SignatureRefused,
    SignedDocument,
    Verified,
    verify,
)
from gateway import trail
from gateway.bindings.matching import CardFace, RegisterUnavailable
from gateway.state import GatewayState
from gateway.tenants import Municipality

from . import events, repository
from .domain import AnotherResident, HolderMatch, RefusalReason, Signature, compared
from .problems import SigningUnavailable

_log = logging.getLogger(__name__)

VERIFIED = "platform.signature.verified"
REFUSED = "platform.signature.refused"


async def judge(
    door: GatewayState, place: Municipality, signature: Signature, presented: Presented
) -> Signature:
    """Judge what the card gave; while the authority does not answer, nothing is decided.

    Nobody waits for the authority with a transaction open.
    """
    room = door.signing
    if room is None or signature.signed_at is None:
        raise SigningUnavailable
    document = SignedDocument(
        digest=signature.document_digest,
        signature=presented.signature,
        certificate=presented.certificate,
        signed_at=signature.signed_at,
    )
    try:
        authorities = room.authorities()
        evidence = Evidence(document=document, revocations=await authorities.ask(document))
        # A list may name a million certificates: nobody else waits while it is looked through.
        verified = await asyncio.to_thread(verify, evidence, authorities.trust)
        match = await _compared(door, place, signature, verified.holder)
    except RevocationUnavailable as error:
        _log.warning("an authority does not answer: %s", error)
        return signature
    except SignatureRefused as refused:
        return await refuse(door, place, signature, str(refused.refusal))
    except AnotherResident:
        return await refuse(door, place, signature, RefusalReason.ANOTHER_RESIDENT)
    return await _proved(door, place, signature.verified(match, clock.now()), (evidence, verified))


async def refuse(
    door: GatewayState, place: Municipality, signature: Signature, reason: str
) -> Signature:
    """Write down that a signature is not believed, and why."""
    refused = signature.refused(str(reason), clock.now())
    async with door.database.transaction(place.tenancy) as work:
        if not await _is_unchanged(work, signature):
            return signature
        await repository.save(work, refused)
        await _announced(
            work,
            refused,
            events.SignatureRefused(
                subject_id=refused.id, purpose=refused.purpose, refusal=str(reason)
            ),
            {"purpose": refused.purpose, "refusal": str(reason)},
        )
    return refused


async def _proved(
    door: GatewayState,
    place: Municipality,
    signature: Signature,
    found: tuple[Evidence, Verified],
) -> Signature:
    """Keep evidence, audit entry and event in one transaction."""
    async with door.database.transaction(place.tenancy) as work:
        current = await repository.locked(work, signature.id)
        if current is None or current.version + 1 != signature.version:
            # Two windows brought the same signature: the first judgement stands.
            return current or signature
        await _keep(work, signature, found, door.keyring.cipher(place.tenancy.tenant_id))
        match = str(signature.holder_match)
        event = events.SignatureVerified(
            subject_id=signature.id, purpose=signature.purpose, holder_match=match
        )
        # Sealed with the trail: evidence that is exchanged later is found out.
        detail = {"holder_match": match, "evidence_sha256": found[0].fingerprint}
        await _announced(work, signature, event, {"purpose": signature.purpose, **detail})
    return signature


async def _keep(
    work: Transaction, signature: Signature, found: tuple[Evidence, Verified], cipher: Cipher
) -> None:
    evidence, verified = found
    await repository.keep_list(
        work,
        sha256=evidence.crl_fingerprint,
        content=evidence.revocations.crl,
        at=evidence.revocations.at,
    )
    sealed = cipher.encrypt(evidence.as_text(), field=repository.EVIDENCE, row_id=signature.id)
    await repository.prove(
        work,
        signature,
        evidence={
            "evidence_sealed": sealed,
            "evidence_sha256": bytes.fromhex(evidence.fingerprint),
            "crl_sha256": evidence.crl_fingerprint,
            "report": verified.report.as_json(),
        },
    )


async def _is_unchanged(work: Transaction, signature: Signature) -> bool:
    current = await repository.locked(work, signature.id)
    return current is not None and current.version == signature.version


async def _announced(
    work: Transaction, signature: Signature, event: Event, detail: dict[str, str | int | bool]
) -> None:
    await Outbox(trail.SERVICE).append(work, event)
    action = VERIFIED if isinstance(event, events.SignatureVerified) else REFUSED
    await trail.note_session(
        work,
        ("resident", signature.subject, signature.client_id),
        action,
        subjects=[signature.resident_id] if signature.resident_id else [],
        detail={"signature": str(signature.id), **detail},
    )


async def _compared(
    door: GatewayState, place: Municipality, signature: Signature, holder: CardHolder
) -> HolderMatch:
    """Hold the certificate's attributes against the register; they pass through, and are not kept.

    Who acts for another signs with their own card, which says nothing about the other's record.
    """
    signer = None if signature.for_another else signature.resident_id
    if signer is None or holder.birth_on is None:
        return HolderMatch.NOT_COMPARED
    face = CardFace(
        name=holder.name.text,
        birth_on=holder.birth_on,
        gender=holder.gender,
        address=holder.address.text,
    )
    try:
        match = await door.matcher.match(place.tenancy, face)
    except RegisterUnavailable as error:
        _log.warning("the register could not be asked: %s", error)
        return HolderMatch.NOT_COMPARED
    found: tuple[UUID, str] | None = (match.resident_id, match.grade) if match else None
    return compared(signer, found, has_substitutes=holder.has_substitutes)
