"""How a machine proves itself, and all the proofs that are none."""

import asyncio
from typing import Any

import pytest

from foundation import clock
from foundation.identifiers import new_id
from foundation.identity import SigningKey
from tests.support.forgery import claims_of, forged
from tests.support.front_door import ISSUER, FrontDoor

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
