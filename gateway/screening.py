"""What is asked of every request to a service once it is proven whose it is; all from memory.

In this order: does the municipality take part in it → is the service open → is the caller within
the rate → do they mean their own municipality → by which token will the service know them.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Final

from foundation.problems import TooManyRequests
from gateway.forwarding.wire import Headers

from .admission import Admission, Stated
from .body_limits import BodyLimits
from .limits import Rate, RateLimits, Verdict, rate_headers, retry_after
from .memberships.doors import Doors
from .routes import Route
from .switches.signs import Switches
from .token_cache import Pass

PASSAGE: Final = "gateway.passage"
"""Where a server's scope holds what the short way found out about the caller already."""
READING: Final = frozenset({b"GET", b"HEAD", b"OPTIONS"})


@dataclass(slots=True)
class Passage:
    """One proven caller on the way to one service; filled in step by step."""

    holder: Pass
    tenant_id: int
    code: str
    rate: Rate | None = None
    verdict: Verdict | None = None
    internal_token: bytes = b""
    until: float = 0.0
    """The monotonic time by which the answer is to begin; 0 as long as nobody has looked."""
    was_said: bool = False
    """Whether a service was told once to do it and nobody heard whether it did."""

    @classmethod
    def of(cls, holder: Pass) -> "Passage":
        return cls(holder, holder.tenant_id, holder.code)

    @property
    def is_counted(self) -> bool:
        """Whether it was screened, so that it is not counted twice."""
        return bool(self.internal_token)

    def headers(self) -> Headers:
        """Return what the caller is told of their rate; nothing before it was counted."""
        if self.rate is None or self.verdict is None:
            return []
        return rate_headers(self.rate, self.verdict)

    def lines(self) -> str:
        """Return the same as lines of a head, rendered in one go for the usual case."""
        rate, verdict = self.rate, self.verdict
        if rate is None or verdict is None:
            return ""
        if verdict.of_client is not None:
            said = b"".join(b"%b: %b\r\n" % pair for pair in rate_headers(rate, verdict))
            return said.decode()
        return (
            f'ratelimit-policy: "tenant";{rate.policy}\r\n'
            f'ratelimit: "tenant";r={verdict.remaining};t={ceil(verdict.reset_after)}\r\n'
        )


class Screening:
    """Holds what is in memory about everybody: tokens, switches and rates."""

    def __init__(
        self,
        admission: Admission,
        rates: RateLimits,
        *,
        doors: Doors | None = None,
        switches: Switches | None = None,
        limits: BodyLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.admission = admission
        self._rates = rates
        self._doors = doors
        self._switches = switches
        self.limits = limits or BodyLimits()
        self._clock = clock

    def screen(self, passage: Passage, stated: Stated, route: Route, method: bytes) -> None:
        """Let a caller pass, or refuse; what was found out is kept in the passage either way.

        Raises:
            MunicipalityNotFound, ServiceNotTakenPartIn, MunicipalityPaused, MunicipalityLeaving:
                what `Doors.check` says.
            ServicePaused, ServiceClosed, ServiceReadOnly: the municipality has shut the service.
            TooManyRequests: the municipality, or this client of it, has used up its rate.
            TenantMismatch, UnknownPurpose: see `Admission.admit`.
        """
        self.count(passage, route.service, self._clock(), is_reading=method in READING)
        passage.internal_token = self.admission.admit(passage.holder, stated, service=route.service)

    def count(self, passage: Passage, service: str, now: float, *, is_reading: bool) -> None:
        """Do what comes before the caller's own words are looked at.

        Raises:
            ServicePaused, ServiceClosed, ServiceReadOnly, TooManyRequests: as `screen`.
        """
        if self._doors is not None:
            self._doors.check(passage.code, service, is_reading=is_reading)
        if self._switches is not None:
            self._switches.check(passage.code, service, is_reading=is_reading)
        tenant_id, rates = passage.tenant_id, self._rates
        passage.rate = rates.rate_of(tenant_id)
        passage.verdict = verdict = rates.take(tenant_id, now, passage.holder.client_id)
        if not verdict.allowed:
            raise TooManyRequests(headers={"Retry-After": retry_after(verdict)})
