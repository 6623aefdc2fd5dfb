"""Whoever signs out at a provider is signed out at its clients, and so is a closed account."""

import json
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from infra.identity.oauth.farewells import Farewells, Session
from infra.identity.oauth.signing_key import SigningKey
from infra.identity.register import ClientRecord
from tests.infra.identity.world import KITAMI, START, World

LISTENING = "http://gateway.test/told"


class Ear:
    """The client's address: what it heard, and how it answers."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.heard: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert str(request.url) == LISTENING
        self.heard.append(request.content.decode().removeprefix("logout_token="))
        return httpx.Response(self.status)


def session(client_id: str = "tamaire", *, account: str = "clerk", listens: bool = True) -> Session:
    client = ClientRecord(
        client_id=client_id,
        redirect_uris=("http://gateway.test/callback",),
        jwks={"keys": []},
        backchannel_logout_uri=LISTENING if listens else None,
    )
    return Session(client=client, subject="pseudonym", account=account)


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def key(tmp_path: Any) -> SigningKey:
    return SigningKey(tmp_path / "key.pem")


@pytest.fixture
def farewells(ear: Ear, key: SigningKey) -> Farewells:
    http = httpx.AsyncClient(transport=httpx.MockTransport(ear))
    return Farewells(KITAMI, key=key, http=http, clock=lambda: START)


class TestFarewells:
    async def test_say_whose_session_is_over(
        self, farewells: Farewells, ear: Ear, key: SigningKey
    ) -> None:
        sid = farewells.begin(session())
        assert await farewells.end(sid)
        (token,) = ear.heard
        read = jwt.decode(token, KeySet([ECKey.import_key(one) for one in key.public()["keys"]]))
        assert read.header["typ"] == "logout+jwt"
        said = read.claims
        assert (said["iss"], said["aud"], said["sub"]) == (KITAMI, "tamaire", "pseudonym")
        assert said["sid"] == sid
        assert said["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
        assert "nonce" not in said

    async def test_are_said_once(self, farewells: Farewells, ear: Ear) -> None:
        sid = farewells.begin(session())
        assert [await farewells.end(sid), await farewells.end(sid)] == [True, False]
        assert len(ear.heard) == 1

    async def test_are_not_said_to_who_does_not_listen(
        self, farewells: Farewells, ear: Ear
    ) -> None:
        assert await farewells.end(farewells.begin(session(listens=False)))
        assert ear.heard == []

    async def test_are_over_though_the_client_refuses(self, farewells: Farewells, ear: Ear) -> None:
        ear.status = 500
        assert await farewells.end(farewells.begin(session()))

    async def test_of_a_closed_account_are_said_for_it_alone(
        self, farewells: Farewells, ear: Ear
    ) -> None:
        for account in ("clerk", "clerk", "mayor"):
            farewells.begin(session(account=account))
        assert await farewells.end_those(lambda one: one.account == "clerk") == 2
        assert len(ear.heard) == 2


class TestSignOut:
    async def test_ends_the_session_an_id_token_names(self, world: World) -> None:
        client = world.official_client()
        tokens = (await client.redeem(await client.code_by_password())).json()
        address = f"{KITAMI}/protocol/openid-connect/logout"
        form = {"id_token_hint": tokens["id_token"]}
        first, second = [await world.browser.post(address, data=form) for _ in range(2)]
        assert (first.status_code, second.status_code) == (204, 400)

    @pytest.mark.parametrize("hint", ["", "a.b.c"])
    async def test_refuses_what_names_none(self, world: World, hint: str) -> None:
        address = f"{KITAMI}/protocol/openid-connect/logout"
        answer = await world.browser.post(address, data={"id_token_hint": hint})
        assert answer.status_code == 400
        assert json.loads(answer.content)["error"] == "invalid_request"
