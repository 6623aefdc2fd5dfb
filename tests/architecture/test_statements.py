"""Every statement the house can send uses its indexes under row security, and names its tenant.

The statements are those the code registers; each is explained as the role that sends it. What a
review would have to notice, the planner is asked.
"""

import asyncio
import importlib
import pkgutil
import re
from collections.abc import AsyncGenerator, Generator
from typing import Any

import asyncpg
import pytest

from foundation.database import STATEMENTS, Statement
from foundation.events import Inbox, JobQueue, Outbox, Worker
from foundation.web.idempotency import statements_of
from migrations.lineages import SCHEMAS
from tests.architecture.catalogue import TABLES
from tests.architecture.grounds import ROWS, TOWNS, live_in
from tests.architecture.plans import Plan, plan_as
from tests.isolation.matrix.walls import OtherHouse, rebuilt
from tests.support.house import SERVICES, House

PACKAGES = ("foundation", "services", "gateway", "operations")

ACROSS_TENANTS = {
    **{
        f"{service}.jobs.due": "finds due work of every tenant, and of it only that it is due"
        for service in SERVICES
    },
    "platform.representations.live_somewhere": "finds where somebody acts for another, not who",
    "audit.sealing.unsealed_tenants": "finds whose trail is not sealed yet",
    "audit.sealing.last_checkpoint": "seals one tenant after the other; the tenant is named",
    "audit.sealing.next_leaves": "seals one tenant after the other; the tenant is named",
    "audit.sealing.add_checkpoint": "seals one tenant after the other; the tenant is named",
    "audit.verify.entries": "verifies one tenant after the other; the tenant is named",
    "audit.verify.notes": "verifies one tenant after the other; the tenant is named",
    "audit.verify.subjects_too_many": "verifies one tenant after the other; the tenant is named",
    "audit.verify.subjects_too_few": "verifies one tenant after the other; the tenant is named",
}
"""Statements that a worker sends without being bound to a tenant."""


SENDERS = (
    (re.compile(r"(\w+)\.jobs\.due"), r"\1_worker"),
    (re.compile(r"(platform)\.representations\.live_somewhere"), r"\1_worker"),
    (re.compile(r"audit\.(sealing|verify)\..*"), "audit_worker"),
    (re.compile(r"audit\.\w+\.add"), "benefits_app"),
    (re.compile(r"audit\..*"), "platform_app"),
    (re.compile(r"(\w+)\..*"), r"\1_app"),
)
"""Which role sends a statement; the first that fits."""


def every_statement() -> dict[str, Statement]:
    """Return what any module of the house registers; tests of others register theirs elsewhere."""
    for package in PACKAGES:
        for module in _modules(package):
            importlib.import_module(module)
    unopened: Any = None
    for service in SERVICES:
        Inbox(service)
        Outbox(service)
        JobQueue(service)
        Worker(service, unopened, unopened, {})
        statements_of(service)
    return {
        name: statement
        for name, statement in sorted(STATEMENTS.items())
        if name.split(".", maxsplit=1)[0] in SCHEMAS
    }


def _modules(package: str) -> Generator[str]:
    found = importlib.import_module(package)
    for module in pkgutil.walk_packages(found.__path__, f"{package}."):
        if module.name.rpartition(".")[2] != "__main__":
            yield module.name


INVERTED = """
    SELECT FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
    WHERE m.amname = 'gin' AND i.indrelid = ANY($1::text[]::regclass[])
"""
HIDE_OTHERS = """
    UPDATE pg_index i SET indisvalid = false FROM pg_class x JOIN pg_am m ON m.oid = x.relam
    WHERE x.oid = i.indexrelid AND m.amname <> 'gin' AND i.indrelid = ANY($1::text[]::regclass[])
"""


def sender_of(name: str) -> str:
    for pattern, role in SENDERS:
        if found := pattern.fullmatch(name):
            return found.expand(role)
    raise LookupError(name)


@pytest.fixture(scope="module")
def fresh_house(house: House) -> OtherHouse:
    """A database in which every table is lived in, so that every plan is made on like grounds."""
    made = rebuilt(house, "statements")
    asyncio.run(_live_everywhere(made.superuser_dsn()))
    return made


