"""A client proves who it is with a signed, short-lived assertion that is good for one use."""

import base64
import json
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.infra.identity.world import ASSERTION_TYPE, RESIDENT, RelyingParty, World

NOW = 1_780_282_800
"""The turnable clock's first instant, 2026-06-01 12:00 in Japan, as a NumericDate."""

TOKEN = f"{RESIDENT}/protocol/openid-connect/token"

WRONG_CLAIMS: dict[str, dict[str, object]] = {
    "no iss": {"iss": None},
    "another iss": {"iss": "tamaire-302082"},
    "no sub": {"sub": None},
    "another sub": {"sub": "tamaire-302082"},
    "unknown client": {"iss": "nobody", "sub": "nobody"},
    "no aud": {"aud": None},
    "the issuer as aud": {"aud": RESIDENT},
    "the authorization endpoint as aud": {"aud": TOKEN.replace("token", "auth")},
    "another provider's aud": {"aud": "http://op.test/officials/012084"},
    "a second aud": {"aud": [TOKEN, "http://evil.test"]},
    "an empty list as aud": {"aud": []},
    "no exp": {"exp": None},
    "expired": {"exp": NOW - 1},
    "expiring now": {"exp": NOW},
    "living an hour": {"exp": NOW + 3600},
    "exp as text": {"exp": str(NOW + 30)},
    "exp as truth": {"exp": True},
    "issued in the future": {"iat": NOW + 60},
    "not yet valid": {"nbf": NOW + 60},
    "no jti": {"jti": None},
    "empty jti": {"jti": ""},
    "jti as number": {"jti": 7},
}


async def refused(client: RelyingParty, **changes: str | None) -> str:
    """The description of an `invalid_client` answer."""
    answer = await client.redeem("no-code-is-needed-to-fail-here", **changes)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()["error_description"]


async def accepted(client: RelyingParty, assertion: str) -> bool:
    """Whether the client got past the door, to the question of its code."""
    answer = await client.redeem("no-such-code", client_assertion=assertion)
    return answer.json()["error"] == "invalid_grant"


def forged(client: RelyingParty, header: dict[str, object], signature: str = "") -> str:
    """An assertion with right claims, a header of the forger's choice and a made-up signature."""
    _, claims, _ = client.assertion().split(".")
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return f"{head}.{claims}.{signature}"


class TestClaims:
    def test_are_those_of_the_turnable_clock(self, world: World) -> None:
        assert world.clock().timestamp() == NOW

    @pytest.mark.parametrize("case", WRONG_CLAIMS)
    async def test_are_refused_when_one_is_wrong(self, world: World, case: str) -> None:
        client = world.resident_client()
        assert await refused(client, client_assertion=client.assertion(claims=WRONG_CLAIMS[case]))

    @pytest.mark.parametrize(
        "claims",
        [
            {},
            {"aud": [TOKEN]},
            {"iat": None},
            {"iat": NOW + 9},
            {"exp": NOW + 300},
            {"exp": NOW + 1},
        ],
        ids=str,
    )
    async def test_are_accepted_at_the_edge(self, world: World, claims: dict[str, object]) -> None:
        client = world.resident_client()
        assert await accepted(client, client.assertion(claims=claims))

    async def test_are_refused_when_client_id_says_otherwise(self, world: World) -> None:
        client = world.resident_client()
        assert "client_id" in await refused(client, client_id="tamaire-302082")


class TestReplay:
    async def test_is_refused(self, world: World) -> None:
        client = world.resident_client()
        assertion = client.assertion()
        assert await accepted(client, assertion)
        assert "jti" in await refused(client, client_assertion=assertion)

    async def test_is_refused_to_the_last_second_an_assertion_may_live(self, world: World) -> None:
        client = world.resident_client()
        assertion = client.assertion(claims={"exp": NOW + 300})
        assert await accepted(client, assertion)
        world.clock.turn(timedelta(seconds=299))
        assert "jti" in await refused(client, client_assertion=assertion)

    async def test_is_not_what_two_clients_with_one_jti_do(self, world: World) -> None:
        for code in ("012084", "302082"):
            client = world.resident_client(code)
            assert await accepted(client, client.assertion(claims={"jti": "the-same"}))

    async def test_of_a_forgery_does_not_use_up_the_true_jti(self, world: World) -> None:
        client = world.resident_client()
        stranger = ECKey.generate_key("P-256", {"kid": str(world.gateway.key.kid)})
        await refused(
            client, client_assertion=client.assertion(key=stranger, claims={"jti": "one"})
        )
        assert await accepted(client, client.assertion(claims={"jti": "one"}))


