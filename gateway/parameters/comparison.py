"""Beside whom a municipality is compared, and how much is told of them: counts, never a name.

No value is told that fewer than five hold. Where only a few hold others, the rarest of those that
were told goes to them, so that nobody finds the few by taking one count from another.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from foundation.identifiers import CodeKind, MunicipalityCode
from foundation.parameters import Value

LEAST: Final = 5
"""How many must hold a value for it to be told."""

DESIGNATED_CITIES: Final[frozenset[str]] = frozenset(
    {
        "011002",
        "041009",
        "111007",
        "121002",
        "141003",
        "141305",
        "141500",
        "151009",
        "221007",
        "221309",
        "231002",
        "261009",
        "271004",
        "271403",
        "281000",
        "331007",
        "341002",
        "401005",
        "401307",
        "431001",
    }
)
"""The twenty of 地方自治法第252条の19第1項の指定都市の指定に関する政令."""


class SizeClass(StrEnum):
    """Whom one is like, by the directory."""

    PREFECTURE = "prefecture"
    DESIGNATED_CITY = "designated_city"
    SPECIAL_WARD = "special_ward"
    CITY = "city"
    TOWN = "town"
    VILLAGE = "village"


_ENDINGS: Final = {
    "区": SizeClass.SPECIAL_WARD,
    "市": SizeClass.CITY,
    "町": SizeClass.TOWN,
    "村": SizeClass.VILLAGE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many hold a value; without one, how many hold any of those that are not told."""

    value: Value | None
    count: int


def size_class(code: MunicipalityCode, name: str) -> SizeClass | None:
    """Return whom a place is like; the nation is like nobody."""
    if code.kind is CodeKind.NATION:
        return None
    if code.kind is CodeKind.PREFECTURE:
        return SizeClass.PREFECTURE
    if str(code) in DESIGNATED_CITIES:
        return SizeClass.DESIGNATED_CITY
    return _ENDINGS.get(name[-1:])


def distribution(values: Iterable[Value], *, least: int = LEAST) -> list[Share]:
    """Return how many hold which value, the most frequent first, and the rest in one."""
    held = sorted(Counter(values).items(), key=lambda one: (-one[1], str(one[0])))
    told = [Share(value=value, count=count) for value, count in held if count >= least]
    others = sum(count for _, count in held if count < least)
    while told and 0 < others < least:
        others += told.pop().count
    if others >= least:
        told.append(Share(value=None, count=others))
    return told
