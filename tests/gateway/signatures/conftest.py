"""A gateway whose residents have cards: the simulator stands where the providers would."""

import asyncio
import json
import shutil
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from typing_extensions import override

from foundation.identifiers import new_id
from gateway.state import assemble
from infra.identity.app import build
from infra.identity.settings import SimulatorSettings
from operations.seeding import Demonstration, register
from tests.infra.identity.world import World, card, write_lists
from tests.support.front_door import (
    CALLBACK,
    ISSUER,
    PROVIDERS,
    FakeRegister,
    FrontDoor,
    municipalities,
    query_of,
    settings_in,
    whole,
)
from tests.support.house import House, Tenancies
from tests.support.provider import StubWorld
from tests.support.simulator import present_card, sign_document

CARDS = [
    card("hanako"),
    card("taro", name="北見 太郎", gender="1", birth_on="1948-11-02"),
    card("phone", person="hanako", carrier="phone"),
    card("copied", person="hanako", condition="wrong_key"),
    card("moved", person="hanako", condition="moved"),
    card(
        "newcomer",
        name="斉藤 涼",
        gender="1",
        birth_on="2001-10-31",
        name_substitutes="1000",
    ),
]
RETURN_TO = CALLBACK
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
STATEMENT = "令和8年度物価高騰対応支援給付金 30,000円を受け取ることを申請します。"
SCOPE = "openid platform:read platform:self benefits:read benefits:write"


class Network(httpx.AsyncBaseTransport):
    """The way to the simulator, which can be cut, and its way back to our keys."""

    def __init__(self) -> None:
        self.simulator: httpx.AsyncBaseTransport | None = None
        self.gateway: httpx.AsyncClient | None = None
        self.silent: set[str] = set()
        self.asked: list[str] = []

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if any(part in request.url.path for part in self.silent):
            raise httpx.ConnectError("nobody answers")
        if self.simulator is None:
            raise httpx.ConnectError("not yet")
        return await self.simulator.handle_async_request(request)


class WayBack(httpx.AsyncBaseTransport):
    """How the simulator fetches the gateway's public keys."""

    def __init__(self, network: Network) -> None:
        self._network = network

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._network.gateway is None:
            raise httpx.ConnectError("not yet")
        found = await self._network.gateway.get(request.url.path)
        return httpx.Response(found.status_code, content=found.content)


@dataclass(slots=True, kw_only=True)
class SigningDoor:
    """A gateway, its office, and a person with a card."""

    door: FrontDoor
    network: Network
    browser: httpx.AsyncClient
    tokens: dict[str, str] = field(default_factory=dict[str, str])

    async def sign_in(self, card_id: str = "hanako", *, code: str = "012084") -> str:
        """Sign in with a card and return the access token."""
        left = await self.door.http.get(
            "/oauth/authorize",
            params=self.door.request(scope=SCOPE),
            headers={"Tamaire-Municipality": code},
        )
        back = await present_card(
            self.browser, left.headers["location"], card_id=card_id, pin="1234"
        )
        landed = await self.door.http.get(back)
        redeemed = await self.door.redeem(query_of(landed.headers["location"])["code"])
        assert redeemed.status_code == 200, redeemed.text
        return redeemed.json()["access_token"]

    async def ask(self, token: str, **changes: Any) -> httpx.Response:
        """Ask for a signature."""
        body: dict[str, Any] = {
            "document_digest": DIGEST,
            "purpose": "benefits.application.confirm",
            "statement": STATEMENT,
            "return_to": RETURN_TO,
            "state": "after",
        }
        sent = {name: value for name, value in (body | changes).items() if value is not None}
        return await self.door.http.post(
            "/platform/v1/signatures",
            json=sent,
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": str(new_id())},
        )

    async def asked(self, token: str, **changes: Any) -> dict[str, Any]:
        answer = await self.ask(token, **changes)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def leave(self, location: str) -> httpx.Response:
        """Open the address the office gave, as the browser would."""
        return await self.door.http.get(location)

    async def sign(self, location: str, card_id: str = "hanako") -> str:
        """Sign with a card and return the address the provider sends the browser to."""
        left = await self.leave(location)
        assert left.status_code == 303, left.text
        return await sign_document(
            self.browser, left.headers["location"], card_id=card_id, sign_pin="ABC123"
        )

    async def signed(self, location: str, card_id: str = "hanako") -> dict[str, str]:
        """Sign, come back, and return what the application is told."""
        back = await self.door.http.get(await self.sign(location, card_id))
        assert back.status_code == 303, back.text
        assert back.headers["location"].startswith(f"{RETURN_TO}?")
        return query_of(back.headers["location"])

    async def read(self, token: str, signature_id: str) -> httpx.Response:
        return await self.door.http.get(
            f"/platform/v1/signatures/{signature_id}",
            headers={"Authorization": f"Bearer {token}"},
        )


