"""A small simulated world: a few cards, two town halls, a gateway with keys, a clock to turn."""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.identity.app import build
from infra.identity.settings import SimulatorSettings
from tests.support.simulator import present_card, sign_document, sign_in_official

BASE = "http://op.test"
GATEWAY = "http://gateway.test"
CALLBACK = f"{GATEWAY}/oauth/callback"
RESIDENT = f"{BASE}/resident"
KITAMI = f"{BASE}/officials/012084"
START = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
VERIFIER = "correct-horse-battery-staple-correct-horse-battery"


class TurnableClock:
    """Stands still until it is turned."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def turn(self, by: timedelta) -> None:
        self.at += by


def card(card_id: str, **changes: object) -> dict[str, object]:
    """An entry of cards.json."""
    return {
        "card_id": card_id,
        "municipality_code": "012084",
        "name": "北見 花子",
        "kana": "キタミ ハナコ",
        "birth_on": "1985-03-15",
        "gender": "2",
        "address": "北海道北見市大通西三丁目1番地1",
        "pin": "1234",
        "sign_pin": "ABC123",
    } | changes


OFFICIALS: list[dict[str, object]] = [
    {
        "username": "clerk",
        "password": "clerk-password",
        "name": "窓口 係子",
        "municipality_code": "012084",
        "groups": ["clerk", "registrar"],
    },
    {
        "username": "clerk",
        "password": "other-password",
        "name": "受付 係男",
        "municipality_code": "302082",
        "groups": ["clerk"],
    },
]


def write_lists(directory: Path, cards: list[dict[str, object]]) -> None:
    """The three files `operations` writes."""
    client: dict[str, object] = {
        "redirect_uris": [CALLBACK],
        "jwks_uri": f"{GATEWAY}/oauth/client-jwks.json",
    }
    lists: dict[str, object] = {
        "cards": {"cards": cards},
        "officials": {"officials": OFFICIALS},
        "clients": {
            "resident": [
                client | {"client_id": "tamaire-012084"},
                client | {"client_id": "tamaire-302082"},
            ],
            "official": {
                "012084": [client | {"client_id": "tamaire"}],
                "302082": [client | {"client_id": "tamaire"}],
            },
        },
    }
    for name, content in lists.items():
        (directory / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False), "utf-8")


class Gateway:
    """The relying party's own site: publishes its keys and counts who asks for them."""

    def __init__(self) -> None:
        self.fetches = 0
        self.keys: list[ECKey] = []
        self.encryption: ECKey | RSAKey = ECKey.generate_key("P-256", auto_kid=True)
        self.key = self.new_key()

    def new_key(self) -> ECKey:
        self.key = ECKey.generate_key("P-256", auto_kid=True)
        self.keys.append(self.key)
        return self.key

    def app(self) -> Starlette:
        async def publish(_request: Request) -> Response:
            self.fetches += 1
            keys = [key.as_dict(private=False) for key in self.keys]
            sealing = self.encryption.as_dict(private=False) | {"use": "enc"}
            return JSONResponse({"keys": [sealing, *keys]})

        return Starlette(routes=[Route("/oauth/client-jwks.json", publish)])


