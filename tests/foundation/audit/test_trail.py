"""The trail is written with the deed, read by those concerned, and changed by nobody."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from foundation.audit import Entry, entries_about, entries_of_tenant, record
from foundation.database import Database, DatabaseProblem, Row, RowSecurityViolation
from foundation.identifiers import new_id
from foundation.tenancy import Tenancy
from tests.support.house import House, Tenancies

OpenDatabase = Callable[..., Awaitable[Database]]


def an_entry(
    *subjects: UUID, action: str = "benefits.application.read", service: str = "benefits"
) -> Entry:
    return Entry(
        service=service,
        action=action,
        actor_kind="official",
        actor="tanaka",
        client_id="demo-desk",
        purpose="payment",
        subjects=subjects,
        request_id="r-1",
    )


async def write(database: Database, tenancy: Tenancy, *entries: Entry) -> None:
    async with database.transaction(tenancy) as tx:
        for entry in entries:
            await record(tx, entry)


def ids(rows: list[Row]) -> list[UUID]:
    return [row["id"] for row in rows]


class TestRecord:
    async def test_stands_or_falls_with_the_deed(
        self, database_of: OpenDatabase, tenancies: Tenancies
    ) -> None:
        benefits, platform = await database_of("benefits"), await database_of("platform")
        hanako = new_id()
        with pytest.raises(ZeroDivisionError):
            async with benefits.transaction(tenancies.kitami) as tx:
                await record(tx, an_entry(hanako))
                raise ZeroDivisionError
        async with platform.transaction(tenancies.kitami) as tx:
            assert await entries_about(tx, hanako) == []
            assert await entries_of_tenant(tx) == []

    async def test_needs_a_tenant(self, database_of: OpenDatabase) -> None:
        database = await database_of("benefits")
        async with database.unbound() as tx:
            with pytest.raises(ValueError, match="tenant"):
                await record(tx, an_entry())

    @pytest.mark.parametrize(
        "service", ["registry", "benefits", "window_dx", "consultation", "platform"]
    )
    async def test_is_open_to_every_service(
        self, database_of: OpenDatabase, tenancies: Tenancies, service: str
    ) -> None:
        entry = an_entry(new_id(), new_id(), service=service)
        await write(await database_of(service), tenancies.kitami, entry)

    @pytest.mark.parametrize(
        ("writer", "named"), [("benefits", "registry"), ("window_dx", "platform")]
    )
    async def test_is_refused_under_the_name_of_another_service(
        self, database_of: OpenDatabase, tenancies: Tenancies, writer: str, named: str
    ) -> None:
        database = await database_of(writer)
        with pytest.raises(RowSecurityViolation):
            await write(database, tenancies.kitami, an_entry(new_id(), service=named))


class TestReading:
    async def test_is_hidden_from_another_municipality(
        self, database_of: OpenDatabase, tenancies: Tenancies
    ) -> None:
        hanako = new_id()
        await write(await database_of("benefits"), tenancies.kitami, an_entry(hanako))
        platform = await database_of("platform")
        async with platform.transaction(tenancies.kinokawa) as tx:
            assert await entries_about(tx, hanako) == []
            assert await entries_of_tenant(tx) == []

    async def test_shows_a_resident_who_looked_newest_first(
        self, database_of: OpenDatabase, tenancies: Tenancies
    ) -> None:
        hanako, taro = new_id(), new_id()
        entries = [an_entry(hanako), an_entry(taro), an_entry(hanako, taro), an_entry()]
        await write(await database_of("benefits"), tenancies.kitami, *entries)
        platform = await database_of("platform")
        async with platform.transaction(tenancies.kitami) as tx:
            first, second = await entries_about(tx, hanako)
            assert ids([first, second]) == [entries[2].id, entries[0].id]
            assert (second["actor"], second["purpose"], second["at"]) == (
                "tanaka",
                "payment",
                entries[0].at,
            )
            before = (first["at"], first["id"])
            assert ids(await entries_about(tx, hanako, before=before)) == [entries[0].id]
            assert ids(await entries_about(tx, hanako, limit=1)) == [entries[2].id]

    async def test_shows_an_auditor_the_whole_trail_newest_first(
        self, database_of: OpenDatabase, tenancies: Tenancies
    ) -> None:
        entries = [an_entry() for _ in range(5)]
        await write(await database_of("benefits"), tenancies.kitami, *entries)
        platform = await database_of("platform")
        async with platform.transaction(tenancies.kitami) as tx:
            first = await entries_of_tenant(tx, limit=3)
            before = (first[-1]["tx"], first[-1]["id"])
            rest = await entries_of_tenant(tx, before=before)
        assert ids(first + rest) == [entry.id for entry in reversed(entries)]

    async def test_is_not_for_the_service_that_wrote_it(
        self, database_of: OpenDatabase, tenancies: Tenancies
    ) -> None:
        benefits = await database_of("benefits")
        with pytest.raises(DatabaseProblem):
            async with benefits.transaction(tenancies.kitami) as tx:
                await entries_of_tenant(tx)


BY_HAND = (
    "INSERT INTO audit.entries (tenant_id, id, at, service, actor_kind, actor, client_id, action,"
    " subjects, decision, request_id, detail, leaf{columns}) VALUES ({tenant}, uuidv7(), now(),"
    " 'benefits', 'official', 'x', 'x', 'x', '{{}}', 'allowed', 'x', '{{}}',"
    " sha256('x'){values})"
)


@pytest.fixture
async def as_role(house: House) -> AsyncGenerator[Callable[..., Awaitable[str]]]:
    """Run SQL as a role bound to a tenant, as an intruder in that service could."""
    connections: list[asyncpg.Connection[Any]] = []

    async def run(role: str, tenancy: Tenancy, sql: str) -> str:
        connection = await asyncpg.connect(house.dsn(role))
        connections.append(connection)
        await connection.execute(f"SET app.tenant_id = '{tenancy.tenant_id}'")
        return await connection.execute(sql)

    yield run
    for connection in connections:
        await connection.close()


class TestPrivileges:
    @pytest.mark.parametrize("role", ["benefits_app", "platform_app", "audit_worker"])
    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE audit.entries SET actor = 'nobody'",
            "DELETE FROM audit.entries",
            "TRUNCATE audit.entries",
            "UPDATE audit.entry_subjects SET at = now()",
            "DELETE FROM audit.entry_subjects",
            "UPDATE audit.checkpoints SET size = 1",
            "DELETE FROM audit.checkpoints",
            "ALTER TABLE audit.entries DISABLE ROW LEVEL SECURITY",
        ],
    )
    async def test_let_nobody_change_the_past(
        self, as_role: Callable[..., Awaitable[str]], tenancies: Tenancies, role: str, sql: str
    ) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await as_role(role, tenancies.kitami, sql)

    async def test_let_a_service_add_to_its_own_tenants_trail_only(
        self, as_role: Callable[..., Awaitable[str]], tenancies: Tenancies
    ) -> None:
        here = BY_HAND.format(tenant=tenancies.kitami.tenant_id, columns="", values="")
        there = BY_HAND.format(tenant=tenancies.kinokawa.tenant_id, columns="", values="")
        assert await as_role("benefits_app", tenancies.kitami, here) == "INSERT 0 1"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await as_role("benefits_app", tenancies.kitami, there)

    async def test_let_nobody_date_an_entry_back_behind_a_seal(
        self, as_role: Callable[..., Awaitable[str]], tenancies: Tenancies
    ) -> None:
        back = BY_HAND.format(tenant=tenancies.kitami.tenant_id, columns=", tx", values=", 1")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await as_role("benefits_app", tenancies.kitami, back)

    async def test_let_a_service_neither_read_nor_return_entries(
        self, as_role: Callable[..., Awaitable[str]], tenancies: Tenancies
    ) -> None:
        here = BY_HAND.format(tenant=tenancies.kitami.tenant_id, columns="", values="")
        for sql in (f"{here} RETURNING tx", "SELECT id FROM audit.entries"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await as_role("benefits_app", tenancies.kitami, sql)

    @pytest.mark.parametrize("role", ["benefits_app", "platform_app"])
    async def test_let_only_the_sealer_seal(
        self, as_role: Callable[..., Awaitable[str]], tenancies: Tenancies, role: str
    ) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await as_role(
                role,
                tenancies.kitami,
                "INSERT INTO audit.checkpoints VALUES"
                f" ({tenancies.kitami.tenant_id}, 1, sha256(''), '', 1, uuidv7(), now(), '')",
            )
