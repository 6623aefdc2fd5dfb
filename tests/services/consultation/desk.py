"""A consultation desk for the tests: counsellors, residents, and a look behind the counter."""

import asyncio
import io
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from foundation.identifiers import new_id
from foundation.identity import Role
from foundation.tenancy import Tenancy
from tests.support.callers import As, ServiceClient, an_official
from tests.support.house import House

PATH = "/consultation/v1/cases"
INSUFFICIENT = (403, "consultation/case-role-insufficient")
STALE = (412, "platform/precondition-failed")
RECORD: dict[str, Any] = {
    "kind": "office",
    "occurred_at": "2026-11-20T10:00:00+09:00",
    "text": "家賃の支払いについて相談を受けた。",
}


class Desk:
    """One municipality's desk."""

    def __init__(self, house: House, tenancy: Tenancy, client: ServiceClient) -> None:
        self.house = house
        self.tenancy = tenancy
        self.client = client
        self.lead = self.counsellor()

    def counsellor(self, *more: Role) -> As:
        return self.official(Role.COUNSELLOR, *more)

    def official(self, *roles: Role, subject: str | None = None) -> As:
        return self.client.as_(an_official(*roles, subject=subject), tenancy=self.tenancy)

    async def resident(self, *, protection: str = "", name: str = "北見 花子") -> UUID:
        """Enter a resident into the register, as the register's owner does."""
        household_id, resident_id = new_id(), new_id()
        async with self.owner("registry") as registry:
            await _insert(
                registry,
                "registry.households",
                tenant_id=self.tenancy.tenant_id,
                id=household_id,
                household_number=str(household_id),
            )
            await _insert(
                registry,
                "registry.residents",
                tenant_id=self.tenancy.tenant_id,
                id=resident_id,
                household_id=household_id,
                resident_number=str(resident_id),
                name_display=name,
                birth_precision="day",
                gender="2",
                nationality_kind="japanese",
                tax_status="exempt",
                protection=protection,
            )
        return resident_id

    async def opened(self, *, by: As | None = None, **changes: Any) -> str:
        """Open a case, anonymous unless more is said; return its number."""
        body = {"theme": "housing", "confidentiality": "sensitive"} | changes
        return str(ok(await (by or self.lead).post(PATH, json=body), 201)["id"])

    async def case(self, case: str, *, by: As | None = None) -> dict[str, Any]:
        return ok(await (by or self.lead).get(f"{PATH}/{case}"))

    async def version(self, case: str) -> dict[str, str]:
        """Return the If-Match header for the case as it is now."""
        rows = await self.fetch("SELECT version FROM consultation.cases WHERE id = $1", UUID(case))
        return {"If-Match": f'"{rows[0]["version"] if rows else 1}"'}

    async def moved(self, case: str, *acts: str) -> None:
        for act in acts:
            ok(await self.lead.post(f"{PATH}/{case}/{act}", headers=await self.version(case)))

    async def member(self, case: str, role: str, *, official: As | None = None) -> As:
        """Give somebody, a counsellor unless said otherwise, a role on the case."""
        official = official or self.counsellor()
        ok(
            await self.lead.put(
                f"{PATH}/{case}/members/{name_of(official)}",
                json={"role": role},
                headers=await self.version(case),
            )
        )
        return official

    async def recorded(self, case: str, *, by: As | None = None, **changes: Any) -> str:
        """Add a progress record; return its number."""
        answer = await (by or self.lead).post(f"{PATH}/{case}/records", json=RECORD | changes)
        return str(ok(answer, 201)["id"])

    async def trail(self) -> list[dict[str, Any]]:
        """Return the municipality's audit trail, oldest first."""
        return await self.fetch(
            "SELECT * FROM audit.entries WHERE tenant_id = $1 ORDER BY tx, id",
            self.tenancy.tenant_id,
        )

    async def fetch(self, sql: str, *arguments: Any) -> list[dict[str, Any]]:
        """Ask the database as one whom no wall stops."""
        connection = await asyncpg.connect(self.house.superuser_dsn())
        try:
            return [dict(row) for row in await connection.fetch(sql, *arguments)]
        finally:
            await connection.close()

    @asynccontextmanager
    async def owner(self, schema: str) -> AsyncGenerator["asyncpg.Connection[Any]"]:
        connection = await asyncpg.connect(self.house.dsn(f"{schema}_owner"))
        try:
            yield connection
        finally:
            await connection.close()

    @asynccontextmanager
    async def held(self, case: str) -> AsyncGenerator["asyncpg.Connection[Any]"]:
        """Hold a case as whoever changes it does; what is done inside is committed at the end."""
        async with self.owner("consultation") as holding, holding.transaction():
            await holding.execute(
                "SELECT FROM consultation.cases WHERE id = $1 FOR UPDATE", UUID(case)
            )
            yield holding

    async def somebody_waits(self, number: int = 1) -> None:
        """Return once so many pieces of the service's work wait for a lock."""
        for _ in range(500):
            waiting = await self.fetch(
                "SELECT FROM pg_stat_activity"
                " WHERE application_name = 'consultation' AND wait_event_type = 'Lock'"
            )
            if len(waiting) >= number:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"Fewer than {number} wait.")


def name_of(official: As) -> str:
    return official.caller.principal.subject


def ok(response: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert response.status_code == status, (response.status_code, response.text)
    return dict(response.json())


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Return how a request was refused: status and slug."""
    return response.status_code, str(response.json()["type"]).removeprefix("/problems/")


def lines_of(log: io.StringIO) -> list[str]:
    return log.getvalue().splitlines()


_EMPTY: dict[str, Any] = {
    "text": "",
    "boolean": False,
    "integer": 1,
    "bytea": b"",
    "date": date(1960, 1, 1),
    "smallint": 1,
}


async def _insert(connection: "asyncpg.Connection[Any]", table: str, **given: Any) -> None:
    """Insert a row; columns that must have a value and were given none get the empty one.

    The register's tables grow with the register; these tests rely on its view alone.
    """
    needed = await connection.fetch(
        "SELECT attname, format_type(atttypid, NULL) AS type FROM pg_attribute"
        " WHERE attrelid = $1::regclass AND attnum > 0 AND attnotnull AND NOT atthasdef",
        table,
    )
    row = {column["attname"]: _EMPTY.get(column["type"]) for column in needed} | given
    names, places = ", ".join(row), ", ".join(f"${n}" for n in range(1, len(row) + 1))
    await connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", *row.values())
