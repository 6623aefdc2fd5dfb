"""A reader of the outbox misses nothing, sees nothing early, and sees its own tenant only."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

import pytest
from sqlalchemy import Integer, bindparam, delete, update

from foundation.database import Database, RowSecurityViolation, Statement
from foundation.events import START, Cursor, Event, Outbox, StoredEvent, outbox_table
from foundation.identifiers import new_id
from foundation.tenancy import Tenancy
from tests.support.house import Tenancies

OpenDatabase = Callable[..., Awaitable[Database]]

OUTBOX = Outbox("benefits")
PRODUCERS, EACH = 10, 12
PATIENCE = 200


@dataclass(frozen=True)
class BallThrown(Event):
    type_: ClassVar[str] = "festival.ball.thrown.v1"
    number: int


def a_ball(number: int, subject_id: UUID | None = None) -> BallThrown:
    return BallThrown(number, subject_id=subject_id or new_id())


async def throw(database: Database, tenancy: Tenancy, *numbers: int) -> None:
    async with database.transaction(tenancy) as tx:
        for number in numbers:
            await OUTBOX.append(tx, a_ball(number))


async def read(
    database: Database, tenancy: Tenancy, cursor: Cursor | None = None, limit: int = 100
) -> list[StoredEvent]:
    async with database.transaction(tenancy) as tx:
        return await OUTBOX.read_after(tx, cursor, limit)


def numbers(events: list[StoredEvent]) -> list[int]:
    return [event.data["number"] for event in events]


class TestReadAfter:
    async def test_is_hidden_from_another_municipality(
        self, database_of: OpenDatabase, tenancies: Tenancies
    ) -> None:
        database = await database_of("benefits")
        await throw(database, tenancies.kitami, 1)
        assert await read(database, tenancies.kinokawa) == []

    async def test_returns_what_was_announced(
        self, database_of: OpenDatabase, tenancies: Tenancies
    ) -> None:
        database = await database_of("benefits")
        ball = a_ball(7)
        async with database.transaction(tenancies.kitami) as tx:
            await OUTBOX.append(tx, ball)
        [event] = await read(database, tenancies.kitami)
        assert (event.type, event.subject_id, event.data) == (
            "festival.ball.thrown.v1",
            ball.subject_id,
            {"number": 7},
        )
        assert event.cursor > START

    async def test_reads_on_from_a_cursor_in_the_order_of_announcing(
        self, database_of: OpenDatabase, tenancies: Tenancies
    ) -> None:
        database = await database_of("benefits")
        await throw(database, tenancies.kitami, 1, 2, 3)
        await throw(database, tenancies.kitami, 4)
        first = await read(database, tenancies.kitami, limit=2)
        rest = await read(database, tenancies.kitami, first[-1].cursor)
        assert (numbers(first), numbers(rest)) == ([1, 2], [3, 4])

    async def test_announces_nothing_that_was_undone(
        self, database_of: OpenDatabase, tenancies: Tenancies
    ) -> None:
        database = await database_of("benefits")
        with pytest.raises(ZeroDivisionError):
            async with database.transaction(tenancies.kitami) as tx:
                await OUTBOX.append(tx, a_ball(1))
                raise ZeroDivisionError
        assert await read(database, tenancies.kitami) == []

    async def test_waits_for_an_older_transaction_rather_than_pass_it(
        self, database_of: OpenDatabase, tenancies: Tenancies
    ) -> None:
        database = await database_of("benefits")
        async with database.transaction(tenancies.kitami) as older:
            await OUTBOX.append(older, a_ball(1))
            await OUTBOX.read_after(older, None, 1)  # what waits for the commit is written now
            await throw(database, tenancies.kitami, 2)
            assert await read(database, tenancies.kitami) == []
        assert numbers(await read(database, tenancies.kitami)) == [1, 2]

    async def test_loses_nothing_of_ten_producers_at_once(
        self, database_of: OpenDatabase, tenancies: Tenancies
    ) -> None:
        database = await database_of("benefits", size=PRODUCERS + 2)

        async def produce(producer: int) -> None:
            for turn in range(EACH):
                async with database.transaction(tenancies.kitami) as tx:
                    await OUTBOX.append(tx, a_ball(producer * EACH + turn))
                    await asyncio.sleep((producer * 7 + turn * 3) % 10 / 1000)

        producing = asyncio.gather(*(produce(producer) for producer in range(PRODUCERS)))
        seen: list[StoredEvent] = []
        quiet = 0
        while quiet < PATIENCE and len(seen) < PRODUCERS * EACH:
            finished = producing.done()
            news = await read(database, tenancies.kitami, seen[-1].cursor if seen else None, 7)
            seen += news
            quiet = quiet + 1 if finished and not news else 0
            await asyncio.sleep(0.001)
        await producing
        assert sorted(numbers(seen)) == list(range(PRODUCERS * EACH))
        assert [event.cursor for event in seen] == sorted(event.cursor for event in seen)


class TestImmutability:
    @pytest.mark.parametrize(
        "change",
        [
            Statement(
                "test.outbox.rewrite",
                update(outbox_table("benefits"))
                .where(
                    outbox_table("benefits").c.tenant_id == bindparam("tenant_id", type_=Integer)
                )
                .values(type="another"),
            ),
            Statement(
                "test.outbox.forget",
                delete(outbox_table("benefits")).where(
                    outbox_table("benefits").c.tenant_id == bindparam("tenant_id", type_=Integer)
                ),
            ),
        ],
        ids=lambda change: change.name,
    )
    async def test_leaves_the_service_no_way_to_unsay(
        self, database_of: OpenDatabase, tenancies: Tenancies, change: Statement
    ) -> None:
        database = await database_of("benefits")
        with pytest.raises(RowSecurityViolation):
            async with database.transaction(tenancies.kitami) as tx:
                await tx.execute(change)
