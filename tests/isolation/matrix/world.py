"""Two municipalities on running services, and what the database holds of each."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncGenerator, Generator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import asyncpg
from cryptography.hazmat.primitives.serialization import Encoding

from foundation.encryption import Keyring
from foundation.identifiers import MunicipalityCode, TenantId
from foundation.identity import InternalTokenIssuer
from foundation.tenancy import Tenancy
from tests.foundation.identity.jpki.making import trust
from tests.isolation.matrix.canaries import Signs, identifiers_in
from tests.isolation.matrix.carrying_out import Counter
from tests.isolation.matrix.operations import Operation, operations_of
from tests.isolation.matrix.papers import InternalPapers
from tests.isolation.matrix.seeds import SEEDS
from tests.isolation.matrix.seeds.assistance import CLEAR_AWAY
from tests.isolation.matrix.seeds.staff import honest_directories
from tests.isolation.matrix.towns import Town
from tests.services.benefits.town import load_banks
from tests.support.applications import application_of
from tests.support.callers import ServiceClient
from tests.support.house import House

CODES = ("012084", "302082")
TENANT_TABLES = """
    SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE n.nspname = ANY(ARRAY['platform', 'audit', 'registry', 'benefits', 'window_dx',
                                'consultation'])
    AND c.relkind = 'r' AND a.attname = 'tenant_id' AND c.relname !~ '^tenant' ORDER BY 1
