"""A card signs for whoever knows its PIN, and for nobody after too many wrong ones."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from infra.identity.cards import NoSuchCertificate, PinLocked, PinWrong, Presentation, Wallet
from infra.identity.jpki.authority import Authority
from infra.identity.jpki.keys import verify
from infra.identity.jpki.profile import NAME, Kind, utf8_string
from infra.identity.register import CardRecord, Register
from infra.identity.stores import Tallies
from tests.infra.identity.world import START, TurnableClock, card, write_lists

DIGEST = hashlib.sha256(b"an application").digest()


class Desk:
    """A wallet over a directory that can be opened again, as after a restart."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.clock = TurnableClock()
        self.open()

    def open(self) -> None:
        authorities = {
            kind: Authority(
                kind,
                directory=self.directory / "jpki" / kind.slug,
                address="http://op.test/jpki",
                clock=self.clock,
            )
            for kind in Kind
        }
        self.wallet = Wallet(
            self.directory / "cards",
            authorities=authorities,
            impostor=authorities[Kind.AUTHENTICATION],
            tallies=Tallies(self.directory / "state" / "cards.json"),
        )

    def card(self, card_id: str = "hanako") -> CardRecord:
        return Register(self.directory).cards()[card_id]


@pytest.fixture
def desk(directory: Path) -> Desk:
    return Desk(directory)


def certificate_in(presented: Presentation) -> x509.Certificate:
    return x509.load_der_x509_certificate(presented.certificate)


def check(presented: Presentation, message: bytes) -> None:
    key = certificate_in(presented).public_key()
    assert isinstance(key, RSAPublicKey)
    verify(key, message, presented.signature)


class TestAuthenticate:
    def test_signs_the_challenge_and_no_other(self, desk: Desk) -> None:
        presented = desk.wallet.authenticate(desk.card(), pin="1234", challenge=b"one")
        check(presented, b"one")
        with pytest.raises(InvalidSignature):
            check(presented, b"two")

    def test_uses_the_same_certificate_after_a_restart(self, desk: Desk) -> None:
        before = desk.wallet.authenticate(desk.card(), pin="1234", challenge=b"x")
        desk.open()
        after = desk.wallet.authenticate(desk.card(), pin="1234", challenge=b"x")
        assert before.certificate == after.certificate

    def test_shows_a_certificate_valid_to_the_fifth_birthday(self, desk: Desk) -> None:
        presented = desk.wallet.authenticate(desk.card(), pin="1234", challenge=b"x")
        certificate = certificate_in(presented)
        assert certificate.not_valid_before_utc == START - timedelta(minutes=5)
        assert f"{certificate.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}" == "2031-03-15T14:59:59Z"

    def test_does_not_take_the_signing_pin(self, desk: Desk) -> None:
        with pytest.raises(PinWrong):
            desk.wallet.authenticate(desk.card(), pin="ABC123", challenge=b"x")


class TestSign:
    def test_signs_with_another_key_and_the_holders_name(self, desk: Desk) -> None:
        signed = desk.wallet.sign(desk.card(), pin="ABC123", digest=DIGEST)
        check(signed, b"an application")
        presented = desk.wallet.authenticate(desk.card(), pin="1234", challenge=b"x")
        certificate = certificate_in(signed)
        assert certificate.public_key() != certificate_in(presented).public_key()
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert x509.OtherName(NAME, utf8_string("北見 花子")) in list(names)

    def test_locks_after_five_wrong_pins_and_leaves_the_other_pin_alone(self, desk: Desk) -> None:
        for remaining in (4, 3, 2, 1):
            with pytest.raises(PinWrong) as wrong:
                desk.wallet.sign(desk.card(), pin="WRONG1", digest=DIGEST)
            assert wrong.value.remaining == remaining
        for pin in ("WRONG1", "ABC123"):
            with pytest.raises(PinLocked):
                desk.wallet.sign(desk.card(), pin=pin, digest=DIGEST)
        assert desk.wallet.authenticate(desk.card(), pin="1234", challenge=b"x")

    def test_stays_locked_over_a_restart(self, desk: Desk) -> None:
        for _ in range(5):
            with pytest.raises((PinWrong, PinLocked)):
                desk.wallet.sign(desk.card(), pin="WRONG1", digest=DIGEST)
        desk.open()
        with pytest.raises(PinLocked):
            desk.wallet.sign(desk.card(), pin="ABC123", digest=DIGEST)

    def test_is_not_for_a_child(self, desk: Desk) -> None:
        write_lists(desk.directory, [card("child", birth_on="2015-04-01")])
        with pytest.raises(NoSuchCertificate):
            desk.wallet.sign(desk.card("child"), pin="ABC123", digest=DIGEST)

    def test_is_not_for_a_card_without_a_signing_pin(self, desk: Desk) -> None:
        write_lists(desk.directory, [card("hanako", sign_pin=None)])
        with pytest.raises(NoSuchCertificate):
            desk.wallet.sign(desk.card(), pin="ABC123", digest=DIGEST)

    def test_is_not_for_a_ward(self, desk: Desk) -> None:
        write_lists(desk.directory, [card("hanako", condition="ward")])
        with pytest.raises(NoSuchCertificate):
            desk.wallet.sign(desk.card(), pin="ABC123", digest=DIGEST)
        assert desk.wallet.authenticate(desk.card(), pin="1234", challenge=b"x")

    def test_may_be_locked_while_signing_in_is_not(self, desk: Desk) -> None:
        write_lists(desk.directory, [card("hanako", condition="sign_locked")])
        with pytest.raises(PinLocked):
            desk.wallet.sign(desk.card(), pin="ABC123", digest=DIGEST)
        assert desk.wallet.authenticate(desk.card(), pin="1234", challenge=b"x")

    @pytest.mark.parametrize("change", [{"renewals": 1}, {"carrier": "phone"}])
    def test_gets_other_serials_by_renewal_and_on_a_phone(
        self, desk: Desk, change: dict[str, object]
    ) -> None:
        before = desk.wallet.sign(desk.card(), pin="ABC123", digest=DIGEST)
        write_lists(desk.directory, [card("hanako", **change)])
        after = desk.wallet.sign(desk.card(), pin="ABC123", digest=DIGEST)
        serials = {certificate_in(one).serial_number for one in (before, after)}
        assert len(serials) == 2

    def test_gets_a_new_certificate_after_moving_house(self, desk: Desk) -> None:
        before = desk.wallet.sign(desk.card(), pin="ABC123", digest=DIGEST)
        signed_in = desk.wallet.authenticate(desk.card(), pin="1234", challenge=b"x")
        write_lists(desk.directory, [card("hanako", address="東京都千代田区")])
        after = desk.wallet.sign(desk.card(), pin="ABC123", digest=DIGEST)
        assert before.certificate != after.certificate
        same = desk.wallet.authenticate(desk.card(), pin="1234", challenge=b"x")
        assert signed_in.certificate == same.certificate
