"""Which cells of a line are not sent back, because they may tell where a protected person lives.

Whoever sends a file gets its faulty lines back to mend them. A line may speak of somebody whom the
register protects while it does not say so itself, and a comma too many moves an address under a
heading that promises something else.
"""

from collections.abc import Collection, Mapping
from typing import Final

from .columns import COLUMNS, OPTIONAL
from .faults import FaultKind
from .layouts import IGNORED

WITHHELD: Final = "非開示"
"""What stands in place of such a cell."""
PLACES: Final = frozenset({"address", "postal_code", IGNORED})
"""Where an address is, or, in a column we do not read, may be."""
_NUMBERS: Final = frozenset({"resident_number", "household_number"})
_TYPED: Final[Mapping[str, FaultKind]] = {
    "relationship": FaultKind.RELATIONSHIP,
    "name_kana": FaultKind.KANA,
    "name_kana_verified": FaultKind.KANA_VERIFIED,
    "birth_on": FaultKind.BIRTH_DATE,
    "gender": FaultKind.GENDER,
    "nationality": FaultKind.NATIONALITY,
    "resident_from": FaultKind.RESIDENCE_DATES,
    "resident_until": FaultKind.RESIDENCE_DATES,
    "tax_status": FaultKind.TAX_STATUS,
    "protection": FaultKind.PROTECTION,
    "history_number": FaultKind.HISTORY_NUMBER,
    "change_reason": FaultKind.CHANGE_REASON,
    "changed_on": FaultKind.CHANGE_DATES,
    "notified_on": FaultKind.CHANGE_DATES,
}
"""Columns that cannot hold an address without this fault; every other holds whatever it is given,
but for numbers, which are faulty often and mended by being seen."""
_FREE: Final = frozenset({*COLUMNS, *OPTIONAL, IGNORED}) - _TYPED.keys() - _NUMBERS


def withheld(
    said: Mapping[str, str], kinds: Collection[FaultKind], *, hidden: Collection[str]
) -> frozenset[str]:
    """Return the columns of a line that are not sent back.

    `said` is the line in our words, `kinds` what is wrong with it, `hidden` the numbers of whoever
    the register protects, without leading zeros. Where the cells may have moved, only those are
    sent back that are what their heading promises.
    """
    if not _may_be_protected(said, kinds, hidden):
        return frozenset()
    moved = {name for name, kind in _TYPED.items() if kind in kinds}
    moved |= {name for name in _NUMBERS if any(map(str.isalpha, said[name]))}
    return PLACES | _FREE | moved if moved else PLACES


def _may_be_protected(
    said: Mapping[str, str], kinds: Collection[FaultKind], hidden: Collection[str]
) -> bool:
    """Tell it by the words of their system, and of a word nobody has explained believe it.

    Somebody whose number is not in order cannot be looked up: the register may protect them.
    """
    return (
        said["protection"] != ""
        or FaultKind.RESIDENT_NUMBER in kinds
        or FaultKind.PROTECTION_WOULD_END in kinds
        or said["resident_number"].lstrip("0") in hidden
    )
