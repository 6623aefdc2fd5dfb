"""A service's connections, lent for one piece of work at a time, as the service's own role."""

import asyncio
from contextlib import AbstractAsyncContextManager
from math import ceil, inf
from types import TracebackType

import asyncpg
from typing_extensions import override

from foundation.tenancy import Tenancy

from .connections import Connections
from .errors import translated
from .sayings import SETTINGS, Claim
from .transaction import TenantConnection, Transaction, UnitsOfWork

_WAIT_SECONDS = 3.0
_COMMAND_SECONDS = 30.0
_LEAST_MILLISECONDS = 1
_STATEMENT_LIMIT = (
    "SELECT setting::int FROM pg_catalog.pg_settings WHERE name = 'statement_timeout'"
)
_IS_DISTRIBUTED = "SELECT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'citus')"


class Database:
    """One role's way into the database."""

    def __init__(self, connections: Connections, *, statement_seconds: float = inf) -> None:
        self._connections = connections
        self._units_of_work = UnitsOfWork()
        self._statement_seconds = statement_seconds

    @classmethod
    async def open(cls, dsn: str, *, application_name: str, size: int = 8) -> "Database":
        """Open the pool; the first connection proves that the database answers.

        Raises:
            DatabaseBusy: it does not.
        """
        server_settings = {"application_name": application_name, "timezone": "UTC", **SETTINGS}

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
            limit = await probe.fetchval(_STATEMENT_LIMIT)
            await probe.close()
        connections = Connections(connect, size=size, wait_seconds=_WAIT_SECONDS)
        with translated():
            connections.give_back(await connections.borrow())
        return cls(connections, statement_seconds=limit / 1_000 if limit else inf)

    async def close(self) -> None:
        await self._connections.close()

    def transaction(
        self, tenancy: Tenancy, *, until: float | None = None, claim: Claim | None = None
    ) -> AbstractAsyncContextManager[Transaction]:
        """Open the work of one tenant.

        Args:
            tenancy: whose work it is.
            until: the loop's time after which it is of no use. The server is told where that is
                sooner than it would give up anyway, in the message that opens the transaction.
            claim: what it is the only one to be at, and may have been done before.

        Raises:
            HeldByAnother: the claim is.
            DatabaseBusy: no connection became free in time.
        """
        lending = _Lending(self._connections, self._units_of_work, tenancy)
        lending.until, lending.statement_seconds = until, self._statement_seconds
        lending.claim = claim
        return lending

    def unbound(self) -> AbstractAsyncContextManager[Transaction]:
        """Open work on tables that belong to no tenant; a tenant's table answers with an error."""
        return _Lending(self._connections, self._units_of_work, None)


class _Lending(AbstractAsyncContextManager[Transaction]):
    """A connection lent for one transaction, and given back after it, whatever became of it."""

    __slots__ = (
        "_connection",
        "_connections",
        "_tenancy",
        "_units_of_work",
        "_work",
        "claim",
        "statement_seconds",
        "until",
    )

    def __init__(
        self, connections: Connections, units_of_work: UnitsOfWork, tenancy: Tenancy | None
    ) -> None:
        self._connections = connections
        self._units_of_work = units_of_work
        self._tenancy = tenancy
        self.claim: Claim | None = None
        self.until: float | None = None
        self.statement_seconds = inf

    @override
    async def __aenter__(self) -> Transaction:
        with translated():
            connection = await self._connections.borrow(until=self.until)
        self._connection = connection
        self._work = Transaction(connection, self._units_of_work, self._tenancy, self.claim)
        self._work.statement_milliseconds = self._hurry()
        try:
            return await self._work.__aenter__()
        except BaseException:
            self._connections.give_back(connection)
            raise

    def _hurry(self) -> int | None:
        """Return the milliseconds for each statement, where fewer are left than it has anyway."""
        if self.until is None:
            return None
        left = self.until - asyncio.get_running_loop().time()
        if left >= self.statement_seconds:
            return None
        return max(_LEAST_MILLISECONDS, ceil(left * 1_000))

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
