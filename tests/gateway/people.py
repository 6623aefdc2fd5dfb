"""Residents of a test's municipality, as the register publishes them to the platform."""

from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from foundation import clock
from foundation.identifiers import new_id
from foundation.tenancy import Tenancy
from tests.support.front_door import RESIDENT_SCOPE, FrontDoor

SELF_SCOPE = f"{RESIDENT_SCOPE} platform:self"


async def live_in(
    door: FrontDoor,
    tenancy: Tenancy,
    *,
    birth_on: date = date(1992, 4, 15),
    household_id: UUID | None = None,
    is_protected: bool = False,
    birth_text: str | None = None,
) -> UUID:
    """Register somebody and return their record's number."""
    resident_id, household_id = new_id(), household_id or new_id()
    connection = await asyncpg.connect(door.house.dsn("registry_owner"))
    try:
        await connection.execute(
            "INSERT INTO registry.households (tenant_id, id, household_number)"
            " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            tenancy.tenant_id,
            household_id,
            str(household_id),
        )
        await _insert(
            connection,
            tenant_id=tenancy.tenant_id,
            id=resident_id,
            household_id=household_id,
            resident_number=str(resident_id),
            birth_on=birth_on,
            birth_text=birth_text or birth_on.isoformat(),
            birth_precision="day",
            resident_from=date(2020, 4, 1),
            gender="2",
            nationality_kind="japanese",
            tax_status="exempt",
            protection="dv" if is_protected else "",
        )
    finally:
        await connection.close()
    return resident_id


async def protect(door: FrontDoor, resident_id: UUID, *, measure: str = "dv") -> None:
    """Put somebody under 支援措置 after the fact; with an empty measure it is over."""
    connection = await asyncpg.connect(door.house.dsn("registry_owner"))
    try:
        await connection.execute(
            "UPDATE registry.residents SET protection = $2 WHERE id = $1", resident_id, measure
        )
    finally:
        await connection.close()


class Caller:
    """Somebody with a token, at the gateway."""

    def __init__(self, door: FrontDoor, token: str) -> None:
        self._door = door
        self.token = token

    async def get(self, path: str, *, why: str | None = None) -> httpx.Response:
        headers = self._headers() | ({"Tamaire-Purpose": why} if why else {})
        return await self._door.http.get(f"/platform/v1{path}", headers=headers)

    async def post(self, path: str, **body: Any) -> httpx.Response:
        return await self._door.http.post(
            f"/platform/v1{path}", json=body or None, headers=self._headers()
        )

    async def delete(self, path: str, **headers: str) -> httpx.Response:
        return await self._door.http.delete(
            f"/platform/v1{path}", headers=self._headers() | headers
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Idempotency-Key": str(new_id())}


async def resident(door: FrontDoor, subject: str, **given: Any) -> Caller:
    """Sign a resident in; `says` is what their card says."""
    tokens = await door.resident_tokens(subject=subject, scope=SELF_SCOPE, **given)
    return Caller(door, tokens["access_token"])


async def official(door: FrontDoor, *roles: str, **given: Any) -> Caller:
    """Sign an official in with these duties."""
    tokens = await door.official_tokens(*roles, **given)
    return Caller(door, tokens["access_token"])


async def laid_down(door: FrontDoor, key: str, value: int) -> None:
    """Let the municipality's administrator set a parameter from today on, through the door."""
    chief = await official(door, "administrator")
    day = clock.today().isoformat()
    answer = await chief.post(
        f"/parameters/{key}/values", value=value, starts_on=day, reason="試験のため"
    )
    assert answer.status_code == 201, answer.text


async def _insert(connection: Any, **given: Any) -> None:
    empty: dict[str, Any] = {"text": "", "boolean": False, "bytea": b"", "integer": 1, "uuid": None}
    needed = await connection.fetch(
        "SELECT attname, format_type(atttypid, NULL) AS type FROM pg_attribute WHERE attrelid ="
        " 'registry.residents'::regclass AND attnum > 0 AND attnotnull AND NOT atthasdef"
    )
    row = {column["attname"]: empty.get(column["type"]) for column in needed} | given
    names, places = ", ".join(row), ", ".join(f"${n}" for n in range(1, len(row) + 1))
    await connection.execute(
        f"INSERT INTO registry.residents ({names}) VALUES ({places})", *row.values()
    )
