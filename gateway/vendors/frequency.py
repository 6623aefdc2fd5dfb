"""How often one address may register: enough for a developer's evening, too little for a flood."""

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from gateway.limits import Rate, judge

FREQUENCY: Final = Rate(per_second=30 / 3600, burst=20)
"""Twenty at once, then thirty an hour."""
_MOST_ADDRESSES: Final = 10_000


@dataclass(slots=True)
class Frequency:
    """One bucket per address, in this gateway's memory; the longest unused is forgotten first.

    A flood from many addresses is stopped by the number of rows there may be, not here.
    """

    rate: Rate = FREQUENCY
    _full_at: OrderedDict[str, float] = field(default_factory=OrderedDict[str, float])

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, address: str, now: float) -> float | None:
        """Count one registration; return after how many seconds to come back, or None."""
        neighbourhood = _neighbourhood(address)
        full_at, verdict = judge(self.rate, self._full_at.get(neighbourhood, now), now)
        self._full_at[neighbourhood] = full_at
        self._full_at.move_to_end(neighbourhood)
        if len(self._full_at) > _MOST_ADDRESSES:
            self._full_at.popitem(last=False)
        return None if verdict.allowed else verdict.retry_after


def _neighbourhood(address: str) -> str:
    """Return what one subscriber has: an IPv4 address, or an IPv6 network of 64 bits."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
