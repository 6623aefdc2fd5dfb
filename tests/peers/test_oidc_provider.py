"""Our relying party at a certified provider that speaks nothing but FAPI 2.0."""

import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from foundation.identity import SigningKey
from foundation.identity.relying_party import (
    Provider,
    ProviderError,
    ProviderUnreachable,
    RelyingParty,
    UntrustworthyAnswer,
)
from tests.peers.peer import Peer

pytestmark = pytest.mark.slow

REDIRECT = "https://tamaire.example/oauth/callback"
PERSON = {
    "sub": "hanako",
    "name": "北見　花子",
    "birthdate": "19920415",
    "gender": "2",
    "address": "北海道北見市栄町１丁目",
}


class SignIn:
    """One sign-in of ours there, step by step."""

    def __init__(self, party: RelyingParty, provider: Provider) -> None:
        self.party = party
        self.provider = provider
        self.verifier = secrets.token_urlsafe(48)
        self.state = secrets.token_urlsafe(24)
        self.nonce = secrets.token_urlsafe(24)
        self.address = ""

    async def sent(self) -> dict[str, str]:
        """Go there and come back as a browser does; return what came with it."""
        self.address = await self.party.authorization_url(
            self.provider,
            verifier=self.verifier,
            state=self.state,
            nonce=self.nonce,
            scope="openid name address birthdate gender",
        )
        location = self.address
        async with httpx.AsyncClient() as browser:
            while not location.startswith(REDIRECT):
                answer = await browser.get(location)
                assert answer.status_code in (302, 303), answer.text
                location = str(answer.url.join(answer.headers["location"]))
        return dict(parse_qsl(urlsplit(location).query))

    async def identified(self, answer: dict[str, str], **changes: Any) -> Any:
        given: dict[str, Any] = {
            "code": answer["code"],
            "verifier": self.verifier,
            "nonce": self.nonce,
            "named": answer.get("iss"),
        }
        return await self.party.identify(self.provider, **(given | changes))


@asynccontextmanager
async def beginning(*, dpop_nonce: bool = False) -> AsyncGenerator[SignIn]:
    key = SigningKey.generate("ES256")
    task = {
        "client_id": "tamaire",
        "jwks": {"keys": [key.public()]},
        "redirect_uri": REDIRECT,
        "person": PERSON,
        "dpop_nonce": dpop_nonce,
    }
    peer = await Peer.started("oidc_provider.mjs", task)
    transport = httpx.AsyncHTTPTransport()
    try:
        issuer = (await peer.hear())["issuer"]
        party = RelyingParty(key, redirect_uri=REDIRECT, transport=transport)
        yield SignIn(party, Provider(issuer=issuer, client_id="tamaire"))
    finally:
        await transport.aclose()
        await peer.stop()


class TestSignIn:
    @pytest.mark.parametrize("dpop_nonce", [False, True], ids=["plain", "with its nonce"])
    async def test_says_who_came(self, *, dpop_nonce: bool) -> None:
        async with beginning(dpop_nonce=dpop_nonce) as sign_in:
            answer = await sign_in.sent()
            found = await sign_in.identified(answer)
        assert answer["state"] == sign_in.state
        assert answer["iss"] == found.issuer == sign_in.provider.issuer
        assert found.subject == "hanako"
        assert found.claims["name"] == PERSON["name"]

    async def test_shows_the_browser_nothing_of_the_request(self) -> None:
        async with beginning() as sign_in:
            await sign_in.sent()
        query = dict(parse_qsl(urlsplit(sign_in.address).query))
        assert query.keys() == {"client_id", "request_uri"}
        assert query["request_uri"].startswith("urn:ietf:params:oauth:request_uri:")

    async def test_a_code_is_good_once(self) -> None:
        async with beginning() as sign_in:
            answer = await sign_in.sent()
            await sign_in.identified(answer)
            with pytest.raises(ProviderError, match="invalid_grant"):
                await sign_in.identified(answer)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"verifier": secrets.token_urlsafe(48)},
            {"code": "another"},
        ],
        ids=["another verifier", "another code"],
    )
    async def test_the_provider_refuses(self, wrong: dict[str, str]) -> None:
        async with beginning() as sign_in:
            answer = await sign_in.sent()
            with pytest.raises(ProviderError, match="invalid_grant"):
                await sign_in.identified(answer, **wrong)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"nonce": "another"},
            {"named": "https://elsewhere.example"},
            {"named": None},
        ],
        ids=["another nonce", "another issuer", "no issuer"],
    )
    async def test_we_do_not_believe(self, wrong: dict[str, Any]) -> None:
        async with beginning() as sign_in:
            answer = await sign_in.sent()
            with pytest.raises(UntrustworthyAnswer):
                await sign_in.identified(answer, **wrong)

    async def test_nobody_else_signs_in_as_us(self) -> None:
        async with beginning() as sign_in:
            key = SigningKey.generate("ES256")
            async with httpx.AsyncHTTPTransport() as transport:
                thief = RelyingParty(key, redirect_uri=REDIRECT, transport=transport)
                with pytest.raises(ProviderUnreachable, match="invalid_client"):
                    await thief.authorization_url(
                        sign_in.provider, verifier="v" * 43, state="s", nonce="n", scope="openid"
                    )
