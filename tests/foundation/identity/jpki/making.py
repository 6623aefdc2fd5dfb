"""An authority that says whatever it is told, so that one thing at a time can be wrong."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import NameOID, ObjectIdentifier

from foundation.identity.jpki import Evidence, Revocations, Root, SignedDocument, Trust
from foundation.identity.jpki.attributes import (
    ADDRESS,
    ADDRESS_SUBSTITUTES,
    BORN,
    GENDER,
    NAME,
    NAME_SUBSTITUTES,
)
from foundation.identity.jpki.trust import TEST_SIGNING_POLICY

NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
DOCUMENT = "令和8年度物価高騰対応支援給付金を受け取ります。".encode()
DIGEST = hashlib.sha256(DOCUMENT).digest()
NONCE = b"n" * 32
ISSUER = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "An authority of tests"),
    ]
)
OTHER = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Another authority")])
ATTRIBUTES: tuple[tuple[ObjectIdentifier, str], ...] = (
    (NAME, "北見花子"),
    (BORN, "419920415"),
    (GENDER, "2"),
    (ADDRESS, "北海道北見市栄町12番地3"),
    (NAME_SUBSTITUTES, "0000"),
    (ADDRESS_SUBSTITUTES, "0" * 13),
)
SERIAL = 4_711


@cache
def key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """One key per name and run: RSA keys are slow to make and all alike."""
    assert name
    return rsa.generate_private_key(65537, bits)


def utf8(text: str) -> bytes:
    content = text.encode()
    if len(content) < 0x80:
        return bytes((0x0C, len(content))) + content
    return bytes((0x0C, 0x81, len(content))) + content


def names(
    *entries: tuple[ObjectIdentifier, str], raw: dict[ObjectIdentifier, bytes] | None = None
) -> x509.SubjectAlternativeName:
    """The holder's attributes as otherName entries; `raw` replaces the DER of some."""
    replaced = raw or {}
    return x509.SubjectAlternativeName(
        [x509.OtherName(oid, replaced.get(oid, utf8(text))) for oid, text in entries]
    )


def attributes(**changes: str | None) -> x509.SubjectAlternativeName:
    """The usual attributes with some changed, or left out by None."""
    by_name = {
        "name": NAME,
        "born": BORN,
        "gender": GENDER,
        "address": ADDRESS,
        "name_flags": NAME_SUBSTITUTES,
        "address_flags": ADDRESS_SUBSTITUTES,
    }
    changed = {by_name[name]: value for name, value in changes.items()}
    entries = ((oid, changed.get(oid, text)) for oid, text in ATTRIBUTES)
    return names(*((oid, text) for oid, text in entries if text is not None))


def usage(**changes: bool) -> x509.KeyUsage:
    flags = dict.fromkeys(
        (
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(
        **{"digital_signature": True, "content_commitment": True, **flags, **changes}
    )


def policies(*oids: ObjectIdentifier) -> x509.CertificatePolicies:
    return x509.CertificatePolicies([x509.PolicyInformation(oid, None) for oid in oids])


Extension = tuple[x509.ExtensionType, bool]


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """What a certificate says; every field can be made wrong."""

    issuer: x509.Name = ISSUER
    signer: str = "root"
    holder_key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: key("holder")
    )
    not_before: datetime = NOW - 30 * DAY
    not_after: datetime = NOW + 365 * DAY
    policy: x509.CertificatePolicies | None = field(
        default_factory=lambda: policies(TEST_SIGNING_POLICY)
    )
    usage: x509.KeyUsage | None = field(default_factory=usage)
    usage_critical: bool = True
    names: x509.SubjectAlternativeName | None = field(default_factory=attributes)
    more: Sequence[Extension] = ()
    sha1: bool = False

    def made(self) -> bytes:
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "20260501ABC")]))
            .issuer_name(self.issuer)
            .public_key(self.holder_key.public_key())
            .serial_number(SERIAL)
            .not_valid_before(self.not_before)
            .not_valid_after(self.not_after)
        )
        extensions: list[tuple[x509.ExtensionType | None, bool]] = [
            (self.usage, self.usage_critical),
            (self.policy, True),
            (self.names, False),
            (authority_identifier(), False),
            *self.more,
        ]
        for extension, critical in extensions:
            if extension is not None:
                builder = builder.add_extension(extension, critical=critical)
        made = builder.sign(key(self.signer), hashes.SHA256()).public_bytes(Encoding.DER)
        return signed_with_sha1(made, self.signer) if self.sha1 else made


def authority_identifier() -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key("root").public_key())


