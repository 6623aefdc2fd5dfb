"""The provider of businesses keeps to its own rules: a secret, RSA, and an account with a role."""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from infra.identity.app import build
from infra.identity.settings import SimulatorSettings
from tests.infra.identity.world import TurnableClock

BASE = "http://op.test"
ISSUER = f"{BASE}/gbiz/oauth/"
CALLBACK = "http://gateway.test/oauth/callback"
SECRET = "5" * 64
VERIFIER = "v" * 43
ACCOUNTS: list[dict[str, Any]] = [
    {"account_id": "prime", "account_type": "2", "corporate_number": "2700150000017"},
    {
        "account_id": "member",
        "account_type": "3",
        "parent_id": "prime",
        "mandate_info": [{"service": "tamaire"}],
    },
    {"account_id": "entry", "account_type": "1"},
    {"account_id": "gone", "account_type": "2", "condition": "suspended"},
]
EVERY_SCOPE = [
    "openid",
    "profile",
    "mandate",
    "email",
    "user",
    "role",
    "jp_gbizid_v1_ida",
    "offline_access",
]


@dataclass
class Biz:
    """A client of the provider, and a browser before it."""

    http: httpx.AsyncClient
    clock: TurnableClock

    async def code(self, account: str = "prime", **changes: Any) -> dict[str, str]:
        asked = {
            "response_type": "code",
            "client_id": "tamaire",
            "redirect_uri": CALLBACK,
            "scope": "openid profile mandate",
            "state": "s",
            "nonce": "n",
        } | changes
        page = await self.http.get(
            "/gbiz/oauth/authorize",
            params={name: value for name, value in asked.items() if value is not None},
        )
        if page.status_code == 303:
            return answer_of(page)
        found = re.search(r'name="transaction" value="([^"]+)"', page.text)
        assert found is not None, page.text
        return answer_of(
            await self.http.post(
                "/gbiz/oauth/sign-in",
                data={"transaction": found[1], "username": account, "password": "secret"},
            )
        )

    async def token(self, *, secret: str = SECRET, **form: str) -> httpx.Response:
        basic = base64.b64encode(f"tamaire:{secret}".encode()).decode()
        return await self.http.post(
            "/gbiz/oauth/token",
            data={"grant_type": "authorization_code", "redirect_uri": CALLBACK} | form,
            headers={"Authorization": f"Basic {basic}"},
        )

    async def tokens(self, account: str = "prime", **changes: Any) -> dict[str, Any]:
        answer = await self.token(code=(await self.code(account, **changes))["code"])
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def userinfo(self, token: str) -> httpx.Response:
        return await self.http.get(
            "/gbiz/oauth/userinfo", headers={"Authorization": f"Bearer {token}"}
        )


def answer_of(response: httpx.Response) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(response.headers["location"]).query))


@pytest.fixture
async def biz(tmp_path: Path) -> AsyncGenerator[Biz]:
    client = {
        "client_id": "tamaire",
        "client_secret": SECRET,
        "redirect_uris": [CALLBACK],
        "scopes": EVERY_SCOPE,
    }
    accounts = [{"password": "secret", "name": "きたみ保育会"} | one for one in ACCOUNTS]
    files: dict[str, dict[str, Any]] = {
        "cards.json": {"cards": []},
        "officials.json": {"officials": []},
        "clients.json": {},
        "businesses.json": {"clients": [client], "accounts": accounts},
    }
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    clock = TurnableClock()
    simulator = build(SimulatorSettings(directory=tmp_path, base_url=BASE), clock=clock)
    transport = httpx.ASGITransport(app=simulator)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as http:
        yield Biz(http, clock)


