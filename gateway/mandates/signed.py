"""Whether a card's signature stands under exactly the mandate that it is sent with."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from foundation import clock
from foundation.encryption import Field
from foundation.parameters import MANDATE_SIGNATURE
from foundation.work import Work
from gateway.bindings.domain import read_code
from gateway.own import own_session
from gateway.parameters.repository import PARAMETERS
from gateway.representations import acts
from gateway.signatures import repository as signatures
from gateway.signatures.domain import Signature, SignatureState
from gateway.signatures.problems import SignatureNotFound
from gateway.tenants import MunicipalityNotFound, municipality_of

from .document import Document, Mandate, document_of
from .problems import MandateSignatureRefused
from .recording import Holder, Recording

PURPOSE: Final = acts.REQUEST.action
"""What a signature under a mandate is asked for as, and good for nothing else."""

_HOLDER = Field("platform.representations.holder_tag")


async def written(work: Work, recording: Recording, holder: Holder, *, code: str) -> Document:
    """Return a mandate as it is signed.

    Raises:
        MunicipalityNotFound: the municipality took its leave meanwhile.
        ValueError: the holder was not named by a code, or the mandate has no end.
    """
    place = await municipality_of(work.tx, work.tenancy)
    if place is None:
        raise MunicipalityNotFound
    shown, ends_on = read_code(code), recording.proposal.ends_on
    if holder.person is None or shown is None or ends_on is None:
        raise ValueError("A mandate names who showed a code, and its last day.")
    return document_of(
        Mandate(
            municipality_code=str(work.tenancy.code),
            municipality_name=place.name,
            represented_id=recording.represented_id,
            holder_code=shown,
            holder_tag=work.cipher.blind_index(holder.person, field=_HOLDER),
            relationship=recording.relationship,
            proposal=recording.proposal,
            ends_on=ends_on,
        )
    )


async def require_signature(
    work: Work, signature_id: UUID, *, document: Document, represented_id: UUID
) -> None:
    """Insist that a signature is the represented person's own, and over exactly this mandate.

    What they read when they signed must have been this mandate's sentence, too: the digest is for
    machines.

    Raises:
        SignatureNotFound: there is none, or it is another person's.
        MandateSignatureRefused: it is theirs and does not serve here.
    """
    person = (await own_session(work)).person
    found = await signatures.find(work.tx, signature_id)
    if found is None or found[0].person != person:
        raise SignatureNotFound
    signature, sealed = found
    statement = work.cipher.decrypt(sealed, field=signatures.STATEMENT, row_id=signature.id)
    covers = signature.document_digest == document.digest and statement == document.statement
    is_own = signature.resident_id == represented_id and not signature.for_another
    freshness = await PARAMETERS.lasting(work.tx, MANDATE_SIGNATURE)
    if not (covers and is_own and _serves(signature, freshness)):
        raise MandateSignatureRefused.given()


def _serves(signature: Signature, freshness: timedelta) -> bool:
    """Tell whether it holds, was made for a mandate, and lately."""
    if signature.state is not SignatureState.VERIFIED or signature.signed_at is None:
        return False
    return signature.purpose == PURPOSE and clock.now() - signature.signed_at <= freshness
