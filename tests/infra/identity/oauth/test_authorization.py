"""What a client asks wrongly is told to its callback; a doubtful callback is never used."""

from urllib.parse import urlencode

import pytest

from tests.infra.identity.world import CALLBACK, GATEWAY, World, answer_of, challenge_of

VALUE_TOO_LONG = "x" * 256
A_TRANSACTION = "0b24bd4e-8e2c-4d0b-9d5f-0c5a5e1d9b61"

TOLD_TO_THE_CLIENT: dict[str, tuple[dict[str, str | None], str]] = {
    "no response_type": ({"response_type": None}, "invalid_request"),
    "implicit flow": ({"response_type": "id_token token"}, "unsupported_response_type"),
    "hybrid flow": ({"response_type": "code id_token"}, "unsupported_response_type"),
    "fragment mode": ({"response_mode": "fragment"}, "invalid_request"),
    "form_post mode": ({"response_mode": "form_post"}, "invalid_request"),
    "no state": ({"state": None}, "invalid_request"),
    "empty state": ({"state": ""}, "invalid_request"),
    "state too long": ({"state": VALUE_TOO_LONG}, "invalid_request"),
    "state not ASCII": ({"state": "状態"}, "invalid_request"),
    "no nonce": ({"nonce": None}, "invalid_request"),
    "nonce with a line feed": ({"nonce": "a\nb"}, "invalid_request"),
    "nonce too long": ({"nonce": VALUE_TOO_LONG}, "invalid_request"),
    "no code_challenge": ({"code_challenge": None}, "invalid_request"),
    "code_challenge too short": ({"code_challenge": "a" * 42}, "invalid_request"),
    "code_challenge padded": ({"code_challenge": "a" * 42 + "="}, "invalid_request"),
    "no code_challenge_method": ({"code_challenge_method": None}, "invalid_request"),
    "plain PKCE": ({"code_challenge_method": "plain"}, "invalid_request"),
    "s256 in small letters": ({"code_challenge_method": "s256"}, "invalid_request"),
    "no scope": ({"scope": None}, "invalid_scope"),
    "no openid": ({"scope": "name"}, "invalid_scope"),
    "unknown scope": ({"scope": "openid my_number"}, "invalid_scope"),
    "signing nothing": ({"scope": "openid sign"}, "invalid_request"),
    "a document and no signing": ({"sign_transaction_id": A_TRANSACTION}, "invalid_request"),
    "a document of no form": (
        {"scope": "openid sign", "sign_transaction_id": "1"},
        "invalid_request",
    ),
    "signing to learn a name": (
        {"scope": "openid sign name", "sign_transaction_id": A_TRANSACTION},
        "invalid_scope",
    ),
    "an age in words": ({"max_age": "five"}, "invalid_request"),
    "an age below nothing": ({"max_age": "-1"}, "invalid_request"),
    "an unknown prompt": ({"prompt": "create"}, "invalid_request"),
    "silent, yet asked": ({"prompt": "none login"}, "invalid_request"),
    "offline access": ({"scope": "openid offline_access"}, "invalid_scope"),
    "unknown acr": ({"acr_values": "aal4"}, "invalid_request"),
    "silent sign-in": ({"prompt": "none"}, "login_required"),
    "request object": ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
    "request by address": ({"request_uri": "http://x.test"}, "request_uri_not_supported"),
    "self-registration": ({"registration": "{}"}, "registration_not_supported"),
}

SHOWN_TO_THE_PERSON: dict[str, dict[str, str | None]] = {
    "no client": {"client_id": None},
    "unknown client": {"client_id": "nobody"},
    "no redirect_uri": {"redirect_uri": None},
    "another host": {"redirect_uri": "http://evil.test/oauth/callback"},
    "a longer path": {"redirect_uri": f"{CALLBACK}/x"},
    "an added query": {"redirect_uri": f"{CALLBACK}?x=1"},
    "an added fragment": {"redirect_uri": f"{CALLBACK}#x"},
    "other letters": {"redirect_uri": CALLBACK.replace("callback", "Callback")},
    "a trick with @": {"redirect_uri": f"{GATEWAY}@evil.test/oauth/callback"},
    "the default port": {"redirect_uri": "http://gateway.test:80/oauth/callback"},
}


class TestARefusal:
    @pytest.mark.parametrize("case", TOLD_TO_THE_CLIENT)
    async def test_is_told_to_the_callback(self, world: World, case: str) -> None:
        changes, error = TOLD_TO_THE_CLIENT[case]
        answer = await world.browser.get(world.resident_client().authorization_url(**changes))
        assert answer.status_code == 303
        location = answer.headers["location"]
        assert location.startswith(f"{CALLBACK}?")
        told = answer_of(location)
        assert told["error"] == error
        assert told["error_description"]
        assert "code" not in told
        assert told.get("state") == (None if "state" in changes else "state-of-the-session")

    @pytest.mark.parametrize("case", SHOWN_TO_THE_PERSON)
    async def test_is_never_redirected_when_the_callback_is_in_doubt(
        self, world: World, case: str
    ) -> None:
        url = world.resident_client().authorization_url(**SHOWN_TO_THE_PERSON[case])
        answer = await world.browser.get(url)
        assert answer.status_code == 400
        assert "location" not in answer.headers
        assert "どうすればよいですか" in answer.text

    @pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state", "scope"])
    async def test_meets_a_parameter_given_twice(self, world: World, name: str) -> None:
        url = world.resident_client().authorization_url()
        answer = await world.browser.get(f"{url}&{urlencode({name: 'again'})}")
        assert (answer.status_code, answer.headers.get("location")) == (400, None)

    async def test_meets_any_method_but_get(self, world: World) -> None:
        url = world.resident_client().authorization_url()
        assert (await world.browser.post(url)).status_code == 405


class TestARequest:
    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"acr_values": "aal3 crl"},
            {"response_mode": "query"},
            {"prompt": "login"},
            {"state": "a;b c~!", "nonce": " "},
            {"scope": "openid name address birthdate gender"},
            {"unknown_parameter": "is ignored, RFC 6749 §3.1"},
        ],
        ids=str,
    )
    async def test_that_is_in_order_leads_to_a_page(
        self, world: World, changes: dict[str, str]
    ) -> None:
        answer = await world.browser.get(world.resident_client().authorization_url(**changes))
        assert answer.status_code == 200

    async def test_at_an_officials_provider_offers_other_scopes(self, world: World) -> None:
        client = world.official_client()
        for scope, status in (("openid profile groups", 200), ("openid address", 303)):
            answer = await world.browser.get(client.authorization_url(scope=scope))
            assert answer.status_code == status

    def test_has_a_challenge_of_43_characters(self) -> None:
        assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == (
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        ), "RFC 7636 Appendix B"
