"""A code is good once, for a minute, for one client; a token opens userinfo and nothing else."""

import base64
import hashlib
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.infra.identity.world import RESIDENT, VERIFIER, World

WRONG_FORMS: dict[str, tuple[dict[str, str | None], str]] = {
    "no grant_type": ({"grant_type": None}, "invalid_request"),
    "refresh": ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
    "client credentials for more than signing": (
        {"grant_type": "client_credentials", "scope": "openid"},
        "invalid_scope",
    ),
    "password": ({"grant_type": "password"}, "unsupported_grant_type"),
    "no code": ({"code": None}, "invalid_request"),
    "unknown code": ({"code": "x" * 43}, "invalid_grant"),
    "no redirect_uri": ({"redirect_uri": None}, "invalid_request"),
    "another redirect_uri": ({"redirect_uri": "http://evil.test/"}, "invalid_grant"),
    "no code_verifier": ({"code_verifier": None}, "invalid_request"),
    "code_verifier too short": ({"code_verifier": "a" * 42}, "invalid_request"),
    "code_verifier too long": ({"code_verifier": "a" * 129}, "invalid_request"),
    "code_verifier with a space": ({"code_verifier": "a" * 42 + " "}, "invalid_request"),
    "another code_verifier": ({"code_verifier": "a" * 43}, "invalid_grant"),
}


class TestRedeem:
    async def test_answers_with_tokens_that_nobody_stores(self, world: World) -> None:
        client = world.resident_client()
        answer = await client.redeem(await client.code_by_card(scope="openid name"))
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        tokens = answer.json()
        assert tokens.keys() == {"access_token", "token_type", "expires_in", "scope", "id_token"}
        assert (tokens["token_type"], tokens["scope"]) == ("Bearer", "name openid")
        assert tokens["expires_in"] == 300

    @pytest.mark.parametrize("case", WRONG_FORMS)
    async def test_refuses_a_wrong_form(self, world: World, case: str) -> None:
        changes, error = WRONG_FORMS[case]
        client = world.resident_client()
        answer = await client.redeem(await client.code_by_card(), **changes)
        assert (answer.status_code, answer.json()["error"]) == (400, error)

    async def test_refuses_a_code_after_a_minute(self, world: World) -> None:
        client = world.resident_client()
        code = await client.code_by_card()
        world.clock.turn(timedelta(seconds=60))
        assert (await client.redeem(code)).json()["error"] == "invalid_grant"

    async def test_takes_a_code_within_the_minute(self, world: World) -> None:
        client = world.resident_client()
        code = await client.code_by_card()
        world.clock.turn(timedelta(seconds=59))
        assert (await client.redeem(code)).status_code == 200

    async def test_refuses_a_code_a_second_time_and_takes_back_the_token(
        self, world: World
    ) -> None:
        client = world.resident_client()
        code = await client.code_by_card()
        token = (await client.redeem(code)).json()["access_token"]
        assert (await client.userinfo(token)).status_code == 200
        assert (await client.redeem(code)).json()["error"] == "invalid_grant"
        assert (await client.userinfo(token)).status_code == 401

    async def test_spends_a_code_on_a_wrong_verifier(self, world: World) -> None:
        client = world.resident_client()
        code = await client.code_by_card()
        await client.redeem(code, code_verifier="a" * 43)
        assert (await client.redeem(code)).json()["error"] == "invalid_grant"

    async def test_refuses_the_code_of_another_client(self, world: World) -> None:
        code = await world.resident_client("012084").code_by_card()
        answer = await world.resident_client("302082").redeem(code)
        assert answer.json()["error"] == "invalid_grant"

    async def test_refuses_a_code_of_before_the_restart(self, world: World) -> None:
        client = world.resident_client()
        code = await client.code_by_card()
        world.start()
        assert (await client.redeem(code)).json()["error"] == "invalid_grant"

    async def test_does_not_spend_a_code_for_a_client_that_proves_nothing(
        self, world: World
    ) -> None:
        client = world.resident_client()
        code = await client.code_by_card()
        assert (await client.redeem(code, client_assertion="x")).status_code == 401
        assert (await client.redeem(code)).status_code == 200

    async def test_binds_the_id_token_to_the_access_token(self, world: World) -> None:
        client = world.resident_client()
        tokens = (await client.redeem(await client.code_by_card())).json()
        half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
        expected = base64.urlsafe_b64encode(half).rstrip(b"=").decode()
        assert (await client.id_token(tokens["id_token"]))["at_hash"] == expected


