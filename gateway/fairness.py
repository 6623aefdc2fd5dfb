"""Who goes next when everybody wants to: no municipality waits behind another's crowd.

A service can do only so much at once. What it can do is given out in slots, here, where it is
known whose request is whose; behind this gate nobody queues long enough for it to matter. The
arithmetic is in `turns`; the gate makes it wait.
"""

import asyncio
from collections.abc import Callable
from math import inf
from typing import Final

from .lanes import Share, Ticket
from .turns import FairQueue, GateLimits, Overloaded, ShareExceeded

__all__ = [
    "FairQueue",
    "Gate",
    "GateLimits",
    "Overloaded",
    "Share",
    "ShareExceeded",
    "Ticket",
]

_SMOOTHING: Final = 0.05


class Gate:
    """The way to one service: `try_enter` or, failing that, `await enter`; then `leave`, once."""

    def __init__(self, limits: GateLimits) -> None:
        self.queue = FairQueue(limits)
        self._limits = limits
        self.is_strained = False
        """Whether the door itself is late: then nobody is let to wait for long."""
        self.wait_seconds = 0.0
        """How long waiting took lately, on average; zero while nobody waits."""

    def try_enter(self, tenant: int, client: str = "") -> bool:
        """Take a slot at once, if that is fair."""
        return self.queue.try_enter(tenant, client)

    async def enter(self, tenant: int, client: str = "", *, deadline: float = inf) -> None:
        """Take a slot, waiting for one if need be.

        Args:
            tenant: whose request it is.
            client: by which of the tenant's clients it came.
            deadline: the loop's time after which the answer would be of no use.

        Raises:
            ShareExceeded: too many of this tenant's requests are waiting already (429).
            Overloaded: none became free in time, or there is no room to wait (503).
        """
        if self.queue.try_enter(tenant, client):
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        gives_up_at = min(now + self._patience(now), deadline)
        ticket = Ticket(tenant, now, gives_up_at, loop.create_future(), client=client)
        gone = self.queue.join(ticket, now)
        if gone is ticket:
            raise self.refusal(tenant)
        if gone is not None:
            _tell(gone, self.refusal(gone.tenant))
        await self._wait(ticket)
        self.wait_seconds += _SMOOTHING * (loop.time() - now - self.wait_seconds)

    def refuses(self, tenant: int) -> bool:
        """Whether waiting would be refused at once, for want of room."""
        return self.queue.refuses(tenant, asyncio.get_running_loop().time())

    def queue_up(
        self,
        tenant: int,
        told: "Callable[[Exception | None], None]",
        client: str = "",
        *,
        deadline: float = inf,
    ) -> Ticket:
        """Wait for a slot without a task: `told` is called once, with None when there is one.

        Raises:
            ShareExceeded, Overloaded: there is no room to wait.
        """
        loop = asyncio.get_running_loop()
        now = loop.time()
        gives_up_at = min(now + self._patience(now), deadline)
        ticket = Ticket(tenant, now, gives_up_at, told=told, client=client)
        gone = self.queue.join(ticket, now)
        if gone is ticket:
            raise self.refusal(tenant)
        if gone is not None:
            _tell(gone, self.refusal(gone.tenant))
        ticket.timer = loop.call_at(ticket.gives_up_at, self._expire, ticket)
        return ticket

    def call_off(self, ticket: Ticket) -> None:
        """Wait no longer; a slot that was just handed over is passed on. `told` is not called."""
        ticket.is_called_off = True
        if ticket.timer is not None:
            ticket.timer.cancel()
        if ticket.is_granted:
            self.leave(ticket.tenant, ticket.client)
        else:
            self.queue.withdraw(ticket, asyncio.get_running_loop().time())

    def refusal(self, tenant: int) -> Exception:
        """Return why a tenant finds no room: its own crowd, or everybody's."""
        return ShareExceeded() if self.queue.is_crowding(tenant) else Overloaded()

    def leave(self, tenant: int, client: str = "") -> None:
        """Give the slot back. Each entering is followed by exactly one of these."""
        if self.queue.leave_quietly(tenant, client):
            return
        given = self.queue.leave(tenant, asyncio.get_running_loop().time(), client)
        if not self.queue.waiting:
            self.wait_seconds = 0.0
        for ticket in given.granted:
            _tell(ticket, None)
        for ticket in given.late:
            _tell(ticket, Overloaded())

    def _patience(self, now: float) -> float:
        limits = self._limits
        is_hard = self.is_strained or self.queue.is_overloaded(now)
        return limits.impatience if is_hard else limits.patience

    async def _wait(self, ticket: Ticket) -> None:
        loop = asyncio.get_running_loop()
        future = ticket.future
        if future is None:
            raise RuntimeError("A ticket without anybody who waits.")
        timer = loop.call_at(ticket.gives_up_at, self._expire, ticket)
        try:
            await future
        except asyncio.CancelledError:
            # Cancelled in the very moment in which a slot was handed over: it is passed on.
            if ticket.is_granted:
                self.leave(ticket.tenant, ticket.client)
            else:
                self.queue.withdraw(ticket, loop.time())
            raise
        finally:
            timer.cancel()

    def _expire(self, ticket: Ticket) -> None:
        if self.queue.withdraw(ticket, asyncio.get_running_loop().time()):
            _tell(ticket, Overloaded())


def _tell(ticket: Ticket, refusal: Exception | None) -> None:
    if ticket.told is not None:
        if ticket.timer is not None:
            ticket.timer.cancel()
        # Not at once: who makes room must not stumble over what the next one meets.
        asyncio.get_running_loop().call_soon(_turn, ticket, refusal)
        return
    future = ticket.future
    if future is None or future.done():
        return
    if refusal is None:
        future.set_result(None)
    else:
        future.set_exception(refusal)


def _turn(ticket: Ticket, refusal: Exception | None) -> None:
    if ticket.told is not None and not ticket.is_called_off:
        ticket.told(refusal)
