"""Many small buckets, one for each who comes, and never more of them than memory allows."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from .limits import Rate, judge, retry_after

_MOST_REMEMBERED: Final = 16_384


@dataclass(slots=True)
class Buckets:
    """Buckets of one kind; at most so many, of which the longest untouched is forgotten first.

    To be forgotten is to be full again, so who floods the memory gains nothing for anybody else
    than themselves.
    """

    rate: Rate
    most: int = _MOST_REMEMBERED
    _full_at: OrderedDict[str, float] = field(default_factory=OrderedDict[str, float])

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, key: str, now: float) -> str | None:
        """Count one; return after how many seconds the next will pass, if this one may not."""
        full_at, verdict = judge(self.rate, self._full_at.pop(key, now), now)
        self._full_at[key] = full_at
        if len(self._full_at) > self.most:
            self._full_at.popitem(last=False)
        return None if verdict.allowed else retry_after(verdict)
