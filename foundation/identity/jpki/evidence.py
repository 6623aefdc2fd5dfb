"""What is kept of a signature so that anybody may judge it again, years later and offline.

The card's signature carries no time, so the instant it was made is ours: when the result reached
us. Everything is judged as of that instant; a certificate that ended or was withdrawn later was
good when it was used. What the authority said at the time is kept word for word, because it will
not say it again.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from .attributes import CardHolder, holder_of
from .crl import consult_list
from .leaf import check_certificate, key_of, read_certificate
from .ocsp import Inquiry
from .refusal import Refusal, SignatureRefused
from .trust import Trust

DIGEST_BYTES = 32
_FORM = 1
_JAPAN = timezone(timedelta(hours=9))


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedDocument:
    """What came from the card: `digest` is SHA-256 of the document, `certificate` is DER."""

    digest: bytes
    signature: bytes = field(repr=False)
    certificate: bytes = field(repr=False)
    signed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocations:
    """What the authority said when it was asked, word for word; `nonce` is what we asked with."""

    crl: bytes = field(repr=False)
    ocsp: bytes = field(repr=False)
    nonce: bytes
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A signed document with what its authority said."""

    document: SignedDocument
    revocations: Revocations

    @property
    def fingerprint(self) -> str:
        """SHA-256 over everything, for the audit trail: what is kept cannot be exchanged."""
        return hashlib.sha256(self.as_text().encode()).hexdigest()

    @property
    def crl_fingerprint(self) -> bytes:
        return hashlib.sha256(self.revocations.crl).digest()

    def as_text(self) -> str:
        """Return everything but the list itself, which many signatures share: it by its digest."""
        return json.dumps(
            {
                "form": _FORM,
                "digest": self.document.digest.hex(),
                "signature": _base64(self.document.signature),
                "certificate": _base64(self.document.certificate),
                "signed_at": self.document.signed_at.isoformat(),
                "crl_sha256": self.crl_fingerprint.hex(),
                "ocsp": _base64(self.revocations.ocsp),
                "nonce": self.revocations.nonce.hex(),
                "checked_at": self.revocations.at.isoformat(),
            },
            sort_keys=True,
            separators=(",", ":"),
        )

    @classmethod
    def from_text(cls, text: str, *, crl: bytes) -> Self:
        """Read what was kept.

        Raises:
            ValueError: it is of another form, or the list is not the one it names.
        """
        kept: Mapping[str, Any] = json.loads(text)
        if kept["form"] != _FORM or kept["crl_sha256"] != hashlib.sha256(crl).hexdigest():
            raise ValueError("The evidence is of another form, or its list is another one.")
        return cls(
            document=SignedDocument(
                digest=bytes.fromhex(kept["digest"]),
                signature=base64.b64decode(kept["signature"]),
                certificate=base64.b64decode(kept["certificate"]),
                signed_at=datetime.fromisoformat(kept["signed_at"]),
            ),
            revocations=Revocations(
                crl=crl,
                ocsp=base64.b64decode(kept["ocsp"]),
                nonce=bytes.fromhex(kept["nonce"]),
                at=datetime.fromisoformat(kept["checked_at"]),
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was looked at, for the record; nothing in it says who the person is."""

    root: str
    policy: str
    key_bits: int
    not_before: datetime
    not_after: datetime
    signed_at: datetime
    checked_at: datetime
    crl_this_update: datetime
    crl_next_update: datetime
    ocsp_this_update: datetime
    revoked_at: datetime | None
    """When the certificate was withdrawn, if that was after it signed."""

    def as_json(self) -> dict[str, str | int | None]:
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in ((one, getattr(self, one)) for one in self.__slots__)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A signature that is believed: who made it, and what was looked at."""

    holder: CardHolder
    report: Report


def verify(evidence: Evidence, trust: Trust) -> Verified:
    """Judge a signature as of when it was made. Now or in ten years, the answer is the same.

    Raises:
        SignatureRefused: with the first thing that is wrong.
    """
    document, said = evidence.document, evidence.revocations
    certificate = read_certificate(document.certificate)
    root = check_certificate(certificate, trust, at=document.signed_at)
    holder = holder_of(certificate, on=document.signed_at.astimezone(_JAPAN).date())
    listing = consult_list(said.crl, certificate, root, at=said.at)
    if _was_revoked(listing.revoked_at, document.signed_at):
        raise SignatureRefused(Refusal.REVOKED_BY_CRL)
    inquiry = Inquiry(
        certificate=certificate, root=root, nonce=said.nonce, at=said.at, revocations=said.crl
    )
    answer = inquiry.consult(said.ocsp)
    if _was_revoked(answer.revoked_at, document.signed_at):
        raise SignatureRefused(Refusal.REVOKED_BY_OCSP)
    _check_signature(document, certificate)
    report = Report(
        root=root.fingerprint,
        policy=_policy_of(certificate),
        key_bits=key_of(certificate).key_size,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        signed_at=document.signed_at,
        checked_at=said.at,
        crl_this_update=listing.this_update,
        crl_next_update=listing.next_update,
        ocsp_this_update=answer.this_update,
        revoked_at=answer.revoked_at or listing.revoked_at,
    )
    return Verified(holder=holder, report=report)


def _was_revoked(revoked_at: datetime | None, signed_at: datetime) -> bool:
    return revoked_at is not None and revoked_at <= signed_at


def _check_signature(document: SignedDocument, certificate: x509.Certificate) -> None:
    """RSASSA-PKCS1-v1_5 with SHA-256 over the digest (RFC 8017 §8.2): what the card's applet makes.

    Raises:
        SignatureRefused: made with another key, or over another document.
    """
    if len(document.digest) != DIGEST_BYTES:
        raise SignatureRefused(Refusal.BAD_SIGNATURE)
    try:
        key_of(certificate).verify(
            document.signature, document.digest, PKCS1v15(), Prehashed(hashes.SHA256())
        )
    except InvalidSignature:
        raise SignatureRefused(Refusal.BAD_SIGNATURE) from None


def _policy_of(certificate: x509.Certificate) -> str:
    policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
    return policies[0].policy_identifier.dotted_string


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
