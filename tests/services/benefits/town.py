"""A municipality for the tests of benefits: its households, its officials, its banks.

The register belongs to another service, so its rows are written here by the register's owner; what
the service under test sees of them are the views the register really publishes.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from foundation import clock
from foundation.identifiers import new_id
from foundation.identity import Role
from foundation.tenancy import Tenancy
from services.benefits.disbursements.domain import is_banking_day
from tests.support.callers import As, ServiceClient, a_resident, an_official
from tests.support.house import House

ACCOUNT: dict[str, Any] = {
    "bank_code": "0001",
    "branch_code": "001",
    "account_type": "ordinary",
    "account_number": "0012345",
    "holder_kana": "キタミ ハナコ",
}
PAYER: dict[str, Any] = {
    "originator_code": "0000012084",
    "bank_account": ACCOUNT | {"account_number": "0000001", "holder_kana": "キタミシ"},
}
BANKS = (
    ("0001", "みずほ", "ミズホ", "001", "東京営業部", "トウキヨウ"),
    ("0005", "三菱ＵＦＪ", "ミツビシユ－エフジエイ", "123", "見本", "ミホン"),
)
EMPTY: dict[str, Any] = {
    "text": "",
    "boolean": False,
    "integer": 1,
    "bytea": b"",
    "date": date(1960, 1, 1),
    "smallint": 1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody to be registered; what a test does not mention is the most ordinary case."""

    tax_status: str = "exempt"
    resident_from: date = date(2020, 4, 1)
    resident_until: date | None = None
    protection: str = ""
    name_kana: str = "キタミ ハナコ"
    is_householder: bool = False
    id: UUID = field(default_factory=new_id)


def householder(**facts: Any) -> Person:
    return Person(is_householder=True, **facts)


def next_banking_day() -> date:
    day = clock.today() + timedelta(days=1)
    while not is_banking_day(day):
        day += timedelta(days=1)
    return day


def terms(**changes: Any) -> dict[str, Any]:
    """Return the terms of a programme that is open today."""
    today = clock.today()
    given: dict[str, Any] = {
        "code": f"P-{str(new_id())[-12:]}",
        "name": "物価高騰対応支援給付金",
        "legal_ground": "物価高騰対応支援給付金支給要綱",
        "fiscal_year": 2026,
        "amount_per_household_yen": 30_000,
        "reference_on": str(today - timedelta(days=60)),
        "condition": "household_tax_exempt",
        "application_from": str(today - timedelta(days=30)),
        "application_until": str(today + timedelta(days=30)),
        "seizure_ban": True,
        "tax_free": True,
    }
    return given | changes


