"""A town hall with a directory of its own, and the people who bring it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx

from foundation.database import Database
from foundation.encryption import Keyring
from foundation.events import Worker
from foundation.identifiers import new_id
from foundation.tenancy import Tenancy
from gateway.officials.jobs import handlers
from tests.support.front_door import ISSUER, FrontDoor, query_of
from tests.support.house import House
from tests.support.provider import PATH, StubProvider

OWN = "http://login.kitami.example/realms/staff"


@dataclass(slots=True)
class TownHall:
    """One municipality, its two administrators, and the calls they make."""

    door: FrontDoor
    tenancy: Tenancy
    tokens: dict[str, str] = field(default_factory=dict[str, str])

    async def administrator(self, username: str = "administrator1") -> str:
        """Return an access token of an administrator, by the directory there was first."""
        if username not in self.tokens:
            given = await self.door.official_tokens(
                "administrator", tenancy=self.tenancy, username=username
            )
            self.tokens[username] = given["access_token"]
        return self.tokens[username]

    async def call(
        self,
        method: str,
        path: str,
        *,
        by: str = "administrator1",
        version: int | None = None,
        token: str | None = None,
        **options: Any,
    ) -> httpx.Response:
        """Ask the office through the door, as an administrator unless a token is given."""
        bearer = token or await self.administrator(by)
        headers = {"Authorization": f"Bearer {bearer}"}
        if method == "POST":
            headers["Idempotency-Key"] = str(new_id())
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return await self.door.http.request(
            method, f"/platform/v1{path}", headers=headers, **options
        )

    def directory(self, issuer: str = OWN) -> StubProvider:
        """Return the town's own provider, as well kept as it should be."""
        provider = self.door.world.provider(issuer)
        provider.metadata = {
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["ES256", "RS256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
            "scopes_supported": ["openid", "profile", "groups"],
        }
        return provider

    def registration(self, **changes: Any) -> dict[str, Any]:
        given: dict[str, Any] = {
            "name": "庁内認証基盤",
            "issuer": OWN,
            "client_id": "tamaire",
            "claims": {"groups": "groups", "employee_id": "employee_number", "name": "name"},
            "roles": [
                {"group": "情報政策課", "role": "administrator"},
                {"group": "出納課", "role": "treasurer"},
                {"group": "窓口課", "role": "clerk"},
            ],
        }
        return given | changes

    async def registered(self, **changes: Any) -> dict[str, Any]:
        self.directory(changes.get("issuer", OWN))
        answer = await self.call("POST", "/identity-providers", json=self.registration(**changes))
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def left(self, provider_id: str) -> str:
        """Ask for a trial and open its link; return where the browser is sent."""
        asked = await self.call("POST", f"/identity-providers/{provider_id}/trials")
        assert asked.status_code == 201, asked.text
        return await self.opened(asked.json()["link"])

    async def opened(self, link: str) -> str:
        left = await self.door.http.get(link.removeprefix(ISSUER))
        assert left.status_code == 303, left.text
        return left.headers["location"]

    async def tried(
        self, provider_id: str, username: str, *groups: str, issuer: str = OWN, **says: Any
    ) -> httpx.Response:
        """Sign in by trial and return the page at its end."""
        location = await self.left(provider_id)
        claims = {"groups": list(groups), "employee_number": f"N-{username}", "name": "情報　進"}
        answer = self.door.world.provider(issuer).approve(
            location, subject=username, says=claims | says
        )
        return await self.come_back(provider_id, answer)

    async def come_back(self, at: str | None, answer: Mapping[str, str]) -> httpx.Response:
        path = "/oauth/callback" if at is None else f"/oauth/callback/{at}"
        return await self.door.http.get(path, params=dict(answer))

    async def trials(self, provider_id: str) -> list[dict[str, Any]]:
        answer = await self.call("GET", f"/identity-providers/{provider_id}/trials")
        return answer.json()["items"]

    async def read(self, provider_id: str) -> dict[str, Any]:
        return (await self.call("GET", f"/identity-providers/{provider_id}")).json()

    async def activated(self, **changes: Any) -> dict[str, Any]:
        """Bring a directory from nothing into use, as two administrators do."""
        provider = await self.registered(**changes)
        for username in ("sato", "suzuki"):
            await self.tried(provider["id"], username, "情報政策課")
        await self.administrator("administrator2")
        version = (await self.read(provider["id"]))["version"]
        answer = await self.call(
            "POST",
            f"/identity-providers/{provider['id']}/activation",
            by="administrator2",
            version=version,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def official(
        self, provider_id: str, username: str, *groups: str, issuer: str = OWN, **says: Any
    ) -> dict[str, Any]:
        """Sign an official in by a directory and return their tokens."""
        back = await self.arrived(provider_id, username, *groups, issuer=issuer, **says)
        code = query_of(back.headers["location"])["code"]
        redeemed = await self.door.redeem(code, client_id="demo-desk")
        assert redeemed.status_code == 200, redeemed.text
        return redeemed.json()

    async def arrived(
        self, provider_id: str, username: str, *groups: str, issuer: str = OWN, **says: Any
    ) -> httpx.Response:
        """Sign an official in by a directory and return the answer to their browser."""
        left = await self.door.authorize(
            self.tenancy,
            client_id="demo-desk",
            scope="openid platform:read platform:write benefits:pay",
            identity_provider=provider_id,
        )
        claims = {"groups": list(groups), "employee_number": f"N-{username}", "name": "情報　進"}
        answer = self.door.world.provider(issuer).approve(
            left.headers["location"], subject=username, says=claims | says
        )
        return await self.come_back(provider_id if issuer == OWN else None, answer)

    async def first(self) -> str:
        """Return the provider the town had from the start."""
        found = (await self.call("GET", "/identity-providers")).json()["items"]
        return next(one["id"] for one in found if one["name"] == "設置時の認証基盤")


async def do_what_is_due(town: TownHall, house: House) -> None:
    """Do the office's jobs as if all were due; the office may be at one of them already."""
    tenant_id = int(town.tenancy.tenant_id)
    await town.door.as_owner(
        "UPDATE platform.jobs SET available_at = now() - interval '1 second' WHERE tenant_id = $1",
        tenant_id,
    )
    owner = await asyncpg.connect(house.dsn("platform_owner"))
    worker_db = await Database.open(
        house.dsn("platform_worker"), application_name="test-worker", size=1
    )
    try:
        keyring = Keyring(house.keys_of("platform"))
        worker = Worker("platform", town.door.state.database, worker_db, handlers(keyring))
        async with asyncio.timeout(10):
            while await owner.fetchval(
                "SELECT count(*) FROM platform.jobs WHERE tenant_id = $1", tenant_id
            ):
                await worker.run_once()
    finally:
        await worker_db.close()
        await owner.close()


__all__ = ["OWN", "PATH", "TownHall", "do_what_is_due"]
