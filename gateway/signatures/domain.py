"""What a signature is, how it may change, and what it means that the card's holder differs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType
from uuid import UUID

SignatureId = NewType("SignatureId", UUID)

LIFETIME = timedelta(minutes=30)
"""How long somebody may take from being asked to having signed."""


class SignatureState(StrEnum):
    """From the request to the judgement; each word is a fact that has happened."""

    REQUESTED = "requested"
    SENT = "sent"
    SIGNED = "signed"
    VERIFIED = "verified"
    REFUSED = "refused"
    EXPIRED = "expired"


_S = SignatureState
TRANSITIONS: Mapping[SignatureState, frozenset[SignatureState]] = {
    _S.REQUESTED: frozenset({_S.SENT, _S.EXPIRED}),
    _S.SENT: frozenset({_S.SENT, _S.SIGNED, _S.REFUSED, _S.EXPIRED}),
    _S.SIGNED: frozenset({_S.VERIFIED, _S.REFUSED}),
    _S.VERIFIED: frozenset(),
    _S.REFUSED: frozenset(),
    _S.EXPIRED: frozenset(),
}
"""What may follow what. SENT may follow itself: a browser that was closed may be opened again.

A signature that was made never expires: it waits until its authority can be asked.
"""

OPEN = frozenset({_S.REQUESTED, _S.SENT})
"""States in which the person has yet to sign."""


class RefusalReason(StrEnum):
    """Why a signature was refused before its certificate was looked at, or in spite of it."""

    GIVEN_UP = "given_up"
    ANOTHER_PERSON = "signed_by_another_person"
    ANOTHER_DOCUMENT = "another_document"
    ANOTHER_RESIDENT = "holder_is_another_resident"
    UNREADABLE = "result_unreadable"


class HolderMatch(StrEnum):
    """How the four attributes of the certificate stand to the signer's record in the register."""

    EXACT = "exact"
    NORMALISED = "normalised"
    SUBSTITUTES = "substitutes"
    """They differ, and the card says itself that some of its characters stand for others."""
    DIFFERS = "differs"
    NOT_COMPARED = "not_compared"


class IllegalTransition(ValueError):
    """The signature cannot go from where it stands to where it was sent."""

    def __init__(self, current: SignatureState, wanted: SignatureState) -> None:
        super().__init__(f"{current} does not lead to {wanted}.")
        self.current = current
        self.wanted = wanted


class AnotherResident(Exception):
    """The register knows the holder, as somebody else than the one who is signed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One document that one person is asked to sign.

    `person` is who is signed in, by the name that holds within the municipality; `resident_id` is
    the record they act for, their own unless `for_another`.
    """

    id: SignatureId
    state: SignatureState
    purpose: str
    document_digest: bytes
    person: str = field(repr=False)
    subject: str
    client_id: str
    resident_id: UUID | None
    for_another: bool
    return_to: str
    client_state: str | None
    requested_at: datetime
    expires_at: datetime
    issuer: str | None = None
    issuer_client_id: str | None = None
    sign_transaction_id: UUID | None = None
    sent_at: datetime | None = None
    signed_at: datetime | None = None
    decided_at: datetime | None = None
    refusal: str | None = None
    holder_match: HolderMatch | None = None
    version: int = 1

    def is_over(self, now: datetime) -> bool:
        """Whether it was never signed and its time has passed."""
        return self.state in OPEN and now >= self.expires_at

    def sent(self, *, issuer: str, client_id: str, transaction: UUID, at: datetime) -> "Signature":
        """Return it on its way to a provider; sent again, the earlier way is forgotten."""
        return replace(
            self._to(SignatureState.SENT),
            issuer=issuer,
            issuer_client_id=client_id,
            sign_transaction_id=transaction,
            sent_at=at,
        )

    def signed(self, at: datetime) -> "Signature":
        return replace(self._to(SignatureState.SIGNED), signed_at=at)

    def verified(self, match: HolderMatch, at: datetime) -> "Signature":
        return replace(self._to(SignatureState.VERIFIED), holder_match=match, decided_at=at)

    def refused(self, reason: str, at: datetime) -> "Signature":
        return replace(self._to(SignatureState.REFUSED), refusal=reason, decided_at=at)

    def expired(self, at: datetime) -> "Signature":
        return replace(self._to(SignatureState.EXPIRED), decided_at=at)

    def _to(self, state: SignatureState) -> "Signature":
        """Return it in its next state, one version on.

        Raises:
            IllegalTransition: the table does not lead there.
        """
        if state not in TRANSITIONS[self.state]:
            raise IllegalTransition(self.state, state)
        return replace(self, state=state, version=self.version + 1)


def compared(
    signer: UUID | None, found: tuple[UUID, str] | None, *, has_substitutes: bool
) -> HolderMatch:
    """Say how the certificate's holder stands to the signer's record.

    A difference is noted and never refuses by itself: the card writes some characters in another
    way than the register does, and a name may have changed this morning. But a holder whom the
    register knows as somebody else did not sign for this person.

    Args:
        signer: the signer's own record, None while they are bound to none.
        found: the record that fits the holder, and how it fits; None when there is none.
        has_substitutes: whether the certificate marks substitute characters.

    Raises:
        AnotherResident: the holder fits another record than the signer's.
    """
    if signer is None:
        return HolderMatch.NOT_COMPARED
    if found is None:
        return HolderMatch.SUBSTITUTES if has_substitutes else HolderMatch.DIFFERS
    record, grade = found
    if record != signer:
        raise AnotherResident
    return HolderMatch.EXACT if grade == HolderMatch.EXACT else HolderMatch.NORMALISED
