"""A client of somebody else's is held to FAPI 2.0 from its first request to its last."""

from datetime import timedelta
from typing import Any

import pytest

from foundation import clock
from foundation.identity import SigningKey
from tests.support.forgery import claims_of
from tests.support.front_door import CALLBACK, ISSUER, FrontDoor, query_of
from tests.support.third_party import ThirdParty, registered

ME = "/platform/v1/me"


@pytest.fixture
async def vendor(door: FrontDoor) -> ThirdParty:
    return await registered(door)


class TestTheWholeWay:
    async def test_leads_to_tokens_that_only_the_key_can_use(self, vendor: ThirdParty) -> None:
        tokens = await vendor.tokens()
        assert tokens["token_type"] == "DPoP"
        assert claims_of(tokens["access_token"])["cnf"] == {"jkt": vendor.hand.kid}
        assert (await vendor.get(ME, tokens["access_token"])).status_code == 200
        following = (await vendor.refresh(tokens["refresh_token"])).json()
        assert following["token_type"] == "DPoP"
        assert (await vendor.get(ME, following["access_token"])).status_code == 200

    async def test_names_who_answers(self, vendor: ThirdParty) -> None:
        pushed = (await vendor.push()).json()
        left = await vendor.authorize(pushed["request_uri"])
        provider = vendor.door.official_provider(vendor.door.tenancies.kitami)
        answer = provider.approve(left.headers["location"], subject="x", says={"groups": []})
        back = await vendor.door.callback(**answer)
        assert query_of(back.headers["location"])["iss"] == ISSUER


class TestPushedRequests:
    async def test_are_kept_for_a_minute(self, vendor: ThirdParty) -> None:
        answer = await vendor.push()
        assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
        assert answer.json()["expires_in"] == 60
        with clock.frozen(clock.now() + timedelta(seconds=61)):
            late = await vendor.authorize(answer.json()["request_uri"])
        assert late.json()["type"] == "/problems/platform/pushed-request-not-found"

    async def test_are_good_once(self, vendor: ThirdParty) -> None:
        name = (await vendor.push()).json()["request_uri"]
        assert (await vendor.authorize(name)).status_code == 303
        again = await vendor.authorize(name)
        assert (again.status_code, "location" in again.headers) == (400, False)

    async def test_belong_to_the_client_that_pushed_them(self, vendor: ThirdParty) -> None:
        name = (await vendor.push()).json()["request_uri"]
        stolen = await vendor.authorize(name, client_id="demo-portal")
        assert stolen.status_code == 400
        assert (await vendor.authorize(name)).status_code == 303

    async def test_belong_to_one_municipality(self, vendor: ThirdParty) -> None:
        name = (await vendor.push()).json()["request_uri"]
        elsewhere = await vendor.authorize(name.replace("012084.", "302082."))
        assert elsewhere.status_code == 400
        named = await vendor.door.http.get(
            "/oauth/authorize",
            params={"client_id": vendor.client_id, "request_uri": name},
            headers={"Tamaire-Municipality": "302082"},
        )
        assert named.json()["type"] == "/problems/platform/tenant-mismatch"

    async def test_count_alone(self, vendor: ThirdParty) -> None:
        name = (await vendor.push()).json()["request_uri"]
        left = await vendor.authorize(
            name, redirect_uri="https://evil.example", scope="everything", state="other"
        )
        assert left.status_code == 303

    @pytest.mark.parametrize(
        "uri",
        [
            "https://evil.example/request.jwt",
            "urn:ietf:params:oauth:request_uri:x",
            "urn:ietf:params:oauth:request_uri:012084." + "a" * 43,
            "urn:ietf:params:oauth:request_uri:",
        ],
    )
    async def test_are_never_fetched_from_elsewhere(self, vendor: ThirdParty, uri: str) -> None:
        assert (await vendor.authorize(uri)).status_code == 400

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            pytest.param({"response_type": "token"}, "unsupported_response_type", id="implicit"),
            pytest.param({"redirect_uri": CALLBACK + "x"}, "invalid_request", id="address"),
            pytest.param({"code_challenge": None}, "invalid_request", id="no PKCE"),
            pytest.param({"code_challenge_method": "plain"}, "invalid_request", id="plain"),
            pytest.param({"scope": "everything"}, "invalid_scope", id="scope"),
            pytest.param({"request_uri": "urn:x"}, "invalid_request", id="a name for a name"),
            pytest.param({"request": "a.b.c"}, "request_not_supported", id="request object"),
            pytest.param({"client_id": "demo-portal"}, "invalid_client", id="another client"),
            pytest.param({"client_assertion": None}, "invalid_request", id="half a proof"),
            pytest.param({"dpop_jkt": "x"}, "invalid_request", id="no thumbprint"),
        ],
    )
    async def test_are_refused_where_the_client_can_be_told(
        self, vendor: ThirdParty, changes: dict[str, Any], error: str
    ) -> None:
        answer = await vendor.push(**changes)
        assert answer.json()["error"] == error
        assert answer.status_code == (401 if error == "invalid_client" else 400)

    async def test_need_a_municipality(self, vendor: ThirdParty) -> None:
        form = vendor.door.request(client_id=vendor.client_id)
        answer = await vendor.post("/oauth/par", form)
        assert answer.json()["error"] == "invalid_request"

    async def test_are_the_only_ones_of_a_third_party(self, vendor: ThirdParty) -> None:
        left = await vendor.door.authorize(client_id=vendor.client_id, scope="platform:read")
        assert query_of(left.headers["location"])["error"] == "invalid_request"

    async def test_may_be_asked_of_one_client_of_ours(self, door: FrontDoor) -> None:
        own = await registered(door, profile="first_party", par_required=True)
        left = await door.authorize(client_id=own.client_id, scope="platform:read")
        assert query_of(left.headers["location"])["error"] == "invalid_request"

    async def test_may_be_pushed_by_a_front_end_without_a_key(self, door: FrontDoor) -> None:
        answer = await door.http.post(
            "/oauth/par", data=door.request(), headers={"Tamaire-Municipality": "012084"}
        )
        left = await door.http.get(
            "/oauth/authorize",
            params={"client_id": "demo-portal", "request_uri": answer.json()["request_uri"]},
        )
        assert left.status_code == 303

    async def test_tells_a_stranger_how_to_prove_who_they_are(self, door: FrontDoor) -> None:
        answer = await door.http.post(
            "/oauth/par",
            data={**door.request(), "client_id": "nobody-here"},
            headers={"Tamaire-Municipality": "012084"},
        )
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert "client_assertion" in answer.json()["error_description"]


