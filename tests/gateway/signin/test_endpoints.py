"""The way in: what sends somebody off, what does not, and who is received back."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from foundation import clock
from foundation.identity import SigningKey
from tests.support.forgery import forged
from tests.support.front_door import CARD, ISSUER, PROVIDERS, FrontDoor, query_of

SHOWN_HERE = [
    pytest.param({"client_id": None}, "unknown-client", id="no client"),
    pytest.param({"client_id": "nobody"}, "unknown-client", id="unknown client"),
    pytest.param({"client_id": "demo\x00portal"}, "malformed-request", id="a NUL in the client"),
    pytest.param({"redirect_uri": None}, "redirect-not-registered", id="no redirect"),
    pytest.param(
        {"redirect_uri": f"{ISSUER}/demo/callback/"}, "redirect-not-registered", id="a slash more"
    ),
    pytest.param(
        {"redirect_uri": f"{ISSUER}/demo/callback?x=1"}, "redirect-not-registered", id="a query"
    ),
    pytest.param(
        {"redirect_uri": "http://evil.example/demo/callback"},
        "redirect-not-registered",
        id="another host",
    ),
    pytest.param(
        {"redirect_uri": f"{ISSUER}/DEMO/callback"}, "redirect-not-registered", id="another case"
    ),
    pytest.param({"request_uri": "urn:x"}, "pushed-request-not-found", id="an unknown request URI"),
]

SENT_BACK = [
    pytest.param({"response_type": None}, "unsupported_response_type", id="no response type"),
    pytest.param({"response_type": "token"}, "unsupported_response_type", id="implicit"),
    pytest.param({"response_type": "code id_token"}, "unsupported_response_type", id="hybrid"),
    pytest.param({"response_mode": "fragment"}, "invalid_request", id="fragment"),
    pytest.param({"code_challenge": None}, "invalid_request", id="no PKCE"),
    pytest.param({"code_challenge_method": None}, "invalid_request", id="PKCE method left out"),
    pytest.param({"code_challenge_method": "plain"}, "invalid_request", id="plain PKCE"),
    pytest.param({"code_challenge": "short"}, "invalid_request", id="a short challenge"),
    pytest.param({"code_challenge": "=" * 43}, "invalid_request", id="no base64url"),
    pytest.param({"scope": None}, "invalid_scope", id="no scope"),
    pytest.param({"scope": "everything"}, "invalid_scope", id="a scope that does not exist"),
    pytest.param({"scope": "openid  openid"}, "invalid_scope", id="two spaces"),
    pytest.param({"scope": "registry:match"}, "invalid_scope", id="the gateway's own scope"),
    pytest.param({"scope": "consultation:read"}, "unauthorized_client", id="no resident's scope"),
    pytest.param({"state": "x" * 513}, "invalid_request", id="a long state"),
    pytest.param({"state": "状態"}, "invalid_request", id="a state that is not ASCII"),
    pytest.param({"nonce": "a\nb"}, "invalid_request", id="a nonce with a line break"),
    pytest.param({"request": "x.y.z"}, "request_not_supported", id="a request object"),
    pytest.param({"identity_provider": "official"}, "invalid_request", id="another kind"),
    pytest.param({"identity_provider": "anybody"}, "invalid_request", id="an unknown kind"),
    pytest.param(
        {"client_id": "demo-vendor", "redirect_uri": None},
        None,
        id="a machine has no address to be sent back to",
    ),
]


class TestAuthorize:
    @pytest.mark.parametrize(("changes", "problem"), SHOWN_HERE)
    async def test_shows_a_refusal_here_while_the_address_is_not_proven(
        self, door: FrontDoor, changes: dict[str, Any], problem: str
    ) -> None:
        answer = await door.authorize(**changes)
        assert answer.status_code == 400
        assert answer.json()["type"] == f"/problems/platform/{problem}"
        assert "location" not in answer.headers

    @pytest.mark.parametrize(("changes", "error"), SENT_BACK)
    async def test_sends_a_refusal_back_with_state_and_issuer(
        self, door: FrontDoor, changes: dict[str, Any], error: str | None
    ) -> None:
        answer = await door.authorize(**changes)
        if error is None:
            assert answer.status_code == 400
            return
        assert answer.status_code == 303
        assert answer.headers["location"].startswith(f"{ISSUER}/demo/callback?")
        said = query_of(answer.headers["location"])
        assert (said["error"], said["iss"]) == (error, ISSUER)
        assert "code" not in said

    async def test_refuses_a_parameter_given_twice(self, door: FrontDoor) -> None:
        pairs = (*door.request().items(), ("redirect_uri", "http://evil.example/"))
        answer = await door.http.get(
            "/oauth/authorize",
            params=httpx.QueryParams(pairs),
            headers={"Tamaire-Municipality": "012084"},
        )
        assert answer.status_code == 400

    async def test_refuses_a_request_without_a_municipality(self, door: FrontDoor) -> None:
        answer = await door.authorize(headers={})
        assert answer.status_code == 400
        assert answer.json()["type"] == "/problems/platform/municipality-required"

    async def test_refuses_a_host_and_a_header_that_disagree(self, door: FrontDoor) -> None:
        answer = await door.authorize(
            headers={"Host": "012084.localhost:8200", "Tamaire-Municipality": "302082"}
        )
        assert answer.status_code == 403
        assert answer.json()["type"] == "/problems/platform/tenant-mismatch"

    async def test_refuses_two_headers_that_disagree(self, door: FrontDoor) -> None:
        answer = await door.http.get(
            "/oauth/authorize",
            params=door.request(),
            headers=[("Tamaire-Municipality", "012084"), ("Tamaire-Municipality", "302082")],
        )
        assert answer.status_code == 400

    @pytest.mark.parametrize("code", ["999999", "012085", "000000", "abc", "131041"])
    async def test_knows_no_municipality_that_does_not_take_part(
        self, door: FrontDoor, code: str
    ) -> None:
        answer = await door.authorize(headers={"Tamaire-Municipality": code})
        assert answer.status_code == 404
        assert answer.json()["type"] == "/problems/platform/municipality-not-found"

    async def test_sends_the_browser_off_with_pkce_state_and_nonce(self, door: FrontDoor) -> None:
        answer = await door.authorize()
        location = answer.headers["location"]
        asked = query_of(location)
        assert location.startswith(f"{PROVIDERS}/resident/protocol/openid-connect/auth?")
        assert asked["client_id"] == "tamaire-012084"
        assert asked["code_challenge_method"] == "S256"
        assert asked["redirect_uri"] == f"{ISSUER}/oauth/callback"
        assert asked["acr_values"] == "aal3 crl"
        assert asked["state"] != "client-state"
        assert asked["nonce"] != "client-nonce"

    async def test_is_a_different_client_of_the_provider_for_each_municipality(
        self, door: FrontDoor
    ) -> None:
        answer = await door.authorize(door.tenancies.kinokawa)
        assert query_of(answer.headers["location"])["client_id"] == "tamaire-302082"

    async def test_sends_an_official_to_their_own_municipality(self, door: FrontDoor) -> None:
        answer = await door.authorize(door.tenancies.chiyoda, client_id="demo-desk")
        assert answer.headers["location"].startswith(f"{PROVIDERS}/officials/131016/")

    async def test_tells_the_client_when_the_provider_does_not_answer(
        self, door: FrontDoor
    ) -> None:
        door.resident_provider().is_down = True
        answer = await door.authorize()
        assert query_of(answer.headers["location"])["error"] == "temporarily_unavailable"

    async def test_believes_no_metadata_of_another_issuer(self, door: FrontDoor) -> None:
        door.resident_provider().metadata["issuer"] = "http://evil.example"
        answer = await door.authorize()
        assert query_of(answer.headers["location"])["error"] == "temporarily_unavailable"


class TestContinue:
    async def test_moves_a_sign_in_from_a_municipalitys_address_to_the_issuers(
        self, door: FrontDoor
    ) -> None:
        left = await door.authorize(headers={"Host": "012084.localhost:8200"})
        location = left.headers["location"]
        assert location.startswith(f"{ISSUER}/oauth/continue?state=012084.")
        onward = await door.http.get(location)
        assert onward.headers["location"].startswith(f"{PROVIDERS}/resident/")
        answer = door.resident_provider().approve(
            onward.headers["location"], subject="hanako", says=CARD
        )
        back = await door.callback(**answer)
        assert "code" in query_of(back.headers["location"])

    async def test_ties_it_to_one_browser_only(self, door: FrontDoor) -> None:
        left = await door.authorize(headers={"Host": "012084.localhost:8200"})
        await door.http.get(left.headers["location"])
        again = await door.http.get(left.headers["location"])
        assert again.json()["type"] == "/problems/platform/sign-in-not-found"

    async def test_cannot_be_finished_before_it_is_tied(self, door: FrontDoor) -> None:
        left = await door.authorize(headers={"Host": "012084.localhost:8200"})
        state = query_of(left.headers["location"])["state"]
        back = await door.callback(code="x", state=state)
        assert back.status_code == 400


class TestCallback:
    async def test_returns_a_code_with_the_clients_state_and_our_name(
        self, door: FrontDoor
    ) -> None:
        left = await door.authorize()
        answer = door.resident_provider().approve(left.headers["location"], subject="hanako")
        back = await door.callback(**answer)
        location = back.headers["location"]
        said = query_of(location)
        assert urlsplit(location)._replace(query="").geturl() == f"{ISSUER}/demo/callback"
        assert (said["state"], said["iss"]) == ("client-state", ISSUER)
        assert said["code"].startswith("012084.")

    @pytest.mark.parametrize(
        "state", ["", "x", "012084." + "a" * 43, "999999." + "a" * 43, "302082." + "a" * 43]
    )
    async def test_knows_no_state_it_did_not_give(self, door: FrontDoor, state: str) -> None:
        back = await door.callback(code="x", state=state)
        assert back.status_code == 400
        assert back.json()["type"] == "/problems/platform/sign-in-not-found"

    async def test_receives_nobody_twice(self, door: FrontDoor) -> None:
        left = await door.authorize()
        answer = door.resident_provider().approve(left.headers["location"], subject="hanako")
        await door.callback(**answer)
        assert (await door.callback(**answer)).status_code == 400

    async def test_receives_nobody_in_another_browser(self, door: FrontDoor) -> None:
        left = await door.authorize()
        answer = door.resident_provider().approve(left.headers["location"], subject="hanako")
        kept = dict(door.http.cookies)
        door.http.cookies.clear()
        assert (await door.callback(**answer)).status_code == 400
        door.http.cookies.update(kept)
        assert (await door.callback(**answer)).status_code == 303, "the attempt must not spoil it"

    async def test_finds_a_state_in_no_other_municipality(self, door: FrontDoor) -> None:
        left = await door.authorize()
        answer = door.resident_provider().approve(left.headers["location"], subject="hanako")
        answer["state"] = "302082" + answer["state"][6:]
        assert (await door.callback(**answer)).status_code == 400

    async def test_receives_nobody_after_ten_minutes(self, door: FrontDoor) -> None:
        left = await door.authorize()
        answer = door.resident_provider().approve(left.headers["location"], subject="hanako")
        with clock.frozen(clock.now() + timedelta(minutes=10, seconds=1)):
            assert (await door.callback(**answer)).status_code == 400

    async def test_passes_on_that_the_person_said_no(self, door: FrontDoor) -> None:
        left = await door.authorize()
        state = query_of(left.headers["location"])["state"]
        back = await door.callback(error="access_denied", state=state)
        assert query_of(back.headers["location"])["error"] == "access_denied"


FORGERIES = [
    pytest.param({"nonce": "another"}, id="another sign-in's nonce"),
    pytest.param({"nonce": None}, id="no nonce"),
    pytest.param({"iss": f"{PROVIDERS}/officials/012084"}, id="another issuer"),
    pytest.param({"iss": None}, id="no issuer"),
    pytest.param({"aud": "tamaire-302082"}, id="another municipality's client"),
    pytest.param({"aud": ["tamaire-012084", "other"]}, id="two audiences without azp"),
    pytest.param({"azp": "other"}, id="given to another client"),
    pytest.param({"exp": 1}, id="expired"),
    pytest.param({"exp": None}, id="never expires"),
    pytest.param({"exp": "soon"}, id="an expiry that is no number"),
    pytest.param({"iat": 1}, id="issued long ago"),
    pytest.param({"iat": 4_102_444_800}, id="issued in the future"),
    pytest.param({"sub": None}, id="about nobody"),
    pytest.param({"sub": ""}, id="about an empty name"),
    pytest.param({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, id="with another access token"),
]


class TestMixUp:
    @pytest.mark.parametrize("forged", FORGERIES)
    async def test_believes_no_id_token_that_is_not_this_sign_ins(
        self, door: FrontDoor, forged: dict[str, object]
    ) -> None:
        door.resident_provider().id_token.update(forged)
        left = await door.authorize()
        answer = door.resident_provider().approve(left.headers["location"], subject="hanako")
        back = await door.callback(**answer)
        said = query_of(back.headers["location"])
        assert said["error"] == "server_error"
        assert "code" not in said

    @pytest.mark.parametrize("algorithm", ["none", "HS256"])
    async def test_believes_no_weak_signature(self, door: FrontDoor, algorithm: str) -> None:
        provider = door.resident_provider()
        left = await door.authorize()
        answer = provider.approve(left.headers["location"], subject="hanako")
        provider.raw_id_token = forged(
            {"iss": provider.issuer, "sub": "hanako"}, algorithm=algorithm, key=provider.key
        )
        back = await door.callback(**answer)
        assert query_of(back.headers["location"])["error"] == "server_error"

    async def test_believes_no_key_the_provider_did_not_publish(self, door: FrontDoor) -> None:
        provider = door.resident_provider()
        left = await door.authorize()
        answer = provider.approve(left.headers["location"], subject="hanako")
        provider.raw_id_token = SigningKey.generate("ES256").sign(
            {"iss": provider.issuer, "sub": "hanako"}, typ="JWT"
        )
        back = await door.callback(**answer)
        assert query_of(back.headers["location"])["error"] == "server_error"

    async def test_refuses_a_response_that_names_another_issuer(self, door: FrontDoor) -> None:
        left = await door.authorize()
        answer = door.resident_provider().approve(left.headers["location"], subject="hanako")
        back = await door.callback(**answer, iss=f"{PROVIDERS}/officials/012084")
        assert query_of(back.headers["location"])["error"] == "server_error"

    async def test_refuses_a_nameless_response_of_a_provider_that_names_itself(
        self, door: FrontDoor
    ) -> None:
        door.resident_provider().metadata["authorization_response_iss_parameter_supported"] = True
        left = await door.authorize()
        answer = door.resident_provider().approve(left.headers["location"], subject="hanako")
        back = await door.callback(**answer)
        assert query_of(back.headers["location"])["error"] == "server_error"

    async def test_takes_a_code_of_one_provider_to_no_other(self, door: FrontDoor) -> None:
        left = await door.authorize()
        state = query_of(left.headers["location"])["state"]
        official = await door.authorize(client_id="demo-desk")
        stolen = door.official_provider(door.tenancies.kitami).approve(
            official.headers["location"], subject="clerk1"
        )
        back = await door.callback(code=stolen["code"], state=state)
        assert query_of(back.headers["location"])["error"] == "access_denied"

    async def test_refuses_attributes_of_somebody_else(self, door: FrontDoor) -> None:
        door.resident_provider().userinfo["sub"] = "taro"
        left = await door.authorize()
        answer = door.resident_provider().approve(left.headers["location"], subject="hanako")
        back = await door.callback(**answer)
        assert query_of(back.headers["location"])["error"] == "server_error"
