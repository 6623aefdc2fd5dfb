"""An effect, its trail, its events and its jobs happen together or not at all."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import ClassVar

import asyncpg
import pytest

from foundation.database import Database
from foundation.encryption import Keyring
from foundation.events import Event
from foundation.identifiers import new_id
from foundation.identity import Caller, Purpose, Role
from foundation.work import Work
from tests.support.callers import an_official
from tests.support.house import House, Tenancies

OpenDatabase = Callable[..., Awaitable[Database]]


@dataclass(frozen=True, kw_only=True)
class PaperStamped(Event):
    """A fact of this test alone."""

    type_: ClassVar[str] = "registry.paper.stamped.v1"


class Office:
    """A place where work can be done, and looked at from outside."""

    def __init__(self, house: House, database: Database, tenancies: Tenancies) -> None:
        self.house = house
        self.database = database
        self.tenancies = tenancies

    @asynccontextmanager
    async def work(self) -> AsyncGenerator[Work]:
        tenancy = self.tenancies.kitami
        async with self.database.transaction(tenancy) as transaction:
            yield Work(
                service="registry",
                caller=Caller(
                    principal=an_official(Role.REGISTRAR, subject="official-1"),
                    tenancy=tenancy,
                    purpose=Purpose.REGISTRATION,
                ),
                transaction=transaction,
                cipher=Keyring(self.house.keys_of("registry")).cipher(tenancy.tenant_id),
                request_id="request-1",
            )

    async def traces(self) -> tuple[int, int, int]:
        """Return how many entries, events and jobs there are."""
        connection = await asyncpg.connect(self.house.superuser_dsn())
        try:
            counts = [
                await connection.fetchval(
                    f"SELECT count(*) FROM {table} WHERE tenant_id = $1",
                    self.tenancies.kitami.tenant_id,
                )
                for table in ("audit.entries", "registry.outbox", "registry.jobs")
            ]
        finally:
            await connection.close()
        return counts[0], counts[1], counts[2]


@pytest.fixture
async def office(house: House, database_of: OpenDatabase, tenancies: Tenancies) -> Office:
    return Office(house, await database_of("registry"), tenancies)


async def stamp(work: Work) -> None:
    await work.record("registry.paper.stamp", subject=new_id(), obj="paper-1")
    await work.emit(PaperStamped(subject_id=new_id()))
    await work.enqueue("file_paper", {"paper": "paper-1"})


class TestWork:
    async def test_leaves_all_its_traces_when_it_is_done(self, office: Office) -> None:
        async with office.work() as work:
            await stamp(work)
        assert await office.traces() == (1, 1, 1)

    async def test_leaves_none_when_it_fails_at_the_end(self, office: Office) -> None:
        with pytest.raises(RuntimeError, match="the stamp broke"):
            async with office.work() as work:
                await stamp(work)
                raise RuntimeError("the stamp broke")
        assert await office.traces() == (0, 0, 0)

    async def test_remembers_about_whom_it_left_entries(self, office: Office) -> None:
        people = [new_id(), new_id()]
        async with office.work() as work:
            await work.record("registry.paper.read", subjects=[*people, people[0]])
            await work.record("registry.paper.read", subject=people[1])
            assert (work.trail.entries, list(work.trail.subjects)) == (2, people)

    async def test_writes_who_acted_and_why_into_the_trail(self, office: Office) -> None:
        async with office.work() as work:
            await work.record("registry.paper.read", obj="paper-1", detail={"count": 3})
        connection = await asyncpg.connect(office.house.superuser_dsn())
        row = await connection.fetchrow(
            "SELECT actor, purpose, object, request_id, detail::text FROM audit.entries"
            " WHERE tenant_id = $1",
            office.tenancies.kitami.tenant_id,
        )
        await connection.close()
        assert row is not None
        assert tuple(row)[:4] == ("official-1", "registration", "paper-1", "request-1")
        assert "3" in row["detail"]
