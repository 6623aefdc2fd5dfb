"""One line of the access log: who asked for what, when, and what became of it.

No line quotes what was asked: an address may hold a name, so the operation is noted, not the path.
"""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

_MILLISECONDS_BITS: Final = 80
_V4_KEPT, _V6_KEPT = 24, 48
UNKNOWN: Final = "unknown"
"""The operation of a request for an address that is nobody's."""
RETENTION_DAYS: Final = 366
"""A year and a day, so that the same day of last year can still be looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One request as it is kept. Its number is a UUID of version 7, which holds its time."""

    id: UUID
    kind: str
    subject: str
    client_id: str
    service: str
    operation: str
    status: int
    duration_us: int
    received_bytes: int
    sent_bytes: int
    network: str
    refusal: str

    @property
    def at(self) -> datetime:
        """When the request came, to the millisecond."""
        return instant_of(self.id)


def instant_of(number: UUID) -> datetime:
    """Return the time in a UUID of version 7 (RFC 9562 §5.7)."""
    milliseconds = number.int >> _MILLISECONDS_BITS
    return datetime.fromtimestamp(milliseconds / 1_000, UTC)


def first_number_at(at: datetime) -> UUID:
    """Return the lowest number a request of this millisecond, or a later one, can have."""
    milliseconds = (at - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)
    return UUID(int=max(0, milliseconds) << _MILLISECONDS_BITS)


@lru_cache(maxsize=4_096)
def network_of(address: str) -> str:
    """Return the network an address belongs to: enough to see a pattern, too little for a person.

    24 bits of IPv4, 48 of IPv6; empty for what is no address, such as a unix socket.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    kept = _V4_KEPT if parsed.version == 4 else _V6_KEPT  # noqa: PLR2004 - the version of IP
    return str(ipaddress.ip_network((parsed, kept), strict=False))
