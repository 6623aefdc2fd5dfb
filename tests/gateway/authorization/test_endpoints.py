"""The token desk: what it gives, and the many things it does not."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from foundation import clock
from foundation.identifiers import new_id
from foundation.identity import SigningKey
from tests.support.forgery import claims_of, forged, header_of
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
        await _as_owner(
            door,
            "UPDATE platform.clients SET status = 'suspended' WHERE client_id = 'demo-portal'",
        )
        try:
            assert (await door.redeem(code)).json()["error"] == "invalid_client"
        finally:
            await _as_owner(door, "UPDATE platform.clients SET status = 'active'")


class TestRefresh:
    async def test_gives_a_successor_and_new_tokens(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        following = (await door.refresh(tokens["refresh_token"])).json()
        assert following["refresh_token"] != tokens["refresh_token"]
        before, after = claims_of(tokens["access_token"]), claims_of(following["access_token"])
        assert (before["sub"], before["sid"]) == (after["sub"], after["sid"])
        assert before["jti"] != after["jti"]

    async def test_a_token_used_twice_ends_its_whole_family(self, door: FrontDoor) -> None:
        first = await door.resident_tokens()
        second = (await door.refresh(first["refresh_token"])).json()
        third = (await door.refresh(second["refresh_token"])).json()
        assert (await door.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"
        assert (await door.refresh(third["refresh_token"])).json()["error"] == "invalid_grant"
        await door.state.revocations.refresh()
        for tokens in (first, second, third):
            assert (await door.me(tokens["access_token"])).status_code == 401

    async def test_of_two_at_once_none_goes_on(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        answers = await asyncio.gather(*(door.refresh(tokens["refresh_token"]) for _ in range(3)))
        (served,) = [answer for answer in answers if answer.status_code == 200]
        assert (await door.refresh(served.json()["refresh_token"])).status_code == 400

    async def test_refuses_another_clients_token_and_ends_nothing(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        stolen = await door.refresh(tokens["refresh_token"], client_id="demo-desk")
        assert stolen.json()["error"] == "invalid_grant"
        assert (await door.refresh(tokens["refresh_token"])).status_code == 200

    async def test_narrows_for_once_without_losing_the_rest(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        narrow = (await door.refresh(tokens["refresh_token"], scope="benefits:read")).json()
        assert narrow["scope"] == "benefits:read"
        wide = (await door.refresh(narrow["refresh_token"])).json()
        assert wide["scope"] == tokens["scope"]

    async def test_gives_no_more_than_was_given(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens(scope="benefits:read")
        answer = await door.refresh(tokens["refresh_token"], scope="benefits:read benefits:write")
        assert answer.json()["error"] == "invalid_scope"

    async def test_ends_after_half_an_hour_of_silence(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        with clock.frozen(clock.now() + timedelta(minutes=31)):
            assert (await door.refresh(tokens["refresh_token"])).status_code == 400

    async def test_ends_a_residents_session_after_an_hour_however_busy(
        self, door: FrontDoor
    ) -> None:
        token = (await door.resident_tokens())["refresh_token"]
        began = clock.now()
        for minutes in (25, 50):
            with clock.frozen(began + timedelta(minutes=minutes)):
                answer = (await door.refresh(token)).json()
                token = answer["refresh_token"]
        assert answer["expires_in"] <= 600
        with clock.frozen(began + timedelta(minutes=61)):
            assert (await door.refresh(token)).json()["error"] == "invalid_grant"

    async def test_an_access_token_never_outlives_its_session(self, door: FrontDoor) -> None:
        token = (await door.resident_tokens())["refresh_token"]
        began = clock.now()
        with clock.frozen(began + timedelta(minutes=29)):
            token = (await door.refresh(token)).json()["refresh_token"]
        with clock.frozen(began + timedelta(minutes=55)):
            assert (await door.refresh(token)).json()["expires_in"] <= 300

    async def test_gives_the_roles_of_this_moment(self, door: FrontDoor) -> None:
        tokens = await door.official_tokens("treasurer", "unknown-group")
        assert claims_of(tokens["access_token"])["roles"] == ["treasurer"]
        await _as_owner(
            door,
            "DELETE FROM platform.role_mappings WHERE tenant_id = $1 AND role = 'treasurer'",
            int(door.tenancies.kitami.tenant_id),
        )
        answer = await door.refresh(tokens["refresh_token"], client_id="demo-desk")
        assert claims_of(answer.json()["access_token"])["roles"] == []

    async def test_ends_when_the_municipality_withdraws_its_leave(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        await _as_owner(
            door,
            "UPDATE platform.client_grants SET withdrawn_at = now() WHERE tenant_id = $1",
            int(door.tenancies.kitami.tenant_id),
        )
        assert (await door.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


WRONG_PROOFS = [
    pytest.param({"iss": "demo-portal"}, id="issuer and subject differ"),
    pytest.param({"sub": None}, id="no subject"),
    pytest.param({"iss": "nobody", "sub": "nobody"}, id="an unknown client"),
    pytest.param({"iss": "operations", "sub": "operations"}, id="another client's name"),
    pytest.param({"aud": "http://evil.example"}, id="for another server"),
    pytest.param({"aud": None}, id="for nobody"),
    pytest.param({"aud": [ISSUER, "http://evil.example"]}, id="for two servers"),
    pytest.param({"aud": f"{ISSUER}/"}, id="a slash more"),
    pytest.param({"aud": f"{ISSUER}/oauth/revoke"}, id="for another endpoint"),
    pytest.param({"exp": 1}, id="expired"),
    pytest.param({"exp": None}, id="never expires"),
    pytest.param({"exp": 4_102_444_800}, id="good for years"),
    pytest.param({"exp": True}, id="an expiry that is no number"),
    pytest.param({"iat": 4_102_444_800}, id="from the future"),
    pytest.param({"nbf": 4_102_444_800}, id="not yet valid"),
    pytest.param({"jti": None}, id="no number"),
    pytest.param({"jti": ""}, id="an empty number"),
    pytest.param({"jti": "x" * 256}, id="a long number"),
]


class TestClientCredentials:
    async def test_gives_a_machine_its_token(self, door: FrontDoor) -> None:
        answer = await door.machine()
        assert answer.status_code == 200, answer.text
        tokens = answer.json()
        claims = claims_of(tokens["access_token"])
        assert (claims["sub"], claims["kind"]) == ("demo-vendor", "machine")
        assert (claims["tenant"], claims["scope"]) == ("012084", "benefits:events benefits:read")
        assert "refresh_token" not in tokens

    async def test_accepts_the_token_endpoint_as_audience(self, door: FrontDoor) -> None:
        proof = door.assertion(aud=f"{ISSUER}/oauth/token")
        assert (await door.machine(proof)).status_code == 200

    @pytest.mark.parametrize("changes", WRONG_PROOFS)
    async def test_refuses_a_wrong_proof(self, door: FrontDoor, changes: dict[str, Any]) -> None:
        answer = await door.machine(door.assertion(**changes))
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")

    async def test_refuses_a_proof_shown_twice(self, door: FrontDoor) -> None:
        proof = door.assertion()
        assert (await door.machine(proof)).status_code == 200
        assert (await door.machine(proof)).json()["error"] == "invalid_client"

    async def test_of_the_same_proof_at_once_only_one_is_served(self, door: FrontDoor) -> None:
        proof = door.assertion()
        answers = await asyncio.gather(*(door.machine(proof) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]

    @pytest.mark.parametrize("algorithm", ["none", "HS256", "HS512", "RS256", "ES384"])
    async def test_refuses_a_weak_or_foreign_algorithm(
        self, door: FrontDoor, algorithm: str
    ) -> None:
        now = int(clock.now().timestamp())
        claims = {"iss": "demo-vendor", "sub": "demo-vendor", "aud": ISSUER}
        proof = forged(
            claims | {"exp": now + 60, "jti": str(new_id())},
            algorithm=algorithm,
            key=door.client_key(),
        )
        assert (await door.machine(proof)).json()["error"] == "invalid_client"

    async def test_refuses_another_key(self, door: FrontDoor) -> None:
        stranger = SigningKey.generate("ES256")
        answer = await door.machine(door.assertion(key=stranger))
        assert answer.json()["error"] == "invalid_client"

    async def test_refuses_another_key_under_the_right_name(self, door: FrontDoor) -> None:
        stranger = SigningKey.generate("ES256")
        stranger.kid = door.client_key().kid
        answer = await door.machine(door.assertion(key=stranger))
        assert answer.json()["error"] == "invalid_client"

    @pytest.mark.parametrize("typ", ["at+jwt", "internal+jwt", "dpop+jwt"])
    async def test_refuses_another_kind_of_token(self, door: FrontDoor, typ: str) -> None:
        assert (await door.machine(door.assertion(typ=typ))).status_code == 401

    @pytest.mark.parametrize(
        "header",
        [{"jwk": {"kty": "oct", "k": "AA"}}, {"jku": "http://evil.example"}, {"crit": ["x"]}],
        ids=["jwk", "jku", "crit"],
    )
    async def test_refuses_a_header_that_would_choose_its_own_key(
        self, door: FrontDoor, header: dict[str, Any]
    ) -> None:
        proof = forged(
            {"sub": "x", "iss": "x"}, algorithm="HS256", key=door.client_key(), header=header
        )
        assert (await door.machine(proof)).status_code == 401

    @pytest.mark.parametrize(
        "changes",
        [
            {"client_assertion_type": None},
            {"client_assertion_type": "urn:x"},
            {"client_assertion": None},
        ],
        ids=["no type", "another type", "no assertion"],
    )
    async def test_refuses_half_a_proof(self, door: FrontDoor, changes: dict[str, Any]) -> None:
        answer = await door.machine(**changes)
        assert answer.json()["error"] == "invalid_request"

    async def test_refuses_a_request_that_names_another_client(self, door: FrontDoor) -> None:
        answer = await door.machine(client_id="operations")
        assert answer.json()["error"] == "invalid_client"

    async def test_refuses_a_municipality_that_gave_no_leave(self, door: FrontDoor) -> None:
        answer = await door.machine(tenancy=door.tenancies.kinokawa)
        assert answer.json()["error"] == "unauthorized_client"

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Tamaire-Municipality": "999999"},
            {"Tamaire-Municipality": "012084", "Host": "302082.localhost:8200"},
        ],
        ids=["none", "an unknown one", "two that disagree"],
    )
    async def test_refuses_a_doubtful_municipality(
        self, door: FrontDoor, headers: dict[str, str]
    ) -> None:
        answer = await door.machine(headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")

    async def test_takes_the_municipality_from_the_host(self, door: FrontDoor) -> None:
        answer = await door.machine(headers={"Host": "012084.localhost:8200"})
        assert claims_of(answer.json()["access_token"])["tenant"] == "012084"

    @pytest.mark.parametrize("scope", ["benefits:pay", "registry:match", "consultation:read"])
    async def test_gives_no_scope_a_machine_may_not_have(self, door: FrontDoor, scope: str) -> None:
        assert (await door.machine(scope=scope)).json()["error"] == "invalid_scope"

    async def test_a_machine_may_not_sign_people_in(self, door: FrontDoor) -> None:
        answer = await door.machine(grant_type="authorization_code", code="x")
        assert answer.json()["error"] == "unauthorized_client"


class TestRevoke:
    async def test_ends_a_session_by_its_refresh_token(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        form = {"token": tokens["refresh_token"], "client_id": "demo-portal"}
        assert (await door.http.post("/oauth/revoke", data=form)).status_code == 200
        await door.state.revocations.refresh()
        assert (await door.me(tokens["access_token"])).status_code == 401
        assert (await door.refresh(tokens["refresh_token"])).status_code == 400

    async def test_ends_one_access_token_and_leaves_the_session(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        form = {"token": tokens["access_token"], "client_id": "demo-portal"}
        assert (await door.http.post("/oauth/revoke", data=form)).status_code == 200
        await door.state.revocations.refresh()
        assert (await door.me(tokens["access_token"])).status_code == 401
        following = (await door.refresh(tokens["refresh_token"])).json()
        assert (await door.me(following["access_token"])).status_code == 200

    async def test_takes_effect_within_a_second(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        assert (await door.me(tokens["access_token"])).status_code == 200
        form = {"token": tokens["refresh_token"], "client_id": "demo-portal"}
        await door.http.post("/oauth/revoke", data=form)
        await asyncio.sleep(0.9)
        assert (await door.me(tokens["access_token"])).status_code == 401

    @pytest.mark.parametrize("which", ["access_token", "refresh_token"])
    async def test_another_client_ends_nothing_and_learns_nothing(
        self, door: FrontDoor, which: str
    ) -> None:
        tokens = await door.resident_tokens()
        form = {"token": tokens[which], "client_id": "demo-desk"}
        assert (await door.http.post("/oauth/revoke", data=form)).status_code == 200
        await door.state.revocations.refresh()
        assert (await door.me(tokens["access_token"])).status_code == 200

    @pytest.mark.parametrize("token", ["x", "a.b.c", "012084." + "a" * 43, "999999." + "a" * 43])
    async def test_says_the_same_of_what_never_was(self, door: FrontDoor, token: str) -> None:
        form = {"token": token, "client_id": "demo-portal"}
        assert (await door.http.post("/oauth/revoke", data=form)).status_code == 200

    async def test_refuses_a_client_that_is_not_proven(self, door: FrontDoor) -> None:
        form = {"token": "x", "client_id": "demo-vendor"}
        assert (await door.http.post("/oauth/revoke", data=form)).status_code == 401


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


async def _as_owner(door: FrontDoor, sql: str, *values: object) -> None:
    connection = await asyncpg.connect(door.house.dsn("platform_owner"))
    try:
        await connection.execute(sql, *values)
    finally:
        await connection.close()