class TestTheKeyInHand:
    async def test_must_be_shown_for_a_code(self, vendor: ThirdParty) -> None:
        form = {"grant_type": "authorization_code", "code": await vendor.code()}
        answer = await vendor.post("/oauth/token", form)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")

    async def test_is_the_one_the_request_was_pushed_with(self, vendor: ThirdParty) -> None:
        code = await vendor.code(proof=vendor.proof("/oauth/par"))
        other = vendor.proof(hand=SigningKey.generate("ES256"))
        assert (await vendor.redeem(code, proof=other)).json()["error"] == "invalid_grant"
        assert (await vendor.redeem(code)).status_code == 200

    async def test_may_be_named_instead_of_shown(self, vendor: ThirdParty) -> None:
        code = await vendor.code(dpop_jkt=vendor.hand.kid)
        other = vendor.proof(hand=SigningKey.generate("ES256"))
        assert (await vendor.redeem(code, proof=other)).json()["error"] == "invalid_grant"

    async def test_is_not_named_as_one_and_shown_as_another(self, vendor: ThirdParty) -> None:
        other = SigningKey.generate("ES256")
        answer = await vendor.push(proof=vendor.proof("/oauth/par"), dpop_jkt=other.kid)
        assert answer.json()["error"] == "invalid_dpop_proof"

    async def test_is_the_same_for_the_whole_family(self, vendor: ThirdParty) -> None:
        tokens = await vendor.tokens()
        other = vendor.proof(hand=SigningKey.generate("ES256"))
        refused = await vendor.refresh(tokens["refresh_token"], proof=other)
        assert refused.json()["error"] == "invalid_grant"
        assert (await vendor.refresh(tokens["refresh_token"])).status_code == 200

    async def test_is_shown_once_by_each_proof(self, vendor: ThirdParty) -> None:
        proof = vendor.proof()
        answer = await vendor.redeem(await vendor.code(), proof=proof)
        again = await vendor.refresh(answer.json()["refresh_token"], proof=proof)
        assert again.json()["error"] == "invalid_dpop_proof"

    @pytest.mark.parametrize(("path", "method"), [("/oauth/par", "POST"), ("/oauth/token", "GET")])
    async def test_is_not_shown_by_a_proof_for_something_else(
        self, vendor: ThirdParty, path: str, method: str
    ) -> None:
        proof = vendor.proof(path, method=method)
        answer = await vendor.redeem(await vendor.code(), proof=proof)
        assert answer.json()["error"] == "invalid_dpop_proof"

    async def test_is_shown_by_one_proof_only(self, vendor: ThirdParty) -> None:
        form = {"grant_type": "client_credentials"}
        two = [("DPoP", vendor.proof()), ("DPoP", vendor.proof())]
        answer = await vendor.post("/oauth/token", form, headers=two)
        assert answer.json()["error"] == "invalid_dpop_proof"


