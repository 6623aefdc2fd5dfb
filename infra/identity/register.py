"""Who exists in the simulated world: the cards, the officials and the clients, as three JSON files.

The files are written by the `operations` command and are the simulator's only input.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from .settings import SimulatorRefused
from .stores import Watched

CardId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Code = Annotated[str, Field(pattern=r"^[0-9]{6}$")]
Substitutes = Annotated[str, Field(pattern=r"^[01]*$")]


class Condition(StrEnum):
    """What is wrong with a card: with both of its certificates, or with the signing one alone."""

    OK = "ok"
    EXPIRED = "expired"
    REVOKED = "revoked"
    LOCKED = "locked"
    WRONG_POLICY = "wrong_policy"
    WRONG_ROOT = "wrong_root"
    WEAK_KEY = "weak_key"
    WRONG_KEY = "wrong_key"
    MOVED = "moved"
    """A changed address ended the signing certificate; the one for signing in is still good."""
    SIGN_LOCKED = "sign_locked"
    WARD = "ward"
    """An adult ward (成年被後見人): no signing certificate is issued to them."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CardRecord(_Entry):
    """One virtual card: what is printed on it, its two PINs and what may be wrong with it."""

    card_id: CardId
    municipality_code: Code
    name: Annotated[str, Field(min_length=1, max_length=100)]
    kana: str = ""
    birth_on: date
    gender: Literal["1", "2", "9"]
    address: Annotated[str, Field(min_length=1, max_length=200)]
    pin: Annotated[str, Field(pattern=r"^[0-9]{4}$")]
    sign_pin: Annotated[str, Field(pattern=r"^[0-9A-Z]{6,16}$")] | None = None
    condition: Condition = Condition.OK
    person: CardId | None = None
    """Whose card it is: cards of one person give one pseudonym. Unless given, the card's own."""
    carrier: Literal["card", "phone"] = "card"
    """A phone's certificates (移動端末設備用) have serial numbers of their own."""
    renewals: Annotated[int, Field(ge=0, le=99)] = 0
    """How often the certificates were renewed: new serial numbers, the same person."""
    name_substitutes: Substitutes = ""
    address_substitutes: Substitutes = ""

    @property
    def holder(self) -> str:
        return self.person or self.card_id

    @field_validator("name", "address")
    @classmethod
    def _composed(cls, text: str) -> str:
        return unicodedata.normalize("NFC", text)

    @model_validator(mode="after")
    def _one_flag_per_character(self) -> Self:
        for text, flags in (
            (self.name, self.name_substitutes),
            (self.address, self.address_substitutes),
        ):
            if flags and len(flags) != len(text):
                raise ValueError("substitute flags are one 0 or 1 per character")
        return self


class OfficialRecord(_Entry):
    """One official of one municipality, as its own identity provider knows the person."""

    username: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    password: Annotated[str, Field(min_length=1, max_length=256)]
    name: Annotated[str, Field(min_length=1, max_length=100)]
    municipality_code: Code
    groups: tuple[str, ...] = ()
    disabled: bool = False
    """The account is closed: nobody signs in with it, and who is signed in by it is signed out."""


class ClientRecord(_Entry):
    """A relying party as registered: its exact callbacks and where its public keys are."""

    client_id: Annotated[str, Field(pattern=r"^[0-9A-Za-z._-]{1,255}$")]
    redirect_uris: Annotated[tuple[str, ...], Field(min_length=1)]
    jwks_uri: str | None = None
    jwks: dict[str, Any] | None = None
    backchannel_logout_uri: str | None = None
    """Where it wants to hear that somebody signed out here; None: it does not."""
    administrative: bool = True
    """A public body: the provider checks a signing certificate for it, and never the signature."""

    @field_validator("redirect_uris")
    @classmethod
    def _absolute(cls, uris: tuple[str, ...]) -> tuple[str, ...]:
        for uri in uris:
            parts = urlsplit(uri)
            # RFC 6749 §3.1.2: absolute, and without a fragment.
            if parts.scheme not in {"http", "https"} or not parts.netloc or "#" in uri:
                raise ValueError(f"not an absolute http(s) address without fragment: {uri}")
        return uris

    @model_validator(mode="after")
    def _one_source_of_keys(self) -> Self:
        if (self.jwks_uri is None) == (self.jwks is None):
            raise ValueError("a client has either jwks_uri or jwks")  # OIDC Registration §2
        return self


class _Cards(_Entry):
    cards: tuple[CardRecord, ...]


class _Officials(_Entry):
    officials: tuple[OfficialRecord, ...]


class _Clients(_Entry):
    resident: tuple[ClientRecord, ...] = ()
    official: dict[Code, tuple[ClientRecord, ...]] = {}


class Register:
    """The three lists, each read again when its file changes."""

    def __init__(self, directory: Path) -> None:
        self._cards = Watched(directory / "cards.json", _parse_cards)
        self._officials = Watched(directory / "officials.json", _parse_officials)
        self._clients = Watched(directory / "clients.json", _Clients.model_validate_json)

    def check(self) -> None:
        """Read all three once.

        Raises:
            SimulatorRefused: with the place of the fault, and never its content: the files hold
                PINs and passwords, and a start-up message ends in a log.
        """
        readers = {
            "cards.json": self._cards.current,
            "officials.json": self._officials.current,
            "clients.json": self._clients.current,
        }
        for name, read in readers.items():
            try:
                read()
            except FileNotFoundError:
                raise SimulatorRefused(f"{name} is missing from the directory") from None
            except ValidationError as fault:
                raise SimulatorRefused(f"{name}: {_places(fault)}") from None
            except ValueError as fault:
                raise SimulatorRefused(f"{name}: {fault}") from None

    def cards(self) -> Mapping[str, CardRecord]:
        return self._cards.current()

    def officials(self, code: str) -> Mapping[str, OfficialRecord]:
        """The officials of one municipality by username; empty when it has no provider."""
        return self._officials.current().get(code, {})

    def resident_clients(self) -> Mapping[str, ClientRecord]:
        return _by_client_id(self._clients.current().resident)

    def official_clients(self, code: str) -> Mapping[str, ClientRecord]:
        return _by_client_id(self._clients.current().official.get(code, ()))


def _parse_cards(content: bytes) -> Mapping[str, CardRecord]:
    cards = _Cards.model_validate_json(content).cards
    found = {card.card_id: card for card in cards}
    if len(found) != len(cards):
        raise ValueError("two cards have the same card_id")
    return found


def _parse_officials(content: bytes) -> Mapping[str, Mapping[str, OfficialRecord]]:
    found: dict[str, dict[str, OfficialRecord]] = {}
    for official in _Officials.model_validate_json(content).officials:
        colleagues = found.setdefault(official.municipality_code, {})
        if official.username in colleagues:
            raise ValueError("two officials of one municipality have the same username")
        colleagues[official.username] = official
    return found


def _by_client_id(clients: Iterable[ClientRecord]) -> Mapping[str, ClientRecord]:
    return {client.client_id: client for client in clients}


def _places(fault: ValidationError) -> str:
    errors = fault.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in errors)
