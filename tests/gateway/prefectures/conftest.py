"""A prefecture, another one, and officials who would help a town of the first."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from foundation import clock
from foundation.identifiers import MunicipalityCode, TenantId
from foundation.tenancy import Tenancy
from gateway.tenants import Municipality
from operations.seeding import Demonstration, register
from tests.gateway.people import Caller, official
from tests.support.front_door import ISSUER, PROVIDERS, FrontDoor

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
EVERYTHING = (
    "openid platform:self platform:read platform:write registry:read registry:write"
    " registry:import benefits:read benefits:write benefits:pay consultation:read"
)
OFFICES = {"010006": "北海道", "300004": "和歌山県", "000000": "国"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A town with two administrators, its prefecture, another prefecture, and the nation."""

    door: FrontDoor
    offices: dict[str, Tenancy]
    first: Caller
    second: Caller

    @property
    def town(self) -> Tenancy:
        return self.door.tenancies.kitami

    def of(self, code: str) -> Tenancy:
        return self.offices[code]

    def terms(self, **changes: Any) -> dict[str, Any]:
        today = clock.today()
        given = {
            "office_code": "010006",
            "roles": ["clerk", "benefits_officer"],
            "purpose": "災害時の応援",
            "ground": "職員派遣協定",
            "starts_on": today.isoformat(),
            "ends_on": (today + timedelta(days=30)).isoformat(),
        }
        return given | changes

    async def consented(self, **changes: Any) -> str:
        """Return a consent that two administrators gave."""
        made = await self.first.post("/assistance-consents", **self.terms(**changes))
        assert made.status_code == 201, made.text
        consent_id = made.json()["id"]
        answer = await self.second.post(f"/assistance-consents/{consent_id}/confirmation")
        assert answer.status_code == 200, answer.text
        return consent_id

    async def helper(self, *roles: str, office: str = "010006", name: str = "helper") -> Caller:
        """Sign an official in at their own office."""
        return await official(
            self.door, *roles, tenancy=self.of(office), username=name, scope=EVERYTHING
        )

    async def exchange(self, caller: Caller, consent_id: str, **changes: Any) -> httpx.Response:
        form = {
            "grant_type": EXCHANGE,
            "client_id": "demo-desk",
            "subject_token": caller.token,
            "subject_token_type": ACCESS_TOKEN,
            "assistance_consent_id": consent_id,
            "audience": str(self.town.code),
        } | changes
        return await self.door.token(**form)

    async def assisting(self, caller: Caller, consent_id: str, **changes: Any) -> Caller:
        answer = await self.exchange(caller, consent_id, **changes)
        assert answer.status_code == 200, answer.text
        return Caller(self.door, answer.json()["access_token"])

    async def seen(self, sql: str, *values: object) -> list[Any]:
        connection = await asyncpg.connect(self.door.house.superuser_dsn())
        try:
            return list(await connection.fetch(sql, *values))
        finally:
            await connection.close()


@pytest.fixture
async def country(door: FrontDoor) -> AsyncGenerator[Country]:
    connection = await asyncpg.connect(door.house.dsn("platform_owner"))
    try:
        offices = {code: await _office(connection, code) for code in OFFICES}
        every = [*door.tenancies, *offices.values()]
        await connection.executemany(
            "INSERT INTO platform.tenant_codes (municipality_code, valid_from, tenant_id)"
            " VALUES ($1, DATE '1900-01-02', $2)",
            [(str(one.code), one.tenant_id) for one in every],
        )
        door.house.moved_in.extend(one.tenant_id for one in offices.values())
        door.house.keys_of("platform")
        place = Demonstration(base_url=ISSUER, simulator_url=PROVIDERS, keys=door.keys)
        await register(connection, list(offices.values()), place)
        door.state.tenants.replace([*door.state.tenants.all(), *map(_entry, offices.values())])
        for one in offices.values():
            door.official_provider(one)
        yield Country(
            door=door,
            offices={**offices, **{str(one.code): one for one in door.tenancies}},
            first=await official(door, "administrator", username="first", scope=EVERYTHING),
            second=await official(door, "administrator", username="second", scope=EVERYTHING),
        )
    finally:
        await connection.execute(
            "DELETE FROM platform.tenant_codes WHERE valid_from = DATE '1900-01-02'"
        )
        await connection.close()


async def _office(connection: Any, code: str) -> Tenancy:
    kind = "nation" if code == "000000" else "prefecture"
    tenant_id = await connection.fetchval(
        "INSERT INTO platform.tenants (kind, name, name_kana, prefecture_name, status)"
        " VALUES ($1, $2, '', '', 'live') RETURNING tenant_id",
        kind,
        OFFICES[code],
    )
    return Tenancy(TenantId(tenant_id), MunicipalityCode.parse(code))


def _entry(tenancy: Tenancy) -> Municipality:
    return Municipality(
        tenancy=tenancy,
        kind="prefecture",
        name=OFFICES[str(tenancy.code)],
        name_kana="",
        prefecture_name="",
        status="live",
    )
