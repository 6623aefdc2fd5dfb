"""What is said later is said all the same: in its order, as it was meant, or not at all."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given, strategies as st
from sqlalchemy import (
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    bindparam,
    func,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from foundation.database import (
    CheckViolation,
    Claim,
    Database,
    HeldByAnother,
    RowSecurityViolation,
    Statement,
    ValueRefused,
    tenant_is,
)
from foundation.database.sayings import NotPlain, said
from foundation.identifiers import new_id
from tests.support.house import House, Tenancies

OpenDatabase = Callable[..., Awaitable[Database]]

slips = Table(
    "slips",
    MetaData(schema="registry"),
    Column("tenant_id", Integer, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("text", Text),
    Column("number", Integer),
    Column("sealed", LargeBinary),
    Column("about", ARRAY(Uuid)),
    Column("data", JSONB),
    Column("at", DateTime(timezone=True)),
    Column("day", Date),
)
_VALUES = ("text", "number", "sealed", "about", "data", "at", "day")
ADD = Statement(
    "test.slips.add",
    insert(slips).values(
        tenant_id=bindparam("tenant_id"),
        id=bindparam("id"),
        **{name: bindparam(name, None, type_=slips.c[name].type) for name in _VALUES},
    ),
)
ADD_FOR_ANOTHER = Statement(
    "test.slips.add_for_another",
    insert(slips).values(tenant_id=bindparam("other"), id=bindparam("id")),
)
MINE = Statement("test.slips.mine", select(slips).where(tenant_is(slips)).order_by(slips.c.id))
HOLD = Statement(
    "test.slips.hold",
    select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("name", type_=Text), 0))),
)
DIVIDED = Statement(
    "test.slips.divided",
    select(func.div(1, bindparam("divisor", type_=Integer)).label("quotient")),
)
OF_TEXT = Statement(
    "test.slips.of_text",
    select(slips.c.id).where(tenant_is(slips), slips.c.text == bindparam("text")),
)


@pytest.fixture(scope="module")
def slips_table(house: House) -> Generator[None]:
    async def create() -> None:
        connection = await asyncpg.connect(house.dsn("registry_owner"))
        try:
            await connection.execute(
                "CREATE TABLE registry.slips (tenant_id integer NOT NULL, id uuid,"
                " text text CHECK (text <> ''), number integer, sealed bytea, about uuid[],"
                " data jsonb, at timestamptz, day date, PRIMARY KEY (tenant_id, id))"
            )
            await connection.execute(
                "SELECT platform.tenantize('registry.slips', 'SELECT, INSERT, UPDATE, DELETE')"
            )
        finally:
            await connection.close()

    async def drop() -> None:
        connection = await asyncpg.connect(house.dsn("registry_owner"))
        try:
            await connection.execute("DROP TABLE registry.slips")
        finally:
            await connection.close()

    asyncio.run(create())
    yield
    asyncio.run(drop())


@pytest.fixture
async def database(slips_table: None, database_of: OpenDatabase) -> Database:
    assert slips_table is None
    return await database_of("registry", size=2)


async def mine(database: Database, tenancies: Tenancies) -> list[dict[str, Any]]:
    async with database.transaction(tenancies.kitami) as work:
        return [dict(row) for row in await work.fetch(MINE)]


class TestLater:
    @pytest.mark.parametrize(
        "values",
        [
            {"text": "it's; COMMIT; DROP TABLE registry.slips; --"},
            {"text": "\\'; SELECT 1 --", "sealed": b"\x00'\\\xff", "number": -7},
            {"text": "控え\n𠮷", "about": [UUID(int=1), UUID(int=2)], "day": date(2026, 6, 1)},
            {"about": [], "data": {"a'b": ["\\", None, 1]}},
            {"at": datetime(2026, 11, 23, 8, 30, 0, 17, tzinfo=UTC), "text": None},
        ],
    )
    async def test_keeps_what_was_meant(
        self, database: Database, tenancies: Tenancies, values: dict[str, Any]
    ) -> None:
        async with database.transaction(tenancies.kitami) as work:
            await work.later(ADD, id=new_id(), **values)
        (row,) = await mine(database, tenancies)
        assert {name: row[name] for name in values} == values

    async def test_is_seen_by_whatever_comes_after_it(
        self, database: Database, tenancies: Tenancies
    ) -> None:
        async with database.transaction(tenancies.kitami) as work:
            await work.later(ADD, id=UUID(int=1), text="一つ目")
            await work.later(ADD, id=UUID(int=2), text="二つ目")
            assert [row["text"] for row in await work.fetch(MINE)] == ["一つ目", "二つ目"]
            await work.later(ADD, id=UUID(int=3), text="三つ目")
            session = await work.session()
            assert len((await session.execute(select(slips.c.id))).all()) == 3
            await work.later(ADD, id=UUID(int=4), text="四つ目")
            assert len((await session.execute(select(slips.c.id))).all()) == 4
        assert len(await mine(database, tenancies)) == 4

    async def test_takes_everything_back_if_it_is_refused_at_the_end(
        self, database: Database, tenancies: Tenancies
    ) -> None:
        with pytest.raises(CheckViolation):
            async with database.transaction(tenancies.kitami) as work:
                await work.later(ADD, id=new_id(), text="一つ目")
                await work.later(ADD, id=new_id(), text="")
        assert await mine(database, tenancies) == []

    async def test_stays_in_its_municipality(
        self, database: Database, tenancies: Tenancies
    ) -> None:
        with pytest.raises(RowSecurityViolation):
            async with database.transaction(tenancies.kitami) as work:
                await work.later(ADD_FOR_ANOTHER, other=tenancies.chiyoda.tenant_id, id=new_id())

    async def test_is_not_said_when_the_work_fails(
        self, database: Database, tenancies: Tenancies
    ) -> None:
        with pytest.raises(KeyError):
            async with database.transaction(tenancies.kitami) as work:
                await work.later(ADD, id=new_id(), text="控え")
                raise KeyError
        assert await mine(database, tenancies) == []

    @pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
    async def test_refuses_what_no_text_can_hold(
        self, database: Database, tenancies: Tenancies, text: str
    ) -> None:
        with pytest.raises(ValueRefused):
            async with database.transaction(tenancies.kitami) as work:
                await work.later(ADD, id=new_id(), text=text)

    async def test_lets_no_refusal_be_passed_over(
        self, database: Database, tenancies: Tenancies
    ) -> None:
        with pytest.raises(RuntimeError):
            async with database.transaction(tenancies.kitami) as work:
                await work.later(ADD, id=new_id(), text="控え")
                with pytest.raises(CheckViolation):
                    await work.execute(ADD, id=new_id(), text="")
        assert await mine(database, tenancies) == []


class TestSaid:
    @given(st.text())
    def test_ends_a_text_only_at_its_end(self, text: str) -> None:
        try:
            written = said([text])
        except ValueRefused:
            return
        assert written[:2] + written[-2:] == "('')"
        assert written[2:-2].replace("''", "") == text.replace("'", "")
        assert written[2:-2].replace("''", "'") == text

    @pytest.mark.parametrize("value", [1.5, datetime(2026, 1, 1), ["a"], {"a": 1}])  # noqa: DTZ001
    def test_leaves_to_the_driver_what_has_two_readings(self, value: object) -> None:
        with pytest.raises(NotPlain):
            said([value])


class TestClaim:
    @staticmethod
    def of(text: str) -> Claim:
        return Claim(hold=HOLD, held={"name": text}, find=OF_TEXT, sought={"text": text})

    async def test_tells_whether_it_was_done_before(
        self, database: Database, tenancies: Tenancies
    ) -> None:
        for was_done in (False, True, True):
            async with database.transaction(tenancies.kitami, claim=self.of("控え")) as work:
                assert work.was_done_before is was_done
                if not was_done:
                    await work.later(ADD, id=new_id(), text="控え")
        async with database.transaction(tenancies.chiyoda, claim=self.of("控え")) as work:
            assert not work.was_done_before

    async def test_is_of_one_at_a_time(self, database: Database, tenancies: Tenancies) -> None:
        async with database.transaction(tenancies.kitami, claim=self.of("控え")):
            with pytest.raises(HeldByAnother):
                async with database.transaction(tenancies.kitami, claim=self.of("控え")):
                    pass
            async with database.transaction(tenancies.kitami, claim=self.of("別")) as other:
                (row,) = await other.fetch(Statement("test.timeout", _TIMEOUT))
                assert row["timeout"] == "1s", "the role's own"
        async with database.transaction(tenancies.kitami, claim=self.of("控え")) as work:
            assert not work.was_done_before

    async def test_is_not_refused_for_what_another_passed_over(
        self,
        slips_table: None,
        database_of: OpenDatabase,
        tenancies: Tenancies,
    ) -> None:
        """The reader's transaction has failed and is left open; whoever comes next ends it."""
        del slips_table
        database = await database_of("registry", size=1)
        may_leave = asyncio.Event()

        async def read_past_a_refusal() -> None:
            async with database.transaction(tenancies.kitami) as work:
                with pytest.raises(ValueRefused):
                    await work.fetch(DIVIDED, divisor=0)
                await may_leave.wait()

        async def claim() -> bool:
            wanted = Claim(hold=HOLD, held={"name": "x"}, find=OF_TEXT, sought={"text": "x"})
            async with database.transaction(tenancies.chiyoda, claim=wanted) as work:
                return work.was_done_before

        reading = asyncio.create_task(read_past_a_refusal())
        await asyncio.sleep(0.05)
        claiming = asyncio.create_task(claim())
        await asyncio.sleep(0.05)
        may_leave.set()
        await reading
        assert not await claiming


class TestPlans:
    async def test_walk_an_index_though_they_were_made_while_the_table_was_empty(
        self, database: Database, tenancies: Tenancies
    ) -> None:
        async with database.transaction(tenancies.kitami) as work:
            (row,) = await work.fetch(Statement("test.seqscan", _SEQSCAN))
        assert row["seqscan"] == "off"


_SEQSCAN = select(func.current_setting("enable_seqscan").label("seqscan"))
_TIMEOUT = select(func.current_setting("lock_timeout").label("timeout"))
