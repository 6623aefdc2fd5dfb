"""Reading one line of a register as a person, or as the list of what is wrong with it."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.registry.residents.domain import FuzzyDate, TaxStatus, search_kana, search_name

from .faults import FaultKind
from .numbers import is_register_number

HOUSEHOLDER = "世帯主"
_LONGEST = 200
_KANA = re.compile("[ァ-ヺー・ヽヾ 　]*")
_POSTAL = re.compile("[0-9]{7}")
_UNREPRESENTABLE = {"Co", "Cs", "Cc"}
_SUBSTITUTES = frozenset("?？〓□■●\ufffd")
"""What other systems write where their character set has no letter; the letter itself is lost."""
_NAMES = ("name_formal", "name_display", "alias")
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A line that may enter the register."""

    line: int
    resident_number: str
    household_number: str
    relationship: str
    is_householder: bool
    name_formal: str
    name_display: str
    name_kana: str
    name_kana_verified: bool
    alias: str
    name_latin: str
    birth: FuzzyDate
    gender: str
    nationality_kind: str
    postal_code: str
    address: str
    resident_from: date
    resident_until: date | None
    tax_status: str
    protection: str

    @property
    def name_search(self) -> str:
        return search_name(self.name_display)

    @property
    def kana_search(self) -> str:
        return search_kana(self.name_kana)

    def content(self) -> str:
        """Return everything the line says, as one text that equals another's only if all does."""
        return "\x1f".join(
            str(getattr(self, name)) for name in self.__slots__ if name not in {"line", "birth"}
        ) + ("\x1f" + self.birth.text)


class Reader:
    """Reads lines whose columns come in one order."""

    def __init__(self, order: Sequence[str]) -> None:
        self._order = tuple(order)

    def read(self, cells: Sequence[str], *, line: int) -> Person | list[FaultKind]:
        """Return the person, or every fault of the line."""
        if len(cells) != len(self._order):
            return [FaultKind.WRONG_COLUMN_COUNT]
        # NFC keeps variation selectors: they say which form of the character the family bears.
        given = {
            name: unicodedata.normalize("NFC", cell).strip()
            for name, cell in zip(self._order, cells, strict=True)
        }
        faults = [kind for kind, is_wrong in _CHECKS.items() if is_wrong(given)]
        return faults or _person_of(given, line)


def _person_of(given: Mapping[str, str], line: int) -> Person:
    until = given["resident_until"]
    return Person(
        line=line,
        resident_number=given["resident_number"],
        household_number=given["household_number"],
        relationship=given["relationship"],
        is_householder=given["relationship"] == HOUSEHOLDER,
        name_formal=given["name_formal"],
        name_display=given["name_display"],
        name_kana=_wide(given["name_kana"]),
        name_kana_verified=given["name_kana_verified"] == "1",
        alias=given["alias"],
        name_latin=given["name_latin"],
        birth=FuzzyDate.parse(given["birth_on"]),
        gender=given["gender"],
        nationality_kind=given["nationality"],
        postal_code=given["postal_code"].replace("-", ""),
        address=given["address"],
        resident_from=date.fromisoformat(given["resident_from"]),
        resident_until=date.fromisoformat(until) if until else None,
        tax_status=given["tax_status"],
        protection=given["protection"],
    )


def _wide(kana: str) -> str:
    """Return half-width kana as full-width; everything else stays as it was."""
    return unicodedata.normalize("NFKC", kana)


def _is_unrepresentable(text: str) -> bool:
    return any(unicodedata.category(character) in _UNREPRESENTABLE for character in text)


def _no_birth(given: Mapping[str, str]) -> bool:
    try:
        FuzzyDate.parse(given["birth_on"])
    except ValueError:
        return True
    return _DAY.fullmatch(given["birth_on"]) is None


def _no_residence(given: Mapping[str, str]) -> bool:
    first, last = given["resident_from"], given["resident_until"]
    if _DAY.fullmatch(first) is None or (last and _DAY.fullmatch(last) is None):
        return True
    try:
        began = date.fromisoformat(first)
        return bool(last) and date.fromisoformat(last) < began
    except ValueError:
        return True


_CHECKS: Mapping[FaultKind, Callable[[Mapping[str, str]], bool]] = {
    FaultKind.RESIDENT_NUMBER: lambda given: not is_register_number(given["resident_number"]),
    FaultKind.HOUSEHOLD_NUMBER: lambda given: not is_register_number(given["household_number"]),
    FaultKind.NAME_MISSING: lambda given: not (given["name_formal"] and given["name_display"]),
    FaultKind.NAME_UNREPRESENTABLE: lambda given: (
        any(_is_unrepresentable(cell) for cell in given.values())
        or any(_SUBSTITUTES.intersection(given[name]) for name in _NAMES)
    ),
    # A reading may be absent (住民記録システム標準仕様書): many foreign residents have none.
    FaultKind.KANA: lambda given: _KANA.fullmatch(_wide(given["name_kana"])) is None,
    FaultKind.BIRTH_DATE: _no_birth,
    FaultKind.RESIDENCE_DATES: _no_residence,
    FaultKind.GENDER: lambda given: given["gender"] not in {"1", "2", "9"},
    FaultKind.RELATIONSHIP_MISSING: lambda given: not given["relationship"],
    FaultKind.TAX_STATUS: lambda given: given["tax_status"] not in set(TaxStatus),
    FaultKind.NATIONALITY: lambda given: given["nationality"] not in {"japanese", "foreign"},
    FaultKind.PROTECTION: lambda given: given["protection"] not in {"", "dv"},
    FaultKind.KANA_VERIFIED: lambda given: given["name_kana_verified"] not in {"0", "1"},
    FaultKind.POSTAL_CODE: lambda given: (
        given["postal_code"] != ""
        and _POSTAL.fullmatch(given["postal_code"].replace("-", "")) is None
    ),
    FaultKind.ADDRESS_MISSING: lambda given: not given["address"],
    FaultKind.TOO_LONG: lambda given: any(len(cell) > _LONGEST for cell in given.values()),
}