class TestTokenEndpoint:
    async def test_takes_posts_only(self, world: World) -> None:
        assert (
            await world.browser.get("/resident/protocol/openid-connect/token")
        ).status_code == 405

    async def test_refuses_json(self, world: World) -> None:
        client = world.resident_client()
        answer = await world.browser.post(client.endpoint("token"), json=client.token_form("x"))
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")

    async def test_refuses_a_field_given_twice(self, world: World) -> None:
        client = world.resident_client()
        answer = await world.browser.post(
            client.endpoint("token"),
            data=client.token_form("x") | {"code_verifier": [VERIFIER, "a" * 43]},
        )
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


class TestUserinfo:
    async def test_opens_for_post_as_well(self, world: World) -> None:
        client = world.resident_client()
        token = (await client.redeem(await client.code_by_card())).json()["access_token"]
        answer = await world.browser.post(
            client.endpoint("userinfo"), headers={"Authorization": f"bearer {token}"}
        )
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"

    async def test_asks_for_a_token_without_naming_an_error(self, world: World) -> None:
        answer = await world.browser.get(world.resident_client().endpoint("userinfo"))
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == f'Bearer realm="{RESIDENT}"'

    @pytest.mark.parametrize("token", ["x", "a.b.c", "Ünï", "e30.e30."])
    async def test_refuses_what_is_no_token(self, world: World, token: str) -> None:
        answer = await world.browser.get(
            world.resident_client().endpoint("userinfo"),
            headers=[(b"Authorization", b"Bearer " + token.encode())],
        )
        assert answer.status_code == 401
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]

    async def test_refuses_an_id_token(self, world: World) -> None:
        client = world.resident_client()
        tokens = (await client.redeem(await client.code_by_card())).json()
        assert (await client.userinfo(tokens["id_token"])).status_code == 401

    async def test_refuses_a_token_signed_by_someone_else(self, world: World) -> None:
        client = world.resident_client()
        token = (await client.redeem(await client.code_by_card())).json()["access_token"]
        claims = await client.id_token(token)
        header = {"alg": "ES256", "typ": "at+jwt"}
        forged = jwt.encode(header, claims, ECKey.generate_key("P-256"), algorithms=["ES256"])
        assert (await client.userinfo(forged)).status_code == 401

    async def test_refuses_a_token_after_five_minutes(self, world: World) -> None:
        client = world.resident_client()
        token = (await client.redeem(await client.code_by_card())).json()["access_token"]
        world.clock.turn(timedelta(minutes=5))
        assert (await client.userinfo(token)).status_code == 401

    async def test_refuses_a_token_in_the_address(self, world: World) -> None:
        client = world.resident_client()
        token = (await client.redeem(await client.code_by_card())).json()["access_token"]
        answer = await world.browser.get(f"{client.endpoint('userinfo')}?access_token={token}")
        assert answer.status_code == 400


class TestMetadata:
    async def test_says_what_is_served_and_no_more(self, world: World) -> None:
        for client in (world.resident_client(), world.official_client()):
            found = (
                await world.browser.get(f"{client.issuer}/.well-known/openid-configuration")
            ).json()
            assert found["issuer"] == client.issuer
            assert found["token_endpoint"] == client.endpoint("token")
            assert found["response_types_supported"] == ["code"]
            assert found["grant_types_supported"][0] == "authorization_code"
            assert found["code_challenge_methods_supported"] == ["S256"]
            assert found["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
            assert found["id_token_signing_alg_values_supported"] == ["ES256"]
            assert found["authorization_response_iss_parameter_supported"] is True

    async def test_names_endpoints_that_exist(self, world: World) -> None:
        found = (await world.browser.get(f"{RESIDENT}/.well-known/openid-configuration")).json()
        for name in ("authorization", "token", "userinfo"):
            answer = await world.browser.get(found[f"{name}_endpoint"])
            assert answer.status_code in {400, 401, 405}
        assert (await world.browser.get(found["jwks_uri"])).status_code == 200

    async def test_gives_every_issuer_its_own_key(self, world: World) -> None:
        clients = (world.resident_client(), *map(world.official_client, ("012084", "302082")))
        kids = {
            (await world.browser.get(client.endpoint("certs"))).json()["keys"][0]["kid"]
            for client in clients
        }
        assert len(kids) == 3
