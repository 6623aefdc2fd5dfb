"""A service's connections, lent for one piece of work at a time, as the service's own role."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg

from foundation.tenancy import Tenancy

from .connections import Connections
from .errors import translated
from .transaction import TenantConnection, Transaction, UnitsOfWork

_WAIT_SECONDS = 3.0
_COMMAND_SECONDS = 30.0


class Database:
    """One role's way into the database."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._units_of_work = UnitsOfWork()

    @classmethod
    async def open(cls, dsn: str, *, application_name: str, size: int = 8) -> "Database":
        """Open the pool; the first connection proves that the database answers.

        Raises:
            DatabaseBusy: it does not.
        """

        async def connect() -> TenantConnection:
            return await asyncpg.connect(
                dsn,
                connection_class=TenantConnection,
                server_settings={"application_name": application_name, "timezone": "UTC"},
                command_timeout=_COMMAND_SECONDS,
            )

        connections = Connections(connect, size=size, wait_seconds=_WAIT_SECONDS)
        with translated():
            connections.give_back(await connections.borrow())
        return cls(connections)

    async def close(self) -> None:
        await self._connections.close()

    @asynccontextmanager
    async def transaction(self, tenancy: Tenancy) -> AsyncGenerator[Transaction]:
        """Open the work of one tenant.

        Raises:
            DatabaseBusy: no connection became free in time.
        """
        async with self._work(tenancy) as work:
            yield work

    @asynccontextmanager
    async def unbound(self) -> AsyncGenerator[Transaction]:
        """Open work on tables that belong to no tenant; a tenant's table answers with an error."""
        async with self._work(None) as work:
            yield work

    @asynccontextmanager
    async def _work(self, tenancy: Tenancy | None) -> AsyncGenerator[Transaction]:
        with translated():
            connection = await self._connections.borrow()
        try:
            async with Transaction(connection, self._units_of_work, tenancy) as work:
                yield work
        finally:
            self._connections.give_back(connection)