class TestShape:
    async def test_names_itself_with_a_slash_at_the_end(self, biz: Biz) -> None:
        document = (await biz.http.get(f"{ISSUER}.well-known/openid-configuration")).json()
        assert document["issuer"] == ISSUER
        assert document["token_endpoint_auth_methods_supported"] == ["client_secret_basic"]
        assert document["id_token_signing_alg_values_supported"] == ["RS256"]

    async def test_a_code_has_22_letters_and_digits_and_lives_five_minutes(self, biz: Biz) -> None:
        code = (await biz.code())["code"]
        assert re.fullmatch(r"[0-9A-Za-z]{22}", code)
        biz.clock.turn(timedelta(minutes=5, seconds=1))
        assert (await biz.token(code=code)).json()["error"] == "invalid_grant"

    async def test_an_id_token_says_nothing_of_the_person(self, biz: Biz) -> None:
        tokens = await biz.tokens()
        keys = KeySet.import_key_set((await biz.http.get("/gbiz/oauth/jwks")).json())
        read = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"])
        assert set(read.claims) == {
            "sub",
            "aud",
            "iss",
            "exp",
            "iat",
            "auth_time",
            "nonce",
            "jti",
        }
        assert tokens["expires_in"] == 3600
        access = jwt.decode(tokens["access_token"], keys, algorithms=["RS256"])
        assert "scope" not in access.claims

    @pytest.mark.parametrize(
        ("account", "kind", "role"),
        [("prime", "2", "prime"), ("member", "3", "member"), ("entry", "1", None)],
    )
    async def test_userinfo_says_what_the_scopes_open(
        self, biz: Biz, account: str, kind: str, role: str | None
    ) -> None:
        scope = "openid profile mandate role jp_gbizid_v1_ida"
        tokens = await biz.tokens(account, scope=scope)
        said = (await biz.userinfo(tokens["access_token"])).json()
        assert (said["sub"], said["account_type"]) == (account, kind)
        claims = said["verified_claims"]["claims"]
        assert (claims["authority"]["permission"]["role"] if claims else None) == role
        assert ("parent_id" in said) == (account == "member")

    async def test_everything_granted_is_meant_where_no_scope_is_named(self, biz: Biz) -> None:
        tokens = await biz.tokens(scope=None)
        assert "email" in (await biz.userinfo(tokens["access_token"])).json()

    async def test_a_refresh_token_comes_with_offline_access_and_is_used_up(self, biz: Biz) -> None:
        assert "refresh_token" not in await biz.tokens()
        tokens = await biz.tokens(scope="openid profile offline_access")
        form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        following = (await biz.token(**form)).json()
        assert following["refresh_token"] != tokens["refresh_token"]
        assert (await biz.token(**form)).json()["error"] == "invalid_grant"


class TestRefusals:
    @pytest.mark.parametrize(
        "changes", [{"client_id": "stranger"}, {"redirect_uri": "http://evil.test/"}]
    )
    async def test_a_strange_client_or_callback_is_told_to_the_person_alone(
        self, biz: Biz, changes: dict[str, str]
    ) -> None:
        asked = {"response_type": "code", "client_id": "tamaire", "redirect_uri": CALLBACK}
        page = await biz.http.get("/gbiz/oauth/authorize", params=asked | changes)
        assert page.status_code == 400
        assert "location" not in page.headers

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"response_type": "token"}, "unsupported_response_type"),
            ({"scope": "profile"}, "invalid_scope"),
            ({"scope": "openid delegation_info"}, "invalid_scope"),
            ({"code_challenge": "x", "code_challenge_method": "plain"}, "invalid_request"),
        ],
    )
    async def test_other_mistakes_go_back_to_the_client(
        self, biz: Biz, changes: dict[str, str], error: str
    ) -> None:
        assert await biz.code(**changes) == {"error": error, "state": "s"}

    async def test_takes_a_secret_by_basic_and_no_other_way(self, biz: Biz) -> None:
        code = (await biz.code())["code"]
        assert (await biz.token(code=code, secret="0" * 64)).status_code == 401
        posted = await biz.http.post(
            "/gbiz/oauth/token",
            data={
                "grant_type": "authorization_code",
                "code": code,
                "client_id": "tamaire",
                "client_secret": SECRET,
            },
        )
        assert (posted.status_code, posted.json()["error"]) == (401, "invalid_client")

    async def test_a_code_is_good_once(self, biz: Biz) -> None:
        code = (await biz.code())["code"]
        assert (await biz.token(code=code)).status_code == 200
        assert (await biz.token(code=code)).json()["error"] == "invalid_grant"

    async def test_holds_a_client_to_the_challenge_it_sent(self, biz: Biz) -> None:
        digest = hashlib.sha256(VERIFIER.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        asked = {"code_challenge": challenge, "code_challenge_method": "S256"}
        code = (await biz.code(**asked))["code"]
        other = secrets.token_urlsafe(32)
        refused = await biz.token(code=code, code_verifier=other)
        assert refused.json()["error"] == "invalid_grant"
        code = (await biz.code(**asked))["code"]
        assert (await biz.token(code=code, code_verifier=VERIFIER)).status_code == 200

    async def test_userinfo_tells_a_bad_token_from_too_small_a_one(self, biz: Biz) -> None:
        bad = await biz.userinfo("x")
        assert (bad.status_code, "invalid_token" in bad.headers["www-authenticate"]) == (401, True)
        tokens = await biz.tokens(scope="openid")
        small = await biz.userinfo(tokens["access_token"])
        assert small.status_code == 403
        assert "insufficient_scope" in small.headers["www-authenticate"]
        id_token = await biz.userinfo(tokens["id_token"])
        assert id_token.status_code == 401

    async def test_a_suspended_account_opens_nothing(self, biz: Biz) -> None:
        page = await biz.http.get(
            "/gbiz/oauth/authorize",
            params={"response_type": "code", "client_id": "tamaire", "redirect_uri": CALLBACK},
        )
        found = re.search(r'name="transaction" value="([^"]+)"', page.text)
        assert found is not None
        shown = await biz.http.post(
            "/gbiz/oauth/sign-in",
            data={"transaction": found[1], "username": "gone", "password": "secret"},
        )
        assert shown.status_code == 422
        assert "利用を停止" in shown.text
