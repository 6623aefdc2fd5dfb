"""Providers differ in how they sign, how they know us, and where they put a group."""

import base64
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from foundation import clock
from foundation.identity import InvalidToken, SigningKey
from foundation.identity.jose import OF_PROVIDERS, ForeignKeys
from foundation.identity.relying_party import (
    Endpoints,
    Provider,
    RelyingParty,
    UntrustworthyAnswer,
)
from tests.support.provider import StubProvider, StubWorld

ISSUER = "http://provider.example/staff"
VERIFIER = "v" * 43
RSA = RSAKey.generate_key(2048)
ENDPOINTS = Endpoints(
    authorization_endpoint=f"{ISSUER}/protocol/openid-connect/auth",
    token_endpoint=f"{ISSUER}/protocol/openid-connect/token",
    userinfo_endpoint=f"{ISSUER}/protocol/openid-connect/userinfo",
    jwks_uri=f"{ISSUER}/protocol/openid-connect/certs",
)


class RsaSigner:
    """Signs as a directory that knows RSA and nothing else."""

    def __init__(self, algorithm: str) -> None:
        self._algorithm = algorithm

    def public(self) -> dict[str, Any]:
        return RSA.as_dict(private=False) | {"kid": "rsa", "use": "sig"}

    def sign(self, claims: dict[str, Any], *, typ: str) -> str:
        header = {"alg": self._algorithm, "kid": "rsa", "typ": typ}
        return jwt.encode(header, claims, RSA, algorithms=[self._algorithm])


def party(world: StubWorld) -> RelyingParty:
    return RelyingParty(
        SigningKey.generate("ES256"), redirect_uri="http://127.0.0.1/callback", transport=world
    )


async def come_in(world: StubWorld, stub: StubProvider, provider: Provider, **says: Any) -> Any:
    one = party(world)
    location = await one.authorization_url(
        provider, verifier=VERIFIER, state="state", nonce="nonce", scope="openid"
    )
    answer = stub.approve(location, subject="tanaka", says=says)
    return await one.identify(
        provider, code=answer["code"], verifier=VERIFIER, nonce="nonce", named=None
    )


@pytest.fixture
def world() -> StubWorld:
    return StubWorld()


class TestSignatures:
    @pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
    async def test_are_taken_as_they_were_examined(self, world: StubWorld, algorithm: str) -> None:
        stub = world.provider(ISSUER)
        stub.key = RsaSigner(algorithm)  # pyright: ignore[reportAttributeAccessIssue] - signs alike
        provider = Provider(issuer=ISSUER, client_id="tamaire", algorithms=(algorithm,))
        assert (await come_in(world, stub, provider)).subject == "tanaka"

    async def test_are_not_taken_in_a_way_that_was_not_examined(self, world: StubWorld) -> None:
        stub = world.provider(ISSUER)
        stub.key = RsaSigner("RS256")  # pyright: ignore[reportAttributeAccessIssue] - signs alike
        provider = Provider(issuer=ISSUER, client_id="tamaire", algorithms=("ES256",))
        with pytest.raises(UntrustworthyAnswer):
            await come_in(world, stub, provider)

    def test_by_a_short_key_are_not_taken(self) -> None:
        short = RsaSigner("RS256").public()
        short["n"] = short["n"][: 1024 // 6]
        keys = ForeignKeys({"keys": [short]})
        assert len(keys) == 0

    def test_of_hmac_with_a_public_key_are_not_taken(self) -> None:
        keys = ForeignKeys({"keys": [RsaSigner("RS256").public()]})
        now = int(clock.now().timestamp())
        header = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"rsa","typ":"JWT"}').rstrip(b"=")
        body = base64.urlsafe_b64encode(b'{"iat":%d}' % now).rstrip(b"=")
        with pytest.raises(InvalidToken):
            keys.verify(
                f"{header.decode()}.{body.decode()}.c2ln",
                algorithms=OF_PROVIDERS,
                types=frozenset({"JWT"}),
            )


class TestClientAuthentication:
    @pytest.mark.parametrize("way", ["client_secret_basic", "client_secret_post"])
    async def test_is_the_provider_s_own_way(self, world: StubWorld, way: Any) -> None:
        stub = world.provider(ISSUER)
        provider = Provider(
            issuer=ISSUER,
            client_id="tamaire",
            client_authentication=way,
            client_secret="a-secret",
        )
        assert "a-secret" not in repr(provider)
        await come_in(world, stub, provider)
        (asked,) = [one for one in stub.requests if one.url.path.endswith("/token")]
        basic = base64.b64encode(b"tamaire:a-secret").decode()
        by_header = asked.headers.get("authorization") == f"Basic {basic}"
        by_body = b"client_secret=a-secret" in asked.content
        assert (by_header, by_body) == (way.endswith("basic"), way.endswith("post"))
        assert b"client_assertion" not in asked.content


class TestEndpoints:
    async def test_hold_as_they_were_examined(self, world: StubWorld) -> None:
        stub = world.provider(ISSUER)
        stub.metadata = {"token_endpoint": "http://evil.example/token", "issuer": "other"}
        provider = Provider(issuer=ISSUER, client_id="tamaire", endpoints=ENDPOINTS)
        assert (await come_in(world, stub, provider)).subject == "tanaka"
        assert not any("well-known" in one.url.path for one in stub.requests)

    async def test_of_two_towns_with_one_issuer_do_not_mix(self, world: StubWorld) -> None:
        stub, one = world.provider(ISSUER), party(world)
        other = Endpoints(
            authorization_endpoint="http://other.example/auth",
            token_endpoint="http://other.example/token",
            userinfo_endpoint="http://other.example/userinfo",
            jwks_uri="http://other.example/certs",
        )
        mine = Provider(issuer=ISSUER, client_id="a", endpoints=ENDPOINTS)
        theirs = Provider(issuer=ISSUER, client_id="b", endpoints=other)
        asked = {"verifier": VERIFIER, "state": "s", "nonce": "n", "scope": "openid"}
        for provider in (mine, theirs, mine):
            url = await one.authorization_url(provider, **asked)
            assert provider.endpoints is not None
            assert url.startswith(provider.endpoints.authorization_endpoint)
        del stub


class TestClaims:
    async def test_are_read_from_the_id_token_and_from_userinfo(self, world: StubWorld) -> None:
        stub = world.provider(ISSUER)
        stub.id_token = {"groups": ["from the token"], "name": "old"}
        provider = Provider(issuer=ISSUER, client_id="tamaire")
        found = await come_in(world, stub, provider, name="new")
        assert found.claims["groups"] == ["from the token"]
        assert found.claims["name"] == "new"
        assert "nonce" not in found.claims

    async def test_go_to_the_address_that_is_the_provider_s_own(self, world: StubWorld) -> None:
        world.provider(ISSUER)
        provider = Provider(issuer=ISSUER, client_id="t", redirect_uri="http://127.0.0.1/own")
        url = await party(world).authorization_url(
            provider, verifier=VERIFIER, state="s", nonce="n", scope="openid"
        )
        assert httpx.URL(url).params["redirect_uri"] == "http://127.0.0.1/own"
