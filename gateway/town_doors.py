"""One municipality's sign-in, shared out so that a few who hammer at it close it for nobody.

Nobody is known at this door but by an address, and a cookie is easily made up, so what tells a
resident from a flood is how little they ask. Whoever asked little lately is let in even when the
municipality's rate is used up, from a reserve as large as that rate: six hundred addresses at once
can have their small share of it, so ten or a hundred that hammer cannot empty it. Whoever asks
much lives on what is left of the rate, and on no more than a fifth of it, for many people may
share one address, and no address is worth a town. In IPv6 an address is everything one subscriber
may have been given: whoever has tens of thousands of networks is still one. A flood from thousands
of addresses is not stopped here; what stands in front of us must do that.
"""

from dataclasses import dataclass, field
from typing import Final

from .buckets import Buckets
from .limits import Rate

_SHARE: Final = 5
"""One address has at most this part of what the municipality has."""
_QUIET: Final = 600
"""So many addresses at once may have their small share of the reserve."""
_QUIET_BURST: Final = 250


@dataclass(slots=True)
class TownDoors:
    """What may be asked in the name of each municipality, in the memory of one gateway."""

    rate: Rate
    common: Buckets = field(init=False)
    reserve: Buckets = field(init=False)
    shares: Buckets = field(init=False)
    quiet: Buckets = field(init=False)

    def __post_init__(self) -> None:
        per_second, burst = self.rate.per_second, self.rate.burst
        share = Rate(per_second=per_second / _SHARE, burst=max(1, burst // _SHARE))
        quiet = Rate(per_second=per_second / _QUIET, burst=max(1, burst // _QUIET_BURST))
        self.common, self.reserve = Buckets(self.rate), Buckets(self.rate)
        self.shares, self.quiet = Buckets(share), Buckets(quiet)

    def take(self, code: str, site: str, now: float) -> str | None:
        """Count one request; return after how many seconds to come back, or None to let it in.

        Args:
            code: the municipality that is named; it need not exist.
            site: who counts as one.
            now: seconds that only grow.
        """
        who = f"{code} {site}"
        asked_little = self.quiet.take(who, now) is None
        wait = self.shares.take(who, now)
        if wait is None:
            wait = self.common.take(code, now)
        if wait is not None and asked_little:
            return self.reserve.take(code, now)
        return wait
