"""The connections of one role: few, lent in order of arrival, and known to be clean before reuse.

The driver's own pool starts two tasks for each lending; this one starts none. A connection rests
only when the server has said that no transaction is open on it and nothing is under way; anything
else is ended. (In a trial a cancelled query's answer reached the next tenant's question, and row
security cannot see that.)

A transaction that only read has nothing under way either, but is still open. Whoever waits for a
connection is given this one, and ends that transaction in the message that opens the own one; if
nobody waits, it is ended here, and its reader need not wait for that.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from math import inf

from .errors import DatabaseBusy, DatabaseProblem, TooLate
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
        self._waiting: deque[asyncio.Future[TenantConnection | None]] = deque()
        self._lent: set[TenantConnection] = set()
        self._ending: set[asyncio.Task[None]] = set()
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
        given = None
        if self._free and not self._waiting:
            self._free -= 1
        else:
            given = await self._queue(until)
            if given is not None and given.is_closed():
                given = None
        try:
            connection = given or self._take() or await self._connect()
        except BaseException:
            self._pass_on(None)
            raise
        self._lent.add(connection)
        return connection

    def give_back(self, connection: TenantConnection) -> None:
        """Keep a connection on which nothing is under way; end any other."""
        if not self._is_closed and connection.is_read_out and not connection.is_closed():
            if self._is_awaited():
                self._lent.discard(connection)
                self._pass_on(connection)
            else:
                task = asyncio.create_task(self._end(connection))
                self._ending.add(task)
                task.add_done_callback(self._ending.discard)
            return
        self._lent.discard(connection)
        if self._is_closed or not connection.is_clean():
            connection.terminate()
            self._pass_on(None)
        else:
            self._pass_on(connection)

    async def _end(self, connection: TenantConnection) -> None:
        """End what was left open; the connection's place is taken until it is."""
        try:
            async with asyncio.timeout(self._wait_seconds):
                await connection.end()
        except (DatabaseProblem, TimeoutError):
            connection.terminate()
        finally:
            self.give_back(connection)

    async def close(self) -> None:
        """End what rests, and what is still lent, whoever has it."""
        self._is_closed = True
        if self._ending:
            await asyncio.wait(self._ending, timeout=self._wait_seconds)
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

    async def _queue(self, until: float | None) -> TenantConnection | None:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[TenantConnection | None] = loop.create_future()
        self._waiting.append(waiter)
        gives_up_at = loop.time() + self._wait_seconds
        latest = inf if until is None else until
        refusal = DatabaseBusy if gives_up_at < latest else TooLate
        patience = loop.call_at(min(gives_up_at, latest), _turn_away, waiter, refusal)
        try:
            return await waiter
        except BaseException:
            self._leave(waiter)
            raise
        finally:
            patience.cancel()

    def _leave(self, waiter: "asyncio.Future[TenantConnection | None]") -> None:
        if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
            given = waiter.result()
            if given is None:
                self._pass_on(None)
            else:
                self.give_back(given)
        elif waiter in self._waiting:
            self._waiting.remove(waiter)

    def _is_awaited(self) -> bool:
        """Whether somebody waits, past those who have given up."""
        while self._waiting and self._waiting[0].done():
            self._waiting.popleft()
        return bool(self._waiting)

    def _pass_on(self, connection: TenantConnection | None) -> None:
        """Give a place, and the connection in it if there is one, to who has waited longest."""
        if self._is_awaited():
            self._waiting.popleft().set_result(connection)
            return
        self._free += 1
        if connection is not None:
            self._resting.append(connection)


def _turn_away(waiter: "asyncio.Future[TenantConnection | None]", why: type[DatabaseBusy]) -> None:
    if not waiter.done():
        waiter.set_exception(why())