"""

# The trail repeats which number was tried and refused: the caller's own words, and nobody else's.
_TEXT_OF = {
    "audit.entries": "(to_jsonb(t) - CASE decision WHEN 'denied' THEN 'object' ELSE '' END)"
}


class World:
    """Two towns, the services they share, and a way to look behind the counter."""

    def __init__(
        self,
        house: House,
        clients: dict[str, ServiceClient],
        towns: tuple[Town, Town],
        superuser: "asyncpg.Connection[Any]",
        log: io.StringIO,
    ) -> None:
        self.log = log
        self.clients = clients
        self.towns = towns
        self.operations: list[Operation] = [
            operation
            for service, client in clients.items()
            for operation in operations_of(service, client.application)
        ]
        self.papers = {service: InternalPapers(house.pen, service) for service in clients}
        https = {service: client.http for service, client in clients.items()}
        self.counter = Counter(https, self.papers)
        self._superuser = superuser
        self._signs = {town.tenancy.tenant_id: town.canaries.signs() for town in towns}

    @property
    def pairs(self) -> tuple[tuple[Town, Town], tuple[Town, Town]]:
        """Return who asks and after whom, both ways."""
        first, second = self.towns
        return (first, second), (second, first)

    def of(self, service: str) -> list[Operation]:
        return [operation for operation in self.operations if operation.service == service]

    def signs(self, town: Town) -> Signs:
        return self._signs[town.tenancy.tenant_id]

    async def rows(self, town: Town) -> dict[str, list[str]]:
        """Return everything the database holds of a town, table by table, as text."""
        tables = [row[0] for row in await self._superuser.fetch(TENANT_TABLES)]
        return {
            table: [
                row[0]
                for row in await self._superuser.fetch(
                    f"SELECT {_TEXT_OF.get(table, 't')}::text FROM {table} t"
                    " WHERE tenant_id = $1 ORDER BY 1",
                    town.tenancy.tenant_id,
                )
            ]
            for table in tables
        }

    async def learn(self) -> None:
        """Take note of every identifier that is in a town's rows now, but for requests' own."""
        requests = await self._superuser.fetch("SELECT request_id FROM audit.entries")
        for town in self.towns:
            rows = await self.rows(town)
            text = "\n".join(row for table in rows.values() for row in table)
            self.signs(town).know(identifiers_in(text) - {row[0] for row in requests})

    async def quiet(self) -> None:
        """Wait until nothing of these towns is left to be done behind the counter."""
        ours = [int(town.tenancy.tenant_id) for town in self.towns]
        left = "SELECT count(*) FROM benefits.jobs WHERE tenant_id = ANY($1)"
        for _ in range(500):
            if not await self._superuser.fetchval(left, ours):
                return
            await asyncio.sleep(0.02)
        raise AssertionError("There is still something to be done after ten seconds.")

    async def trail_of(self, request_ids: Iterable[str]) -> dict[str, list[Any]]:
        """Return what the trail says of each request, in whichever town."""
        rows = await self._superuser.fetch(
            "SELECT * FROM audit.entries WHERE request_id = ANY($1)", list(request_ids)
        )
        found: dict[str, list[Any]] = {}
        for row in rows:
            found.setdefault(row["request_id"], []).append(row)
        return found

    async def fetch(self, sql: str) -> list[Any]:
        """Ask the catalogue as its superuser."""
        return list(await self._superuser.fetch(sql))

    async def run(self, sql: str, *values: Any) -> None:
        """Do something to the database that only its superuser can."""
        await self._superuser.execute(sql, *values)


@asynccontextmanager
async def opened(house: House, services: Sequence[str] = tuple(SEEDS)) -> AsyncGenerator[World]:
    """Open the services over a house, and seed two towns through them."""
    async with AsyncExitStack() as open_until_the_end:
        superuser = await asyncpg.connect(house.superuser_dsn())
        open_until_the_end.push_async_callback(superuser.close)
        open_until_the_end.push_async_callback(superuser.execute, CLEAR_AWAY)
        await load_banks(house)
        clients = {
            service: await open_until_the_end.enter_async_context(running(house, service))
            for service in services
        }
        log = open_until_the_end.enter_context(_everything_logged())
        first, second = [
            Town(
                tenancy=await _tenancy(house, superuser, code),
                clients=clients,
                run=superuser.execute,
            )
            for code in CODES
        ]
        for town in (first, second):
            for service in services:
                await SEEDS[service](town)
        world = World(house, clients, (first, second), superuser, log)
        await world.quiet()
        await world.learn()
        yield world


def _authorities(house: House) -> str:
    """Return whose signatures are believed: the authority that signs in tests."""
    path = house.folder / "authority.der"
    path.write_bytes(trust().roots[0].certificate.public_bytes(Encoding.DER))
    root = {"certificate": str(path), "crl": "http://jlis.test/", "ocsp": "http://jlis.test/"}
    return json.dumps({"roots": [root], "test_cards": True})


@asynccontextmanager
async def running(house: House, service: str) -> AsyncGenerator[ServiceClient]:
    told = house.environment_of(service)
    if service == "platform":
        told["TAMAIRE_JPKI"] = _authorities(house)
    application = application_of(service, told)
    if service == "platform":
        application.state.enquiries = honest_directories()
    async with application.router.lifespan_context(application):
        client = ServiceClient(application, service=service, issuer=InternalTokenIssuer(house.pen))
        yield client
        await client.close()


async def _tenancy(house: House, superuser: "asyncpg.Connection[Any]", code: str) -> Tenancy:
    tenant_id = await superuser.fetchval(
        "INSERT INTO platform.tenants (kind, name, name_kana, prefecture_name, status)"
        " VALUES ('municipality', $1, '', '', 'live') RETURNING tenant_id",
        code,
    )
    for service in SEEDS:
        Keyring(house.keys_of(service)).create(TenantId(tenant_id))
    return Tenancy(TenantId(tenant_id), MunicipalityCode.parse(code))


@contextmanager
def _everything_logged() -> Generator[io.StringIO]:
    """Let the services say all they can, into a text that is looked through afterwards."""
    root, log = logging.getLogger(), io.StringIO()
    (printed,), level = root.handlers, root.level
    kept = logging.StreamHandler(log)
    kept.setFormatter(printed.formatter)
    printed.setLevel(logging.WARNING)
    root.addHandler(kept)
    root.setLevel(logging.INFO)
    try:
        yield log
    finally:
        root.removeHandler(kept)
        root.setLevel(level)
