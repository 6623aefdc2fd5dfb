"""What time it is: one place to ask, so a deadline can be tested and a date is always Japan's."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

JST = ZoneInfo("Asia/Tokyo")

_frozen: ContextVar[datetime | None] = ContextVar("frozen_clock", default=None)


def now() -> datetime:
    """Return the present instant in UTC, to the microsecond."""
    return _frozen.get() or datetime.now(UTC)


def today() -> date:
    """Return the calendar day in Japan, where a deadline ends at midnight of Asia/Tokyo."""
    return now().astimezone(JST).date()


@contextmanager
def frozen(at: datetime) -> Generator[None]:
    """Hold the clock at an instant for the present task; for tests and rehearsals.

    Raises:
        ValueError: `at` has no offset, so it names no instant.
    """
    if at.tzinfo is None:
        raise ValueError("An instant needs an offset.")
    token = _frozen.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
