"""An authority's answer about one certificate, given when asked: whether it may be believed.

The list says who was withdrawn yesterday; this says who is withdrawn now. Both are asked, since
each alone has failed somebody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from .crl import SKEW
from .leaf import SOUND_ALGORITHMS
from .refusal import Refusal, SignatureRefused
from .trust import MINIMUM_RSA_BITS, Root

NONCE_BYTES = 32
_LONGEST_AGE = timedelta(minutes=10)
"""How old an answer without an end of its own may be. It was asked for just now, with a nonce."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an answer that is believed says about one certificate."""

    this_update: datetime
    produced_at: datetime
    revoked_at: datetime | None


def question(certificate: x509.Certificate, root: Root, nonce: bytes) -> bytes:
    """Return a request about one certificate (RFC 6960 §4.1) with our nonce (RFC 9654), DER."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(
        certificate, root.certificate, hashes.SHA256()
    )
    request = builder.add_extension(x509.OCSPNonce(nonce), critical=False).build()
    return request.public_bytes(Encoding.DER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """What was asked, of whom and when; `withdrawn` are delegates the authority's list names."""

    certificate: x509.Certificate
    root: Root
    nonce: bytes
    at: datetime
    revocations: bytes

    def consult(self, der: bytes) -> Answer:
        """Judge an answer.

        Raises:
            SignatureRefused: it is not an answer of this authority to this very question, or it
                does not know the certificate. What is not known to be good is not good.
        """
        response = self._read(der)
        found = self._about_us(response)
        self._check_signature(response)
        self._check_nonce(response)
        self._check_times(found)
        if found.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
            raise SignatureRefused(Refusal.OCSP_UNKNOWN)
        return Answer(
            this_update=found.this_update_utc,
            produced_at=response.produced_at_utc,
            revoked_at=found.revocation_time_utc,
        )

    def _read(self, der: bytes) -> ocsp.OCSPResponse:
        try:
            response = ocsp.load_der_ocsp_response(der)
            if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
                raise SignatureRefused(Refusal.OCSP_UNSUCCESSFUL)
            _ = response.extensions, response.certificates, list(response.responses)
        except (ValueError, TypeError, NotImplementedError):
            raise SignatureRefused(Refusal.OCSP_UNREADABLE) from None
        return response

    def _about_us(self, response: ocsp.OCSPResponse) -> ocsp.OCSPSingleResponse:
        """RFC 6960 §3.2: the answer names the certificate the question named."""
        asked = ocsp.load_der_ocsp_request(question(self.certificate, self.root, self.nonce))
        for found in response.responses:
            if (
                found.serial_number == asked.serial_number
                and isinstance(found.hash_algorithm, hashes.SHA256)
                and found.issuer_name_hash == asked.issuer_name_hash
                and found.issuer_key_hash == asked.issuer_key_hash
            ):
                return found
        raise SignatureRefused(Refusal.OCSP_OF_ANOTHER_CERTIFICATE)

    def _check_signature(self, response: ocsp.OCSPResponse) -> None:
        key, algorithm = self._responder(response), response.signature_hash_algorithm
        if response.signature_algorithm_oid not in SOUND_ALGORITHMS or algorithm is None:
            raise SignatureRefused(Refusal.OCSP_FORGED)
        try:
            key.verify(response.signature, response.tbs_response_bytes, PKCS1v15(), algorithm)
        except InvalidSignature:
            raise SignatureRefused(Refusal.OCSP_FORGED) from None

    def _responder(self, response: ocsp.OCSPResponse) -> RSAPublicKey:
        """Return whose signature counts: the authority, or whom it made a responder (§4.2.2.2)."""
        if _is_named(response, self.root.certificate):
            return self.root.key
        for delegate in response.certificates:
            if _is_named(response, delegate) and self._is_delegated(delegate):
                key = delegate.public_key()
                if isinstance(key, RSAPublicKey) and key.key_size >= MINIMUM_RSA_BITS:
                    return key
        raise SignatureRefused(Refusal.OCSP_UNAUTHORISED)

    def _is_delegated(self, delegate: x509.Certificate) -> bool:
        try:
            delegate.verify_directly_issued_by(self.root.certificate)
            usage = delegate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
            return False
        listed = x509.load_der_x509_crl(self.revocations)
        return (
            ExtendedKeyUsageOID.OCSP_SIGNING in usage
            and delegate.signature_algorithm_oid in SOUND_ALGORITHMS
            and delegate.not_valid_before_utc <= self.at <= delegate.not_valid_after_utc
            and listed.get_revoked_certificate_by_serial_number(delegate.serial_number) is None
        )

    def _check_nonce(self, response: ocsp.OCSPResponse) -> None:
        """An answer without our nonce may be one from before the certificate was withdrawn."""
        try:
            given = response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
        except x509.ExtensionNotFound:
            given = b""
        if given != self.nonce:
            raise SignatureRefused(Refusal.OCSP_WRONG_NONCE)

    def _check_times(self, found: ocsp.OCSPSingleResponse) -> None:
        if found.this_update_utc > self.at + SKEW:
            raise SignatureRefused(Refusal.OCSP_NOT_YET_VALID)
        until = found.next_update_utc
        if (until is not None and until <= self.at) or found.this_update_utc < (
            self.at - _LONGEST_AGE
        ):
            raise SignatureRefused(Refusal.OCSP_STALE)


def _is_named(response: ocsp.OCSPResponse, certificate: x509.Certificate) -> bool:
    """Tell whether the answer says this certificate's holder gave it (by name or key hash)."""
    if response.responder_name is not None:
        return response.responder_name == certificate.subject
    identifier = x509.SubjectKeyIdentifier.from_public_key(certificate.public_key())
    return response.responder_key_hash == identifier.digest
