"""A mother who is signed in, her child, and who is at the counter."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from foundation import clock
from foundation.identifiers import new_id
from tests.gateway.people import Caller, live_in, official, resident
from tests.support.front_door import CARD, FrontDoor

TODAY = clock.today()
MOTHER = CARD | {"name": "北見　母"}
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
UNKNOWN = (404, "platform/represented-not-found")


def slug(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A mother who is signed in, her child, and who is at the counter."""

    door: FrontDoor
    mother: Caller
    mother_id: UUID
    child_id: UUID
    household_id: UUID
    clerk: Caller
    colleague: Caller

    def right(self, **changes: Any) -> dict[str, Any]:
        given: dict[str, Any] = {
            "represented_id": str(self.child_id),
            "holder": {"resident_id": str(self.mother_id)},
            "ground": "parent",
            "relationship": "母",
            "acts": ["benefits.see", "benefits.apply", "registry.see"],
            "evidence": {
                "kind": "family_register",
                "number": "戸籍-77-CANARY",
                "seen_on": TODAY.isoformat(),
            },
            "starts_on": TODAY.isoformat(),
            "recorder_is_holder": False,
        }
        return given | changes

    async def record(self, **changes: Any) -> httpx.Response:
        return await self.clerk.post("/representations", **self.right(**changes))

    async def recorded(self, **changes: Any) -> dict[str, Any]:
        """Record a right and let a colleague confirm it."""
        answer = await self.record(**changes)
        assert answer.status_code == 201, answer.text
        assert answer.json()["state"] == "awaiting_second"
        address = f"/representations/{answer.json()['id']}/confirmation"
        assert slug(await self.clerk.post(address)) == (403, "platform/not-by-oneself")
        confirmed = await self.colleague.post(address)
        assert confirmed.status_code == 200, confirmed.text
        return confirmed.json()

    async def take_up(
        self, right_id: str, *, token: str | None = None, **changes: Any
    ) -> httpx.Response:
        form = {
            "grant_type": EXCHANGE,
            "client_id": "demo-portal",
            "subject_token": token or self.mother.token,
            "subject_token_type": ACCESS_TOKEN,
            "representation_id": right_id,
        } | changes
        return await self.door.token(**form)

    async def acting(self, right_id: str) -> Caller:
        answer = await self.take_up(right_id)
        assert answer.status_code == 200, answer.text
        return Caller(self.door, answer.json()["access_token"])

    async def seen(self, sql: str, *values: object) -> list[Any]:
        connection = await asyncpg.connect(self.door.house.superuser_dsn())
        try:
            return list(await connection.fetch(sql, *values))
        finally:
            await connection.close()


@pytest.fixture
async def family(door: FrontDoor) -> Family:
    household_id, kitami = new_id(), door.tenancies.kitami
    mother_id = await live_in(door, kitami, household_id=household_id)
    child_id = await live_in(
        door, kitami, household_id=household_id, birth_on=date(TODAY.year - 10, 4, 1)
    )
    door.register.residents[MOTHER["name"]] = mother_id
    return Family(
        door=door,
        mother=await resident(door, "mother", says=MOTHER),
        mother_id=mother_id,
        child_id=child_id,
        household_id=household_id,
        clerk=await official(door, "clerk", username="one"),
        colleague=await official(door, "clerk", username="two"),
    )