async def _live_everywhere(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for table in sorted(await tenant_tables(connection)):
            await live_in(connection, table)
    finally:
        await connection.close()


@pytest.fixture
async def superuser(fresh_house: OtherHouse) -> AsyncGenerator["asyncpg.Connection[Any]"]:
    connection = await asyncpg.connect(fresh_house.superuser_dsn())
    try:
        await connection.execute("SET enable_seqscan = off")
        yield connection
    finally:
        await connection.close()


async def tenant_tables(superuser: "asyncpg.Connection[Any]") -> set[str]:
    rows = await superuser.fetch(
        f"WITH t AS ({TABLES}) SELECT name FROM t WHERE owned", list(SCHEMAS)
    )
    return {row["name"] for row in rows}


class TestEveryStatement:
    async def test_keeps_its_indexes_under_row_security(
        self, superuser: "asyncpg.Connection[Any]"
    ) -> None:
        lost = {
            name: gone
            for name, statement in every_statement().items()
            if (gone := await lost_by(superuser, sender_of(name), statement.sql))
        }
        assert lost == {}

    @pytest.mark.parametrize("row_security", ["with", "without"])
    async def test_reaches_a_tenants_rows_by_their_tenant(
        self, superuser: "asyncpg.Connection[Any]", row_security: str
    ) -> None:
        """Without row security it is the statement's own words that lead there, table by table."""
        owned = await tenant_tables(superuser)
        scanning: dict[str, list[str]] = {}
        for name, statement in every_statement().items():
            role = sender_of(name) if row_security == "with" else "postgres"
            plan = await plan_as(superuser, role, statement.sql)
            if found := scanned(plan, owned):
                scanning[name] = found
        assert scanning == {}

    async def test_names_its_tenant_unless_it_has_a_reason(
        self, superuser: "asyncpg.Connection[Any]"
    ) -> None:
        owned = await tenant_tables(superuser)
        unnamed = {
            name
            for name, statement in every_statement().items()
            if "tenant_id" not in statement.parameters
            and (await plan_as(superuser, sender_of(name), statement.sql)).tables & owned
        }
        assert unnamed == set(ACROSS_TENANTS)


async def lost_by(superuser: "asyncpg.Connection[Any]", role: str, sql: str) -> list[str]:
    """Return the conditions an index would serve if row security did not stand before it."""
    mine, free = await plan_as(superuser, role, sql), await plan_as(superuser, "postgres", sql)
    lost = mine.lost_since(free)
    # What happens on a conflict needs the very index of the key, which must not be hidden then.
    asks = "ON CONFLICT" not in sql
    if asks and await superuser.fetchval(f"SELECT EXISTS ({INVERTED})", list(free.tables)):
        attempt = superuser.transaction()
        await attempt.start()
        # Rows enough to make the planner choose an inverted index would be too many to make up.
        await superuser.execute(HIDE_OTHERS, list(free.tables))
        mine, free = await plan_as(superuser, role, sql), await plan_as(superuser, "postgres", sql)
        await attempt.rollback()
        lost += mine.lost_since(free)
    return lost


def scanned(plan: Plan, owned: set[str]) -> list[str]:
    """Return the tenants' tables that are read without the tenant leading to the rows."""
    return sorted(
        scan.table for scan in plan.scans.values() if scan.table in owned and not scan.knows_tenant
    )


PLANTED = (
    "CREATE TYPE registry.planted_kind AS ENUM ('a', 'b')",
    """CREATE TABLE registry.planted (tenant_id integer, id uuid, kind registry.planted_kind,
    amount numeric, kana text COLLATE "C", document jsonb, state text,
    PRIMARY KEY (tenant_id, id))""",
    "CREATE INDEX ON registry.planted (tenant_id, kind)",
    "CREATE INDEX ON registry.planted (tenant_id, amount)",
    "CREATE INDEX ON registry.planted (tenant_id, kana)",
    "CREATE INDEX ON registry.planted (tenant_id, state)",
    "CREATE INDEX ON registry.planted USING gin (document)",
    "SELECT platform.tenantize('registry.planted', 'SELECT')",
    f"""INSERT INTO registry.planted SELECT t, uuidv7(), CASE n % 50 WHEN 0 THEN 'b' ELSE 'a'
    END::registry.planted_kind, n, 'カ' || n, jsonb_build_object('n', n), 's' || n
    FROM generate_series(1, {TOWNS}) AS t, generate_series(1, {ROWS}) AS n""",
    "ANALYZE registry.planted",
)
OURS = "SELECT id FROM registry.planted WHERE tenant_id = $1"


@pytest.fixture
async def planted(
    superuser: "asyncpg.Connection[Any]",
) -> AsyncGenerator["asyncpg.Connection[Any]"]:
    attempt = superuser.transaction()
    await attempt.start()
    for sql in PLANTED:
        await superuser.execute(sql)
    yield superuser
    await attempt.rollback()


class TestAStatement:
    @pytest.mark.parametrize(
        "predicate",
        ["kind = $2", "amount = $2", "kana LIKE 'カ1%'", "document @> $2"],
    )
    async def test_with_an_operator_that_leaks_is_caught(
        self, planted: "asyncpg.Connection[Any]", predicate: str
    ) -> None:
        assert await lost_by(planted, "registry_app", f"{OURS} AND {predicate}") != []

    @pytest.mark.parametrize("predicate", ["state = $2", "kana ^@ 'カ1'", "id = $2"])
    async def test_with_leakproof_operators_is_not(
        self, planted: "asyncpg.Connection[Any]", predicate: str
    ) -> None:
        sql = f"{OURS} AND {predicate}"
        assert await lost_by(planted, "registry_app", sql) == []
        assert scanned(await plan_as(planted, "registry_app", sql), {"registry.planted"}) == []

    async def test_that_asks_without_its_tenant_is_caught(
        self, planted: "asyncpg.Connection[Any]"
    ) -> None:
        """Row security would filter, one row after the other of everybody's."""
        await planted.execute("CREATE INDEX ON registry.planted (state)")
        await planted.execute("ALTER TABLE registry.planted DISABLE ROW LEVEL SECURITY")
        sql = "SELECT id FROM registry.planted WHERE state = $1"
        plan = await plan_as(planted, "registry_app", sql)
        assert scanned(plan, {"registry.planted"}) == ["registry.planted"]
