"""The way to one service: its connections, the gate before them, and whether it is being spared."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil, inf
from typing import Final

from foundation.problems import DeadlineExceeded, Problem, ServiceUnavailable
from gateway.forwarding.pool import Pool
from gateway.forwarding.problems import ClientBusy, TenantBusy

from .breaker import Breaker, BreakerState
from .fairness import Gate, GateLimits, Overloaded, ShareExceeded, Ticket

_COARSE_SECONDS: Final = 0.005
"""A timer of the event loop may ring a few milliseconds early by any other clock."""


@dataclass(slots=True, kw_only=True)
class Way:
    """Entered once for each request that is carried, by either of two methods, and left once."""

    pool: Pool
    gate: Gate = field(default_factory=lambda: Gate(GateLimits()))
    breaker: Breaker = field(default_factory=Breaker)
    clock: Callable[[], float] = time.monotonic

    def try_enter(self, tenant_id: int, client_id: str = "") -> bool:
        """Enter if there is nothing to wait for and no doubt about the service."""
        return self.breaker.state is BreakerState.CLOSED and self.gate.queue.try_enter(
            tenant_id, client_id
        )

    @property
    def is_trusted(self) -> bool:
        """Whether there is no doubt about the service."""
        return self.breaker.state is BreakerState.CLOSED

    def queue_up(
        self,
        tenant_id: int,
        told: Callable[[Problem | None], None],
        client_id: str = "",
        *,
        until: float = inf,
    ) -> Ticket:
        """Wait for a place without a task; `told` is called once, with None when there is one.

        `until`: the monotonic time after which there is nothing to wait for.

        Raises:
            ClientBusy, TenantBusy, ServiceUnavailable: there is no room to wait.
        """
        try:
            return self.gate.queue_up(
                tenant_id,
                lambda error: told(
                    None if error is None else self._problem(tenant_id, client_id, error, until)
                ),
                client_id,
                deadline=until,
            )
        except (ShareExceeded, Overloaded) as error:
            raise self._problem(tenant_id, client_id, error) from error

    def call_off(self, ticket: Ticket) -> None:
        """Wait no longer."""
        self.gate.call_off(ticket)

    def _problem(
        self, tenant_id: int, client_id: str, error: Exception, until: float = inf
    ) -> Problem:
        if self.clock() >= until - _COARSE_SECONDS:
            return DeadlineExceeded()
        queue = self.gate.queue
        if queue.is_client_full(tenant_id, client_id) and not queue.is_full(tenant_id):
            return ClientBusy()
        if isinstance(error, ShareExceeded) or queue.is_full(tenant_id):
            return TenantBusy()
        return _crowded()

    async def enter(self, tenant_id: int, client_id: str = "", *, until: float = inf) -> None:
        """Wait for this municipality's turn, no longer than `until` on the monotonic clock.

        Raises:
            TenantBusy: too many of this municipality's requests are under way, or waiting already.
            ClientBusy: the same of this client of it.
            ServiceUnavailable: the service is being spared, or nothing became free in time.
            DeadlineExceeded: the caller waits no longer.
        """
        now = self.clock()
        if not self.breaker.admits(now):
            seconds = max(1, ceil(self.breaker.retry_after(now)))
            raise ServiceUnavailable(headers={"Retry-After": str(seconds)})
        try:
            await self.gate.enter(tenant_id, client_id, deadline=until)
        except BaseException as error:
            self.breaker.told_nothing()
            if isinstance(error, ShareExceeded | Overloaded):
                raise self._problem(tenant_id, client_id, error, until) from error
            raise

    def leave(self, tenant_id: int, client_id: str = "") -> None:
        """Give the place to whoever is next."""
        gate = self.gate
        if not gate.queue.leave_quietly(tenant_id, client_id):
            gate.leave(tenant_id, client_id)

    def answered(self) -> None:
        """Note that the service answered, whatever it said."""
        if not self.breaker.is_certain:
            self.breaker.answered()

    def failed(self) -> None:
        """Note that the service could not be asked, or did not answer."""
        self.breaker.failed(self.clock())

    def told_nothing(self) -> None:
        """Note that nothing was learnt about the service: its client hung up."""
        self.breaker.told_nothing()


def _crowded() -> ServiceUnavailable:
    return ServiceUnavailable(headers={"Retry-After": "1"})
