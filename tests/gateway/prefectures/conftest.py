"""A prefecture, another one, and officials who would help a town of the first."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from foundation import clock
from foundation.encryption import Keyring
from foundation.identifiers import MunicipalityCode, TenantId
from foundation.tenancy import Tenancy
from gateway.tenants import Municipality
from operations.seeding import Demonstration, register
from tests.gateway.people import Caller, official
from tests.support.front_door import ISSUER, PROVIDERS, FrontDoor
from tests.support.house import House, Tenancies

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
EVERYTHING = (
    "openid platform:self platform:read platform:write registry:read registry:write"
    " registry:import benefits:read benefits:write benefits:pay consultation:read"
)
OFFICES = {"010006": "北海道", "300004": "和歌山県", "000000": "国"}
NEIGHBOURS = {"011002": "札幌市", "012033": "小樽市"}
"""Towns of the same prefecture as Kitami."""
_FROM = "DATE '1900-01-02'"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Who is in the directory of a test: by code, every office and every town."""

    house: House
    by_code: dict[str, Tenancy]

    def __getitem__(self, code: str) -> Tenancy:
        return self.by_code[code]

    async def run(self, sql: str, *values: object) -> Any:
        connection = await asyncpg.connect(self.house.superuser_dsn())
        try:
            return await connection.fetchval(sql, *values)
        finally:
            await connection.close()


@pytest.fixture
async def directory(house: House, tenancies: Tenancies) -> AsyncGenerator[Directory]:
    connection = await asyncpg.connect(house.dsn("platform_owner"))
    try:
        others = {
            code: await _entered(connection, code, name)
            for code, name in (OFFICES | NEIGHBOURS).items()
        }
        by_code = {str(one.code): one for one in tenancies} | others
        await connection.executemany(
            "INSERT INTO platform.tenant_codes (municipality_code, valid_from, tenant_id)"
            f" VALUES ($1, {_FROM}, $2)",
            [(code, one.tenant_id) for code, one in by_code.items()],
        )
        for service in ("platform", "benefits"):
            for one in others.values():
                Keyring(house.keys_of(service)).create(one.tenant_id)
        yield Directory(house=house, by_code=by_code)
    finally:
        await connection.execute(f"DELETE FROM platform.tenant_codes WHERE valid_from = {_FROM}")
        await connection.close()


@pytest.fixture
async def country(directory: Directory, door: FrontDoor) -> Country:
    offices = [directory[code] for code in OFFICES]
    connection = await asyncpg.connect(door.house.dsn("platform_owner"))
    try:
        place = Demonstration(base_url=ISSUER, simulator_url=PROVIDERS, keys=door.keys)
        await register(connection, offices, place)
    finally:
        await connection.close()
    door.state.tenants.replace([*door.state.tenants.all(), *map(_entry, offices)])
    for one in offices:
        door.official_provider(one)
    return Country(
        door=door,
        offices=directory.by_code,
        first=await official(door, "administrator", username="first", scope=EVERYTHING),
        second=await official(door, "administrator", username="second", scope=EVERYTHING),
    )


async def _entered(connection: Any, code: str, name: str) -> Tenancy:
    parsed = MunicipalityCode.parse(code)
    tenant_id = await connection.fetchval(
        "INSERT INTO platform.tenants (kind, name, name_kana, prefecture_name, status)"
        " VALUES ($1, $2, '', '', 'live') RETURNING tenant_id",
        parsed.kind.value,
        name,
    )
    return Tenancy(TenantId(tenant_id), parsed)


def _entry(tenancy: Tenancy) -> Municipality:
    return Municipality(
        tenancy=tenancy,
        kind=tenancy.code.kind.value,
        name=OFFICES[str(tenancy.code)],
        name_kana="",
        prefecture_name="",
        status="live",
    )
