"""A whole sign-in against the identity simulator as it is, with its cards and its officials."""

import re
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

from foundation.identifiers import new_id
from foundation.identity.relying_party import RelyingParty
from foundation.tenancy import Tenancy
from gateway.desk import create_front_desk
from infra.identity.app import build
from infra.identity.settings import SimulatorSettings
from operations.population import write_simulator_files
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
    """A browser before the simulator, and a gateway whose providers are that simulator."""
    simulator = build(
        SimulatorSettings(directory=lists, base_url=PROVIDERS),
        outbound=httpx.ASGITransport(app=create_front_desk(door.state)),
    )
    transport = httpx.ASGITransport(app=simulator)
    door.state.relying_party = RelyingParty(
        door.state.keys.upstream_client,
        redirect_uri=f"{ISSUER}/oauth/callback",
        transport=transport,
    )
    async with httpx.AsyncClient(transport=transport, base_url=PROVIDERS) as client:
        yield client


async def present(
    browser: httpx.AsyncClient, location: str, path: str, **form: str
) -> httpx.Response:
    page = await browser.get(location)
    found = _TRANSACTION.search(page.text)
    assert found is not None, page.text
    return await browser.post(path, data={"transaction": found[1], **form})


async def resident(
    door: FrontDoor, browser: httpx.AsyncClient, tenancy: Tenancy, card_id: str
) -> dict[str, str]:
    left = await door.authorize(tenancy)
    shown = await present(
        browser, left.headers["location"], "/resident/present-card", card_id=card_id, pin="1234"
    )
    back = await door.http.get(shown.headers["location"])
    answer = await door.redeem(query_of(back.headers["location"])["code"])
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_resident_presents_a_card_and_is_bound(
    door: FrontDoor, browser: httpx.AsyncClient
) -> None:
    resident_id = new_id()
    door.register.residents["北見　花子"] = resident_id
    tokens = await resident(door, browser, door.tenancies.kitami, "kitami-hanako")
    said = (await door.me(tokens["access_token"])).json()
    assert said["resident"]["resident_id"] == str(resident_id)
    assert said["acr"] == "aal3"


async def test_one_card_is_two_people_in_two_municipalities(
    door: FrontDoor, browser: httpx.AsyncClient
) -> None:
    here = await resident(door, browser, door.tenancies.kitami, "kitami-hanako")
    there = await resident(door, browser, door.tenancies.kinokawa, "kitami-hanako")
    assert claims_of(here["access_token"])["sub"] != claims_of(there["access_token"])["sub"]


async def test_an_official_signs_in_with_their_own_municipality(
    door: FrontDoor, browser: httpx.AsyncClient
) -> None:
    left = await door.authorize(
        client_id="demo-desk", scope="openid benefits:pay", identity_provider="official"
    )
    shown = await present(
        browser,
        left.headers["location"],
        "/officials/012084/sign-in",
        username="treasurer1",
        password="demo",
    )
    back = await door.http.get(shown.headers["location"])
    code = query_of(back.headers["location"])["code"]
    tokens = (await door.redeem(code, client_id="demo-desk")).json()
    said = (await door.me(tokens["access_token"])).json()
    assert (said["kind"], said["roles"]) == ("official", ["treasurer"])


async def test_somebody_who_turns_back_is_sent_to_where_they_came_from(
    door: FrontDoor, browser: httpx.AsyncClient
) -> None:
    left = await door.authorize()
    turned = await present(browser, left.headers["location"], "/resident/cancel")
    back = await door.http.get(turned.headers["location"])
    assert query_of(back.headers["location"])["error"] == "access_denied"