class TestSignature:
    async def test_of_another_key_is_refused(self, world: World) -> None:
        client = world.resident_client()
        stranger = ECKey.generate_key("P-256", {"kid": str(world.gateway.key.kid)})
        assertion = client.assertion(key=stranger)
        assert "signature" in await refused(client, client_assertion=assertion)

    @pytest.mark.parametrize("alg", ["none", "None", "HS256", "RS256", "ES384", ""])
    async def test_of_another_algorithm_is_refused(self, world: World, alg: str) -> None:
        client = world.resident_client()
        for signature in ("", "AAAA"):
            header: dict[str, object] = {"alg": alg, "kid": world.gateway.key.kid}
            assert await refused(client, client_assertion=forged(client, header, signature))

    async def test_made_with_the_public_key_as_a_password_is_refused(self, world: World) -> None:
        """RFC 8725 §2.1: the classic confusion of ES256 and HS256."""
        client = world.resident_client()
        public = world.gateway.key.as_pem(private=False)
        claims = {"iss": client.client_id, "sub": client.client_id, "aud": TOKEN, "jti": "x"}
        assertion = jwt.encode(
            {"alg": "HS256", "kid": world.gateway.key.kid},
            claims | {"exp": NOW + 30},
            OctKey.import_key(base64.b64encode(public)),
            algorithms=["HS256"],
        )
        assert await refused(client, client_assertion=assertion)

    async def test_is_not_looked_for_in_the_header(self, world: World) -> None:
        """A key the assertion brings along proves nothing (RFC 7515 §4.1.3)."""
        client = world.resident_client()
        stranger = ECKey.generate_key("P-256", auto_kid=True)
        header = {"jwk": stranger.as_dict(private=False)}
        assertion = client.assertion(key=stranger, header=header)
        assert "kid" in await refused(client, client_assertion=assertion)

    async def test_needs_a_kid(self, world: World) -> None:
        client = world.resident_client()
        assertion = client.assertion(header={"kid": None})
        assert "kid" in await refused(client, client_assertion=assertion)

    @pytest.mark.parametrize("text", ["x", "a.b", "a.b.c", "..", "a.b.c.d.e", "é.é.é"])
    async def test_is_looked_for_in_a_jwt_only(self, world: World, text: str) -> None:
        assert await refused(world.resident_client(), client_assertion=text)


class TestOtherMethods:
    async def test_are_refused_without_an_assertion(self, world: World) -> None:
        assert await refused(world.resident_client(), client_assertion=None)

    async def test_are_refused_under_another_assertion_type(self, world: World) -> None:
        saml = ASSERTION_TYPE.replace("jwt", "saml2")
        assert await refused(world.resident_client(), client_assertion_type=saml)

    async def test_are_refused_when_they_are_a_secret_in_the_form(self, world: World) -> None:
        assert await refused(world.resident_client(), client_secret="x")

    async def test_are_refused_when_they_are_basic(self, world: World) -> None:
        client = world.resident_client()
        answer = await world.browser.post(
            client.endpoint("token"), data=client.token_form("x"), auth=("tamaire-012084", "x")
        )
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer.headers["www-authenticate"].startswith("Basic ")


class TestKeys:
    async def test_are_fetched_once(self, world: World) -> None:
        client = world.resident_client()
        for _ in range(3):
            assert await accepted(client, client.assertion())
        assert world.gateway.fetches == 1

    async def test_are_fetched_again_when_the_client_has_a_new_one(self, world: World) -> None:
        client = world.resident_client()
        assert await accepted(client, client.assertion())
        world.gateway.new_key()
        assert await accepted(client, client.assertion())
        assert world.gateway.fetches == 2

    async def test_are_fetched_once_for_each_invented_kid(self, world: World) -> None:
        client = world.resident_client()
        stranger = ECKey.generate_key("P-256", auto_kid=True)
        for _ in range(5):
            await refused(client, client_assertion=client.assertion(key=stranger))
        assert world.gateway.fetches == 1

    async def test_stop_counting_when_the_client_withdraws_them(self, world: World) -> None:
        client = world.resident_client()
        old = world.gateway.key
        assert await accepted(client, client.assertion())
        world.gateway.keys.remove(old)
        world.clock.turn(timedelta(minutes=5))
        assert "kid" in await refused(client, client_assertion=client.assertion(key=old))

    async def test_that_cannot_be_fetched_admit_nobody(self, world: World) -> None:
        path = world.directory / "clients.json"
        path.write_text(path.read_text("utf-8").replace("client-jwks.json", "gone.json"), "utf-8")
        assert "fetched" in await refused(world.resident_client())

    async def test_of_other_kinds_are_passed_over(self, world: World) -> None:
        other = RSAKey.generate_key(2048, auto_kid=True).as_dict(private=False)
        inline(world, {"keys": [other, world.gateway.key.as_dict(private=False)]})
        client = world.resident_client()
        assert await accepted(client, client.assertion())
        assert world.gateway.fetches == 0

    async def test_that_are_private_are_refused_as_a_whole(self, world: World) -> None:
        inline(world, {"keys": [world.gateway.key.as_dict(private=True)]})
        assert "private" in await refused(world.resident_client())


def inline(world: World, jwks: dict[str, object]) -> None:
    """Register the clients' keys in clients.json itself."""
    path = world.directory / "clients.json"
    lists = json.loads(path.read_bytes())
    for client in lists["resident"]:
        del client["jwks_uri"]
        client["jwks"] = jwks
    path.write_text(json.dumps(lists), "utf-8")
