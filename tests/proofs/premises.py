"""The municipalities of a proof: their numbers, their keys, their households."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from foundation.encryption import Keyring
from foundation.identifiers import MunicipalityCode, TenantId, check_digit
from foundation.tenancy import Tenancy
from tests.services.benefits.town import householder, insert
from tests.support.house import SERVICES, House

_ENTER = """
INSERT INTO platform.tenants (kind, name, name_kana, prefecture_name, status)
VALUES ('municipality', $1, '', '', 'live') RETURNING tenant_id
"""
_LIST = """
INSERT INTO platform.tenant_codes (municipality_code, valid_from, tenant_id)
VALUES ($1, '1970-04-01', $2)
"""


def code_of(number: int) -> MunicipalityCode:
    """Return the code of the n-th municipality of an invented prefecture's list."""
    stem = f"47{number:03d}"
    return MunicipalityCode.parse(stem + check_digit(stem))


async def open_municipality(house: House, *, number: int = 201, listed: bool = False) -> Tenancy:
    """Enter a municipality with keys in every service; `listed`: the gateway finds it, too."""
    code = code_of(number)
    connection = await asyncpg.connect(house.dsn("platform_owner"))
    try:
        tenant_id = TenantId(await connection.fetchval(_ENTER, f"第{number}町"))
        if listed:
            await connection.execute(_LIST, str(code), int(tenant_id))
    finally:
        await connection.close()
    for service in SERVICES:
        Keyring(house.keys_of(service)).create(tenant_id)
    return Tenancy(tenant_id, code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """A household of one, in which nobody pays the residence tax."""

    household_id: UUID
    resident_id: UUID


async def settle_households(house: House, tenancy: Tenancy, *, count: int) -> Sequence[Household]:
    """Enter households in the register, as its owner."""
    connection = await asyncpg.connect(house.dsn("registry_owner"))
    try:
        return [await _settle(connection, tenancy) for _ in range(count)]
    finally:
        await connection.close()


async def _settle(connection: "asyncpg.Connection[asyncpg.Record]", tenancy: Tenancy) -> Household:
    person = householder()
    household = Household(household_id=person.id, resident_id=person.id)
    tenant_id = int(tenancy.tenant_id)
    await insert(
        connection,
        "registry.households",
        tenant_id=tenant_id,
        id=household.household_id,
        household_number=str(household.household_id),
    )
    await insert(
        connection,
        "registry.residents",
        tenant_id=tenant_id,
        id=household.resident_id,
        household_id=household.household_id,
        resident_number=str(household.resident_id),
        name_display="北見 花子",
        name_kana=person.name_kana,
        birth_precision="day",
        gender="2",
        nationality_kind="japanese",
        tax_status=person.tax_status,
        resident_from=person.resident_from,
        is_householder=True,
        protection="",
    )
    return household
