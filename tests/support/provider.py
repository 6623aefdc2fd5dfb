"""An identity provider that says whatever a test wants, honest by default."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx

from foundation import clock
from foundation.identifiers import new_id
from foundation.identity import SigningKey

PATH = "/protocol/openid-connect"


@dataclass(slots=True)
class StubProvider:
    """One issuer. `id_token` and `userinfo` replace what it would say; None leaves a claim out."""

    issuer: str
    key: SigningKey = field(default_factory=lambda: SigningKey.generate("ES256"))
    id_token: dict[str, Any] = field(default_factory=dict[str, Any])
    userinfo: dict[str, Any] = field(default_factory=dict[str, Any])
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    raw_id_token: str | None = None
    refuses: str | None = None
    is_down: bool = False
    requests: list[httpx.Request] = field(default_factory=list[httpx.Request])
    _codes: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])

    def approve(
        self, location: str, *, subject: str, says: Mapping[str, Any] | None = None
    ) -> dict[str, str]:
        """Sign somebody in and return the parameters of the authorization response."""
        asked = dict(parse_qsl(urlsplit(location).query))
        code = str(new_id())
        self._codes[code] = {"asked": asked, "sub": subject, "says": dict(says or {})}
        return {"code": code, "state": asked["state"]}

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer as the provider."""
        self.requests.append(request)
        if self.is_down:
            raise httpx.ConnectError("down", request=request)
        path = str(request.url).removeprefix(self.issuer).partition("?")[0]
        match path:
            case "/.well-known/openid-configuration":
                return httpx.Response(200, json=self._configuration())
            case "/protocol/openid-connect/certs":
                return httpx.Response(200, json={"keys": [self.key.public()]})
            case "/protocol/openid-connect/token":
                return self._token(request)
            case "/protocol/openid-connect/userinfo":
                return self._userinfo(request)
            case _:
                return httpx.Response(404)

    def _configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}{PATH}/auth",
            "token_endpoint": f"{self.issuer}{PATH}/token",
            "userinfo_endpoint": f"{self.issuer}{PATH}/userinfo",
            "jwks_uri": f"{self.issuer}{PATH}/certs",
        } | self.metadata

    def _token(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        given = self._codes.pop(form.get("code", ""), None)
        if self.refuses is not None or given is None:
            return httpx.Response(400, json={"error": self.refuses or "invalid_grant"})
        challenge = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(challenge).rstrip(b"=").decode() != given["asked"].get(
            "code_challenge"
        ):
            return httpx.Response(400, json={"error": "invalid_grant"})
        access_token = str(new_id())
        self._codes[access_token] = given
        now = int(clock.now().timestamp())
        claims = {
            "iss": self.issuer,
            "sub": given["sub"],
            "aud": given["asked"]["client_id"],
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "acr": "aal3",
            "nonce": given["asked"]["nonce"],
        } | self.id_token
        kept = {name: value for name, value in claims.items() if value is not None}
        id_token = self.raw_id_token or self.key.sign(kept, typ="JWT")
        return httpx.Response(
            200,
            json={"access_token": access_token, "token_type": "Bearer", "id_token": id_token},
        )

    def _userinfo(self, request: httpx.Request) -> httpx.Response:
        given = self._codes.pop(request.headers["authorization"].removeprefix("Bearer "), None)
        if given is None:
            return httpx.Response(401)
        return httpx.Response(200, json={"sub": given["sub"]} | given["says"] | self.userinfo)


class StubWorld(httpx.MockTransport):
    """Every provider there is, each made when it is first asked for."""

    def __init__(self) -> None:
        self.providers: dict[str, StubProvider] = {}
        super().__init__(self._answer)

    def provider(self, issuer: str) -> StubProvider:
        return self.providers.setdefault(issuer, StubProvider(issuer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        for issuer, provider in self.providers.items():
            if str(request.url).startswith(f"{issuer}/"):
                return provider.handle(request)
        return httpx.Response(404)
