"""Virtual My Number Cards: two keys behind two PINs, and the locks that protect a lost card.

A card never says "the PIN was right". It either signs the challenge or does not, and it is for the
provider to verify the signature; that is what keeps a password lookup from creeping in.
"""

import hashlib
import hmac
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from .clock import JST
from .jpki.authority import Authority, Order
from .jpki.keys import new_rsa_key, private_bytes, read_private, sign, sign_digest
from .jpki.profile import MINIMUM_RSA_BITS, Holder, Kind, fifth_birthday_after, is_of_signing_age
from .register import CardRecord, Condition
from .stores import Tallies, kept_secret, write_private

TRIES: Mapping[Kind, int] = {Kind.AUTHENTICATION: 3, Kind.SIGNING: 5}
"""Wrong PINs in a row after which the certificate's key is locked until a visit to the window."""

_WEAK_BITS = 1024
_LONG_AGO = timedelta(days=6 * 366)
_JUST_NOW = timedelta(minutes=5)


_Material = tuple[RSAPrivateKey, x509.Certificate]


class CardRefused(Exception):
    """The card did not sign."""


class PinWrong(CardRefused):
    """A wrong PIN; `remaining` further tries before the lock."""

    def __init__(self, remaining: int) -> None:
        super().__init__("wrong PIN")
        self.remaining = remaining


class PinLocked(CardRefused):
    """Too many wrong PINs, now or before; the right one does not help any more."""


class NoSuchCertificate(CardRefused):
    """The card carries no signing certificate: under fifteen, a ward, or none was put on it."""


@dataclass(frozen=True, slots=True)
class Presentation:
    """What leaves the card: a certificate (DER) and a signature over the challenge."""

    certificate: bytes
    signature: bytes


class Wallet:
    """All virtual cards of the machine; keys and certificates are made when a card is first used.

    A card's files carry a digest of what its certificate says, so that a changed entry in
    cards.json gets a new certificate, as moving house ends the signing certificate of a real card.
    """

    def __init__(
        self,
        directory: Path,
        *,
        authorities: Mapping[Kind, Authority],
        impostor: Authority,
        tallies: Tallies,
    ) -> None:
        self._directory = directory
        self._authorities = authorities
        self._impostor = impostor
        self._tallies = tallies
        self._issuing = threading.Lock()
        self._read: dict[Path, _Material] = {}

    def authenticate(self, card: CardRecord, *, pin: str, challenge: bytes) -> Presentation:
        """Sign with the key for signing in (four-digit PIN, three tries).

        Raises:
            PinWrong, PinLocked: nothing was signed.
        """
        self._open(card, Kind.AUTHENTICATION, pin=pin, expected=card.pin)
        return self._present(card, Kind.AUTHENTICATION, challenge)

    def sign(self, card: CardRecord, *, pin: str, digest: bytes) -> Presentation:
        """Sign a SHA-256 digest with the key for documents (6 to 16 characters, five tries).

        Raises:
            NoSuchCertificate: the holder is under fifteen or a ward, or the card has none.
            PinWrong, PinLocked: nothing was signed.
        """
        today = self._authorities[Kind.SIGNING].clock().astimezone(JST).date()
        may_sign = card.condition is not Condition.WARD and is_of_signing_age(card.birth_on, today)
        if card.sign_pin is None or not may_sign:
            raise NoSuchCertificate
        self._open(card, Kind.SIGNING, pin=pin, expected=card.sign_pin)
        return self._present(card, Kind.SIGNING, digest)

    def _open(self, card: CardRecord, kind: Kind, *, pin: str, expected: str) -> None:
        counter, limit = f"{card.card_id}/{kind.slug}", TRIES[kind]
        locked = card.condition is Condition.LOCKED or (
            card.condition is Condition.SIGN_LOCKED and kind is Kind.SIGNING
        )
        if locked or self._tallies.of(counter) >= limit:
            raise PinLocked
        if not hmac.compare_digest(pin.encode(), expected.encode()):
            remaining = limit - self._tallies.add(counter)
            raise PinWrong(remaining) if remaining > 0 else PinLocked
        self._tallies.clear(counter)

    def _present(self, card: CardRecord, kind: Kind, message: bytes) -> Presentation:
        with self._issuing:
            key, certificate = self._material(card, kind)
        if reason := _withdrawn(card, kind):
            self._authorities[kind].revoke(certificate, reason)
        if card.condition is Condition.WRONG_KEY:
            key = new_rsa_key()
        made = sign_digest(key, message) if kind is Kind.SIGNING else sign(key, message)
        return Presentation(certificate.public_bytes(serialization.Encoding.DER), made)

    def _material(self, card: CardRecord, kind: Kind) -> _Material:
        holder = _holder(card) if kind is Kind.SIGNING else None
        said = repr((card.condition, card.birth_on, holder))
        if card.carrier != "card" or card.renewals:
            said += repr((card.carrier, card.renewals))
        stem = f"{kind.slug}-{hashlib.sha256(said.encode()).hexdigest()[:16]}"
        path = self._directory / card.card_id / f"{stem}.pem"
        if path not in self._read:
            self._read[path] = self._make_or_read(path, card, kind, holder)
        return self._read[path]

    def _make_or_read(
        self, path: Path, card: CardRecord, kind: Kind, holder: Holder | None
    ) -> _Material:
        bits = _WEAK_BITS if card.condition is Condition.WEAK_KEY else MINIMUM_RSA_BITS
        stored = kept_secret(path.with_suffix(".key"), lambda: private_bytes(new_rsa_key(bits)))
        key = read_private(stored)
        if not path.exists():
            certificate = self._issue(card, kind, holder, key)
            write_private(path, certificate.public_bytes(serialization.Encoding.PEM))
        return key, x509.load_pem_x509_certificate(path.read_bytes())

    def _issue(
        self, card: CardRecord, kind: Kind, holder: Holder | None, key: RSAPrivateKey
    ) -> x509.Certificate:
        authority = self._authorities[kind]
        expired = card.condition is Condition.EXPIRED
        issued = authority.clock() - (_LONG_AGO if expired else _JUST_NOW)
        other = Kind.SIGNING if kind is Kind.AUTHENTICATION else Kind.AUTHENTICATION
        order = Order(
            # An identifier code, as on real cards; never the holder's name.
            common_name=f"{issued:%Y%m%d%H%M%S}{hashlib.sha256(card.card_id.encode()).hexdigest()[:12]}",
            policy=(other if card.condition is Condition.WRONG_POLICY else kind).policy,
            not_before=issued,
            not_after=fifth_birthday_after(issued, card.birth_on),
            holder=holder,
        )
        issuer = self._impostor if card.condition is Condition.WRONG_ROOT else authority
        return issuer.issue(order, key.public_key())


def _withdrawn(card: CardRecord, kind: Kind) -> x509.ReasonFlags | None:
    """Why a card's certificate is on the list (RFC 5280 §5.3.1), if it is."""
    if card.condition is Condition.REVOKED:
        return x509.ReasonFlags.cessation_of_operation
    if card.condition is Condition.MOVED and kind is Kind.SIGNING:
        return x509.ReasonFlags.affiliation_changed
    return None


def _holder(card: CardRecord) -> Holder:
    return Holder(
        name=card.name,
        name_substitutes=card.name_substitutes,
        gender=card.gender,
        born_on=card.birth_on,
        address=card.address,
        address_substitutes=card.address_substitutes,
    )