@dataclass
class World:
    """The simulator in this process, the gateway that relies on it, and a browser."""

    directory: Path
    clock: TurnableClock = field(default_factory=TurnableClock)
    gateway: Gateway = field(default_factory=Gateway)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Start the simulator, again if need be: only what is on disk survives."""
        app = build(
            SimulatorSettings(directory=self.directory, base_url=BASE),
            clock=self.clock,
            outbound=httpx.ASGITransport(self.gateway.app()),
        )
        self.transport = httpx.ASGITransport(app)
        self.browser = httpx.AsyncClient(transport=self.transport, base_url=BASE)

    def resident_client(self, code: str = "012084") -> "RelyingParty":
        return RelyingParty(self, issuer=RESIDENT, client_id=f"tamaire-{code}")

    def official_client(self, code: str = "012084") -> "RelyingParty":
        return RelyingParty(self, issuer=f"{BASE}/officials/{code}", client_id="tamaire")


@dataclass
class RelyingParty:
    """A client that does everything right unless it is told what to do wrong.

    Wherever `changes` are taken, None leaves the parameter out.
    """

    world: World
    issuer: str
    client_id: str

    def endpoint(self, name: str) -> str:
        return f"{self.issuer}/protocol/openid-connect/{name}"

    def authorization_url(self, **changes: str | None) -> str:
        parameters: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "scope": "openid",
            "state": "state-of-the-session",
            "nonce": "nonce-of-the-session",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        }
        return f"{self.endpoint('auth')}?{urlencode(_changed(parameters, changes))}"

    async def code_by_card(self, card_id: str = "hanako", **changes: str | None) -> str:
        callback = await present_card(
            self.world.browser, self.authorization_url(**changes), card_id=card_id, pin="1234"
        )
        return answer_of(callback)["code"]

    async def code_by_password(self, **changes: str | None) -> str:
        callback = await sign_in_official(
            self.world.browser,
            self.authorization_url(**changes),
            username="clerk",
            password="clerk-password",
        )
        return answer_of(callback)["code"]

    def assertion(
        self,
        *,
        header: Mapping[str, object] | None = None,
        claims: Mapping[str, object] | None = None,
        key: ECKey | None = None,
    ) -> str:
        now = int(self.world.clock().timestamp())
        usual: dict[str, object] = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.endpoint("token"),
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "exp": now + 30,
        }
        signing = key or self.world.gateway.key
        head = {"alg": "ES256", "kid": signing.kid} | dict(header or {})
        return jwt.encode(
            _changed(head, {}), _changed(usual, claims or {}), signing, algorithms=["ES256"]
        )

    def token_form(self, code: str, /, **changes: str | None) -> dict[str, str]:
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion(),
        }
        return _changed(form, changes)

    async def redeem(self, code: str, /, **changes: str | None) -> httpx.Response:
        return await self.world.browser.post(
            self.endpoint("token"), data=self.token_form(code, **changes)
        )

    async def machine_token(self, **changes: str | None) -> str:
        """A token in the client's own name, for the signing API."""
        form: dict[str, str | None] = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion(),
        }
        answer = await self.world.browser.post(self.endpoint("token"), data=_changed(form, changes))
        return answer.json()["access_token"]

    async def begin_signing(self, digest: bytes, token: str | None = None) -> httpx.Response:
        bearer = token or await self.machine_token()
        return await self.world.browser.post(
            "/api/sign-transactions",
            json={"digest": base64.b64encode(digest).decode()},
            headers={"Authorization": f"Bearer {bearer}"},
        )

    async def signed_by(self, card_id: str, transaction: str, *, pin: str = "ABC123") -> str:
        """The access token after somebody signed the document of a transaction."""
        url = self.authorization_url(scope="openid sign", sign_transaction_id=transaction)
        callback = await sign_document(self.world.browser, url, card_id=card_id, sign_pin=pin)
        return (await self.redeem(answer_of(callback)["code"])).json()["access_token"]

    async def signing_result(self, transaction: str, token: str) -> httpx.Response:
        return await self.world.browser.get(
            f"/api/sign-transactions/{transaction}/result",
            headers={"Authorization": f"Bearer {token}"},
        )

    def opened(self, sealed: str) -> dict[str, Any]:
        """What was sealed for this client."""
        algorithms = ["ECDH-ES", "RSA-OAEP-256", "A256GCM"]
        found = jwe.decrypt_compact(sealed, self.world.gateway.encryption, algorithms=algorithms)
        return json.loads(found.plaintext or b"")

    async def userinfo(self, access_token: str) -> httpx.Response:
        return await self.world.browser.get(
            self.endpoint("userinfo"), headers={"Authorization": f"Bearer {access_token}"}
        )

    async def id_token(self, token: str) -> dict[str, Any]:
        """The claims, once the signature verifies with a key the provider publishes."""
        published = (await self.world.browser.get(self.endpoint("certs"))).json()
        return jwt.decode(token, KeySet.import_key_set(published), algorithms=["ES256"]).claims


def challenge_of(verifier: str) -> str:
    """RFC 7636 §4.2, S256."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def answer_of(callback: str) -> dict[str, str]:
    """The parameters of a callback address, each of which must occur once."""
    return {name: one for name, [one] in parse_qs(urlsplit(callback).query).items()}


def _changed(parameters: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**parameters, **changes}.items() if value is not None}
