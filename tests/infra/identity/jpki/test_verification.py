"""Each question a verifier must ask is broken once, and the verifier says which one it was."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from infra.identity.jpki.authority import Authority
from infra.identity.jpki.keys import new_rsa_key, sign
from infra.identity.jpki.profile import Kind, key_usage
from infra.identity.jpki.revocation import revocation_list
from infra.identity.jpki.verification import CertificateRefused, CertificateVerifier, Fault
from tests.infra.identity.jpki.parts import authority, card_key, issue
from tests.infra.identity.world import START, TurnableClock

MESSAGE = b"a challenge nobody has seen before"


@pytest.fixture
def clock() -> TurnableClock:
    return TurnableClock()


@pytest.fixture
def root(tmp_path: Path, clock: TurnableClock) -> Authority:
    return authority(tmp_path / "root", clock)


def verify(
    root: Authority,
    certificate: bytes,
    *,
    signature: bytes | None = None,
    at: datetime = START,
    revocations: Callable[[], bytes] | None = None,
) -> x509.Certificate:
    verifier = CertificateVerifier(
        root.certificate,
        Kind.AUTHENTICATION.policy,
        revocations or partial(revocation_list, root),
    )
    return verifier.verify(
        certificate, message=MESSAGE, signature=signature or sign(card_key(), MESSAGE), at=at
    )


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def self_made(root: Authority, *extensions: tuple[x509.ExtensionType, bool]) -> bytes:
    """A leaf signed by the true root that says what the root would never say."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")]))
        .issuer_name(root.certificate.subject)
        .public_key(card_key().public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(START - timedelta(days=1))
        .not_valid_after(START + timedelta(days=1))
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return der(builder.sign(root.key, hashes.SHA256()))


POLICY = x509.CertificatePolicies([x509.PolicyInformation(Kind.AUTHENTICATION.policy, None)])
TWO_POLICIES = x509.CertificatePolicies(
    [*POLICY, x509.PolicyInformation(Kind.SIGNING.policy, None)]
)


def refused(*args: object, **kwargs: object) -> Fault:
    with pytest.raises(CertificateRefused) as found:
        verify(*args, **kwargs)  # pyright: ignore[reportArgumentType] - handed on as given
    return found.value.fault


class TestVerify:
    def test_accepts_a_card_in_order(self, root: Authority) -> None:
        certificate = issue(root)
        assert verify(root, der(certificate)) == certificate

    @pytest.mark.parametrize("content", [b"", b"x", b"\x30\x03\x02\x01\x00"])
    def test_refuses_what_is_no_certificate(self, root: Authority, content: bytes) -> None:
        assert refused(root, content) is Fault.UNREADABLE

    def test_refuses_a_key_of_1024_bits(self, root: Authority) -> None:
        weak = new_rsa_key(1024)
        certificate = issue(root, weak)
        assert refused(root, der(certificate), signature=sign(weak, MESSAGE)) is Fault.WEAK_KEY

    def test_refuses_a_key_that_is_not_rsa(self, root: Authority) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            x509.CertificateBuilder()
            .subject_name(root.certificate.subject)
            .issuer_name(root.certificate.subject)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(START)
            .not_valid_after(START)
            .sign(root.key, hashes.SHA256())
        )
        assert refused(root, der(certificate)) is Fault.WEAK_KEY

    def test_refuses_the_policy_of_signing_certificates(self, root: Authority) -> None:
        certificate = issue(root, policy=Kind.SIGNING.policy)
        assert refused(root, der(certificate)) is Fault.WRONG_POLICY

    def test_refuses_a_certificate_without_policy_or_with_two(self, root: Authority) -> None:
        usage = (key_usage(), True)
        assert refused(root, self_made(root, usage)) is Fault.WRONG_POLICY
        assert refused(root, self_made(root, usage, (TWO_POLICIES, True))) is Fault.WRONG_POLICY

    @pytest.mark.parametrize("days", [-2, 2])
    def test_refuses_a_certificate_before_and_after_its_time(
        self, root: Authority, days: int
    ) -> None:
        at = START + timedelta(days=days)
        assert refused(root, der(issue(root)), at=at) is Fault.EXPIRED

    def test_refuses_another_root_of_the_same_name(
        self, root: Authority, tmp_path: Path, clock: TurnableClock
    ) -> None:
        impostor = authority(tmp_path / "impostor", clock)
        assert impostor.certificate.subject == root.certificate.subject
        assert refused(root, der(issue(impostor))) is Fault.UNTRUSTED

    def test_refuses_a_certificate_whose_text_was_changed(self, root: Authority) -> None:
        content = der(issue(root)).replace(b"20260601120000abc", b"20260601120000abd")
        assert refused(root, content) is Fault.UNTRUSTED

    def test_refuses_a_key_that_may_not_sign(self, root: Authority) -> None:
        no_usage = self_made(root, (POLICY, True))
        certifies = self_made(root, (POLICY, True), (key_usage(authority=True), True))
        uncritical = self_made(root, (POLICY, True), (key_usage(), False))
        assert {refused(root, c) for c in (no_usage, certifies, uncritical)} == {Fault.UNTRUSTED}

    def test_refuses_a_revoked_certificate(self, root: Authority) -> None:
        certificate = issue(root)
        root.revoke(certificate, x509.ReasonFlags.key_compromise)
        assert refused(root, der(certificate)) is Fault.REVOKED

    def test_refuses_the_signature_of_another_key(self, root: Authority) -> None:
        signature = sign(new_rsa_key(), MESSAGE)
        assert refused(root, der(issue(root)), signature=signature) is Fault.BAD_SIGNATURE

    def test_refuses_a_signature_of_yesterdays_challenge(self, root: Authority) -> None:
        signature = sign(card_key(), b"yesterday's challenge")
        assert refused(root, der(issue(root)), signature=signature) is Fault.BAD_SIGNATURE


