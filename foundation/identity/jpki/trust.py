"""Which authorities are believed, for which certificates, and where they say what they withdrew.

All of it is configured. Nothing is taken from the certificate itself: whoever forges one would
choose whom we believe and where we ask.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ObjectIdentifier
from pydantic import BaseModel, ConfigDict

SIGNING_POLICY = ObjectIdentifier("1.2.392.200149.8.5.1.1.20")
AUTHENTICATION_POLICY = ObjectIdentifier("1.2.392.200149.8.5.1.3.30")
TEST_SIGNING_POLICY = ObjectIdentifier("1.2.392.200149.8.5.1.0.20")
MINIMUM_RSA_BITS = 2048


class RootSettings(BaseModel):
    """One authority: its certificate as a file, and where its list and its responder answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    certificate: Path
    crl: str
    ocsp: str


class TrustSettings(BaseModel):
    """The authorities of signing certificates; test cards are believed only where it says so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    roots: tuple[RootSettings, ...]
    test_cards: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """One authority that is believed."""

    certificate: x509.Certificate
    crl: str
    ocsp: str

    @property
    def key(self) -> RSAPublicKey:
        """The authority's key.

        Raises:
            ValueError: it is not RSA of 2048 bits or more; such an authority is configured wrongly.
        """
        key = self.certificate.public_key()
        if not isinstance(key, RSAPublicKey) or key.key_size < MINIMUM_RSA_BITS:
            raise ValueError("An authority signs with RSA of at least 2048 bits.")
        return key

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as authorities print it."""
        return self.certificate.fingerprint(SHA256()).hex(":").upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whom we believe about signatures."""

    roots: Sequence[Root]
    test_cards: bool = False

    @classmethod
    def load(cls, settings: TrustSettings) -> Self:
        """Read the configured certificates, PEM or DER.

        Raises:
            OSError, ValueError: a file is missing, or holds no certificate of an authority.
        """
        roots = [
            Root(certificate=_read(one.certificate), crl=one.crl, ocsp=one.ocsp)
            for one in settings.roots
        ]
        if not all(root.key for root in roots):
            raise ValueError("An authority without a key.")
        return cls(roots=tuple(roots), test_cards=settings.test_cards)

    @property
    def signing_policies(self) -> frozenset[ObjectIdentifier]:
        return frozenset({SIGNING_POLICY, *([TEST_SIGNING_POLICY] if self.test_cards else [])})

    def issuers_of(self, certificate: x509.Certificate) -> list[Root]:
        """Return the roots of the certificate's issuer's name; an authority may renew its key."""
        return [root for root in self.roots if root.certificate.subject == certificate.issuer]


def _read(path: Path) -> x509.Certificate:
    content = path.read_bytes()
    try:
        if content.startswith(b"-----"):
            return x509.load_pem_x509_certificate(content)
        return x509.load_der_x509_certificate(content)
    except ValueError as error:
        raise ValueError(f"{path.name} holds no certificate.") from error
