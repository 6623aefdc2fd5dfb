"""A certification authority for development: it issues, lists what it withdrew, and answers OCSP.

Two of them stand in for the two real ones, since a certificate for signing in and a certificate
for signing documents come from different authorities and must never pass for each other.
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID, ObjectIdentifier

from infra.identity.clock import Clock
from infra.identity.stores import kept_secret, write_private

from .keys import new_rsa_key, private_bytes, read_private
from .ledger import Ledger, Revocation
from .profile import Holder, Kind, key_usage

LIST_LIFETIME = timedelta(hours=24)
_AUTHORITY_PAST = timedelta(days=365 * 10)
_AUTHORITY_FUTURE = timedelta(days=365 * 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a certificate shall say; a `policy` not the authority's own exists to be refused."""

    common_name: str
    policy: ObjectIdentifier
    not_before: datetime
    not_after: datetime
    holder: Holder | None = None


class Authority:
    """One root with its key in a private file, made on first use so that start-up stays fast."""

    def __init__(self, kind: Kind, *, directory: Path, address: str, clock: Clock) -> None:
        self.kind = kind
        self.clock = clock
        self._directory = directory
        self._address = address
        self._lock = threading.Lock()

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self._directory / "ledger.json")

    @property
    def key(self) -> RSAPrivateKey:
        return self._material[0]

    @property
    def certificate(self) -> x509.Certificate:
        return self._material[1]

    @cached_property
    def _material(self) -> tuple[RSAPrivateKey, x509.Certificate]:
        # Requests arrive on several threads; two of them must not make two different roots.
        with self._lock:
            stored = kept_secret(self._directory / "key.pem", lambda: private_bytes(new_rsa_key()))
            key = read_private(stored)
            path = self._directory / "certificate.pem"
            if not path.exists():
                write_private(path, _pem(self._self_signed(key)))
            return key, x509.load_pem_x509_certificate(path.read_bytes())

    def _self_signed(self, key: RSAPrivateKey) -> x509.Certificate:
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(self.kind.issuer)
            .issuer_name(self.kind.issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.clock() - _AUTHORITY_PAST)
            .not_valid_after(self.clock() + _AUTHORITY_FUTURE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(key_usage(authority=True), critical=True)
            .add_extension(identifier, critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier),
                critical=False,
            )
            .sign(key, hashes.SHA256())
        )

    def issue(self, order: Order, public_key: RSAPublicKey) -> x509.Certificate:
        """RFC 5280 §4.2: every extension a JPKI verifier looks at, the policy marked critical."""
        serial = x509.random_serial_number()
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
                x509.NameAttribute(NameOID.COMMON_NAME, order.common_name),
            ]
        )
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.kind.issuer)
            .public_key(public_key)
            .serial_number(serial)
            .not_valid_before(order.not_before)
            .not_valid_after(order.not_after)
        )
        for extension, critical in self._extensions(order, public_key):
            builder = builder.add_extension(extension, critical=critical)
        certificate = builder.sign(self.key, hashes.SHA256())
        self.ledger.issue(serial)
        return certificate

    def _extensions(
        self, order: Order, public_key: RSAPublicKey
    ) -> list[tuple[x509.ExtensionType, bool]]:
        point = x509.DistributionPoint(
            full_name=[x509.UniformResourceIdentifier(f"{self._address}/list.crl")],
            relative_name=None,
            reasons=None,
            crl_issuer=None,
        )
        responder = x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP,
            x509.UniformResourceIdentifier(f"{self._address}/ocsp"),
        )
        issuer = self.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        extensions: list[tuple[x509.ExtensionType, bool]] = [
            (self.kind.key_usage, True),
            (x509.CertificatePolicies([x509.PolicyInformation(order.policy, None)]), True),
            (x509.CRLDistributionPoints([point]), False),
            (x509.AuthorityInformationAccess([responder]), False),
            (
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer.value),
                False,
            ),
            (x509.SubjectKeyIdentifier.from_public_key(public_key), False),
        ]
        if order.holder is not None:
            extensions.append((order.holder.subject_alternative_name(), False))
        return extensions

    def revoke(self, certificate: x509.Certificate, reason: x509.ReasonFlags) -> None:
        at = self.clock().replace(microsecond=0)
        self.ledger.revoke(certificate.serial_number, Revocation(at, reason))


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
