"""Reading one line of a register as a person, or as the list of what is wrong with it."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.registry.residents.domain import FuzzyDate, TaxStatus, search_kana, search_name

from .columns import OPTIONAL
from .faults import FaultKind
from .life import HOUSEHOLDER, is_reason, is_relationship
from .numbers import is_register_number

LONGEST = 200
KANA = re.compile("[ァ-ヺー・ヽヾ 　]*")
_POSTAL = re.compile("[0-9]{7}")
_UNREPRESENTABLE = {"Co", "Cs", "Cc"}
SUBSTITUTES = frozenset("?？〓□■●\ufffd")
"""What other systems write where their character set has no letter; the letter itself is lost."""
NAMES = ("name_formal", "name_display", "alias")
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_COUNT = re.compile("[1-9][0-9]{0,3}|")
BETWEEN = "\x1f"
CONTENT = (
    "resident_number",
    "household_number",
    "relationship",
    "name_formal",
    "name_display",
    "name_kana",
    "name_kana_verified",
    "alias",
    "name_latin",
    "birth_on",
    "gender",
    "postal_code",
    "address",
    "nationality_kind",
    "resident_from",
    "resident_until",
    "tax_status",
    "protection",
    "change_reason",
    "changed_on",
    "notified_on",
)
"""What makes two states of a person different, in the order in which it is compared."""
_SAID_AS_READ = frozenset(CONTENT) - {
    "name_kana_verified",
    "birth_on",
    "resident_from",
    "resident_until",
    "changed_on",
    "notified_on",
}


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
    history_number: int | None = None
    """Which state of the person this is, if the file says so."""
    change_reason: str = ""
    changed_on: date | None = None
    notified_on: date | None = None

    @property
    def name_search(self) -> str:
        return search_name(self.name_display)

    @property
    def kana_search(self) -> str:
        return search_kana(self.name_kana)

    def content(self) -> str:
        """Return everything the line says, as one text that equals another's only if all does."""
        until = "" if self.resident_until is None else self.resident_until.isoformat()
        given = {
            **{name: getattr(self, name) for name in _SAID_AS_READ},
            "name_kana_verified": str(int(self.name_kana_verified)),
            "birth_on": self.birth.text,
            "resident_from": self.resident_from.isoformat(),
            "resident_until": until,
            "changed_on": "" if self.changed_on is None else self.changed_on.isoformat(),
            "notified_on": "" if self.notified_on is None else self.notified_on.isoformat(),
        }
        return BETWEEN.join(given[name] for name in CONTENT)


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
        given |= dict.fromkeys(OPTIONAL.keys() - given.keys(), "")
        faults = [kind for kind, is_wrong in CHECKS.items() if is_wrong(given)]
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
        name_kana=wide(given["name_kana"]),
        name_kana_verified=given["name_kana_verified"] == "1",
        alias=given["alias"],
        name_latin=given["name_latin"],
        birth=FuzzyDate.parse(given["birth_on"]),
        gender=given["gender"],
        nationality_kind=given["nationality"],
        postal_code=given["postal_code"].replace("-", ""),
        address=given["address"],
        resident_from=date.fromisoformat(given["resident_from"]),
        resident_until=_day(until),
        tax_status=given["tax_status"],
        protection=given["protection"],
        history_number=int(given["history_number"]) if given["history_number"] else None,
        change_reason=given["change_reason"],
        changed_on=_day(given["changed_on"]),
        notified_on=_day(given["notified_on"]),
    )


def wide(kana: str) -> str:
    """Return half-width kana as full-width; everything else stays as it was."""
    return unicodedata.normalize("NFKC", kana)


def _is_unrepresentable(text: str) -> bool:
    return any(unicodedata.category(character) in _UNREPRESENTABLE for character in text)


def is_birth(text: str) -> bool:
    """Tell whether it is a day of birth as far as one is known."""
    try:
        FuzzyDate.parse(text)
    except ValueError:
        return False
    return _DAY.fullmatch(text) is not None


def is_residence(since: str, until: str) -> bool:
    """Tell whether both are days, the end not before the beginning; the end may be open."""
    return _is_day(since) and (until == "" or (_is_day(until) and until >= since))


def _is_day(text: str) -> bool:
    if _DAY.fullmatch(text) is None:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


CHECKS: Mapping[FaultKind, Callable[[Mapping[str, str]], bool]] = {
    FaultKind.RESIDENT_NUMBER: lambda given: not is_register_number(given["resident_number"]),
    FaultKind.HOUSEHOLD_NUMBER: lambda given: not is_register_number(given["household_number"]),
    FaultKind.NAME_MISSING: lambda given: not (given["name_formal"] and given["name_display"]),
    FaultKind.NAME_UNREPRESENTABLE: lambda given: (
        any(_is_unrepresentable(cell) for cell in given.values())
        or any(SUBSTITUTES.intersection(given[name]) for name in NAMES)
    ),
    # A reading may be absent (住民記録システム標準仕様書): many foreign residents have none.
    FaultKind.KANA: lambda given: KANA.fullmatch(wide(given["name_kana"])) is None,
    FaultKind.BIRTH_DATE: lambda given: not is_birth(given["birth_on"]),
    FaultKind.RESIDENCE_DATES: lambda given: (
        not is_residence(given["resident_from"], given["resident_until"])
    ),
    FaultKind.GENDER: lambda given: given["gender"] not in {"1", "2", "9"},
    FaultKind.RELATIONSHIP_MISSING: lambda given: not given["relationship"],
    FaultKind.RELATIONSHIP: lambda given: (
        given["relationship"] != "" and not is_relationship(given["relationship"])
    ),
    FaultKind.TAX_STATUS: lambda given: given["tax_status"] not in set(TaxStatus),
    FaultKind.NATIONALITY: lambda given: given["nationality"] not in {"japanese", "foreign"},
    FaultKind.PROTECTION: lambda given: given["protection"] not in {"", "dv"},
    FaultKind.KANA_VERIFIED: lambda given: given["name_kana_verified"] not in {"0", "1"},
    FaultKind.POSTAL_CODE: lambda given: (
        given["postal_code"] != ""
        and _POSTAL.fullmatch(given["postal_code"].replace("-", "")) is None
    ),
    FaultKind.ADDRESS_MISSING: lambda given: not given["address"],
    FaultKind.TOO_LONG: lambda given: any(len(cell) > LONGEST for cell in given.values()),
    FaultKind.HISTORY_NUMBER: lambda given: _COUNT.fullmatch(given["history_number"]) is None,
    FaultKind.CHANGE_REASON: lambda given: not is_reason(given["change_reason"]),
    FaultKind.CHANGE_DATES: lambda given: any(
        given[name] != "" and not _is_day(given[name]) for name in ("changed_on", "notified_on")
    ),
}
"""What is wrong with a line, for each cause that can be seen in the line alone."""
