"""The two ways to ask an authority whether a certificate still counts: the list and OCSP."""

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import ocsp

from .authority import LIST_LIFETIME, Authority

_OCSP_LIFETIME = timedelta(minutes=10)
_NONCE_BYTES = range(1, 129)
"""RFC 9654 §2.1: a nonce has 1 to 128 octets; anything else is a malformed request."""

_ISSUER_HASHES = (hashes.SHA1, hashes.SHA256)
"""What a request may name its issuer by; SHA-1 is customary there and proves nothing."""


def revocation_list(authority: Authority) -> bytes:
    """A complete CRL (RFC 5280 §5), freshly signed, DER."""
    now = authority.clock().replace(microsecond=0)
    identifier = authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.kind.issuer)
        .last_update(now)
        .next_update(now + LIST_LIFETIME)
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier.value),
            critical=False,
        )
    )
    for serial, revocation in authority.ledger.revoked().items():
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(serial)
            .revocation_date(revocation.at)
            .add_extension(x509.CRLReason(revocation.reason), critical=False)
            .build()
        )
    return builder.sign(authority.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def ocsp_answer(authority: Authority, content: bytes) -> bytes:
    """RFC 6960: good, revoked or unknown, signed by the authority itself (§4.2.2.2); DER.

    What cannot be read is `malformedRequest`; what asks about another authority's certificate is
    `unauthorized`. Neither is signed (§2.3).
    """
    try:
        request = ocsp.load_der_ocsp_request(content)
        # Reading every part now: cryptography parses lazily and a broken part must not be a 500.
        nonce = _nonce(request)
        serial, algorithm = request.serial_number, request.hash_algorithm
        named = (request.issuer_name_hash, request.issuer_key_hash)
    except (ValueError, NotImplementedError):
        return _unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
    if not isinstance(algorithm, _ISSUER_HASHES) or named != _own_hashes(authority, algorithm):
        return _unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)
    return _signed(authority, serial=serial, algorithm=algorithm, named=named, nonce=nonce)


def _signed(
    authority: Authority,
    *,
    serial: int,
    algorithm: hashes.HashAlgorithm,
    named: tuple[bytes, bytes],
    nonce: x509.OCSPNonce | None,
) -> bytes:
    now = authority.clock().replace(microsecond=0)
    status, revoked_at, reason = _status(authority, serial)
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response_by_hash(
            issuer_name_hash=named[0],
            issuer_key_hash=named[1],
            serial_number=serial,
            algorithm=algorithm,
            cert_status=status,
            this_update=now,
            next_update=now + _OCSP_LIFETIME,
            revocation_time=revoked_at,
            revocation_reason=reason,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, authority.certificate)
    )
    if nonce is not None:
        builder = builder.add_extension(nonce, critical=False)
    response = builder.sign(authority.key, hashes.SHA256())
    return response.public_bytes(serialization.Encoding.DER)


def _status(
    authority: Authority, serial: int
) -> tuple[ocsp.OCSPCertStatus, datetime | None, x509.ReasonFlags | None]:
    if not authority.ledger.knows(serial):
        return ocsp.OCSPCertStatus.UNKNOWN, None, None
    revocation = authority.ledger.revocation(serial)
    if revocation is None:
        return ocsp.OCSPCertStatus.GOOD, None, None
    return ocsp.OCSPCertStatus.REVOKED, revocation.at, revocation.reason


def _nonce(request: ocsp.OCSPRequest) -> x509.OCSPNonce | None:
    try:
        nonce = request.extensions.get_extension_for_class(x509.OCSPNonce).value
    except x509.ExtensionNotFound:
        return None
    if len(nonce.nonce) not in _NONCE_BYTES:
        raise ValueError("nonce of a forbidden length")
    return nonce


def _own_hashes(authority: Authority, algorithm: hashes.HashAlgorithm) -> tuple[bytes, bytes]:
    """RFC 6960 §4.1.1: hash of the issuer's DER name, and of its key's bit string."""
    key = authority.certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise TypeError("an authority signs with RSA")
    bits = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    return _digest(algorithm, authority.kind.issuer.public_bytes()), _digest(algorithm, bits)


def _digest(algorithm: hashes.HashAlgorithm, content: bytes) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(content)
    return digest.finalize()


def _unsuccessful(status: ocsp.OCSPResponseStatus) -> bytes:
    response = ocsp.OCSPResponseBuilder.build_unsuccessful(status)
    return response.public_bytes(serialization.Encoding.DER)