@pytest.fixture(scope="session")
def cards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulator's directory in which the authorities have been made already: RSA is slow."""
    directory = tmp_path_factory.mktemp("cards")
    write_lists(directory, CARDS)
    world = World(directory)
    client = world.resident_client()

    async def used() -> None:
        await client.code_by_card()
        begun = (await client.begin_signing(b"d" * 32)).json()
        await client.signed_by("hanako", begun["sign_transaction_id"])

    asyncio.run(used())
    return directory


@pytest.fixture
def simulator(cards: Path, tmp_path: Path) -> Path:
    directory = shutil.copytree(cards, tmp_path / "simulator")
    # What the session's world issued was issued at its own time; cards are issued anew here.
    shutil.rmtree(directory / "cards")
    uris = [f"{ISSUER}/oauth/callback", f"{ISSUER}/oauth/signed"]
    client = {"redirect_uris": uris, "jwks_uri": f"{ISSUER}/oauth/client-jwks.json"}
    known = [client | {"client_id": f"tamaire-{code}"} for code in ("012084", "302082", "131016")]
    clients = json.dumps({"resident": known, "official": {}})
    (directory / "clients.json").write_text(clients, "utf-8")
    return directory


def jpki(directory: Path) -> dict[str, object]:
    """Return the settings by which the simulator's authority is believed."""
    at = f"{PROVIDERS}/jpki/signing"
    root = {
        "certificate": str(directory / "jpki" / "signing" / "certificate.pem"),
        "crl": f"{at}/list.crl",
        "ocsp": f"{at}/ocsp",
    }
    return {"roots": [root], "test_cards": True}


@pytest.fixture
async def signing(
    house: House,
    tenancies: Tenancies,
    gateway_keys: Path,
    cards: Path,
    simulator: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[SigningDoor]:
    """A gateway at which this test's municipalities can be signed in to, and documents signed."""
    # The authority is the session's: one place for it, and the office is put together once.
    monkeypatch.setenv("TAMAIRE_JPKI", json.dumps(jpki(cards)))
    connection = await asyncpg.connect(house.dsn("platform_owner"))
    try:
        place = Demonstration(base_url=ISSUER, simulator_url=PROVIDERS, keys=gateway_keys)
        await register(connection, list(tenancies), place)
    finally:
        await connection.close()
    network, fake = Network(), FakeRegister()
    app = build(
        SimulatorSettings(directory=simulator, base_url=PROVIDERS), outbound=WayBack(network)
    )
    network.simulator = httpx.ASGITransport(app)
    settings = settings_in(house, gateway_keys).model_dump() | {
        "jpki": jpki(cards),
        "tenant_key_directory": house.keys_of("platform"),
    }
    told = type(settings_in(house, gateway_keys)).model_validate(settings)
    state = await assemble(told, matcher=fake, transport=network)
    state.tenants.replace(municipalities(tenancies))
    await state.revocations.start()
    async with AsyncExitStack() as opened:
        opened.push_async_callback(state.close)
        http = await opened.enter_async_context(whole(state, house))
        network.gateway = http
        door = FrontDoor(
            state=state,
            world=StubWorld(),
            register=fake,
            tenancies=tenancies,
            house=house,
            keys=gateway_keys,
            http=http,
        )
        browser = await opened.enter_async_context(
            httpx.AsyncClient(transport=network, base_url=PROVIDERS)
        )
        assert urlsplit(ISSUER).netloc
        yield SigningDoor(door=door, network=network, browser=browser)
