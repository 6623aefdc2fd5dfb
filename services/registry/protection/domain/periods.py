"""How long a measure lasts: a year, to be extended from a month before its last day.

Source: 住民基本台帳事務処理要領 第5-10; 住民記録システム標準仕様書 4.5.
"""

import calendar
from datetime import date, timedelta

_DAY = timedelta(days=1)


def last_day_of(begins_on: date) -> date:
    """Return the last day of the year that begins then: of 2020-04-01 it is 2021-03-31."""
    return _months_later(begins_on, 12) - _DAY


def warning_day(ends_on: date) -> date:
    """Return the day a month before the last one, from which an extension may be recorded."""
    return _months_later(ends_on, -1)


def notice_day(ends_on: date, *, ahead: timedelta) -> date:
    """Return the day the ending is announced: a month before, or earlier if so laid down."""
    return min(warning_day(ends_on), ends_on - ahead)


def extended_to(ends_on: date, *, today: date) -> date:
    """Return the new last day: a year after the old one, or from today if that is over too."""
    following = last_day_of(ends_on + _DAY)
    return following if following >= today else last_day_of(today)


def _months_later(day: date, months: int) -> date:
    """Return the same day of another month, or the last one that month has."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    longest = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, longest))
