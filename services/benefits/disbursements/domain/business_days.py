"""The days on which banks carry out transfers."""

from datetime import date

import jpholiday

_SATURDAY = 5
_YEAR_END = frozenset({(12, 31), (1, 1), (1, 2), (1, 3)})


def is_banking_day(day: date) -> bool:
    """Tell whether banks are open: no weekend, no holiday, not 31 December to 3 January.

    Source: 銀行法 第15条, 銀行法施行令 第5条.
    """
    closed = (day.month, day.day) in _YEAR_END or jpholiday.is_holiday(day)
    return day.weekday() < _SATURDAY and not closed
