"""A service's connections, lent for one piece of work at a time, as the service's own role."""

from contextlib import AbstractAsyncContextManager
from types import TracebackType

import asyncpg
from typing_extensions import override

from foundation.tenancy import Tenancy

from .connections import Connections
from .errors import translated
from .transaction import TenantConnection, Transaction, UnitsOfWork

_WAIT_SECONDS = 3.0
_COMMAND_SECONDS = 30.0
_IS_DISTRIBUTED = "SELECT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'citus')"


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
        server_settings = {"application_name": application_name, "timezone": "UTC"}

        async def connect() -> TenantConnection:
            return await asyncpg.connect(
                dsn,
                connection_class=TenantConnection,
                server_settings=server_settings,
                command_timeout=_COMMAND_SECONDS,
            )

        with translated():
            probe = await connect()
            if not await probe.fetchval(_IS_DISTRIBUTED):
                # Planned once per connection: a third off a list's cost to the server. Citus must
                # see the tenant to plan at all.
                server_settings["plan_cache_mode"] = "force_generic_plan"
                # Every statement has an index to walk, and a plan outlives the smallness of the
                # table it was made for: 5,000 rows read whole for one, 600 µs instead of 10.
                server_settings["enable_seqscan"] = "off"
            await probe.close()
        connections = Connections(connect, size=size, wait_seconds=_WAIT_SECONDS)
        with translated():
            connections.give_back(await connections.borrow())
        return cls(connections)

    async def close(self) -> None:
        await self._connections.close()

    def transaction(self, tenancy: Tenancy) -> AbstractAsyncContextManager[Transaction]:
        """Open the work of one tenant.

        Raises:
            DatabaseBusy: no connection became free in time.
        """
        return _Lending(self._connections, self._units_of_work, tenancy)

    def unbound(self) -> AbstractAsyncContextManager[Transaction]:
        """Open work on tables that belong to no tenant; a tenant's table answers with an error."""
        return _Lending(self._connections, self._units_of_work, None)


class _Lending(AbstractAsyncContextManager[Transaction]):
    """A connection lent for one transaction, and given back after it, whatever became of it."""

    __slots__ = ("_connection", "_connections", "_tenancy", "_units_of_work", "_work")

    def __init__(
        self, connections: Connections, units_of_work: UnitsOfWork, tenancy: Tenancy | None
    ) -> None:
        self._connections = connections
        self._units_of_work = units_of_work
        self._tenancy = tenancy

    @override
    async def __aenter__(self) -> Transaction:
        with translated():
            connection = await self._connections.borrow()
        self._connection = connection
        self._work = Transaction(connection, self._units_of_work, self._tenancy)
        try:
            return await self._work.__aenter__()
        except BaseException:
            self._connections.give_back(connection)
            raise

    @override
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await self._work.__aexit__(kind, error, traceback)
        finally:
            self._connections.give_back(self._connection)
