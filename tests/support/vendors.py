"""A vendor's developer: registers, keeps her keys, proves herself, and looks after her client."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from foundation import clock
from foundation.identifiers import new_id
from foundation.identity import SigningKey
from tests.support.front_door import ISSUER, FrontDoor

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def metadata(**changes: Any) -> dict[str, Any]:
    """Return what a small vendor registers for a system; None leaves a member out."""
    given: dict[str, Any] = {
        "client_name": "まどぐち番号表示",
        "organization_name": "有限会社オホーツクソフト",
        "contacts": ["dev@example.co.jp"],
        "grant_types": ["client_credentials"],
        "scope": "benefits:read window-dx:read",
    }
    return {name: value for name, value in (given | changes).items() if value is not None}


@dataclass(slots=True)
class Developer:
    """One vendor; `registered` is the answer to her last registration."""

    door: FrontDoor
    key: SigningKey = field(default_factory=lambda: SigningKey.generate("ES256"))
    registered: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def client_id(self) -> str:
        return str(self.registered["client_id"])

    @property
    def token(self) -> str:
        return str(self.registered["registration_access_token"])

    async def send(self, body: Any, *, token: str | None = None) -> httpx.Response:
        """Send a registration as it is."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return await self.door.http.post("/oauth/register", json=body, headers=headers)

    async def register(self, **changes: Any) -> dict[str, Any]:
        """Register with her own key."""
        given = {"jwks": {"keys": [self.key.public()]}} | changes
        answer = await self.send(metadata(**given))
        assert answer.status_code == 201, answer.text
        self.registered = answer.json()
        return self.registered

    async def care(
        self, method: str, path: str = "", *, json: Any = None, token: str | None = None
    ) -> httpx.Response:
        """Call what looks after her client, with her token unless another is given."""
        return await self.door.http.request(
            method,
            f"/platform/v1/clients/{self.client_id}{path}",
            json=json,
            headers={"Authorization": f"Bearer {token or self.token}"},
        )

    async def manage(
        self, method: str, *, json: Any = None, token: str | None = None
    ) -> httpx.Response:
        """Read, change or delete the registration itself (RFC 7592)."""
        return await self.door.http.request(
            method,
            f"/oauth/register/{self.client_id}",
            json=json,
            headers={"Authorization": f"Bearer {token or self.token}"},
        )

    def proof_of_possession(self, method: str = "POST", url: str = f"{ISSUER}/oauth/token") -> str:
        """Return a DPoP proof (RFC 9449 §4.2) of her own key."""
        public = {n: v for n, v in self.key.public().items() if n in ("kty", "crv", "x", "y")}
        now = int(clock.now().timestamp())
        claims = {"jti": str(new_id()), "htm": method, "htu": url, "iat": now}
        return self.key.sign_with(claims, header={"typ": "dpop+jwt", "jwk": public})

    async def ask_token(self, code: str, **changes: str) -> httpx.Response:
        """Ask for a machine's token in a municipality."""
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.door.assertion(self.client_id, key=self.key),
        }
        return await self.door.http.post(
            "/oauth/token",
            data=form | changes,
            headers={"Tamaire-Municipality": code, "DPoP": self.proof_of_possession()},
        )
