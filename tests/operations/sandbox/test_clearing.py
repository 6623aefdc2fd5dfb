"""The sandbox as on its first day, and every other municipality as it is."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from foundation import clock
from foundation.encryption import Keyring
from foundation.identifiers import SANDBOX
from foundation.identity import Role
from foundation.tenancy import Tenancy
from operations.sandbox import clear
from operations.sandbox.clearing import EMPTIED, KEPT, NoSandbox
from tests.support.callers import ServiceClient, an_official
from tests.support.front_door import FrontDoor
from tests.support.house import SERVICES, House
from tests.support.vendors import Developer

StartService = Callable[[str], Awaitable[ServiceClient]]
_TABLES = """
SELECT table_schema || '.' || table_name AS name FROM information_schema.columns
JOIN information_schema.tables USING (table_schema, table_name)
WHERE column_name = 'tenant_id' AND table_type = 'BASE TABLE' AND table_schema = ANY($1)
"""
_TRAIL = "SELECT count(*) FROM audit.entries WHERE tenant_id = $1"


@pytest.fixture
async def superuser(house: House) -> AsyncGenerator["asyncpg.Connection[Any]"]:
    connection = await asyncpg.connect(house.superuser_dsn())
    yield connection
    await connection.close()


@pytest.fixture
def furnished(house: House, sandbox: Tenancy) -> Tenancy:
    for service in SERVICES:
        Keyring(house.keys_of(service)).create(sandbox.tenant_id)
    return sandbox


async def rows_of(
    superuser: "asyncpg.Connection[Any]", place: Tenancy, *, of: set[str] | None = None
) -> dict[str, int]:
    """Return how many rows of a municipality stand in each table that has any."""
    names = [row["name"] for row in await superuser.fetch(_TABLES, list(EMPTIED))]
    counts = {
        name: int(
            await superuser.fetchval(
                f"SELECT count(*) FROM {name} WHERE tenant_id = $1",
                int(place.tenant_id),
            )
        )
        for name in names
        if of is None or name in of
    }
    return {name: count for name, count in counts.items() if count}


async def opened(client: ServiceClient, place: Tenancy) -> None:
    """Open a window in a municipality, as its administrator."""
    office = client.as_(an_official(Role.ADMINISTRATOR), tenancy=place)
    made = await office.post("/window-dx/v1/windows", json={"code": "A-1", "name": "1番"})
    assert made.status_code == 201, made.text


class TestClearing:
    async def test_removes_what_was_tried_there_and_nothing_elsewhere(
        self,
        superuser: "asyncpg.Connection[Any]",
        service_client: StartService,
        furnished: Tenancy,
        door: FrontDoor,
    ) -> None:
        kitami, windows = door.tenancies.kitami, await service_client("window_dx")
        for place in (furnished, kitami):
            await opened(windows, place)
        before = await rows_of(superuser, kitami)
        trail = await superuser.fetchval(_TRAIL, int(furnished.tenant_id))
        assert await clear(door.house.dsn) > 0
        assert set(await rows_of(superuser, furnished)) <= KEPT
        assert await rows_of(superuser, kitami) == before
        assert "window_dx.windows" in before
        after = await superuser.fetchval(_TRAIL, int(furnished.tenant_id))
        assert after == trail + 1
        await opened(windows, furnished)

    async def test_leaves_every_client_its_keys_and_its_leave(
        self, developer: Developer, furnished: Tenancy
    ) -> None:
        await developer.register()
        await clear(developer.door.house.dsn)
        given = await developer.ask_token(str(SANDBOX))
        assert given.status_code == 200, given.text
        del furnished

    async def test_ends_what_came_of_sign_ins(
        self,
        superuser: "asyncpg.Connection[Any]",
        door: FrontDoor,
        furnished: Tenancy,
    ) -> None:
        """A binding is what most surely makes a fixed outcome another one."""
        await superuser.execute(
            "INSERT INTO platform.resident_bindings (tenant_id, subject, resident_id, grade,"
            " bound_at) VALUES ($1, 'somebody', gen_random_uuid(), 'exact', now())",
            int(furnished.tenant_id),
        )
        await clear(door.house.dsn)
        assert "platform.resident_bindings" not in await rows_of(superuser, furnished)

    async def test_takes_down_what_was_laid_down_there_alone(
        self,
        superuser: "asyncpg.Connection[Any]",
        door: FrontDoor,
        furnished: Tenancy,
    ) -> None:
        for code in (str(furnished.code), "012084"):
            await superuser.execute(
                "INSERT INTO platform.parameter_publications"
                " (municipality_code, key, starts_on, id, value)"
                " VALUES ($1, 'platform.slip_days', '2026-01-01', uuidv7(), '9')",
                code,
            )
        await clear(door.house.dsn)
        left = await superuser.fetch(
            "SELECT municipality_code FROM platform.parameter_publications"
        )
        assert [row["municipality_code"] for row in left] == ["012084"]

    async def test_touches_nothing_where_there_is_no_sandbox(
        self, superuser: "asyncpg.Connection[Any]", house: House, sandbox: Tenancy
    ) -> None:
        renamed = "UPDATE platform.tenant_codes SET valid_until = $2 WHERE tenant_id = $1"
        await superuser.execute(renamed, int(sandbox.tenant_id), clock.today())
        try:
            with pytest.raises(NoSandbox):
                await clear(house.dsn)
        finally:
            await superuser.execute(renamed, int(sandbox.tenant_id), None)

    async def test_knows_every_table_it_keeps(self, superuser: "asyncpg.Connection[Any]") -> None:
        names = {row["name"] for row in await superuser.fetch(_TABLES, list(EMPTIED))}
        assert names >= KEPT
