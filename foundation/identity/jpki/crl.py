"""An authority's list of withdrawn certificates: whether it may be believed, and what it says."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from .leaf import SOUND_ALGORITHMS
from .refusal import Refusal, SignatureRefused
from .trust import Root

SKEW = timedelta(seconds=60)
"""How far an authority's clock may be ahead of ours."""

_UNDERSTOOD = frozenset({ExtensionOID.ISSUING_DISTRIBUTION_POINT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a list that is believed says about one certificate."""

    this_update: datetime
    next_update: datetime
    revoked_at: datetime | None


def consult_list(der: bytes, certificate: x509.Certificate, root: Root, *, at: datetime) -> Listing:
    """Ask a list that was fetched at an instant about one certificate (RFC 5280 §6.3).

    Raises:
        SignatureRefused: it is not this authority's, not in force at that instant, or not about
            certificates like this one. A list that is not believed excuses nobody.
    """
    revocations, until = _believed(der, root, at=at)
    _check_scope(revocations, certificate)
    entry = revocations.get_revoked_certificate_by_serial_number(certificate.serial_number)
    return Listing(
        this_update=revocations.last_update_utc,
        next_update=until,
        revoked_at=entry.revocation_date_utc if entry is not None else None,
    )


def _believed(
    der: bytes, root: Root, *, at: datetime
) -> tuple[x509.CertificateRevocationList, datetime]:
    try:
        revocations = x509.load_der_x509_crl(der)
        _ = revocations.extensions, revocations.issuer
    except (ValueError, TypeError, x509.DuplicateExtension):
        raise SignatureRefused(Refusal.CRL_UNREADABLE) from None
    if revocations.issuer != root.certificate.subject:
        raise SignatureRefused(Refusal.CRL_OF_ANOTHER_ISSUER)
    sound = revocations.signature_algorithm_oid in SOUND_ALGORITHMS
    if not sound or not revocations.is_signature_valid(root.key):
        raise SignatureRefused(Refusal.CRL_FORGED)
    if revocations.last_update_utc > at + SKEW:
        raise SignatureRefused(Refusal.CRL_NOT_YET_VALID)
    until = revocations.next_update_utc
    if until is None or until <= at:
        raise SignatureRefused(Refusal.CRL_STALE)
    return revocations, until


def _check_scope(
    revocations: x509.CertificateRevocationList, certificate: x509.Certificate
) -> None:
    """Refuse a list that is silent about this certificate for another reason than its being good.

    RFC 5280 §5.2.5: a list for one distribution point is about certificates that name that point.
    A delta list (§5.2.4) is marked critical and not understood here.
    """
    if any(one.critical and one.oid not in _UNDERSTOOD for one in revocations.extensions):
        raise SignatureRefused(Refusal.CRL_PARTIAL)
    try:
        scope = revocations.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    except x509.ExtensionNotFound:
        return
    partial = (
        scope.indirect_crl
        or scope.only_contains_ca_certs
        or scope.only_contains_attribute_certs
        or scope.only_some_reasons is not None
    )
    if partial or not _points_of(certificate) & frozenset(scope.full_name or ()):
        raise SignatureRefused(Refusal.CRL_PARTIAL)


def _points_of(certificate: x509.Certificate) -> frozenset[x509.GeneralName]:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return frozenset()
    return frozenset(name for point in points for name in point.full_name or ())
