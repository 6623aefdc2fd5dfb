"""The token desk: what it gives, and the many things it does not."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from foundation import clock
from tests.support.forgery import claims_of, header_of
from tests.support.front_door import CALLBACK, ISSUER, VERIFIER, FrontDoor

WRONG_REDEMPTIONS = [
    pytest.param({"code": None}, "invalid_grant", id="no code"),
    pytest.param({"code": "x"}, "invalid_grant", id="no code of ours"),
    pytest.param({"code": "012084." + "a" * 43}, "invalid_grant", id="an invented code"),
    pytest.param({"redirect_uri": None}, "invalid_grant", id="no address"),
    pytest.param({"redirect_uri": CALLBACK + "/"}, "invalid_grant", id="another address"),
    pytest.param({"code_verifier": None}, "invalid_grant", id="no verifier"),
    pytest.param({"code_verifier": "a" * 43}, "invalid_grant", id="another verifier"),
    pytest.param({"code_verifier": "short"}, "invalid_grant", id="a short verifier"),
    pytest.param({"client_id": None}, "invalid_client", id="no client"),
    pytest.param({"client_id": "nobody"}, "invalid_client", id="an unknown client"),
    pytest.param({"client_id": "demo-desk"}, "invalid_grant", id="another client"),
    pytest.param({"client_id": "demo-vendor"}, "invalid_client", id="a machine without its proof"),
    pytest.param({"client_secret": "x"}, "invalid_client", id="a shared secret"),
    pytest.param({"grant_type": None}, "invalid_request", id="no grant type"),
    pytest.param({"grant_type": "password"}, "unsupported_grant_type", id="password"),
    pytest.param({"grant_type": "implicit"}, "unsupported_grant_type", id="implicit"),
    pytest.param(
        {"grant_type": "client_credentials"}, "unauthorized_client", id="a person's client alone"
    ),
]


class TestAuthorizationCode:
    async def test_gives_tokens_for_a_code(self, door: FrontDoor) -> None:
        answer = await door.redeem(await door.code())
        assert answer.headers["cache-control"] == "no-store"
        tokens = answer.json()
        claims = claims_of(tokens["access_token"])
        assert header_of(tokens["access_token"])["typ"] == "at+jwt"
        assert header_of(tokens["access_token"])["alg"] == "ES256"
        assert (claims["iss"], claims["aud"]) == (ISSUER, ISSUER)
        assert (claims["tenant"], claims["kind"]) == ("012084", "resident")
        assert (claims["client_id"], claims["acr"]) == ("demo-portal", "aal3")
        assert claims["exp"] - claims["iat"] == tokens["expires_in"] <= 600
        assert set(claims["scope"].split()) == set(tokens["scope"].split())

    async def test_gives_an_id_token_for_the_client_alone(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        claims = claims_of(tokens["id_token"])
        assert (claims["aud"], claims["nonce"]) == ("demo-portal", "client-nonce")
        assert claims["sub"] == claims_of(tokens["access_token"])["sub"]
        assert "name" not in claims

    async def test_an_id_token_is_no_access_token(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        assert (await door.me(tokens["id_token"])).status_code == 401

    async def test_gives_no_scope_that_was_not_asked_for(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens(scope="benefits:read")
        assert tokens["scope"] == "benefits:read"
        assert "id_token" not in tokens

    async def test_gives_no_scope_beyond_the_kind_and_the_client(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens(scope="benefits:read benefits:pay platform:write")
        assert tokens["scope"] == "benefits:read"

    @pytest.mark.parametrize(("changes", "error"), WRONG_REDEMPTIONS)
    async def test_refuses_in_the_words_of_the_standard(
        self, door: FrontDoor, changes: dict[str, Any], error: str
    ) -> None:
        code = await door.code()
        answer = await door.redeem(**({"code": code} | changes))
        assert answer.json()["error"] == error
        assert answer.status_code == (401 if error == "invalid_client" else 400)
        assert answer.headers["cache-control"] == "no-store"

    @pytest.mark.parametrize(("changes", "error"), WRONG_REDEMPTIONS)
    async def test_a_wrong_attempt_does_not_use_the_code_up(
        self, door: FrontDoor, changes: dict[str, Any], error: str
    ) -> None:
        code = await door.code()
        assert (await door.redeem(**({"code": code} | changes))).json()["error"] == error
        assert (await door.redeem(code)).status_code == 200

    async def test_a_code_lives_one_minute(self, door: FrontDoor) -> None:
        code = await door.code()
        with clock.frozen(clock.now() + timedelta(seconds=61)):
            assert (await door.redeem(code)).json()["error"] == "invalid_grant"

    async def test_a_code_used_twice_ends_what_it_gave(self, door: FrontDoor) -> None:
        code = await door.code()
        tokens = (await door.redeem(code)).json()
        assert (await door.redeem(code)).json()["error"] == "invalid_grant"
        assert (await door.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
        await door.state.revocations.refresh()
        assert (await door.me(tokens["access_token"])).status_code == 401

    async def test_another_client_cannot_end_a_session_with_a_used_code(
        self, door: FrontDoor
    ) -> None:
        code = await door.code()
        tokens = (await door.redeem(code)).json()
        await door.redeem(code, client_id="demo-desk")
        assert (await door.refresh(tokens["refresh_token"])).status_code == 200

    async def test_of_two_at_once_only_one_is_served(self, door: FrontDoor) -> None:
        code = await door.code()
        answers = await asyncio.gather(*(door.redeem(code) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]

    async def test_a_code_of_one_municipality_is_none_in_another(self, door: FrontDoor) -> None:
        code = await door.code()
        answer = await door.redeem("302082" + code[6:])
        assert answer.json()["error"] == "invalid_grant"

    async def test_refuses_a_code_redeemed_in_the_name_of_another_municipality(
        self, door: FrontDoor
    ) -> None:
        form = {
            "grant_type": "authorization_code",
            "code": await door.code(),
            "redirect_uri": CALLBACK,
            "client_id": "demo-portal",
            "code_verifier": VERIFIER,
        }
        headers = {"Tamaire-Municipality": "302082"}
        answer = await door.http.post("/oauth/token", data=form, headers=headers)
        assert answer.json()["error"] == "invalid_grant"

    @pytest.mark.parametrize(
        ("body", "kind"),
        [
            (b"{}", "application/json"),
            (b"grant_type=authorization_code&grant_type=refresh_token", None),
            (b"grant_type=%ff", None),
            (b"\xff\xfe", None),
            (b"a" * 20_000, None),
            (b"&".join(b"a%d=1" % number for number in range(40)), None),
            (b"grant_type", None),
        ],
        ids=["JSON", "twice", "no UTF-8", "no ASCII", "too long", "too many", "no pair"],
    )
    async def test_refuses_a_body_that_is_no_form(
        self, door: FrontDoor, body: bytes, kind: str | None
    ) -> None:
        headers = {"Content-Type": kind or "application/x-www-form-urlencoded"}
        answer = await door.http.post("/oauth/token", content=body, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")

    async def test_takes_no_basic_credentials(self, door: FrontDoor) -> None:
        answer = await door.http.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=("demo-vendor", "x")
        )
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")

    async def test_refuses_a_client_suspended_meanwhile(self, door: FrontDoor) -> None:
        code = await door.code()
        await door.as_owner(
            "UPDATE platform.clients SET status = 'suspended' WHERE client_id = 'demo-portal'",
        )
        try:
            assert (await door.redeem(code)).json()["error"] == "invalid_client"
        finally:
            await door.as_owner("UPDATE platform.clients SET status = 'active'")


class TestPublished:
    async def test_always_publishes_two_keys_and_no_private_part(self, door: FrontDoor) -> None:
        keys = (await door.http.get("/oauth/jwks.json")).json()["keys"]
        assert len(keys) >= 2
        assert not any("d" in key for key in keys)

    async def test_publishes_the_key_of_our_own_proofs(self, door: FrontDoor) -> None:
        (key,) = (await door.http.get("/oauth/client-jwks.json")).json()["keys"]
        assert (key["alg"], "d" in key) == ("ES256", False)

    @pytest.mark.parametrize("name", ["oauth-authorization-server", "openid-configuration"])
    async def test_names_only_what_is_offered(self, door: FrontDoor, name: str) -> None:
        said = (await door.http.get(f"/.well-known/{name}")).json()
        assert said["issuer"] == ISSUER
        assert said["code_challenge_methods_supported"] == ["S256"]
        assert said["response_types_supported"] == ["code"]
        assert said["authorization_response_iss_parameter_supported"] is True
        assert "registry:match" not in said["scopes_supported"]

    @pytest.mark.parametrize("name", ["oauth-authorization-server", "openid-configuration"])
    async def test_names_no_address_that_is_not_there(self, door: FrontDoor, name: str) -> None:
        said = (await door.http.get(f"/.well-known/{name}")).json()
        addresses = {
            key: url
            for key, url in said.items()
            if (key.endswith("_endpoint") or key == "jwks_uri") and isinstance(url, str)
        }
        assert len(addresses) >= 6
        for key, url in addresses.items():
            assert url.startswith(ISSUER), key
            answers = [await door.http.request(verb, url) for verb in ("GET", "POST")]
            assert any(answer.status_code not in (404, 405) for answer in answers), key

    async def test_names_the_grants_there_are_and_no_other(self, door: FrontDoor) -> None:
        said = (await door.http.get("/.well-known/oauth-authorization-server")).json()
        for grant in (*said["grant_types_supported"], "password", "implicit"):
            answer = await door.token(grant_type=grant, client_id="demo-portal")
            is_known = answer.json()["error"] != "unsupported_grant_type"
            assert is_known is (grant in said["grant_types_supported"])
