"""No role that serves people reaches another tenant's row by any SQL, in any table.

And a policy that lets one through, be it to read or to write, is found out for every table: a test
that could not fail would prove nothing.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from tests.architecture.catalogue import SCHEMAS
from tests.isolation.matrix.tables import TABLES, Table
from tests.support.house import House

pytestmark = pytest.mark.isolation

_ALL = "tenant_id = platform.tenant()"
MUTANTS = {
    "reading is open": f"CREATE POLICY tenant ON {{}} USING (true) WITH CHECK ({_ALL})",
    "writing is open": f"CREATE POLICY tenant ON {{}} USING ({_ALL}) WITH CHECK (true)",
    "everything is open": "CREATE POLICY tenant ON {} USING (true)",
    "unset means everybody": "CREATE POLICY tenant ON {} USING (tenant_id = coalesce("
    "nullif(current_setting('app.tenant_id', true), '')::integer, tenant_id))",
    "row security is off": "ALTER TABLE {} DISABLE ROW LEVEL SECURITY",
}


@pytest.fixture
async def superuser(house: House) -> AsyncGenerator["asyncpg.Connection[Any]"]:
    connection = await asyncpg.connect(house.superuser_dsn())
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def made_up(connection: "asyncpg.Connection[Any]", name: str) -> AsyncGenerator[Table]:
    attempt = connection.transaction()
    await attempt.start()
    try:
        yield await Table.made_up(connection, name)
    finally:
        await attempt.rollback()


async def names(connection: "asyncpg.Connection[Any]") -> list[str]:
    return [row["name"] for row in await connection.fetch(TABLES, SCHEMAS)]


class TestEveryTable:
    async def test_shows_each_role_its_own_tenant_only(
        self, superuser: "asyncpg.Connection[Any]"
    ) -> None:
        leaks: list[str] = []
        for name in await names(superuser):
            async with made_up(superuser, name) as table:
                assert table.roles, f"Nobody may touch {name}."
                leaks += await table.leaks()
        assert leaks == []

    @pytest.mark.parametrize("mutant", MUTANTS)
    async def test_with_a_relaxed_policy_is_found_out(
        self, superuser: "asyncpg.Connection[Any]", mutant: str
    ) -> None:
        unnoticed: list[str] = []
        for name in await names(superuser):
            async with made_up(superuser, name) as table:
                if mutant == "writing is open" and not await table.is_written():
                    continue
                await superuser.execute(f"DROP POLICY tenant ON {name}")
                await superuser.execute(MUTANTS[mutant].format(name))
                if not await table.leaks():
                    unnoticed.append(name)
        assert unnoticed == []
