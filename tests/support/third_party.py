"""A client that is not ours: it pushes its requests, proves itself, and shows the key it holds."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx

from foundation.identifiers import new_id
from foundation.identity import SigningKey
from foundation.identity.dpop import prove
from foundation.tenancy import Tenancy
from tests.support.front_door import CALLBACK, ISSUER, VERIFIER, FrontDoor, query_of

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SCOPE = "openid platform:read platform:write"
_CLIENT = """
INSERT INTO platform.clients
  (client_id, name, kinds, scopes, redirect_uris, jwks, sector, profile, jwks_uri,
   dpop_bound, par_required, expires_at)
VALUES ($1, $1, $2, $3, $4, $5, 'test', $6, $7, $8, $9, $10)
"""
_KEY = "INSERT INTO platform.client_keys (client_id, kid, jwk) VALUES ($1, $2, $3)"
_LEAVE = "INSERT INTO platform.client_grants (tenant_id, client_id, scopes) VALUES ($1, $2, $3)"


@dataclass(slots=True, kw_only=True)
class ThirdParty:
    """One client of one test; `hand` is the key its tokens are bound to."""

    door: FrontDoor
    client_id: str
    key: SigningKey = field(default_factory=lambda: SigningKey.generate("ES256"))
    hand: SigningKey = field(default_factory=lambda: SigningKey.generate("ES256"))

    def proof(
        self,
        path: str = "/oauth/token",
        *,
        method: str = "POST",
        token: str | None = None,
        hand: SigningKey | None = None,
    ) -> str:
        """Return a fresh proof of the key in hand."""
        return prove(
            hand or self.hand,
            method=method,
            url=f"{ISSUER}{path}",
            token_id=str(new_id()),
            token=token,
        )

    async def post(
        self,
        path: str,
        form: dict[str, Any],
        *,
        proof: str | None = None,
        place: Tenancy | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> httpx.Response:
        """Send a form as this client, proven by a fresh assertion unless the form has one."""
        given = {
            "client_assertion_type": ASSERTION,
            "client_assertion": self.door.assertion(self.client_id, key=self.key),
        } | form
        sent = {name: value for name, value in given.items() if value is not None}
        named = [("Tamaire-Municipality", str(place.code))] if place is not None else []
        shown = [("DPoP", proof)] if proof is not None else []
        return await self.door.http.post(path, data=sent, headers=[*named, *shown, *headers])

    async def push(
        self,
        *,
        proof: str | None = None,
        place: Tenancy | None = None,
        **changes: Any,
    ) -> httpx.Response:
        """Push a correct request, but for what is changed."""
        given = self.door.request(client_id=self.client_id, scope=SCOPE)
        return await self.post(
            "/oauth/par", given | changes, proof=proof, place=place or self.door.tenancies.kitami
        )

    async def authorize(self, request_uri: str, **parameters: str) -> httpx.Response:
        """Send the browser with nothing but the request's name, unless a test adds something."""
        named = {"client_id": self.client_id, "request_uri": request_uri}
        return await self.door.http.get("/oauth/authorize", params=named | parameters)

    async def code(self, *, proof: str | None = None, **changes: Any) -> str:
        """Sign an official in from beginning to end."""
        pushed = await self.push(proof=proof, **changes)
        assert pushed.status_code == 201, pushed.text
        left = await self.authorize(pushed.json()["request_uri"])
        assert left.status_code == 303, left.text
        provider = self.door.official_provider(self.door.tenancies.kitami)
        answer = provider.approve(
            left.headers["location"], subject="clerk1", says={"groups": ["administrator"]}
        )
        back = await self.door.callback(**answer)
        return query_of(back.headers["location"])["code"]

    async def redeem(
        self, code: str, *, proof: str | None = None, **changes: Any
    ) -> httpx.Response:
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        return await self.post("/oauth/token", given | changes, proof=proof or self.proof())

    async def refresh(
        self, token: str, *, proof: str | None = None, **changes: Any
    ) -> httpx.Response:
        given = {"grant_type": "refresh_token", "refresh_token": token}
        return await self.post("/oauth/token", given | changes, proof=proof or self.proof())

    async def tokens(self) -> dict[str, Any]:
        answer = await self.redeem(await self.code())
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def get(
        self,
        path: str,
        token: str,
        *,
        scheme: str = "DPoP",
        proof: str | None = None,
        proofs: Sequence[str] | None = None,
    ) -> httpx.Response:
        """Call as whoever holds the token and the key."""
        shown = [proof or self.proof(path, method="GET", token=token)] if proofs is None else proofs
        headers = [("Authorization", f"{scheme} {token}"), *(("DPoP", one) for one in shown)]
        return await self.door.http.get(path, headers=headers)


async def registered(
    door: FrontDoor,
    *,
    profile: str = "third_party",
    kinds: Sequence[str] = ("official",),
    scopes: Sequence[str] = tuple(SCOPE.split()),
    jwks_uri: str | None = None,
    has_keys: bool = True,
    **columns: Any,
) -> ThirdParty:
    """Register a client that Kitami gives leave, with one key on record."""
    made = ThirdParty(door=door, client_id=f"test-{new_id()}")
    connection = await asyncpg.connect(door.house.dsn("platform_owner"))
    try:
        await connection.execute(
            _CLIENT,
            made.client_id,
            list(kinds),
            list(scopes),
            [CALLBACK],
            json.dumps({"keys": []}) if "machine" in kinds else None,
            profile,
            jwks_uri,
            columns.get("dpop_bound", False),
            columns.get("par_required", False),
            columns.get("expires_at"),
        )
        if has_keys and jwks_uri is None:
            await connection.execute(
                _KEY, made.client_id, made.key.kid, json.dumps(made.key.public())
            )
        tenant_id = int(door.tenancies.kitami.tenant_id)
        await connection.execute(_LEAVE, tenant_id, made.client_id, list(scopes))
    finally:
        await connection.close()
    return made
