"""The connections to one service: few, shared in order of arrival, and clean before reuse."""

import asyncio
import re
import time
from collections import deque
from dataclasses import dataclass
from typing import Final

from .connection import UpstreamConnection
from .failures import PoolExhausted, UpstreamDown

_LAST_PORT: Final = 65_535
_TCP: Final = re.compile(r"tcp:([A-Za-z0-9.\-]+):([0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a service listens: a unix socket on one machine, a port between containers."""

    socket_path: str = ""
    host: str = ""
    port: int = 0

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Read `unix:/run/benefits.sock` or `tcp:benefits:8000`.

        Raises:
            ValueError: neither of the two forms.
        """
        if text.startswith("unix:/"):
            return cls(socket_path=text.removeprefix("unix:"))
        match = _TCP.fullmatch(text)
        if match is None or not 0 < int(match[2]) <= _LAST_PORT:
            raise ValueError(f"Not an address of a service: {text!r}")
        return cls(host=match[1], port=int(match[2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolLimits:
    """How many connections, and how long anyone waits for one (seconds).

    `idle_seconds` stays below the five seconds after which uvicorn closes an idle connection, so
    that a request seldom meets a connection that is just being closed.
    """

    size: int = 64
    queue: int = 256
    queue_seconds: float = 1.0
    connect_seconds: float = 0.5
    idle_seconds: float = 4.0


class Pool:
    """At most `size` connections; who waits is served first come, first served.

    A slot belongs to a task from `acquire` until `release`. A task cancelled in the very moment in
    which a slot was handed to it passes the slot on, so none is ever lost.
    """

    def __init__(self, address: Address, limits: PoolLimits) -> None:
        self._address = address
        self._limits = limits
        self._free = limits.size
        self._idle: list[UpstreamConnection] = []
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._closed = False

    @property
    def in_use(self) -> int:
        """How many slots are taken."""
        return self._limits.size - self._free

    @property
    def waiting(self) -> int:
        """How many tasks queue for a slot."""
        return len(self._waiters)

    @property
    def idle(self) -> int:
        """How many open connections rest in the pool."""
        return len(self._idle)

    async def acquire(self, *, fresh: bool = False) -> UpstreamConnection:
        """Return a connection of our own until `release`; `fresh` insists on a new one.

        Raises:
            PoolExhausted: nothing became free within the queue deadline.
            UpstreamDown: the service does not accept connections.
        """
        if self._free and not self._waiters:
            self._free -= 1
        else:
            await self._queue()
        try:
            resting = None if fresh else self._take_idle(time.monotonic())
            return resting or await self._connect()
        except BaseException:
            self._pass_on_slot()
            raise

    def take_resting(self, now: float) -> UpstreamConnection | None:
        """Return a connection that rests and could be used at once, if nobody waits for one.

        `now` on the monotonic clock.
        """
        if not self._free or self._waiters:
            return None
        connection = self._take_idle(now)
        if connection is not None:
            self._free -= 1
        return connection

    def release(self, connection: UpstreamConnection) -> None:
        """Give the slot back; keep the connection only if nothing is left in it."""
        if not self._closed and connection.rest():
            connection.idle_since = time.monotonic()
            self._idle.append(connection)
        else:
            connection.abort()
        if self._waiters:
            self._pass_on_slot()
        else:
            self._free += 1

    def close(self) -> None:
        """Close what rests; what is in use is closed when it is released."""
        self._closed = True
        while self._idle:
            self._idle.pop().abort()
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_exception(UpstreamDown("the gateway is closing"))
        self._waiters.clear()

    def _take_idle(self, now: float) -> UpstreamConnection | None:
        """Return the connection used last: it is the least likely to have been closed."""
        oldest = now - self._limits.idle_seconds
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed and connection.idle_since >= oldest:
                return connection
            connection.abort()
        return None

    async def _connect(self) -> UpstreamConnection:
        if self._closed:
            raise UpstreamDown("the gateway is closing")
        opening = asyncio.create_task(self._open())
        try:
            # Twice: when it is we who are late, the first look shows what was long there.
            for _ in range(2):
                await asyncio.wait({opening}, timeout=self._limits.connect_seconds)
                if opening.done():
                    return opening.result()
        except OSError as error:
            raise UpstreamDown(str(error)) from error
        except asyncio.CancelledError:
            opening.add_done_callback(_abort)
            raise
        finally:
            opening.cancel()
        raise UpstreamDown("no connection in time")

    async def _open(self) -> UpstreamConnection:
        loop, address = asyncio.get_running_loop(), self._address
        if address.socket_path:
            _, connection = await loop.create_unix_connection(
                self._new_connection, address.socket_path
            )
        else:
            _, connection = await loop.create_connection(
                self._new_connection, address.host, address.port
            )
        return connection

    def _new_connection(self) -> UpstreamConnection:
        return UpstreamConnection(self._forget)

    def _forget(self, connection: UpstreamConnection) -> None:
        if connection in self._idle:
            self._idle.remove(connection)

    async def _queue(self) -> None:
        if self._closed or len(self._waiters) >= self._limits.queue:
            raise PoolExhausted("too many are waiting already")
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(self._limits.queue_seconds):
                await waiter
        except BaseException as error:
            self._leave_queue(waiter)
            if isinstance(error, TimeoutError):
                raise PoolExhausted("nothing became free in time") from error
            raise

    def _leave_queue(self, waiter: asyncio.Future[None]) -> None:
        if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
            self._pass_on_slot()
        elif waiter in self._waiters:
            self._waiters.remove(waiter)

    def _pass_on_slot(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._free += 1


def _abort(opening: "asyncio.Task[UpstreamConnection]") -> None:
    """Close a connection that was opened for somebody who has left meanwhile."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().abort()
