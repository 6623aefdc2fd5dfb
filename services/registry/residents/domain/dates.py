"""Days as registers know them: in either calendar, and sometimes only roughly."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_ERA = re.compile(
    r"(明治|大正|昭和|平成|令和|[MTSHR])(元|[0-9]{1,2})(?:年|[.\-/])([0-9]{1,2})(?:月|[.\-/])"
    r"([0-9]{1,2})日?",
    re.IGNORECASE,
)
# First day and year 1 of each era (改元の政令 and 一世一元の詔). 1873 began the Gregorian calendar:
# earlier Meiji days are lunar, so they are read no earlier than that.
_ERAS = {
    "M": (date(1873, 1, 1), 1868),
    "T": (date(1912, 7, 30), 1912),
    "S": (date(1926, 12, 25), 1926),
    "H": (date(1989, 1, 8), 1989),
    "R": (date(2019, 5, 1), 2019),
}
_ISO_MONTH = re.compile(r"([0-9]{4})(?:年|-([0-9]{1,2})(?:-00)?|年([0-9]{1,2})月|-00-00)?")
_ERA_MONTH = re.compile(
    r"(明治|大正|昭和|平成|令和|[MTSHR])(元|[0-9]{1,2})(?:年|(?:年|[.\-/])([0-9]{1,2})月?)?",
    re.IGNORECASE,
)
_WESTERN_DAY = re.compile(r"([0-9]{4})(?:年|[./])([0-9]{1,2})(?:月|[./])([0-9]{1,2})日?|([0-9]{8})")
_LETTERS = {"明治": "M", "大正": "T", "昭和": "S", "平成": "H", "令和": "R"}
_LAST_DAYS = {
    "M": date(1912, 7, 29),
    "T": date(1926, 12, 24),
    "S": date(1989, 1, 7),
    "H": date(2019, 4, 30),
    "R": date.max,
}
_ONE_DAY = timedelta(days=1)
_EARLIEST = 1850
_UNKNOWN_YEAR = 1900


class Days(NamedTuple):
    """A day, a month or a year, from its first day to its last."""

    first: date
    last: date


class Precision(StrEnum):
    """How much of a day is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FuzzyDate:
    """A day of birth, of which the month, the day or everything may be unknown (年月日不詳)."""

    text: str
    earliest: date
    precision: Precision

    @classmethod
    def parse(cls, text: str) -> "FuzzyDate":
        """Read `1932-00-00` (month and day unknown), `1932-05-00` (day unknown) or a full day.

        `0000-00-00` says that nothing is known.

        Raises:
            ValueError: no such day, or not written like one.
        """
        found = _ISO.fullmatch(text)
        if found is None:
            return cls(text, parse_day(text), Precision.DAY)
        year, month, day = (int(part) for part in found.groups())
        if (year, month, day) == (0, 0, 0):
            return cls(text, date(_UNKNOWN_YEAR, 1, 1), Precision.UNKNOWN)
        if year < _EARLIEST or (month == 0 and day != 0):
            raise ValueError("There is no such day.")
        precision = Precision.YEAR if month == 0 else Precision.MONTH if day == 0 else Precision.DAY
        return cls(text, date(year, max(month, 1), max(day, 1)), precision)


def parse_day(text: str) -> date:
    """Read a full day, `2026-04-01`, `令和8年4月1日`, `R8.4.1`, in any width.

    Raises:
        ValueError: no such day, a day outside its era, or not written like one.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if _ISO.fullmatch(plain):
        day = date.fromisoformat(plain)
    elif found := _ERA.fullmatch(plain):
        day = _in_era(*found.groups())
    else:
        raise ValueError("A day is written like 2026-04-01 or 令和8年4月1日.")
    if day.year < _EARLIEST:
        raise ValueError("There is no such day.")
    return day


def parse_days(text: str) -> Days:
    """Read a day, or only its month or year, in either calendar: `S55`, `昭和55年3月`, `1980-03`.

    Raises:
        ValueError: no such day, month or year, or not written like one.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if found := _ISO_MONTH.fullmatch(plain):
        return _span(int(found[1]), found[2] or found[3], date(_EARLIEST, 1, 1), date.max)
    if found := _ERA_MONTH.fullmatch(plain):
        letter = _LETTERS.get(found[1], found[1].upper())
        first, year_one = _ERAS[letter]
        year = year_one + (1 if found[2] == "元" else int(found[2])) - 1
        return _span(year, found[3], first, _LAST_DAYS[letter])
    if found := _WESTERN_DAY.fullmatch(plain):
        digits = found[4] or f"{found[1]}{int(found[2]):02}{int(found[3]):02}"
        plain = f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
    day = parse_day(plain)
    return Days(day, day)


def _span(year: int, month: str | None, earliest: date, latest: date) -> Days:
    """Return a month, or without one the whole year, as far as it lies between two days."""
    number = int(month or 0)
    first = date(year, number or 1, 1)
    last = date(year, 12, 31) if number in {0, 12} else date(year, number + 1, 1) - _ONE_DAY
    if last < earliest or first > latest:
        raise ValueError("The era did not have that year or month.")
    return Days(max(first, earliest), min(last, latest))


def _in_era(era: str, year: str, month: str, day: str) -> date:
    letter = _LETTERS.get(era, era.upper())
    first, year_one = _ERAS[letter]
    found = date(year_one + (1 if year == "元" else int(year)) - 1, int(month), int(day))
    if not first <= found <= _LAST_DAYS[letter]:
        raise ValueError("The era did not have that day.")
    return found
