"""Somebody signs in for a business, by the simulated provider as it is."""

import re
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from foundation.identity.relying_party import RelyingParty
from foundation.tenancy import Tenancy
from infra.identity.app import build
from infra.identity.settings import SimulatorSettings
from operations.population import write_businesses, write_simulator_files
from tests.support.forgery import claims_of
from tests.support.front_door import ISSUER, PROVIDERS, FrontDoor, query_of

_TRANSACTION = re.compile(r'name="transaction" value="([^"]+)"')


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("simulator")
    write_simulator_files(directory, base_url=ISSUER)
    return directory


@pytest.fixture
async def browser(door: FrontDoor, lists: Path) -> AsyncGenerator[httpx.AsyncClient]:
    write_businesses(lists, base_url=ISSUER, secret=door.state.keys.business_secret)
    simulator = build(SimulatorSettings(directory=lists, base_url=PROVIDERS))
    transport = httpx.ASGITransport(app=simulator)
    door.state.relying_party = RelyingParty(
        door.state.keys.upstream_client,
        redirect_uri=f"{ISSUER}/oauth/callback",
        transport=transport,
    )
    async with httpx.AsyncClient(transport=transport, base_url=PROVIDERS) as client:
        yield client


async def landed(
    door: FrontDoor, browser: httpx.AsyncClient, account: str, tenancy: Tenancy | None = None
) -> httpx.Response:
    left = await door.authorize(
        tenancy,
        client_id="demo-business",
        scope="openid platform:read",
        identity_provider="business",
    )
    page = await browser.get(left.headers["location"])
    found = _TRANSACTION.search(page.text)
    assert found is not None, page.text
    shown = await browser.post(
        "/gbiz/oauth/sign-in",
        data={"transaction": found[1], "username": account, "password": "demo"},
    )
    assert shown.status_code == 303, shown.text
    return await door.http.get(shown.headers["location"])


async def tokens(
    door: FrontDoor, browser: httpx.AsyncClient, account: str, tenancy: Tenancy | None = None
) -> dict[str, Any]:
    back = await landed(door, browser, account, tenancy)
    answer = await door.redeem(
        query_of(back.headers["location"])["code"], client_id="demo-business"
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("account", "role"),
    [
        ("kitami-hoikuen", "prime"),
        ("kitami-hoikuen-staff", "member"),
        ("kitami-entry", "entry"),
        ("kitami-shoten", "prime"),
    ],
)
async def test_comes_in_with_the_role_of_the_account(
    door: FrontDoor, browser: httpx.AsyncClient, account: str, role: str
) -> None:
    given = claims_of((await tokens(door, browser, account))["access_token"])
    assert (given["kind"], given["business_role"]) == ("business", role)
    assert "resident_id" not in given
    assert "roles" not in given


async def test_colleagues_come_for_one_business_and_are_two_people(
    door: FrontDoor, browser: httpx.AsyncClient
) -> None:
    prime = claims_of((await tokens(door, browser, "kitami-hoikuen"))["access_token"])
    member = claims_of((await tokens(door, browser, "kitami-hoikuen-staff"))["access_token"])
    assert prime["business_id"] == member["business_id"]
    assert prime["sub"] != member["sub"]


async def test_whoever_merely_names_a_business_is_not_it(
    door: FrontDoor, browser: httpx.AsyncClient
) -> None:
    prime = claims_of((await tokens(door, browser, "kitami-hoikuen"))["access_token"])
    entry = claims_of((await tokens(door, browser, "kitami-entry"))["access_token"])
    assert prime["business_id"] != entry["business_id"]


async def test_a_business_is_another_in_another_town(
    door: FrontDoor, browser: httpx.AsyncClient
) -> None:
    here = claims_of((await tokens(door, browser, "kitami-hoikuen"))["access_token"])
    there = claims_of(
        (await tokens(door, browser, "kitami-hoikuen", door.tenancies.kinokawa))["access_token"]
    )
    assert here["business_id"] != there["business_id"]
    assert here["sub"] != there["sub"]


async def test_is_told_who_it_is(door: FrontDoor, browser: httpx.AsyncClient) -> None:
    given = await tokens(door, browser, "kitami-hoikuen")
    said = (await door.me(given["access_token"])).json()
    assert (said["kind"], said["roles"]) == ("business", [])
    business = said["business"]
    assert (business["role"], business["name"]) == ("prime", "社会福祉法人きたみ保育会")
    assert business["corporate_number"] == "2700150000017"
    assert business["may_move_money"] is True


@pytest.mark.parametrize(
    ("account", "may"),
    [
        ("kitami-hoikuen-staff", True),
        ("kitami-hoikuen-newcomer", False),
        ("kitami-entry", False),
    ],
)
async def test_moves_money_only_as_representative_or_with_a_mandate(
    door: FrontDoor, browser: httpx.AsyncClient, account: str, *, may: bool
) -> None:
    given = await tokens(door, browser, account)
    said = (await door.me(given["access_token"])).json()
    assert said["business"]["may_move_money"] is may


async def test_sees_nothing_that_is_not_a_business_s(
    door: FrontDoor, browser: httpx.AsyncClient
) -> None:
    given = await tokens(door, browser, "kitami-hoikuen")
    headers = {"Authorization": f"Bearer {given['access_token']}"}
    for path in ("/officials", "/duties", "/identity-providers", "/role-grants", "/access-log"):
        answer = await door.http.get(f"/platform/v1{path}", headers=headers)
        assert answer.status_code == 403, path


async def test_what_the_provider_calls_it_is_written_nowhere(
    door: FrontDoor, browser: httpx.AsyncClient
) -> None:
    await tokens(door, browser, "kitami-hoikuen-staff")
    connection = await asyncpg.connect(door.house.dsn("platform_owner"))
    try:
        found = await connection.fetchval(
            "SELECT count(*) FROM platform.business_accounts t"
            " WHERE t::text LIKE '%hoikuen%' OR t::text LIKE '%きたみ%'"
        )
    finally:
        await connection.close()
    assert found == 0


async def test_a_client_for_residents_does_not_receive_businesses(door: FrontDoor) -> None:
    left = await door.authorize(identity_provider="business")
    assert query_of(left.headers["location"])["error"] == "invalid_request"


async def test_a_wrong_secret_lets_nobody_in(
    door: FrontDoor, browser: httpx.AsyncClient, lists: Path
) -> None:
    write_businesses(lists, base_url=ISSUER, secret="0" * 64)
    back = await landed(door, browser, "kitami-hoikuen")
    assert query_of(back.headers["location"])["error"] == "access_denied"