class Town:
    """One municipality with the people who work in it and live in it."""

    def __init__(self, house: House, tenancy: Tenancy, client: ServiceClient) -> None:
        self.house = house
        self.tenancy = tenancy
        self.client = client
        self.section = self.official(Role.BENEFITS_OFFICER)
        self.treasury = self.official(Role.TREASURER)

    def official(self, *roles: Role, subject: str | None = None) -> As:
        return self.client.as_(an_official(*roles, subject=subject), tenancy=self.tenancy)

    def resident(self, person: Person | UUID | None) -> As:
        resident_id = person.id if isinstance(person, Person) else person
        return self.client.as_(a_resident(resident_id), tenancy=self.tenancy)

    async def household(self, *people: Person) -> UUID:
        """Register a household, of whom one person says that they are the householder."""
        household_id = new_id()
        async with owner(self.house, "registry") as registry:
            await insert(
                registry,
                "registry.households",
                tenant_id=self.tenancy.tenant_id,
                id=household_id,
                household_number=str(household_id),
            )
            for person in people:
                await insert(
                    registry,
                    "registry.residents",
                    tenant_id=self.tenancy.tenant_id,
                    household_id=household_id,
                    resident_number=str(person.id),
                    name_display="北見 花子",
                    birth_precision="day",
                    gender="2",
                    nationality_kind="japanese",
                    **asdict(person),
                )
        return household_id

    async def protect(self, person: Person) -> None:
        """Put a person under protection after the fact."""
        await self.run_as_owner(
            "registry",
            "UPDATE registry.residents SET protection = 'dv', address = '', postal_code = ''"
            " WHERE tenant_id = $1 AND id = $2",
            self.tenancy.tenant_id,
            person.id,
        )

    async def run_as_owner(self, schema: str, sql: str, *arguments: Any) -> list[Any]:
        async with owner(self.house, schema) as connection:
            return list(await connection.fetch(sql, *arguments))

    async def published(self, **changes: Any) -> str:
        """Define and publish a programme; return its id."""
        made = ok(await self.section.post("/benefits/v1/programmes", json=terms(**changes)))
        ok(await self.section.post(f"/benefits/v1/programmes/{made['id']}/publication"))
        return str(made["id"])

    async def offered(self, *people: Person, programme: str | None = None) -> tuple[str, str]:
        """Register a household and offer it a programme; return (programme, application)."""
        await self.household(*people)
        programme = programme or await self.published()
        ok(await self.section.post(f"/benefits/v1/programmes/{programme}/roster"))
        head = next(person for person in people if person.is_householder)
        offers = ok(await self.resident(head).get("/benefits/v1/offers"))["items"]
        (offer,) = (offer for offer in offers if offer["programme_id"] == programme)
        return programme, str(offer["application_id"])

    async def confirmed(
        self, head: Person, *, programme: str | None = None, **account: Any
    ) -> tuple[str, str]:
        programme, application = await self.offered(head, programme=programme)
        ok(
            await self.resident(head).post(
                f"/benefits/v1/applications/{application}/confirmation",
                json={"bank_account": ACCOUNT | account},
            )
        )
        return programme, application

    async def granted(
        self, head: Person, *, programme: str | None = None, **account: Any
    ) -> tuple[str, str]:
        programme, application = await self.confirmed(head, programme=programme, **account)
        ok(
            await self.section.post(
                f"/benefits/v1/applications/{application}/decision",
                json={"decision": "granted", "reason": "要件を満たすため"},
            )
        )
        return programme, application

    async def with_payer(self) -> None:
        ok(
            await self.treasury.put(
                "/benefits/v1/payer", json=PAYER, headers={"If-None-Match": "*"}
            )
        )

    async def proposed(self, programme: str, *, by: As | None = None) -> dict[str, Any]:
        return ok(
            await (by or self.section).post(
                "/benefits/v1/transfer-proposals",
                json={"programme_id": programme, "transfer_on": str(next_banking_day())},
            )
        )

    async def approved(self, proposal_id: str, *, by: As | None = None) -> dict[str, Any]:
        path = f"/benefits/v1/transfer-proposals/{proposal_id}/approval"
        return ok(await (by or self.treasury).post(path))

    async def sealed(self, proposal_id: str) -> dict[str, Any]:
        """Wait until the file is sealed behind the counter."""
        return await self.reaching(proposal_id, "sealed")

    async def reaching(self, proposal_id: str, state: str) -> dict[str, Any]:
        """Wait for what happens behind the counter."""
        path = f"/benefits/v1/transfer-proposals/{proposal_id}"
        for _ in range(500):
            read = ok(await self.treasury.get(path))
            if read["state"] == state:
                return read
            await asyncio.sleep(0.02)
        raise AssertionError(f"The proposal was not {state} within ten seconds.")


def ok(response: httpx.Response) -> dict[str, Any]:
    """Return the document of a success."""
    assert response.is_success, (response.status_code, response.text)
    return dict(response.json())


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Return how a request was refused: status and slug."""
    return response.status_code, str(response.json()["type"]).removeprefix("/problems/")


@asynccontextmanager
async def owner(house: House, schema: str) -> AsyncGenerator[Any]:
    """Open a connection that row security does not bind, to arrange what a test begins with."""
    connection = await asyncpg.connect(house.dsn(f"{schema}_owner"))
    try:
        yield connection
    finally:
        await connection.close()


async def insert(connection: Any, table: str, **given: Any) -> None:
    """Insert a row; columns that must have a value and were given none get the empty one.

    The register's table grows with the register. These tests rely on its views alone.
    """
    needed = await connection.fetch(
        "SELECT attname, format_type(atttypid, NULL) AS type FROM pg_attribute"
        " WHERE attrelid = $1::regclass AND attnum > 0 AND attnotnull AND NOT atthasdef",
        table,
    )
    row = {column["attname"]: EMPTY.get(column["type"]) for column in needed} | given
    names, places = ", ".join(row), ", ".join(f"${n}" for n in range(1, len(row) + 1))
    await connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", *row.values())


async def load_banks(house: House) -> None:
    """Put a few banks of the national list in place; the list belongs to no municipality."""
    async with owner(house, "benefits") as connection:
        for bank_code, name, kana, branch_code, branch, branch_kana in BANKS:
            await connection.execute(
                "INSERT INTO benefits.banks VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                bank_code,
                name,
                kana,
            )
            await connection.execute(
                "INSERT INTO benefits.bank_branches VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                bank_code,
                branch_code,
                branch,
                branch_kana,
            )