class TestRevocationData:
    def test_that_is_unreadable_refuses_everybody(self, root: Authority) -> None:
        fault = refused(root, der(issue(root)), revocations=lambda: b"")
        assert fault is Fault.NO_REVOCATION_DATA

    def test_that_is_out_of_date_refuses_everybody(
        self, root: Authority, clock: TurnableClock
    ) -> None:
        certificate = issue(root, not_after=START + timedelta(days=9))
        old = revocation_list(root)
        clock.turn(timedelta(hours=24))
        fault = refused(root, der(certificate), at=clock(), revocations=lambda: old)
        assert fault is Fault.NO_REVOCATION_DATA

    def test_of_the_future_refuses_everybody(self, root: Authority, clock: TurnableClock) -> None:
        certificate = issue(root)
        clock.turn(timedelta(minutes=2))
        fault = refused(root, der(certificate), at=START)
        assert fault is Fault.NO_REVOCATION_DATA

    def test_signed_by_an_impostor_refuses_everybody(
        self, root: Authority, tmp_path: Path, clock: TurnableClock
    ) -> None:
        impostor = authority(tmp_path / "impostor", clock)
        certificate = issue(root)
        root.revoke(certificate, x509.ReasonFlags.key_compromise)
        fault = refused(root, der(certificate), revocations=partial(revocation_list, impostor))
        assert fault is Fault.NO_REVOCATION_DATA

    def test_of_the_other_authority_refuses_everybody(
        self, root: Authority, tmp_path: Path, clock: TurnableClock
    ) -> None:
        other = authority(tmp_path / "signing", clock, Kind.SIGNING)
        fault = refused(root, der(issue(root)), revocations=partial(revocation_list, other))
        assert fault is Fault.NO_REVOCATION_DATA

    def test_under_another_name_refuses_everybody(
        self, root: Authority, tmp_path: Path, clock: TurnableClock
    ) -> None:
        certificate = issue(root)
        renamed = authority(tmp_path / "root", clock, Kind.SIGNING)
        assert renamed.certificate == root.certificate
        fault = refused(root, der(certificate), revocations=partial(revocation_list, renamed))
        assert fault is Fault.NO_REVOCATION_DATA