class TestAtAResource:
    async def test_a_bound_token_is_no_bearer_token(self, vendor: ThirdParty) -> None:
        token = (await vendor.tokens())["access_token"]
        for path in (ME, "/oauth/userinfo"):
            answer = await vendor.get(path, token, scheme="Bearer")
            assert (answer.status_code, answer.headers["www-authenticate"][:5]) == (401, "DPoP ")

    async def test_an_unbound_token_is_no_dpop_token(self, door: FrontDoor) -> None:
        vendor = await registered(door)
        token = (await door.official_tokens("administrator"))["access_token"]
        for path in (ME, "/oauth/userinfo"):
            assert (await vendor.get(path, token)).status_code == 401
            assert (await vendor.get(path, token, scheme="Bearer")).status_code == 200

    async def test_a_proof_counts_once_for_all_gateways(self, vendor: ThirdParty) -> None:
        token = (await vendor.tokens())["access_token"]
        for path in (ME, "/oauth/userinfo"):
            proof = vendor.proof(path, method="GET", token=token)
            assert (await vendor.get(path, token, proof=proof)).status_code == 200
            again = await vendor.get(path, token, proof=proof)
            assert again.json()["type"] == "/problems/platform/dpop-proof-invalid"
            assert 'error="invalid_dpop_proof"' in again.headers["www-authenticate"]

    @pytest.mark.parametrize("path", [ME, "/oauth/userinfo"])
    async def test_every_other_proof_is_refused(self, vendor: ThirdParty, path: str) -> None:
        token = (await vendor.tokens())["access_token"]
        stranger = SigningKey.generate("ES256")
        good = vendor.proof(path, method="GET", token=token)
        for wrong in (
            [],
            [good, vendor.proof(path, method="GET", token=token)],
            [vendor.proof(path, method="POST", token=token)],
            [vendor.proof(path + "x", method="GET", token=token)],
            [vendor.proof(path, method="GET")],
            [vendor.proof(path, method="GET", token="another")],
            [vendor.proof(path, method="GET", token=token, hand=stranger)],
            [good[:-4] + "AAAA"],
            ["x"],
        ):
            assert (await vendor.get(path, token, proofs=wrong)).status_code == 401
        assert (await vendor.get(path, token, proof=good)).status_code == 200


class TestUserInfo:
    async def test_says_who_it_is_and_nothing_else(self, vendor: ThirdParty) -> None:
        tokens = await vendor.tokens()
        answer = await vendor.get("/oauth/userinfo", tokens["access_token"])
        assert answer.json() == {"sub": claims_of(tokens["id_token"])["sub"]}

    async def test_is_for_openid_only(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens(scope="benefits:read")
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert (await door.http.get("/oauth/userinfo", headers=headers)).status_code == 403
        assert (await door.http.get("/oauth/userinfo")).status_code == 401

    async def test_is_of_one_municipality(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        own = {"Authorization": f"Bearer {tokens['access_token']}"}
        tenant_id = str(int(door.tenancies.kitami.tenant_id))
        for headers, query in (
            ({"Tamaire-Municipality": "302082"}, {}),
            ({"Host": "302082.localhost:8200"}, {}),
            ({}, {"municipality_code": "302082"}),
            ({}, {"tenant_id": tenant_id + "0"}),
        ):
            answer = await door.http.post("/oauth/userinfo", headers=own | headers, params=query)
            assert answer.json()["type"] == "/problems/platform/tenant-mismatch"
        answer = await door.http.get(
            "/oauth/userinfo", headers=own, params={"tenant": "012084", "tenant_id": tenant_id}
        )
        assert answer.status_code == 200
