"""Characters of names that not every system can write, and what becomes of them where it cannot.

A name is never changed in the register. But a letter, a bank file or an older system may have fewer
characters, and whoever is responsible for the names should know beforehand whose would degrade.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.registry.residents.domain import search_name

_COMMON: Final = re.compile("[\u3000-\u30ff\uff01-\uff9f\x20-\x7e]+")
_SELECTOR: Final = re.compile(
    "[^\ufe00-\ufe0f\U000e0100-\U000e01ef][\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
_LOST: Final = "〓"


@dataclass(frozen=True, slots=True, kw_only=True)
class Degrading:
    """One character, how often it was met, and what it would be shown as elsewhere."""

    character: str
    count: int
    in_jis_x_0213: bool
    in_cp932: bool
    shown_as: str
    """The form that people write interchangeably and JIS X 0208 has, or 〓 where there is none."""


def degrading(names: Iterable[str]) -> Counter[str]:
    """Count the characters of names that JIS X 0208 does not have, selected forms by themselves."""
    found: Counter[str] = Counter()
    text = "".join(names)
    for pair in _SELECTOR.findall(text):
        found[pair] += 1
    plain = _COMMON.sub("", _SELECTOR.sub("", text))
    different = {character for character in set(plain) if not _fits(character, "iso2022_jp")}
    found.update({character: plain.count(character) for character in different})
    return found


def explained(counts: dict[str, int], *, most: int) -> tuple[Degrading, ...]:
    """Return the most frequent of them with what becomes of each."""
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:most]
    return tuple(
        Degrading(
            character=character,
            count=count,
            in_jis_x_0213=_fits(character, "euc_jis_2004"),
            in_cp932=_fits(character, "cp932"),
            shown_as=_shown_as(character),
        )
        for character, count in ordered
    )


def _shown_as(character: str) -> str:
    folded = search_name(character)
    return folded if folded and _fits(folded, "iso2022_jp") else _LOST


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