def signed_with_sha1(der: bytes, signer: str) -> bytes:
    """The same certificate as an authority of twenty years ago would have signed it.

    The library makes none any more: the algorithm is renamed in place, and the content signed anew.
    """
    sha256, sha1 = (bytes.fromhex(f"06092a864886f70d01010{last}") for last in "b5")
    renamed = der.replace(sha256, sha1)
    length = key(signer).key_size // 8
    # SEQUENCE, four bytes of header; then the content with a header of its own.
    size = 4 + int.from_bytes(renamed[6:8], "big")
    content = renamed[4 : 4 + size]
    signature = key(signer).sign(content, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - on purpose
    return renamed[:-length] + signature


def root_certificate(
    name: x509.Name = ISSUER, signer: str = "root", *, serial: int = 1
) -> x509.Certificate:
    public = key(signer).public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(serial)
        .not_valid_before(NOW - 3650 * DAY)
        .not_valid_after(NOW + 3650 * DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(authority_identifier(), critical=False)
        .sign(key(signer), hashes.SHA256())
    )


@cache
def trust(*, test_cards: bool = True) -> Trust:
    """The one authority of tests."""
    root = Root(
        certificate=root_certificate(), crl="http://jlis.test/list", ocsp="http://jlis.test/ocsp"
    )
    return Trust(roots=(root,), test_cards=test_cards)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A list of withdrawn certificates."""

    issuer: x509.Name = ISSUER
    signer: str = "root"
    this_update: datetime = NOW - timedelta(hours=1)
    next_update: datetime = NOW + DAY
    revoked: tuple[tuple[int, datetime], ...] = ((99, NOW - 90 * DAY),)
    more: Sequence[Extension] = ()

    def made(self) -> bytes:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.issuer)
            .last_update(self.this_update)
            .next_update(self.next_update)
            .add_extension(x509.CRLNumber(1), critical=False)
        )
        for extension, critical in self.more:
            builder = builder.add_extension(extension, critical=critical)
        for serial, at in self.revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(key(self.signer), hashes.SHA256()).public_bytes(Encoding.DER)


@dataclass(frozen=True, kw_only=True)
class Answered:
    """A responder's answer about the certificate in question."""

    signer: str = "root"
    responder: x509.Certificate = field(default_factory=root_certificate)
    attached: tuple[x509.Certificate, ...] = ()
    serial: int = SERIAL
    nonce: bytes | None = NONCE
    this_update: datetime = NOW
    next_update: datetime | None = NOW + timedelta(minutes=10)
    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD
    revoked_at: datetime | None = None
    about: x509.Name = ISSUER

    def made(self) -> bytes:
        bits = key("root").public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response_by_hash(
                issuer_name_hash=hashlib.sha256(self.about.public_bytes()).digest(),
                issuer_key_hash=hashlib.sha256(bits).digest(),
                serial_number=self.serial,
                algorithm=hashes.SHA256(),
                cert_status=self.status,
                this_update=self.this_update,
                next_update=self.next_update,
                revocation_time=self.revoked_at,
                revocation_reason=None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, self.responder)
        )
        if self.attached:
            builder = builder.certificates(list(self.attached))
        if self.nonce is not None:
            builder = builder.add_extension(x509.OCSPNonce(self.nonce), critical=False)
        return builder.sign(key(self.signer), hashes.SHA256()).public_bytes(Encoding.DER)


def delegate(
    signer: str = "root", *, purpose: ObjectIdentifier, until: datetime = NOW + DAY
) -> x509.Certificate:
    """Somebody the authority lets answer for it, or somebody who says so."""
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Responder")]))
        .issuer_name(ISSUER)
        .public_key(key("delegate").public_key())
        .serial_number(77)
        .not_valid_before(NOW - DAY)
        .not_valid_after(until)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .sign(key(signer), hashes.SHA256())
    )


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A signature, everything about it in order unless something is said to be wrong."""

    leaf: Leaf = field(default_factory=Leaf)
    certificate: bytes | None = None
    listed: Listed = field(default_factory=Listed)
    crl: bytes | None = None
    answered: Answered = field(default_factory=Answered)
    ocsp: bytes | None = None
    signature: bytes | None = None
    digest: bytes = DIGEST
    signed_at: datetime = NOW
    checked_at: datetime = NOW
    trust: Trust = field(default_factory=trust)

    def with_(self, **changes: Any) -> "Scene":
        return replace(self, **changes)

    def evidence(self) -> Evidence:
        return Evidence(
            document=SignedDocument(
                digest=self.digest,
                signature=self.signature
                or key("holder").sign(DOCUMENT, padding.PKCS1v15(), hashes.SHA256()),
                certificate=self.certificate or self.leaf.made(),
                signed_at=self.signed_at,
            ),
            revocations=Revocations(
                crl=self.crl if self.crl is not None else self.listed.made(),
                ocsp=self.ocsp if self.ocsp is not None else self.answered.made(),
                nonce=NONCE,
                at=self.checked_at,
            ),
        )
