"""A house for tests: a real PostgreSQL, migrated, with three municipalities of its own per test.

Each worker of the test run has its own cluster. Each test gets municipalities whose numbers no
other test has seen, so nothing has to be cleaned up and any order will do.
"""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest

from foundation.database import Database
from foundation.encryption import Keyring
from foundation.identifiers import MunicipalityCode, TenantId
from foundation.identity import InternalTokenIssuer, SigningKey
from foundation.tenancy import Tenancy
from migrations.run import upgrade
from operations.postgres import Cluster
from tests.support.applications import application_of
from tests.support.callers import ServiceClient

DATABASE = "house"
BARE = "bare"
NAMES = {"012084": "北見市", "302082": "紀の川市", "131016": "千代田区"}
SERVICES = ("registry", "benefits", "window_dx", "consultation", "platform")
_SHARED = (
    "revocations",
    "signs",
    "traffic_limits",
    "assistance_offers",
    "municipal_figures",
    "parameter_publications",
)


@dataclass(frozen=True, slots=True)
class House:
    """Where everything is: the cluster, the gateway's pen, and each service's keys."""

    cluster: Cluster
    pen: SigningKey
    folder: Path
    moved_in: list[TenantId] = field(default_factory=list[TenantId], kw_only=True)
    """The municipalities of the test that runs; a service they ask for finds their keys."""

    def dsn(self, role: str) -> str:
        return self.cluster.dsn(role, DATABASE)

    def superuser_dsn(self) -> str:
        return self.cluster.superuser_dsn(DATABASE)

    def keys_of(self, service: str) -> Path:
        """Return a service's folder of keys, in which the test's municipalities have theirs."""
        keyring = Keyring(folder := self.folder / "keys" / service)
        for tenant_id in self.moved_in:
            keyring.create(tenant_id)
        return folder

    def environment_of(self, service: str) -> dict[str, str]:
        """Return the variables under which a service starts in this house."""
        return {
            "TAMAIRE_ENVIRONMENT": "development",
            "TAMAIRE_DATABASE_URL": self.dsn(f"{service}_app"),
            "TAMAIRE_WORKER_DATABASE_URL": self.dsn(f"{service}_worker"),
            "TAMAIRE_KEY_DIRECTORY": str(self.keys_of(service)),
            "TAMAIRE_INTERNAL_PUBLIC_KEYS": str(self.folder / "internal.jwks.json"),
            "TAMAIRE_LOG_LEVEL": "WARNING",
        }


@dataclass(frozen=True, slots=True)
class Tenancies:
    """Three municipalities that only this test knows."""

    kitami: Tenancy
    kinokawa: Tenancy
    chiyoda: Tenancy

    def __iter__(self) -> Generator[Tenancy]:
        yield from (self.kitami, self.kinokawa, self.chiyoda)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Generator[Cluster]:
    made = Cluster.create(tmp_path_factory.mktemp("postgres"), for_tests=True)
    made.start()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="session")
def bare_database(cluster: Cluster) -> str:
    """Name a database as bare as after its migrations; to copy it is quicker than to migrate."""
    cluster.bootstrap_roles(BARE)
    upgrade(lambda schema: cluster.dsn(f"{schema}_owner", BARE))
    return BARE


@pytest.fixture(scope="session")
def house(cluster: Cluster, bare_database: str, tmp_path_factory: pytest.TempPathFactory) -> House:
    cluster.copy_database(bare_database, DATABASE)
    folder = tmp_path_factory.mktemp("house")
    pen = SigningKey.generate("Ed25519")
    keys = json.dumps({"keys": [pen.public()]})
    (folder / "internal.jwks.json").write_text(keys, encoding="utf-8")
    return House(cluster=cluster, pen=pen, folder=folder)


@pytest.fixture
async def tenancies(house: House) -> Tenancies:
    connection = await asyncpg.connect(house.dsn("platform_owner"))
    try:
        # Some things are named by a municipality's public code, which tests do share.
        for shared in _SHARED:
            await connection.execute(f"DELETE FROM platform.{shared}")
        made = [
            Tenancy(
                TenantId(
                    await connection.fetchval(
                        "INSERT INTO platform.tenants (kind, name, name_kana, prefecture_name,"
                        " status) VALUES ('municipality', $1, '', '', 'live') RETURNING tenant_id",
                        name,
                    )
                ),
                MunicipalityCode.parse(code),
            )
            for code, name in NAMES.items()
        ]
    finally:
        await connection.close()
    house.moved_in[:] = [tenancy.tenant_id for tenancy in made]
    return Tenancies(*made)


@pytest.fixture
async def database_of(house: House) -> AsyncGenerator[Callable[[str], Awaitable[Database]]]:
    """Open a service's database as its application role; closed when the test ends."""
    async with AsyncExitStack() as open_until_the_end:

        async def opened(schema: str, part: str = "app", size: int = 4) -> Database:
            database = await Database.open(
                house.dsn(f"{schema}_{part}"), application_name=f"test-{schema}", size=size
            )
            open_until_the_end.push_async_callback(database.close)
            return database

        yield opened


@pytest.fixture
async def service_client(
    house: House, tenancies: Tenancies
) -> AsyncGenerator[Callable[[str], Awaitable[ServiceClient]]]:
    """Start a service in this process and return a client that can call as anybody.

    The test's municipalities move in first, so that the service finds their keys.
    """
    assert house.moved_in == [one.tenant_id for one in tenancies]
    async with AsyncExitStack() as running:

        async def started(service: str) -> ServiceClient:
            application = application_of(service, house.environment_of(service))
            await running.enter_async_context(application.router.lifespan_context(application))
            client = ServiceClient(
                application, service=service, issuer=InternalTokenIssuer(house.pen)
            )
            running.push_async_callback(client.close)
            return client

        yield started
