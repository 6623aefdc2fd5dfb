"""Connections are lent in order of arrival, and never before they are known to be clean."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import Integer, Text, bindparam, cast, column, func, select, table

from foundation.database import Database, DatabaseBusy, Statement
from foundation.database.connections import Connections
from foundation.database.transaction import TenantConnection
from foundation.tenancy import Tenancy
from tests.support.house import Tenancies

OpenDatabase = Callable[..., Awaitable[Database]]

WHO = Statement(
    "test.connections.who",
    select(
        func.current_setting("app.tenant_id").label("bound"),
        cast(bindparam("tenant_id", type_=Integer), Text).label("asked"),
    ),
)
SLOWLY = Statement(
    "test.connections.slowly",
    select(
        func.current_setting("app.tenant_id").label("bound"),
        cast(func.pg_sleep(bindparam("seconds")), Text).label("slept"),
    ),
)

MYSELF = Statement("test.connections.myself", select(func.pg_backend_pid().label("pid")))
_ACTIVITY = table("pg_stat_activity", column("pid"), column("state"), schema="pg_catalog")
STATE = Statement(
    "test.connections.state",
    select(_ACTIVITY.c.state).where(_ACTIVITY.c.pid == bindparam("pid", type_=Integer)),
)


class TestOrder:
    async def test_who_came_first_is_served_first(self, database_of: OpenDatabase) -> None:
        database = await database_of("registry", size=1)
        served: list[int] = []

        async def one(number: int) -> None:
            async with database.unbound():
                served.append(number)
                await asyncio.sleep(0)

        async with database.unbound():
            waiting = [asyncio.create_task(one(number)) for number in range(20)]
            await asyncio.sleep(0.01)
        await asyncio.gather(*waiting)
        assert served == list(range(20))

    async def test_who_gives_up_waiting_keeps_no_place(self, database_of: OpenDatabase) -> None:
        database = await database_of("registry", size=1)

        async def one() -> None:
            async with database.unbound():
                pass

        async with database.unbound():
            waiting = [asyncio.create_task(one()) for _ in range(5)]
            await asyncio.sleep(0.01)
            for task in waiting[::2]:
                task.cancel()
        done = await asyncio.gather(*waiting, return_exceptions=True)
        assert [isinstance(result, asyncio.CancelledError) for result in done] == [
            True,
            False,
            True,
            False,
            True,
        ]
        async with database.unbound():
            pass

    async def test_waiting_has_an_end(self) -> None:
        async def never() -> TenantConnection:
            return await asyncio.Event().wait() and pytest.fail("opened")

        connections = Connections(never, size=1, wait_seconds=0.05)
        holder = asyncio.create_task(connections.borrow())
        await asyncio.sleep(0)
        with pytest.raises(DatabaseBusy):
            await connections.borrow()
        holder.cancel()
        await asyncio.gather(holder, return_exceptions=True)
        assert connections.lent == 0

    async def test_a_closed_pool_lends_nothing(self, database_of: OpenDatabase) -> None:
        database = await database_of("registry")
        await database.close()
        with pytest.raises(DatabaseBusy):
            async with database.unbound():
                pass


class TestWorkThatOnlyRead:
    async def test_gives_its_connection_to_who_waits_and_never_its_municipality(
        self, database_of: OpenDatabase, tenancies: Tenancies
    ) -> None:
        database = await database_of("registry", size=1)

        async def bound_to(tenancy: Tenancy) -> tuple[str, str]:
            async with database.transaction(tenancy) as tx:
                row = await tx.fetch_one(WHO)
                assert row is not None
                return row["bound"], row["asked"]

        towns = [tenancies.kitami, tenancies.chiyoda] * 10
        answers = await asyncio.gather(*(bound_to(town) for town in towns))
        assert answers == [(str(town.tenant_id), str(town.tenant_id)) for town in towns]

    async def test_leaves_no_transaction_open_when_nobody_waits(
        self, database_of: OpenDatabase, tenancies: Tenancies
    ) -> None:
        database, observer = await database_of("registry", size=1), await database_of("registry")
        async with database.transaction(tenancies.kitami) as tx:
            row = await tx.fetch_one(MYSELF)
        assert row is not None
        await _until_resting(observer, row["pid"])

    async def test_is_ended_although_who_was_given_its_connection_gave_up(
        self, database_of: OpenDatabase, tenancies: Tenancies
    ) -> None:
        database, observer = await database_of("registry", size=1), await database_of("registry")

        async def another() -> None:
            async with database.transaction(tenancies.chiyoda):
                pass

        async with database.transaction(tenancies.kitami) as tx:
            row = await tx.fetch_one(MYSELF)
            waiting = asyncio.create_task(another())
            await asyncio.sleep(0.01)
        waiting.cancel()  # it was given the connection, and has not run since
        await asyncio.gather(waiting, return_exceptions=True)
        assert row is not None
        await _until_resting(observer, row["pid"])
        async with database.transaction(tenancies.chiyoda) as tx:
            again = await tx.fetch_one(WHO)
        assert again is not None
        assert again["bound"] == str(tenancies.chiyoda.tenant_id)

    async def test_is_ended_before_the_pool_is(
        self, database_of: OpenDatabase, tenancies: Tenancies
    ) -> None:
        database = await database_of("registry", size=1)
        async with database.transaction(tenancies.kitami) as tx:
            await tx.fetch_one(WHO)
        await database.close()
        with pytest.raises(DatabaseBusy):
            async with database.unbound():
                pass


async def _until_resting(observer: Database, pid: int) -> None:
    """Wait until the server says that nothing is open there, five seconds at most."""
    async with asyncio.timeout(5), observer.unbound() as tx:
        while True:
            row = await tx.fetch_one(STATE, pid=pid)
            if row is not None and row["state"] == "idle":
                return
            await asyncio.sleep(0.01)


class TestCancellation:
    async def test_no_answer_ever_reaches_another_municipality(
        self, database_of: OpenDatabase, tenancies: Tenancies
    ) -> None:
        await storm(await database_of("registry", size=4), tenancies, times=600)

    @pytest.mark.slow
    async def test_no_answer_ever_reaches_another_ten_thousand_times(
        self, database_of: OpenDatabase, tenancies: Tenancies
    ) -> None:
        await storm(await database_of("registry", size=4), tenancies, times=10_000)


class Storm:
    """Work of two municipalities, most of which is cancelled at some await."""

    def __init__(self, database: Database, tenancies: Tenancies) -> None:
        self._database = database
        self._towns = (tenancies.kitami, tenancies.chiyoda)
        self._chance = random.Random(20_261_123)  # noqa: S311 - repeatable on purpose
        self.seen: Counter[str] = Counter()

    async def work(self, tenancy: Tenancy) -> None:
        """Ask one to three things, and compare every answer with who asked."""
        me = str(int(tenancy.tenant_id))
        async with self._database.transaction(tenancy) as tx:
            for _ in range(self._chance.randrange(1, 4)):
                row = await tx.fetch_one(SLOWLY, seconds=self._chance.random() * 0.004)
                assert row is not None
                assert row["bound"] == me
                row = await tx.fetch_one(WHO)
                assert row is not None
                assert (row["asked"], row["bound"]) == (me, me)

    async def rage(self, times: int) -> None:
        turns = iter(range(times))

        async def client() -> None:
            for number in turns:
                await self._one(self._towns[number % 2])

        await asyncio.gather(*(client() for _ in range(16)))

    async def _one(self, tenancy: Tenancy) -> None:
        task = asyncio.create_task(self.work(tenancy))
        if self._chance.random() < 0.7:
            delay = self._chance.random() * 0.03
            asyncio.get_running_loop().call_later(delay, task.cancel)
        (result,) = await asyncio.gather(task, return_exceptions=True)
        if isinstance(result, AssertionError):
            raise result
        self.seen["cancelled" if isinstance(result, asyncio.CancelledError) else "done"] += 1


async def storm(database: Database, tenancies: Tenancies, *, times: int) -> None:
    """Let it rage, and find every connection clean afterwards."""
    raging = Storm(database, tenancies)
    await raging.rage(times)
    assert raging.seen["cancelled"] > times / 10
    assert raging.seen["done"] > times / 20
    for tenancy in (tenancies.kitami, tenancies.chiyoda) * 8:
        await raging.work(tenancy)
