"""For each rule about one line, a quick reason why no line of a column can break it.

`True` means: proved, for all lines from `first` up to `end`. `False` means nothing: somebody has to
look closer. Every proof works through a column in C, never line by line in ours.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import chain
from typing import Final

from .faults import FaultKind
from .numbers import is_register_number
from .people import (
    CHECKS,
    KANA,
    LONGEST,
    NAMES,
    SUBSTITUTES,
    is_birth,
    is_residence,
    wide,
)

Columns = dict[str, list[str]]
Proof = Callable[[Columns, int, int], bool]

_UNSTORED: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\U000f0000-\U0010ffff]")
"""A superset of control characters, halves of characters and private use (外字)."""
_MIDDLE_DOT: Final = "・"
"""A letter every reading may have, so it may stand between readings, too."""
_known_birth = lru_cache(maxsize=65_536)(is_birth)
_known_residence = lru_cache(maxsize=65_536)(is_residence)


def _all_of(name: str, test: Callable[[str], bool]) -> Proof:
    def proof(columns: Columns, first: int, end: int) -> bool:
        return all(map(test, set(columns[name][first:end])))

    return proof


def _none_empty(*names: str) -> Proof:
    def proof(columns: Columns, first: int, end: int) -> bool:
        return all("" not in columns[name][first:end] for name in names)

    return proof


def _by_the_rule(kind: FaultKind, *names: str) -> Proof:
    """Judge each different value once by the rule itself; codes have few."""

    def proof(columns: Columns, first: int, end: int) -> bool:
        values = set(zip(*(columns[name][first:end] for name in names), strict=True))
        return not any(CHECKS[kind](dict(zip(names, value, strict=True))) for value in values)

    return proof


def _are_written(columns: Columns, first: int, end: int) -> bool:
    cells = _joined(chain.from_iterable(column[first:end] for column in columns.values()))
    if not cells.replace("\u3000", " ").isprintable() and _UNSTORED.search(cells):
        return False
    names = _joined(chain.from_iterable(columns[name][first:end] for name in NAMES))
    return not any(substitute in names for substitute in SUBSTITUTES)


def _are_kana(columns: Columns, first: int, end: int) -> bool:
    readings = wide(_MIDDLE_DOT.join(columns["name_kana"][first:end]))
    return KANA.fullmatch(readings) is not None


def _are_residences(columns: Columns, first: int, end: int) -> bool:
    since, until = columns["resident_from"][first:end], columns["resident_until"][first:end]
    return all(_known_residence(*days) for days in set(zip(since, until, strict=True)))


def _are_short(columns: Columns, first: int, end: int) -> bool:
    return all(max(map(len, column[first:end])) <= LONGEST for column in columns.values())


def _joined(cells: Iterable[str]) -> str:
    return " ".join(cells)


LINE_PROOFS: Mapping[FaultKind, Proof] = {
    FaultKind.RESIDENT_NUMBER: _all_of("resident_number", is_register_number),
    FaultKind.HOUSEHOLD_NUMBER: _all_of("household_number", is_register_number),
    FaultKind.NAME_MISSING: _none_empty("name_formal", "name_display"),
    FaultKind.NAME_UNREPRESENTABLE: _are_written,
    FaultKind.KANA: _are_kana,
    FaultKind.BIRTH_DATE: _all_of("birth_on", _known_birth),
    FaultKind.RESIDENCE_DATES: _are_residences,
    FaultKind.GENDER: _by_the_rule(FaultKind.GENDER, "gender"),
    FaultKind.RELATIONSHIP_MISSING: _none_empty("relationship"),
    FaultKind.RELATIONSHIP: _by_the_rule(FaultKind.RELATIONSHIP, "relationship"),
    FaultKind.TAX_STATUS: _by_the_rule(FaultKind.TAX_STATUS, "tax_status"),
    FaultKind.NATIONALITY: _by_the_rule(FaultKind.NATIONALITY, "nationality"),
    FaultKind.PROTECTION: _by_the_rule(FaultKind.PROTECTION, "protection"),
    FaultKind.KANA_VERIFIED: _by_the_rule(FaultKind.KANA_VERIFIED, "name_kana_verified"),
    FaultKind.POSTAL_CODE: _by_the_rule(FaultKind.POSTAL_CODE, "postal_code"),
    FaultKind.ADDRESS_MISSING: _none_empty("address"),
    FaultKind.TOO_LONG: _are_short,
    FaultKind.HISTORY_NUMBER: _by_the_rule(FaultKind.HISTORY_NUMBER, "history_number"),
    FaultKind.CHANGE_REASON: _by_the_rule(FaultKind.CHANGE_REASON, "change_reason"),
    FaultKind.CHANGE_DATES: _by_the_rule(FaultKind.CHANGE_DATES, "changed_on", "notified_on"),
}
