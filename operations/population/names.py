"""Names as registers hold them: written forms, readings, spellings no old system could store."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .chance import Chance, Lottery

MALE, FEMALE = "1", "2"
SPACE = "\u3000"
"""Registers part the family name from the given name with one full-width space."""

_DATA = Path(__file__).parent / "data"
_VARIATION_SELECTORS = dict.fromkeys((*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
_ALIAS_SHARE = {"korea": 0.6, "brazil": 0.3, "china": 0.2, "philippines": 0.2}


@dataclass(frozen=True, slots=True)
class NamePart:
    """A family name or a given name: as registered, as every screen can show it, as it is read."""

    formal: str
    display: str
    kana: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonName:
    """A whole name. A foreign resident's formal name is in Latin letters; `alias` is the 通称."""

    formal: str
    display: str
    kana: str
    latin: str = ""
    alias: str = ""


@dataclass(frozen=True, slots=True)
class ForeignFamily:
    """A family name in Latin letters and where given names that go with it come from."""

    origin: str
    latin: str
    kana: str


def without_variation_selectors(text: str) -> str:
    """Return the text with every ideograph in its default shape."""
    return text.translate(_VARIATION_SELECTORS)


def japanese(family: NamePart, given: NamePart) -> PersonName:
    """Join a family name and a given name as the register writes them."""
    return PersonName(
        formal=family.formal + SPACE + given.formal,
        display=family.display + SPACE + given.display,
        kana=family.kana + SPACE + given.kana,
    )


def _read(file_name: str) -> Iterator[dict[str, str]]:
    with (_DATA / file_name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


@cache
def surnames() -> Lottery[NamePart]:
    """Return the family names, weighted roughly as common as they are in Japan."""
    return Lottery(
        [
            (NamePart(row["formal"], row["display"], row["kana"]), float(row["weight"]))
            for row in _read("surnames.csv")
        ]
    )


@cache
def given_names(gender: str, year: int) -> Lottery[NamePart]:
    """Return the given names parents chose in a year, weighted by fashion."""
    return Lottery(
        [
            (
                NamePart(row["formal"], without_variation_selectors(row["formal"]), row["kana"]),
                float(row["weight"]),
            )
            for row in _read("given_names.csv")
            if row["gender"] == gender and int(row["born_from"]) <= year <= int(row["born_to"])
        ]
    )


@cache
def _foreign(origin: str, part: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (row["latin"], row["kana"])
        for row in _read("foreign_names.csv")
        if row["origin"] == origin and row["part"] == part
    )


class NameBook:
    """Gives names to people; who is given which name depends on the chance it was made with."""

    __slots__ = ("_chance",)

    def __init__(self, chance: Chance) -> None:
        self._chance = chance

    def family(self) -> NamePart:
        return self._chance.draw(surnames())

    def given(self, *, gender: str, year: int) -> NamePart:
        return self._chance.draw(given_names(gender, year))

    def japanese(self, family: NamePart, *, gender: str, year: int) -> PersonName:
        return japanese(family, self.given(gender=gender, year=year))

    def foreign_family(self, origins: Lottery[str]) -> ForeignFamily:
        origin = self._chance.draw(origins)
        return ForeignFamily(origin, *self._chance.pick(_foreign(origin, "family")))

    def foreign(self, family: ForeignFamily, *, gender: str, year: int) -> PersonName:
        """Name a foreign resident; a 通称 is likelier where families came long ago."""
        part = "male" if gender == MALE else "female"
        latin, kana = self._chance.pick(_foreign(family.origin, part))
        formal = f"{family.latin} {latin}"
        alias = ""
        if self._chance.happens(_ALIAS_SHARE.get(family.origin, 0.05)):
            alias = self.japanese(self.family(), gender=gender, year=year).display
        return PersonName(
            formal=formal,
            display=formal,
            kana=family.kana + SPACE + kana,
            latin=formal,
            alias=alias,
        )
