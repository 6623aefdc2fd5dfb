"""A service's connections, lent for one piece of work at a time, as the service's own role."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import cast

import asyncpg

from foundation.tenancy import Tenancy

from .errors import translated
from .transaction import TenantConnection, Transaction, UnitsOfWork

_WAIT_SECONDS = 3.0
_COMMAND_SECONDS = 30.0


class Database:
    """One role's way into the database."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool
        self._units_of_work = UnitsOfWork()

    @classmethod
    async def open(cls, dsn: str, *, application_name: str, size: int = 8) -> "Database":
        """Open the pool; the first connection proves that the database answers.

        Raises:
            DatabaseBusy: it does not.
        """
        with translated():
            pool = await asyncpg.create_pool(
                dsn,
                min_size=1,
                max_size=size,
                connection_class=TenantConnection,
                server_settings={"application_name": application_name, "timezone": "UTC"},
                command_timeout=_COMMAND_SECONDS,
            )
        return cls(pool)

    async def close(self) -> None:
        await self._pool.close()

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
            lent = await self._pool.acquire(timeout=_WAIT_SECONDS)
        try:
            connection = cast("TenantConnection", lent).bare()
            async with Transaction(connection, self._units_of_work, tenancy) as work:
                yield work
        finally:
            await self._pool.release(lent)
