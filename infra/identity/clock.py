"""One place that says what time it is, so that an expiry can be shown without waiting for it."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
"""Gives an aware instant in UTC."""

JST = ZoneInfo("Asia/Tokyo")
"""Birthdays and eras are days of the Japanese calendar, never of UTC."""


def system_clock() -> datetime:
    """The instant of this machine, aware and in UTC."""
    return datetime.now(UTC)
