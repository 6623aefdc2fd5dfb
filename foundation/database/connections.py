"""The connections of one role: few, lent in order of arrival, and known to be clean before reuse.

The driver's own pool starts two tasks for each lending; this one starts none. A connection goes
back only when the server has said that no transaction is open on it and nothing is under way;
anything else is ended. (In a trial a cancelled query's answer reached the next tenant's question,
and row security cannot see that.)
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from math import inf

from .errors import DatabaseBusy, TooLate
from .transaction import TenantConnection

Connect = Callable[[], Awaitable[TenantConnection]]


class Connections:
    """At most `size` connections, opened when they are needed."""

    def __init__(self, connect: Connect, *, size: int, wait_seconds: float) -> None:
        self._connect = connect
        self._free = size
        self._size = size
        self._wait_seconds = wait_seconds
        self._resting: list[TenantConnection] = []
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._lent: set[TenantConnection] = set()
        self._is_closed = False

    @property
    def lent(self) -> int:
        """How many are in use."""
        return self._size - self._free

    async def borrow(self, *, until: float | None = None) -> TenantConnection:
        """Return a connection of one's own until `give_back`.

        Args:
            until: the loop's time after which it would be of no use.

        Raises:
            DatabaseBusy: none became free in time, or the pool is closed.
            TooLate: none became free by `until`.
            OSError, asyncpg.PostgresError: a new one could not be opened.
        """
        if self._is_closed:
            raise DatabaseBusy
        if self._free and not self._waiting:
            self._free -= 1
        else:
            await self._queue(until)
        try:
            connection = self._take() or await self._connect()
        except BaseException:
            self._pass_on()
            raise
        self._lent.add(connection)
        return connection

    def give_back(self, connection: TenantConnection) -> None:
        """Keep a connection on which nothing is open or under way; end any other."""
        self._lent.discard(connection)
        if self._is_closed or not connection.is_clean():
            connection.terminate()
        else:
            self._resting.append(connection)
        self._pass_on()

    async def close(self) -> None:
        """End what rests, and what is still lent, whoever has it."""
        self._is_closed = True
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(DatabaseBusy())
        self._waiting.clear()
        resting, self._resting = self._resting, []
        for connection in self._lent:
            connection.terminate()
        for connection in resting:
            await connection.close(timeout=self._wait_seconds)

    def _take(self) -> TenantConnection | None:
        while self._resting:
            connection = self._resting.pop()
            if connection.is_clean():
                return connection
            connection.terminate()
        return None

    async def _queue(self, until: float | None) -> None:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        self._waiting.append(waiter)
        gives_up_at = loop.time() + self._wait_seconds
        latest = inf if until is None else until
        try:
            async with asyncio.timeout_at(min(gives_up_at, latest)):
                await waiter
        except BaseException as error:
            self._leave(waiter)
            if isinstance(error, TimeoutError):
                raise (DatabaseBusy if gives_up_at < latest else TooLate) from error
            raise

    def _leave(self, waiter: "asyncio.Future[None]") -> None:
        if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
            self._pass_on()
        elif waiter in self._waiting:
            self._waiting.remove(waiter)

    def _pass_on(self) -> None:
        """Give a place to who has waited longest."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._free += 1
