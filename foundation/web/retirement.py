"""An operation that will end says so long before, with every answer (RFC 9745, RFC 8594)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """Since which day nobody should begin to use it, from which day it is gone, and what instead.

    `instead` is the address of the operation that takes its place; `read_more` of a page about it.
    """

    since: date
    sunset: date
    instead: str | None = None
    read_more: str | None = None

    def __post_init__(self) -> None:
        if self.sunset <= self.since:
            raise ValueError("What ends was said to end before that.")

    @property
    def headers(self) -> Mapping[str, str]:
        """The fields of every answer: `Deprecation`, `Sunset` and, where they lead on, `Link`."""
        links = [
            f'<{address}>; rel="{relation}"'
            for address, relation in (
                (self.instead, "successor-version"),
                (self.read_more, "deprecation"),
            )
            if address is not None
        ]
        return {
            "Deprecation": f"@{int(_midnight(self.since).timestamp())}",
            "Sunset": format_datetime(_midnight(self.sunset), usegmt=True),
            **({"Link": ", ".join(links)} if links else {}),
        }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
