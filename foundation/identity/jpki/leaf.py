"""Whether a certificate is a person's signing certificate, issued by an authority we believe.

Path validation alone is not enough (measured: it admits a 1024-bit key), and where it refuses it
does not say why. So each question is asked here by name, and the path comes last.
"""

from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import verification
from cryptography.x509.oid import ExtensionOID, SignatureAlgorithmOID

from .refusal import Refusal, SignatureRefused
from .trust import (
    AUTHENTICATION_POLICY,
    MINIMUM_RSA_BITS,
    TEST_SIGNING_POLICY,
    Root,
    Trust,
)

SOUND_ALGORITHMS = frozenset(
    {
        SignatureAlgorithmOID.RSA_WITH_SHA256,
        SignatureAlgorithmOID.RSA_WITH_SHA384,
        SignatureAlgorithmOID.RSA_WITH_SHA512,
    }
)
_UNDERSTOOD = frozenset(
    {
        ExtensionOID.KEY_USAGE,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
    }
)
"""What may be marked critical. RFC 5280 §4.2: anything else that is must be refused."""


def read_certificate(der: bytes) -> x509.Certificate:
    """Read a certificate whole: extensions are parsed on demand, and broken ones must fail here.

    Raises:
        SignatureRefused: these bytes are no certificate of version 3.
    """
    try:
        certificate = x509.load_der_x509_certificate(der)
        _ = certificate.extensions, certificate.issuer, certificate.subject
    except (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        raise SignatureRefused(Refusal.UNREADABLE) from None
    return certificate


def check_certificate(certificate: x509.Certificate, trust: Trust, *, at: datetime) -> Root:
    """Judge a certificate as of an instant and return the authority that vouches for it.

    Raises:
        SignatureRefused: with the first thing that is wrong.
    """
    _check_is_a_persons(certificate)
    key_of(certificate)
    if certificate.signature_algorithm_oid not in SOUND_ALGORITHMS:
        raise SignatureRefused(Refusal.WEAK_ALGORITHM)
    if any(one.critical and one.oid not in _UNDERSTOOD for one in certificate.extensions):
        raise SignatureRefused(Refusal.UNKNOWN_EXTENSION)
    _check_policy(certificate, trust)
    _check_usage(certificate)
    if at < certificate.not_valid_before_utc:
        raise SignatureRefused(Refusal.NOT_YET_VALID)
    if at > certificate.not_valid_after_utc:
        raise SignatureRefused(Refusal.EXPIRED)
    return _vouched_for(certificate, trust, at)


def key_of(certificate: x509.Certificate) -> RSAPublicKey:
    """Return the key: RSA and long enough, or nothing.

    Raises:
        SignatureRefused: another kind of key, or one of fewer than 2048 bits.
    """
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise SignatureRefused(Refusal.NOT_RSA) from None
    if not isinstance(key, RSAPublicKey):
        raise SignatureRefused(Refusal.NOT_RSA)
    if key.key_size < MINIMUM_RSA_BITS:
        raise SignatureRefused(Refusal.WEAK_KEY)
    return key


def _check_is_a_persons(certificate: x509.Certificate) -> None:
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return
    if constraints.ca:
        raise SignatureRefused(Refusal.AUTHORITY)


def _check_policy(certificate: x509.Certificate, trust: Trust) -> None:
    """Exactly one policy, the signing one: a card's other certificate commits nobody to a text."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.CertificatePolicies)
    except x509.ExtensionNotFound:
        raise SignatureRefused(Refusal.NO_POLICY) from None
    named = [one.policy_identifier for one in extension.value]
    if len(named) == 1 and named[0] in trust.signing_policies:
        return
    if AUTHENTICATION_POLICY in named:
        raise SignatureRefused(Refusal.AUTHENTICATION_POLICY)
    if named == [TEST_SIGNING_POLICY]:
        raise SignatureRefused(Refusal.TEST_POLICY)
    raise SignatureRefused(Refusal.WRONG_POLICY)


def _check_usage(certificate: x509.Certificate) -> None:
    """RFC 5280 §4.2.1.3: it signs, it commits to a content, and it issues nothing."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    except x509.ExtensionNotFound:
        raise SignatureRefused(Refusal.NO_KEY_USAGE) from None
    usage = extension.value
    commits = usage.digital_signature and usage.content_commitment
    if not (extension.critical and commits) or usage.key_cert_sign or usage.crl_sign:
        raise SignatureRefused(Refusal.WRONG_KEY_USAGE)


def _leaf_policy() -> verification.ExtensionPolicy:
    """Account for the extensions a card marks critical; what they say was judged by name before."""
    return (
        verification.ExtensionPolicy.permit_all()
        .require_present(x509.CertificatePolicies, verification.Criticality.AGNOSTIC, None)
        .may_be_present(x509.CRLDistributionPoints, verification.Criticality.AGNOSTIC, None)
    )


def _vouched_for(certificate: x509.Certificate, trust: Trust, at: datetime) -> Root:
    """RFC 5280 §6, against each root of the issuer's name.

    The stock policy for leaves refuses a critical certificatePolicies and wants names of hosts;
    ours asks what was not asked above, which is nothing.
    """
    for root in trust.issuers_of(certificate):
        verifier = (
            verification.PolicyBuilder()
            .store(verification.Store([root.certificate]))
            .time(at)
            .max_chain_depth(1)
            .extension_policies(
                ca_policy=verification.ExtensionPolicy.webpki_defaults_ca(),
                ee_policy=_leaf_policy(),
            )
            .build_client_verifier()
        )
        try:
            verifier.verify(certificate, [])
        except verification.VerificationError:
            continue
        return root
    raise SignatureRefused(Refusal.UNTRUSTED)
