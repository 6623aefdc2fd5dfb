"""One piece of work of one tenant: everything it does is done together or not at all.

Every transaction begins with one message that opens it and binds its tenant. The binding is
emitted empty for work without a tenant, so that a value leaked into the session by mistake is an
error and never a municipality. The only commit of the code base stands here.

Work that only read is over when its last row was received: nothing of it can be lost any more. The
end of its transaction is left to the connection, which travels with the opening of the next one.
"""

import asyncio
import time
from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from foundation.tenancy import Tenancy

from .errors import HeldByAnother, LockNotAvailable, translated
from .sayings import Claim, NotPlain, said
from .statements import Row, Statement

_ROLLBACK_SECONDS = 3.0
_FIRST_PLANS_SECONDS: Final = 0.5
_LAST_PLANS_SECONDS: Final = 64.0
_FRESH_PLANS: Final = "DISCARD PLANS;"
_PLANNED_FOR_A_SET: Final = "SET LOCAL plan_cache_mode = auto;SET LOCAL enable_seqscan = on"
_END: Final = "COMMIT"


if TYPE_CHECKING:
    DriverConnection = asyncpg.Connection[asyncpg.Record]
else:
    DriverConnection = asyncpg.Connection  # generic in its stubs only


class TenantConnection(DriverConnection):
    """A driver connection that also remembers how SQLAlchemy sees it."""

    unit_of_work: AsyncConnection | None = None
    is_settled: bool = True
    """False from before the opening of a transaction until the server has confirmed its end."""
    is_read_out: bool = False
    """Whether the transaction open on it only read, has been left, and only has to be ended."""

    plans_seconds: float = _FIRST_PLANS_SECONDS
    plans_until: float = 0.0
    names: dict[str, str] | None = None
    names_given: int = 0

    async def known(self, statement: Statement) -> str:
        """Return the name under which the server knows a statement, after telling it if need be.

        A name that may not have arrived is never given again.
        """
        if self.names is None:
            self.names = {}
        name = self.names.get(statement.name)
        if name is None:
            self.names_given += 1
            name = f"said_{self.names_given}"
            # Nothing is prepared within what another left open, which may have failed.
            await self.execute(f"{self._ending()}PREPARE {name} AS {statement.sql}")
            self.names[statement.name] = name
        return name

    async def open(self, settings: str) -> str:
        """Begin a transaction with its settings, ending one that was left here, in one message.

        Returns what the server says of the last of the settings.
        """
        self.is_settled = False
        with translated():
            return await self.execute(f"{self._ending()}{self._preparation()}BEGIN;{settings}")

    def _ending(self) -> str:
        """Return what ends a transaction that was left here, to be said once."""
        left, self.is_read_out = self.is_read_out, False
        return f"{_END};" if left else ""

    async def end(self, last: Sequence[str] = ()) -> None:
        """Say the last changes and end the transaction, in one message; what it did stands.

        Raises:
            RuntimeError: the server undid it, because a refusal of its was passed over.
        """
        self.is_read_out = False
        with translated():
            ending = await self.execute(";".join((*last, _END)))
        self.is_settled = True
        if ending != _END:
            raise RuntimeError("A refusal by the database was passed over; nothing was kept.")

    def _preparation(self) -> str:
        """Return what has plans made anew that were made long enough ago.

        A plan made once stands until the table is analysed. Made while the table was empty, when
        every index looks alike, it may read the whole of it a minute and many thousand rows later.
        """
        now = time.monotonic()
        if now < self.plans_until:
            return ""
        discarded = _FRESH_PLANS if self.plans_until else ""
        self.plans_until = now + self.plans_seconds
        self.plans_seconds = min(self.plans_seconds * 2, _LAST_PLANS_SECONDS)
        return discarded

    def is_clean(self) -> bool:
        """Whether nothing is under way on it and no transaction is open, as the server said last.

        Our transactions set only what ends with them, so nothing else has to be undone.
        """
        return self.is_settled and not self.is_closed() and not self.is_in_transaction()


class UnitsOfWork:
    """Lends SQLAlchemy a connection that is already in our transaction, without giving it away."""

    def __init__(self) -> None:
        self._lending: ContextVar[TenantConnection] = ContextVar("connection_being_lent")
        self._engine: AsyncEngine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=self._lent,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",  # the transaction is ours; SQLAlchemy is a guest in it
        )

    async def on(self, connection: TenantConnection) -> AsyncSession:
        """Open a session on this connection; how SQLAlchemy sees it is made once and kept."""
        seen = connection.unit_of_work
        if seen is None or seen.closed or seen.invalidated:
            token = self._lending.set(connection)
            try:
                seen = await self._engine.connect()
                (await seen.get_raw_connection()).detach()
            finally:
                self._lending.reset(token)
            connection.unit_of_work = seen
        return AsyncSession(bind=seen, expire_on_commit=False, autoflush=False)

    async def _lent(self) -> TenantConnection:
        return self._lending.get()


