"""A protected address is in one answer of all, for one official, once; and every try is told.

Every operation of every service is asked by everybody, also with the address itself as the term of
a search, and everything that remains is looked through: answers, rows, events, figures, the log.
"""

import re
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from foundation.identity import Purpose
from tests.isolation.matrix.cells import Cell, own_cells
from tests.isolation.matrix.examples import EXAMPLES
from tests.isolation.matrix.operations import Operation
from tests.isolation.matrix.towns import SIGNED_IN, Town
from tests.isolation.matrix.world import World, opened
from tests.support.house import House

pytestmark = [
    pytest.mark.isolation,
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]

GUARDED = "registry_view_opened_address"
ATTEMPTS = {
    GUARDED,
    "registry_request_address_opening",
    "registry_list_address_openings",
    "registry_decide_address_opening",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(house: House) -> AsyncGenerator[World]:
    async with opened(house) as world:
        yield world


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer in which the address, or a half of it, was seen."""

    cell: str
    who: str
    status: int


def secret_of(town: Town) -> re.Pattern[bytes]:
    """Return what recognises the address, its halves and its postal code, in any form."""
    postal_code = town.canaries.hidden_postal_code
    digits = [postal_code, f"{postal_code[:3]}-{postal_code[3:]}"]
    texts = ["隠家荘", "九丁目秘", "9丁目秘", "9-秘"]
    forms = [
        form
        for text in texts
        for form in (text.encode(), text.encode("cp932"), text.encode("unicode_escape"))
    ]
    whole = b"|".join(b"(?<![0-9a-f-])" + one.encode() + b"(?![0-9a-f-])" for one in digits)
    return re.compile(b"|".join(map(re.escape, forms)) + b"|" + whole)


async def carried_out(world: World, cell: Cell) -> httpx.Response:
    operation, asked = cell.operation, cell.asked
    key = {"Idempotency-Key": cell.key} if operation.needs_key else {}
    return await world.clients[operation.service].http.request(
        operation.method,
        operation.address(asked.path),
        params=asked.query,
        json=asked.json,
        content=asked.content,
        headers={**asked.headers, **world.papers[operation.service].true(cell.caller), **key},
    )


def everything_of(answer: httpx.Response) -> bytes:
    return b"\n".join([*(b"%s: %s" % pair for pair in answer.headers.raw), answer.content])


def searches(world: World, town: Town) -> Iterator[tuple[Operation, dict[str, str]]]:
    """Yield every list with each text it can be asked for, being the address or a half of it."""
    for client in world.clients.values():
        for path, described in client.application.openapi()["paths"].items():
            for parameter in described.get("get", {}).get("parameters", []):
                if parameter["in"] != "query" or parameter["name"] in {"limit", "cursor"}:
                    continue
                operation = next(
                    one for one in world.operations if (one.path, one.method) == (path, "GET")
                )
                if "{" not in path:
                    for term in (town.canaries.hidden_address, "隠家荘", "九丁目秘"):
                        yield operation, {parameter["name"]: term}


class TestProtectedAddress:
    async def test_is_in_the_one_guarded_answer_and_alerts_at_every_attempt(
        self, world: World
    ) -> None:
        town, _ = world.towns
        secret, shown, refused = secret_of(town), list[Shown](), 0
        asked = 0
        for operation in world.operations:
            if operation.id not in EXAMPLES[operation.service]:
                continue  # that it has none, the matrix itself says
            for cell in own_cells(operation, town):
                answer = await carried_out(world, cell)
                asked += 1
                if operation.id in ATTEMPTS and answer.status_code in {403, 404}:
                    refused += 1
                if secret.search(everything_of(answer)):
                    shown.append(Shown(operation.id, cell.who, answer.status_code))
        assert asked > 1_000
        assert shown == [Shown(GUARDED, "clerk", 200)]
        assert await attempts_told(town) == refused > 0

    async def test_is_found_by_no_search_for_it(self, world: World) -> None:
        town, _ = world.towns
        secret, shown = secret_of(town), list[Shown]()
        hidden = {town.things[name].encode() for name in ("protected", "hidden")}
        for operation, query in searches(world, town):
            for who in SIGNED_IN:
                way = world.clients[operation.service].as_(
                    town.principal(who), tenancy=town.tenancy, purpose=operation.purpose
                )
                answer = await way.get(operation.path, params=query)
                body = everything_of(answer)
                if secret.search(body) or any(one in body for one in hidden):
                    shown.append(Shown(operation.id, who, answer.status_code))
        assert shown == []

    async def test_is_nowhere_else(self, world: World) -> None:
        town, _ = world.towns
        secret = secret_of(town)
        for table, rows in (await world.rows(town)).items():
            assert secret.search("\n".join(rows).encode()) is None, table
        assert secret.search(world.log.getvalue().encode()) is None
        for client in world.clients.values():
            assert secret.search((await client.http.get("/metrics")).content) is None


async def attempts_told(town: Town) -> int:
    """Return of how many refused tries at an address the alerts tell."""
    alerts: list[dict[str, Any]] = (
        await town.made(
            "registrar",
            "GET",
            "/registry/v1/protection-alerts",
            params={"limit": "200"},
            purpose=Purpose.REGISTRATION,
        )
    )["items"]
    about = ("request_opening", "view_address", "allow_opening")
    return sum(
        alert["times"]
        for alert in alerts
        if alert["kind"] == "attempt_refused" and alert["action"].endswith(about)
    )
