"""A gateway's eye on the bulletin: one number twice a second, and the rest only when it grew."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from foundation.database import Database, DatabaseProblem, Transaction
from foundation.telemetry import logger

from .repository import revision

Reader = Callable[[Transaction], Awaitable[None]]
"""Reads one kind of public thing anew, in the transaction it is given."""

_POLL_SECONDS = 0.4
_log = logger(__name__)


class Bulletin:
    """Keeps what its readers read at most half a second old.

    A database that does not answer leaves everything as it was read last: what was shut stays
    shut until its time is over, and nobody's agreement lapses.
    """

    def __init__(self, database: Database, readers: Sequence[Reader]) -> None:
        self._database = database
        self._readers = list(readers)
        self._seen = -1
        self._task: asyncio.Task[None] | None = None

    def follow(self, reader: Reader) -> None:
        """Have one more reader read from the next change on."""
        self._readers.append(reader)

    async def start(self) -> None:
        """Read everything, and keep reading.

        Raises:
            DatabaseProblem: it cannot be read at all; a gateway without it does not open.
        """
        await self.refresh()
        self._task = asyncio.create_task(self._keep_reading())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def refresh(self) -> None:
        """Look at the number, and read on if it grew.

        The number is read first: what is committed in between is read too early, and once more.
        """
        async with self._database.unbound() as tx:
            current = await revision(tx)
            if current == self._seen:
                return
            for read in self._readers:
                await read(tx)
        self._seen = current

    async def _keep_reading(self) -> None:
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            try:
                await self.refresh()
            except DatabaseProblem:
                _log.warning("the bulletin could not be read")
