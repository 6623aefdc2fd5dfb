"""What is asked of every request to a service once it is proven whose it is; all from memory.

In this order: is the service open → is the caller within the rate → do they mean their own
municipality → by which token will the service know them.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Final

from foundation.problems import TooManyRequests
from gateway.forwarding.wire import Headers

from .admission import Admission, Stated
from .limits import Rate, RateLimits, Verdict, rate_headers, retry_after
from .routes import Route
from .switches.signs import Switches
from .token_cache import Pass

PASSAGE: Final = "gateway.passage"
"""Where a server's scope holds what the short way found out about the caller already."""
_READING: Final = frozenset({b"GET", b"HEAD", b"OPTIONS"})


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

    @classmethod
    def of(cls, holder: Pass) -> "Passage":
        tenancy = holder.access.caller.tenancy
        return cls(holder, tenancy.tenant_id, tenancy.code)

    @property
    def is_counted(self) -> bool:
        """Whether it was screened, so that it is not counted twice."""
        return bool(self.internal_token)

    def headers(self) -> Headers:
        """Return what the caller is told of their rate; nothing before it was counted."""
        if self.rate is None or self.verdict is None:
            return []
        return rate_headers(self.rate, self.verdict)

    def lines(self) -> bytes:
        """Return the same as lines of a head, rendered in one go for the usual case."""
        rate, verdict = self.rate, self.verdict
        if rate is None or verdict is None:
            return b""
        if verdict.of_client is not None:
            return b"".join(b"%b: %b\r\n" % pair for pair in rate_headers(rate, verdict))
        return b'ratelimit-policy: "tenant";q=%d;w=%d\r\nratelimit: "tenant";r=%d;t=%d\r\n' % (
            rate.burst,
            rate.window_seconds,
            verdict.remaining,
            ceil(verdict.reset_after),
        )


class Screening:
    """Holds what is in memory about everybody: tokens, switches and rates."""

    def __init__(
        self,
        admission: Admission,
        rates: RateLimits,
        *,
        switches: Switches | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.admission = admission
        self._rates = rates
        self._switches = switches
        self._clock = clock

    def screen(self, passage: Passage, stated: Stated, route: Route, method: bytes) -> None:
        """Let a caller pass, or refuse; what was found out is kept in the passage either way.

        Raises:
            ServicePaused, ServiceClosed, ServiceReadOnly: the municipality has shut the service.
            TooManyRequests: the municipality, or this client of it, has used up its rate.
            TenantMismatch, UnknownPurpose: see `Admission.admit`.
        """
        if self._switches is not None:
            self._switches.check(passage.code, route.service, is_reading=method in _READING)
        client_id = passage.holder.access.caller.principal.client_id
        tenant_id = passage.tenant_id
        passage.rate = self._rates.rate_of(tenant_id)
        passage.verdict = verdict = self._rates.take(tenant_id, self._clock(), client_id)
        if not verdict.allowed:
            raise TooManyRequests(headers={"Retry-After": retry_after(verdict)})
        passage.internal_token = self.admission.admit(passage.holder, stated, service=route.service)
