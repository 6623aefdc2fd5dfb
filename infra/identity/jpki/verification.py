"""The provider's side of a card: is this signature from a certificate that counts today?

Path validation alone is not enough (measured: it admits a 1024-bit key and knows no CRL), so each
question a verifier must ask is asked here by name, and the first "no" ends it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import verification
from cryptography.x509.oid import ObjectIdentifier

from .keys import verify
from .profile import MINIMUM_RSA_BITS

_SKEW = timedelta(seconds=60)


class Fault(StrEnum):
    """Why a certificate was not accepted."""

    UNREADABLE = "unreadable"
    WEAK_KEY = "weak_key"
    WRONG_POLICY = "wrong_policy"
    EXPIRED = "expired"
    UNTRUSTED = "untrusted"
    REVOKED = "revoked"
    NO_REVOCATION_DATA = "no_revocation_data"
    BAD_SIGNATURE = "bad_signature"


class CertificateRefused(Exception):
    """The card does not prove anything; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class CertificateVerifier:
    """Accepts leaf certificates of one root and one policy, against that root's current CRL.

    Args:
        root: the one trust anchor.
        policy: the one certificate policy that counts (signing in and signing documents differ).
        revocations: gives the current CRL, DER; an unusable one refuses everybody.
    """

    def __init__(
        self, root: x509.Certificate, policy: ObjectIdentifier, revocations: Callable[[], bytes]
    ) -> None:
        self._root = root
        self._policy = policy
        self._revocations = revocations

    def verify(
        self, certificate_der: bytes, *, message: bytes, signature: bytes, at: datetime
    ) -> x509.Certificate:
        """The certificate, once everything about it and the signature holds.

        Raises:
            CertificateRefused: with the first fault found.
        """
        certificate = self.accept(certificate_der, at=at)
        try:
            verify(_strong_key(certificate), message, signature)
        except InvalidSignature:
            raise CertificateRefused(Fault.BAD_SIGNATURE) from None
        return certificate

    def accept(self, certificate_der: bytes, *, at: datetime) -> x509.Certificate:
        """The certificate, once everything about it holds; no signature of it is looked at.

        Raises:
            CertificateRefused: with the first fault found.
        """
        certificate = _read(certificate_der)
        _strong_key(certificate)
        self._check_policy(certificate)
        if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
            raise CertificateRefused(Fault.EXPIRED)
        self._check_path(certificate, at)
        self._check_revocation(certificate, at)
        return certificate

    def _check_policy(self, certificate: x509.Certificate) -> None:
        try:
            policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies)
        except x509.ExtensionNotFound:
            raise CertificateRefused(Fault.WRONG_POLICY) from None
        if [found.policy_identifier for found in policies.value] != [self._policy]:
            raise CertificateRefused(Fault.WRONG_POLICY)

    def _check_path(self, certificate: x509.Certificate, at: datetime) -> None:
        """RFC 5280 §6.

        The stock client policy refuses critical certificatePolicies; ours admits exactly that
        extension, whose content has been checked before.
        """
        leaf = (
            verification.ExtensionPolicy.permit_all()
            .require_present(x509.KeyUsage, verification.Criticality.CRITICAL, _may_sign)
            .require_present(x509.CertificatePolicies, verification.Criticality.CRITICAL, None)
        )
        verifier = (
            verification.PolicyBuilder()
            .store(verification.Store([self._root]))
            .time(at)
            .max_chain_depth(1)
            .extension_policies(
                ca_policy=verification.ExtensionPolicy.webpki_defaults_ca(), ee_policy=leaf
            )
            .build_client_verifier()
        )
        try:
            verifier.verify(certificate, [])
        except verification.VerificationError:
            raise CertificateRefused(Fault.UNTRUSTED) from None

    def _check_revocation(self, certificate: x509.Certificate, at: datetime) -> None:
        """RFC 5280 §6.3: the root's own list, signed by it and in force; else nobody passes."""
        try:
            revocations = x509.load_der_x509_crl(self._revocations())
        except ValueError:
            raise CertificateRefused(Fault.NO_REVOCATION_DATA) from None
        if not self._is_current(revocations, at):
            raise CertificateRefused(Fault.NO_REVOCATION_DATA)
        found = revocations.get_revoked_certificate_by_serial_number(certificate.serial_number)
        if found is not None:
            raise CertificateRefused(Fault.REVOKED)

    def _is_current(self, revocations: x509.CertificateRevocationList, at: datetime) -> bool:
        key = self._root.public_key()
        until = revocations.next_update_utc
        return (
            isinstance(key, RSAPublicKey)
            and revocations.issuer == self._root.subject
            and revocations.is_signature_valid(key)
            and revocations.last_update_utc <= at + _SKEW
            and until is not None
            and at < until
        )


def _read(certificate_der: bytes) -> x509.Certificate:
    try:
        certificate = x509.load_der_x509_certificate(certificate_der)
        # Extensions are parsed on demand; a certificate with broken ones must fail here.
        _ = certificate.extensions
    except ValueError:
        raise CertificateRefused(Fault.UNREADABLE) from None
    return certificate


def _strong_key(certificate: x509.Certificate) -> RSAPublicKey:
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < MINIMUM_RSA_BITS:
        raise CertificateRefused(Fault.WEAK_KEY)
    return key


def _may_sign(
    _policy: verification.Policy, _certificate: x509.Certificate, usage: x509.KeyUsage
) -> None:
    if not usage.digital_signature or usage.key_cert_sign:
        raise ValueError("the key is not for a person's signature")
