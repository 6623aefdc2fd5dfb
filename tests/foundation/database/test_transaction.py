"""A transaction belongs to one municipality, whatever happened on its connection before."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, Uuid, bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from foundation.database import (
    Base,
    CheckViolation,
    Database,
    DatabaseBusy,
    DatabaseProblem,
    Identified,
    RowSecurityViolation,
    Statement,
    TenantOwned,
    UniqueViolation,
    ValueRefused,
    tenant_is,
)
from foundation.identifiers import new_id
from tests.support.house import House, Tenancies

OpenDatabase = Callable[..., Awaitable[Database]]


class MemoRow(TenantOwned, Identified, Base):
    """A table of this test alone."""

    __tablename__ = "memos"
    __table_args__ = {"schema": "registry"}
    text: Mapped[str]


memos = Table(
    "memos",
    MetaData(schema="registry"),
    Column("tenant_id", Integer, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("text", Text, nullable=False),
    Column("data", JSONB),
)
ADD = Statement(
    "test.memos.add",
    insert(memos).values(
        tenant_id=bindparam("tenant_id"),
        id=bindparam("id"),
        text=bindparam("text"),
        data=bindparam("data", None),
    ),
)
ADD_FOR_ANOTHER = Statement(
    "test.memos.add_for_another",
    insert(memos).values(tenant_id=bindparam("other"), id=bindparam("id"), text=bindparam("text")),
)
MINE = Statement("test.memos.mine", select(memos).where(tenant_is(memos)).order_by(memos.c.id))
EVERYONES = Statement("test.memos.everyones", select(memos.c.text))
SLEEP = Statement("test.sleep", select(func.pg_sleep(bindparam("seconds"))))
BACKEND = Statement("test.backend", select(func.pg_backend_pid().label("pid")))


@pytest.fixture(scope="module")
def memos_table(house: House) -> None:
    async def create() -> None:
        connection = await asyncpg.connect(house.dsn("registry_owner"))
        try:
            await connection.execute(
                "CREATE TABLE registry.memos (tenant_id integer NOT NULL, id uuid,"
                " text text NOT NULL CHECK (text <> ''), data jsonb, PRIMARY KEY (tenant_id, id))"
            )
            await connection.execute(
                "SELECT platform.tenantize('registry.memos', 'SELECT, INSERT, UPDATE, DELETE')"
            )
        finally:
            await connection.close()

    asyncio.run(create())


@pytest.fixture
async def database(memos_table: None, database_of: OpenDatabase) -> Database:
    assert memos_table is None
    return await database_of("registry", size=1)


async def texts(database: Database, tenancies: Tenancies) -> list[list[str]]:
    found: list[list[str]] = []
    for tenancy in tenancies:
        async with database.transaction(tenancy) as work:
            found.append([row["text"] for row in await work.fetch(MINE)])
    return found


class TestTransaction:
    async def test_is_hidden_from_another_municipality(
        self, database: Database, tenancies: Tenancies
    ) -> None:
        async with database.transaction(tenancies.kitami) as work:
            await work.execute(ADD, id=new_id(), text="北見の控え")
        assert await texts(database, tenancies) == [["北見の控え"], [], []]

    async def test_is_hidden_even_without_the_predicate(
        self, database: Database, tenancies: Tenancies
    ) -> None:
        async with database.transaction(tenancies.kitami) as work:
            await work.execute(ADD, id=new_id(), text="北見の控え")
        async with database.transaction(tenancies.chiyoda) as work:
            assert await work.fetch(EVERYONES) == []

    async def test_refuses_to_write_another_municipalitys_row(
        self, database: Database, tenancies: Tenancies
    ) -> None:
        with pytest.raises(RowSecurityViolation):
            async with database.transaction(tenancies.kitami) as work:
                await work.execute(
                    ADD_FOR_ANOTHER, other=tenancies.chiyoda.tenant_id, id=new_id(), text="越境"
                )

    async def test_sees_nothing_but_an_error_without_a_tenant(self, database: Database) -> None:
        with pytest.raises(DatabaseProblem):
            async with database.unbound() as work:
                await work.fetch(EVERYONES)

    async def test_takes_back_everything_when_one_step_fails(
        self, database: Database, tenancies: Tenancies
    ) -> None:
        with pytest.raises(CheckViolation):
            async with database.transaction(tenancies.kitami) as work:
                await work.execute(ADD, id=new_id(), text="一つ目")
                await work.execute(ADD, id=new_id(), text="")
        assert await texts(database, tenancies) == [[], [], []]

    async def test_reads_through_one_door_what_was_written_through_the_other(
        self, database: Database, tenancies: Tenancies
    ) -> None:
        async with database.transaction(tenancies.kitami) as work:
            session = await work.session()
            session.add(MemoRow(tenant_id=tenancies.kitami.tenant_id, id=new_id(), text="作業中"))
            assert [row["text"] for row in await work.fetch(MINE)] == ["作業中"]
        assert await texts(database, tenancies) == [["作業中"], [], []]

    async def test_keeps_the_unit_of_work_inside_its_municipality(
        self, database: Database, tenancies: Tenancies
    ) -> None:
        memo = MemoRow(tenant_id=tenancies.kitami.tenant_id, id=new_id(), text="北見")
        async with database.transaction(tenancies.kitami) as work:
            (await work.session()).add(memo)
        async with database.transaction(tenancies.chiyoda) as work:
            session = await work.session()
            assert await session.get(MemoRow, (tenancies.kitami.tenant_id, memo.id)) is None

    async def test_names_the_same_refusal_through_both_doors(
        self, database: Database, tenancies: Tenancies
    ) -> None:
        same = new_id()
        with pytest.raises(UniqueViolation) as quick:
            async with database.transaction(tenancies.kitami) as work:
                await work.execute(ADD, id=same, text="一")
                await work.execute(ADD, id=same, text="二")
        with pytest.raises(UniqueViolation) as unit:
            async with database.transaction(tenancies.kitami) as work:
                await work.execute(ADD, id=same, text="一")
                session = await work.session()
                session.add(MemoRow(tenant_id=tenancies.kitami.tenant_id, id=same, text="二"))
        assert quick.value.constraint == unit.value.constraint == "memos_pkey"

    async def test_carries_json_as_it_was(self, database: Database, tenancies: Tenancies) -> None:
        data = {"名": ["𠮷田", 1, None]}
        async with database.transaction(tenancies.kitami) as work:
            await work.execute(ADD, id=new_id(), text="控え", data=data)
            assert (await work.fetch(MINE))[0]["data"] == data

    async def test_says_that_a_nul_character_cannot_be_kept(
        self, database: Database, tenancies: Tenancies
    ) -> None:
        with pytest.raises(ValueRefused):
            async with database.transaction(tenancies.kitami) as work:
                await work.execute(ADD, id=new_id(), text="a\x00b")

    async def test_refuses_a_parameter_nobody_asked_for(
        self, database: Database, tenancies: Tenancies
    ) -> None:
        with pytest.raises(KeyError, match="tenant"):
            async with database.transaction(tenancies.kitami) as work:
                await work.fetch(MINE, tenant=3)


class TestAfterTrouble:
    async def test_a_cancelled_question_leaves_nothing_for_the_next(
        self, database: Database, tenancies: Tenancies
    ) -> None:
        async def slow() -> None:
            async with database.transaction(tenancies.kitami) as work:
                await work.execute(ADD, id=new_id(), text="取り消される")
                await work.fetch(SLEEP, seconds=5.0)

        task = asyncio.create_task(slow())
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await texts(database, tenancies) == [[], [], []]

    async def test_a_killed_connection_is_replaced(
        self, database: Database, house: House, tenancies: Tenancies
    ) -> None:
        killer = await asyncpg.connect(house.superuser_dsn())
        with pytest.raises(DatabaseBusy):
            async with database.transaction(tenancies.kitami) as work:
                row = await work.fetch_one(BACKEND)
                assert row is not None
                await killer.execute("SELECT pg_terminate_backend($1)", row["pid"])
                await work.execute(ADD, id=new_id(), text="届かない")
        await killer.close()
        assert await texts(database, tenancies) == [[], [], []]

    async def test_a_value_left_in_the_session_is_an_error_and_not_a_municipality(
        self, database: Database, tenancies: Tenancies
    ) -> None:
        leak = Statement(
            f"test.leak.{new_id()}",
            select(func.set_config("app.tenant_id", bindparam("value"), False)),  # noqa: FBT003 - SQL
        )
        async with database.unbound() as work:
            await work.fetch(leak, value=str(tenancies.kitami.tenant_id))
        with pytest.raises(DatabaseProblem):
            async with database.unbound() as work:
                await work.fetch(EVERYONES)

    async def test_does_afterwards_only_what_was_committed(
        self, database: Database, tenancies: Tenancies
    ) -> None:
        done: list[str] = []
        async with database.transaction(tenancies.kitami) as work:
            work.afterwards(lambda: done.append("committed"))
        with pytest.raises(CheckViolation):
            async with database.transaction(tenancies.kitami) as work:
                work.afterwards(lambda: done.append("undone"))
                await work.execute(ADD, id=UUID(int=1), text="")
        assert done == ["committed"]
