"""A job exists if, and only if, the deed that made it necessary was committed."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from foundation import clock
from foundation.database import Database
from foundation.events import JobQueue
from foundation.identifiers import new_id
from tests.support.house import House, Tenancies

OpenDatabase = Callable[..., Awaitable[Database]]

QUEUE = JobQueue("benefits")


@pytest.fixture
async def worker_connection(house: House) -> Any:
    connection = await asyncpg.connect(house.dsn("benefits_worker"))
    yield connection
    await connection.close()


class TestEnqueue:
    async def test_needs_a_tenant(self, database_of: OpenDatabase) -> None:
        database = await database_of("benefits")
        async with database.unbound() as tx:
            with pytest.raises(ValueError, match="tenant"):
                await QUEUE.enqueue(tx, "letters.print", {})

    async def test_rings_only_when_the_deed_is_committed(
        self, database_of: OpenDatabase, tenancies: Tenancies
    ) -> None:
        database = await database_of("benefits")
        rung: list[str] = []
        hang_up = QUEUE.on_arrival(lambda: rung.append("ring"))
        try:
            with pytest.raises(ZeroDivisionError):
                async with database.transaction(tenancies.kitami) as tx:
                    await QUEUE.enqueue(tx, f"test.{new_id()}", {})
                    raise ZeroDivisionError
            assert rung == []
            async with database.transaction(tenancies.kitami) as tx:
                await QUEUE.enqueue(tx, f"test.{new_id()}", {})
                assert rung == []
            assert rung == ["ring"]
        finally:
            hang_up()

    async def test_holds_a_job_back_until_its_time(
        self, database_of: OpenDatabase, tenancies: Tenancies, worker_connection: Any
    ) -> None:
        database = await database_of("benefits")
        kind = f"test.{new_id()}"
        async with database.transaction(tenancies.kitami) as tx:
            later = clock.now() + timedelta(hours=1)
            await QUEUE.enqueue(tx, kind, {}, available_at=later)
        [row] = await worker_connection.fetch(
            "SELECT id FROM benefits.jobs WHERE kind = $1 AND available_at > now()", kind
        )
        async with database.transaction(tenancies.kitami) as tx:
            assert await QUEUE.take(tx, row["id"]) is None


class TestWorkerRole:
    async def test_finds_the_work_of_every_tenant_but_not_what_it_is(
        self, database_of: OpenDatabase, tenancies: Tenancies, worker_connection: Any
    ) -> None:
        database = await database_of("benefits")
        kind = f"test.{new_id()}"
        for tenancy in tenancies:
            async with database.transaction(tenancy) as tx:
                await QUEUE.enqueue(tx, kind, {"application_id": str(new_id())})
        found = await worker_connection.fetch(
            "SELECT tenant_id FROM benefits.jobs WHERE kind = $1", kind
        )
        assert {row["tenant_id"] for row in found} == {each.tenant_id for each in tenancies}
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await worker_connection.fetch("SELECT payload FROM benefits.jobs")

    @pytest.mark.parametrize(
        "attempt",
        [
            "UPDATE benefits.jobs SET attempts = 0",
            "DELETE FROM benefits.jobs",
            "SELECT id FROM benefits.jobs FOR UPDATE",
            "SELECT * FROM benefits.outbox",
            "SELECT * FROM benefits.idempotency_keys",
        ],
    )
    async def test_may_do_nothing_else(self, worker_connection: Any, attempt: str) -> None:
        await worker_connection.execute("SET app.tenant_id = '1'")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await worker_connection.execute(attempt)
