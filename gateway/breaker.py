"""A service that fails is left alone for a while: it recovers sooner, and nobody waits in vain.

Closed, requests pass. After `failures` within `window` seconds, unless more than as many requests
were answered meanwhile, the breaker opens, and for `rest` seconds requests are refused at once
instead of waiting for a deadline. Then one request probes: if it is answered the breaker closes,
otherwise it rests again.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class BreakerState(StrEnum):
    """How a breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"


class Sign(StrEnum):
    """What a breaker is told."""

    TRIPPED = "tripped"
    RESTED = "rested"
    ANSWERED = "answered"
    FAILED = "failed"


TRANSITIONS: Final[Mapping[tuple[BreakerState, Sign], BreakerState]] = {
    (BreakerState.CLOSED, Sign.TRIPPED): BreakerState.OPEN,
    (BreakerState.OPEN, Sign.RESTED): BreakerState.PROBING,
    (BreakerState.PROBING, Sign.ANSWERED): BreakerState.CLOSED,
    (BreakerState.PROBING, Sign.FAILED): BreakerState.OPEN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerLimits:
    """When to open, and for how long (seconds)."""

    failures: int = 5
    window: float = 10.0
    rest: float = 5.0


@dataclass(slots=True)
class Breaker:
    """The breaker of one service.

    What counts as a failure says that the service itself is ill: no connection, a connection lost,
    an answer that is none, a deadline missed. An error it answers properly does not, nor does
    anything the client did. Every request that `admits` let through is reported on exactly once:
    `answered`, `failed`, or `told_nothing`.
    """

    limits: BreakerLimits = field(default_factory=BreakerLimits)
    state: BreakerState = BreakerState.CLOSED
    _failed_at: deque[float] = field(default_factory=deque[float])
    _opened_at: float = 0.0
    _probe_is_out: bool = False
    _answered: int = 0

    @property
    def is_certain(self) -> bool:
        """Whether the service is well and has been for a while: then an answer tells nothing."""
        return not self._failed_at and self.state is BreakerState.CLOSED

    def admits(self, now: float) -> bool:
        """Tell whether a request may pass; while probing that is one at a time."""
        if self.state is BreakerState.CLOSED:
            return True
        if self.state is BreakerState.OPEN:
            if now < self._opened_at + self.limits.rest:
                return False
            self._go(Sign.RESTED)
        if self._probe_is_out:
            return False
        self._probe_is_out = True
        return True

    def answered(self) -> None:
        """Note an answer, whatever its status."""
        if self.state is BreakerState.PROBING:
            self._go(Sign.ANSWERED)
            self._failed_at.clear()
        elif self._failed_at:
            self._answered += 1
        self._probe_is_out = False

    def failed(self, now: float) -> None:
        """Note that the service could not be asked or did not answer."""
        if self.state is BreakerState.PROBING:
            self._go(Sign.FAILED)
            self._opened_at = now
        elif self.state is BreakerState.CLOSED:
            self._count(now)
        self._probe_is_out = False

    def told_nothing(self) -> None:
        """Note that a request ended without a word about the service: its client hung up."""
        self._probe_is_out = False

    def retry_after(self, now: float) -> float:
        """Return the seconds until the next probe."""
        return max(0.0, self._opened_at + self.limits.rest - now)

    def _count(self, now: float) -> None:
        while self._failed_at and self._failed_at[0] <= now - self.limits.window:
            self._failed_at.popleft()
        if not self._failed_at:
            self._answered = 0
        self._failed_at.append(now)
        failures = len(self._failed_at)
        if failures >= self.limits.failures and failures >= self._answered:
            self._go(Sign.TRIPPED)
            self._opened_at = now
            self._answered = 0
            self._failed_at.clear()

    def _go(self, sign: Sign) -> None:
        self.state = TRANSITIONS[self.state, sign]