class Transaction:
    """Used as `async with`; it commits when its block ends without an error."""

    def __init__(
        self,
        connection: TenantConnection,
        units_of_work: UnitsOfWork,
        tenancy: Tenancy | None,
        claim: Claim | None = None,
    ) -> None:
        self.tenancy = tenancy
        self.was_done_before = False
        """Whether what it claims was found when it began."""
        self._claim = claim
        self._waiting: list[str] = []
        self._connection = connection
        self._units_of_work = units_of_work
        self._session: AsyncSession | None = None
        self._plans_anew = False
        self._only_reads = claim is None
        self._afterwards: list[Callable[[], None]] = []
        self.statement_milliseconds: int | None = None
        """After how long the server gives a statement up; None as long as its role may take."""

    async def fetch(self, statement: Statement, **parameters: Any) -> list[Row]:
        """Return all rows; the statement itself bounds how many."""
        arguments = await self._prepared(statement, parameters)
        with translated():
            return statement.rows(await self._connection.fetch(statement.sql, *arguments))

    async def fetch_one(self, statement: Statement, **parameters: Any) -> Row | None:
        """Return the first row, or None."""
        arguments = await self._prepared(statement, parameters)
        with translated():
            record = await self._connection.fetchrow(statement.sql, *arguments)
        return statement.rows([record])[0] if record is not None else None

    async def execute(self, statement: Statement, **parameters: Any) -> int:
        """Run it and return how many rows it touched."""
        arguments = await self._prepared(statement, parameters)
        with translated():
            tag = await self._connection.execute(statement.sql, *arguments)
        return int(count) if (count := tag.rpartition(" ")[2]).isdecimal() else 0

    async def later(self, statement: Statement, **parameters: Any) -> None:
        """Change something that needs no answer, in one message with what follows or the commit.

        Nothing of this transaction reads behind it. A refusal by the database comes with that
        message, so a rule that a use case answers for is tried with `execute`.
        """
        self._only_reads = False
        if self._session is not None or statement.is_set_based:
            await self.execute(statement, **parameters)
            return
        try:
            values = said(statement.arguments(self._tenant_id, parameters))
        except NotPlain:
            await self.execute(statement, **parameters)
            return
        with translated():
            name = await self._connection.known(statement)
        self._waiting.append(f"EXECUTE {name}{values}")

    async def execute_many(self, statement: Statement, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run it once for each row, in one exchange with the server."""
        self._only_reads = False
        await self._say_what_waits()
        await self.flush()
        batch = [statement.arguments(self._tenant_id, row) for row in rows]
        with translated():
            await self._connection.executemany(statement.sql, batch)

    async def copy_in(
        self, table: str, columns: Sequence[str], records: Iterable[Any] | AsyncIterable[Any]
    ) -> None:
        """Stream records into a staging table, given as `schema.table`, by binary COPY."""
        self._only_reads = False
        schema, _, name = table.partition(".")
        await self._say_what_waits()
        await self.flush()
        with translated():
            await self._connection.copy_records_to_table(
                name, schema_name=schema, columns=list(columns), records=records
            )

    async def session(self) -> AsyncSession:
        """Return the unit of work on this same transaction; it is flushed before the commit."""
        self._only_reads = False
        await self._say_what_waits()
        if self._session is None:
            with translated():
                self._session = await self._units_of_work.on(self._connection)
        return self._session

    def afterwards(self, act: Callable[[], None]) -> None:
        """Do something once the work is committed; not at all if it is not."""
        self._afterwards.append(act)

    async def __aenter__(self) -> Self:
        try:
            tag = await self._connection.open(await self._settings())
        except LockNotAvailable as taken:
            await self._abandon()
            raise HeldByAnother from taken
        except BaseException:
            await self._abandon()
            raise
        self.was_done_before = self._claim is not None and tag != "SELECT 0"
        return self

    async def _settings(self) -> str:
        """Return what binds the transaction, and takes hold of what it claims."""
        tenant_id = "" if self._tenant_id is None else str(int(self._tenant_id))
        settings = f"SET LOCAL app.tenant_id = '{tenant_id}'"
        if self.statement_milliseconds is not None:
            settings += f";SET LOCAL statement_timeout = {self.statement_milliseconds:d}"
        claim = self._claim
        if claim is None:
            return settings
        with translated():
            hold = await self._connection.known(claim.hold)
            find = await self._connection.known(claim.find)
        held = said(claim.hold.arguments(self._tenant_id, claim.held))
        sought = said(claim.find.arguments(self._tenant_id, claim.sought))
        return (
            f"{settings};SET LOCAL lock_timeout = '1ms';EXECUTE {hold}{held}"
            f";SET LOCAL lock_timeout TO DEFAULT;EXECUTE {find}{sought}"
        )

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            await self._abandon()
            return
        if self._only_reads and not self._afterwards:
            self._connection.is_read_out = True
            return
        try:
            await self.flush()
            await self._dismiss_session()
            await self._connection.end(self._waiting)
        except BaseException:
            await self._abandon()
            raise
        for act in self._afterwards:
            act()

    @property
    def _tenant_id(self) -> int | None:
        return None if self.tenancy is None else self.tenancy.tenant_id

    async def _prepared(self, statement: Statement, parameters: Mapping[str, Any]) -> list[Any]:
        self._only_reads = self._only_reads and statement.only_reads
        if self._waiting or self._session is not None:
            await self._say_what_waits()
            await self.flush()
        if statement.is_set_based and not self._plans_anew:
            self._plans_anew = True
            with translated():
                await self._connection.execute(_PLANNED_FOR_A_SET)
        return statement.arguments(self._tenant_id, parameters)

    async def flush(self) -> None:
        """Show the unit of work's changes to the quick door: it must never read behind them."""
        if self._session is not None:
            with translated():
                await self._session.flush()

    async def _say_what_waits(self) -> None:
        if self._waiting:
            message = ";".join(self._waiting)
            self._waiting.clear()
            with translated():
                await self._connection.execute(message)

    async def _dismiss_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _abandon(self) -> None:
        """Undo the work; a connection that cannot even do that is never used again."""
        self._connection.is_read_out = False
        try:
            async with asyncio.timeout(_ROLLBACK_SECONDS):
                await self._dismiss_session()
                if not self._connection.is_closed():
                    await self._connection.execute("ROLLBACK")
                    self._connection.is_settled = True
        except (Exception, asyncio.CancelledError):  # noqa: BLE001 - its state is unknown now
            self._connection.terminate()
