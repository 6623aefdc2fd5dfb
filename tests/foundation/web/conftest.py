"""The example service, running in this process on the house's real database."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr

from foundation.identity import Caller, InternalTokenIssuer, Purpose, Role
from foundation.settings import ServiceSettings
from foundation.tenancy import Tenancy
from foundation.web import create_application
from tests.foundation.web.example import POLICY, SERVICE, router
from tests.support.callers import As, ServiceClient, a_machine, an_official
from tests.support.house import House, Tenancies


@dataclass(frozen=True, slots=True)
class Office:
    """The example service and a look behind its counter."""

    client: ServiceClient
    witness: "asyncpg.Connection[asyncpg.Record]"
    tenancies: Tenancies

    def clerk(self, *, tenancy: Tenancy | None = None, **changes: Any) -> As:
        """Return a clerk of Kitami who reads for an application."""
        return self.client.as_(
            an_official(Role.CLERK, **changes), tenancy=tenancy or self.tenancies.kitami
        )

    def reader(self) -> As:
        """Return a clerk who has said why."""
        return self.client.as_(
            an_official(Role.CLERK), tenancy=self.tenancies.kitami, purpose=Purpose.APPLICATION
        )

    def machine(self, client_id: str = "demo-vendor") -> As:
        return self.client.as_(a_machine(client_id), tenancy=self.tenancies.kitami)

    def token(self, caller: Caller) -> str:
        return self.client.issuer.mint(caller, audience=SERVICE)

    async def entries(self, tenancy: Tenancy | None = None) -> list[dict[str, Any]]:
        """Return the audit trail of a municipality, oldest first."""
        found = await self.witness.fetch(
            "SELECT action, object, decision, subjects, request_id, detail FROM audit.entries"
            " WHERE tenant_id = $1 ORDER BY tx, id",
            (tenancy or self.tenancies.kitami).tenant_id,
        )
        return [dict(entry) for entry in found]

    async def effects(self, tenancy: Tenancy | None = None) -> int:
        """Return how many notes were taken, by the events that say so."""
        return await self._count("benefits.outbox", tenancy)

    async def kept_answers(self) -> int:
        return await self._count("benefits.idempotency_keys", None)

    async def _count(self, table: str, tenancy: Tenancy | None) -> int:
        tenant_id = (tenancy or self.tenancies.kitami).tenant_id
        found = await self.witness.fetchval(
            f"SELECT count(*) FROM {table} WHERE tenant_id = $1",
            tenant_id,
        )
        return int(found)


@pytest.fixture
def settings(house: House) -> ServiceSettings:
    return ServiceSettings(
        environment="development",
        database_url=SecretStr(house.dsn(f"{SERVICE}_app")),
        worker_database_url=SecretStr(house.dsn(f"{SERVICE}_worker")),
        key_directory=house.keys_of(SERVICE),
        internal_public_keys=Path(house.folder / "internal.jwks.json"),
        log_level="ERROR",
    )


@pytest.fixture
async def office(
    house: House, tenancies: Tenancies, settings: ServiceSettings
) -> AsyncGenerator[Office]:
    application = create_application(
        service=SERVICE, title="メモ", routers=[router], policy=POLICY, settings=settings
    )
    client = ServiceClient(application, service=SERVICE, issuer=InternalTokenIssuer(house.pen))
    witness = await asyncpg.connect(house.superuser_dsn())
    try:
        async with application.router.lifespan_context(application):
            yield Office(client, witness, tenancies)
    finally:
        await client.close()
        await witness.close()
