"""A gateway with a sandbox beside its three municipalities, and a vendor who comes to it."""

import asyncpg
import pytest

from foundation.identifiers import SANDBOX, TenantId
from foundation.tenancy import Tenancy
from gateway.tenants import Municipality
from operations.seeding.sandbox import NAME, enrol
from tests.support.front_door import FrontDoor, municipalities
from tests.support.vendors import Developer


@pytest.fixture
async def sandbox(door: FrontDoor) -> Tenancy:
    """The municipality that is none, known to this test's gateway."""
    connection = await asyncpg.connect(door.house.dsn("platform_owner"))
    try:
        tenancy = Tenancy(TenantId(await enrol(connection)), SANDBOX)
    finally:
        await connection.close()
    entry = Municipality(
        tenancy=tenancy,
        kind="municipality",
        name=NAME,
        name_kana="",
        prefecture_name="",
        status="live",
    )
    door.state.tenants.replace([*municipalities(door.tenancies), entry])
    return tenancy


@pytest.fixture
async def developer(door: FrontDoor, sandbox: Tenancy) -> Developer:
    """Somebody at ten in the evening, with an HTTP client and nobody's approval."""
    del sandbox
    return Developer(door)
