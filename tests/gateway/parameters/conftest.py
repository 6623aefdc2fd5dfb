"""A town, its prefecture and the nation, each with an administrator at the platform's office."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from foundation import clock
from foundation.identifiers import MunicipalityCode, TenantId, new_id
from foundation.identity import Role
from foundation.tenancy import Tenancy
from tests.support.callers import As, ServiceClient, an_official
from tests.support.house import House, Tenancies

OpenService = Callable[[str], Awaitable[ServiceClient]]
BASE = "/platform/v1/parameters"
PLACES = {"000000": "nation", "010006": "prefecture"}
CHIEF = an_official(Role.ADMINISTRATOR)


def in_days(days: int) -> str:
    return (clock.today() + timedelta(days=days)).isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """One place's administrator."""

    chief: As

    async def enter(self, key: str, value: Any, **more: Any) -> Any:
        body = {"value": value, "starts_on": in_days(0), "reason": "試験のため"} | more
        return await self.chief.post(f"{BASE}/{key}/values", json=body)

    async def entered(self, key: str, value: Any, **more: Any) -> dict[str, Any]:
        answer = await self.enter(key, value, **more)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def reads(self, key: str, *, ahead: int = 0) -> dict[str, Any]:
        answer = await self.chief.get(f"{BASE}/{key}", params={"day": in_days(ahead)})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def holds(self, key: str, *, ahead: int = 0) -> tuple[Any, str]:
        found = await self.reads(key, ahead=ahead)
        return found["value"], found["origin"]

    async def history(self, key: str) -> list[dict[str, Any]]:
        return (await self.chief.get(f"{BASE}/{key}/values")).json()["items"]

    async def drift(self, against: str = "national") -> dict[str, Any]:
        answer = await self.chief.get(f"{BASE}/drift", params={"against": against})
        assert answer.status_code == 200, answer.text
        return answer.json()


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """Three places of which each is above the next, a town elsewhere, and the database."""

    nation: Hall
    prefecture: Hall
    town: Hall
    elsewhere: Hall
    client: ServiceClient
    tenancies: Tenancies
    run: Callable[..., Awaitable[Any]]


@pytest.fixture
async def country(
    service_client: OpenService, house: House, tenancies: Tenancies
) -> AsyncGenerator[Country]:
    connection = await asyncpg.connect(house.superuser_dsn())
    above: dict[str, Tenancy] = {}
    for code, kind in PLACES.items():
        tenant_id = await connection.fetchval(
            "INSERT INTO platform.tenants (kind, name, name_kana, prefecture_name, status)"
            " VALUES ($1, $1, '', '', 'live') RETURNING tenant_id",
            kind,
        )
        above[kind] = Tenancy(TenantId(tenant_id), MunicipalityCode.parse(code))
    house.moved_in.extend(one.tenant_id for one in above.values())
    client = await service_client("platform")

    def hall(tenancy: Tenancy) -> Hall:
        return Hall(chief=client.as_(CHIEF, tenancy=tenancy))

    yield Country(
        nation=hall(above["nation"]),
        prefecture=hall(above["prefecture"]),
        town=hall(tenancies.kitami),
        elsewhere=hall(tenancies.kinokawa),
        client=client,
        tenancies=tenancies,
        run=connection.fetchval,
    )
    await connection.execute("DELETE FROM platform.parameter_publications")
    await connection.close()


@pytest.fixture
async def neighbours(country: Country) -> AsyncGenerator[Callable[..., Awaitable[None]]]:
    """Let cities take part that have codes, and that laid something down, or nothing."""
    made: list[int] = []

    async def settle(code: str, name: str, value: int | None = None) -> None:
        tenant_id = await country.run(
            "INSERT INTO platform.tenants (kind, name, name_kana, prefecture_name, status)"
            " VALUES ('municipality', $1, '', '', 'live') RETURNING tenant_id",
            name,
        )
        made.append(tenant_id)
        await country.run(
            "INSERT INTO platform.tenant_codes (municipality_code, valid_from, tenant_id)"
            " VALUES ($1, '1901-01-01', $2)",
            code,
            tenant_id,
        )
        if value is not None:
            await country.run(
                "INSERT INTO platform.parameter_publications"
                " (municipality_code, key, starts_on, id, value)"
                " VALUES ($1, 'platform.slip_days', '2026-01-01', $2, $3::text::jsonb)",
                code,
                new_id(),
                str(value),
            )

    yield settle
    await country.run("DELETE FROM platform.tenant_codes WHERE tenant_id = ANY($1)", made)
    await country.run(
        "UPDATE platform.tenants SET status = 'closed' WHERE tenant_id = ANY($1)", made
    )
