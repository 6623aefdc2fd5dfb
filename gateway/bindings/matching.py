"""Asking the register who somebody is, from the four attributes on the face of their card.

The attributes pass through and are not kept. What comes back is a record's number or nothing: the
person is never told whether somebody of their name exists, nor which attribute did not fit.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from typing import Any, Literal, Protocol, cast
from uuid import UUID

from foundation.identifiers import new_id
from foundation.identity import Caller, InternalTokenIssuer, Machine, Purpose
from foundation.tenancy import Tenancy
from gateway.forwarding.failures import ForwardingFailure, TooSlow

_PATH = "/registry/v1/matches"
_OURSELVES = Machine(client_id="gateway", scopes=frozenset({"registry:match"}))
_DATE = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")
_GENDERS = {"1": "1", "2": "2", "9": "9", "male": "1", "female": "2"}
_LONGEST = 500

Grade = Literal["exact", "normalised", "official"]
_GRADES: Mapping[str, Grade] = {
    "exact": "exact",
    "normalised": "normalised",
    "official": "official",
}


class RegisterUnavailable(Exception):
    """The register did not answer; the person is signed in, and is looked up the next time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFace:
    """基本4情報 as the provider read them from the card; never logged, never stored."""

    name: str = field(repr=False)
    birth_on: date = field(repr=False)
    gender: str = field(repr=False)
    address: str = field(repr=False)

    @property
    def parts(self) -> tuple[str, str, str, str]:
        """The four attributes, alike for cards that say the same in another width or spacing."""
        name, address = (
            "".join(unicodedata.normalize("NFKC", text).split())
            for text in (self.name, self.address)
        )
        return name, self.birth_on.isoformat(), self.gender, address


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The record found, and how: to the letter, in other spellings, or for an official to judge."""

    resident_id: UUID
    grade: Grade


class Matcher(Protocol):
    """Whoever can look a person up in a municipality's register."""

    async def match(self, tenancy: Tenancy, card: CardFace) -> Match | None:
        """Return the one record that fits, or None. Raises RegisterUnavailable."""
        ...


class Upstream(Protocol):
    """A small request to one service, answered whole."""

    async def request(
        self,
        method: str,
        path: str,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> tuple[int, Any, bytes]:
        """Return status, headers and body."""
        ...


class RegistryMatcher:
    """Looks people up in the registry service, as the gateway's own machine."""

    def __init__(self, registry: Upstream, *, internal: InternalTokenIssuer) -> None:
        self._registry = registry
        self._internal = internal

    async def match(self, tenancy: Tenancy, card: CardFace) -> Match | None:
        caller = Caller(principal=_OURSELVES, tenancy=tenancy, purpose=Purpose.REGISTRATION)
        token = self._internal.mint(caller, audience="registry")
        body = {
            "name": card.name,
            "birth_on": card.birth_on.isoformat(),
            "address": card.address,
            "gender": card.gender,
        }
        headers = (
            ("authorization", f"Internal {token}"),
            ("content-type", "application/json"),
            ("accept", "application/json"),
            ("idempotency-key", str(new_id())),
        )
        try:
            status, _, answer = await self._registry.request(
                "POST", _PATH, headers, json.dumps(body, ensure_ascii=False).encode()
            )
        except (ForwardingFailure, TooSlow) as error:
            raise RegisterUnavailable from error
        if status == HTTPStatus.NOT_FOUND:
            return None
        if status not in (HTTPStatus.OK, HTTPStatus.CREATED):
            raise RegisterUnavailable(str(status))
        return _match_of(answer)


def card_face(claims: Mapping[str, Any]) -> CardFace | None:
    """Read the four attributes of a userinfo answer; None when they are not all there.

    `birthdate` comes as `YYYYMMDD` or `YYYY-MM-DD`, `gender` as 1, 2, 9 or in words, `address` as
    a text or as OpenID's object: the provider's documentation shows one and samples the other.
    """
    name, address = _text(claims.get("name")), _address(claims.get("address"))
    birth_on = _date(claims.get("birthdate"))
    gender = _GENDERS.get(str(claims.get("gender", "")).lower())
    if name is None or address is None or birth_on is None or gender is None:
        return None
    return CardFace(name=name, birth_on=birth_on, gender=gender, address=address)


def _match_of(answer: bytes) -> Match:
    try:
        found = json.loads(answer)
        return Match(resident_id=UUID(found["resident_id"]), grade=_GRADES[found["grade"]])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RegisterUnavailable("an answer that cannot be read") from error


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST else None


def _address(value: object) -> str | None:
    if isinstance(value, dict):
        return _text(cast("dict[str, object]", value).get("formatted"))
    return _text(value)


def _date(value: object) -> date | None:
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
