"""An application of somebody else's, at which people are asked before it is given anything."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import httpx
import pytest

from foundation.identifiers import new_id
from foundation.tenancy import Tenancy
from tests.support.front_door import CALLBACK, CARD, ISSUER, FrontDoor, query_of

WANTED = "openid registry:read benefits:read"


@dataclass(slots=True, kw_only=True)
class Application:
    """A third party's front end that people sign in to; `name` is new for each test."""

    door: FrontDoor
    name: str

    async def is_a(self, profile: str) -> None:
        await self.door.as_owner(
            "UPDATE platform.clients SET profile = $2 WHERE client_id = $1", self.name, profile
        )

    async def lands(
        self, *, scope: str = WANTED, subject: str = "hanako", tenancy: Tenancy | None = None
    ) -> httpx.Response:
        """Sign somebody in and return where they land: at a question, or at the application.

        How a third party must ask is another rule's matter; here only what follows counts.
        """
        await self.is_a("first_party")
        left = await self.door.authorize(
            tenancy, client_id=self.name, scope=scope, identity_provider="resident"
        )
        assert left.status_code == 303, left.text
        answer = self.door.resident_provider().approve(
            left.headers["location"], subject=subject, says=CARD
        )
        await self.is_a("third_party")
        landed = await self.door.callback(**answer)
        assert landed.status_code == 303, landed.text
        return landed

    async def asked(self, *, scope: str = WANTED, subject: str = "hanako") -> str:
        """Return the name of the question somebody is asked."""
        landed = await self.lands(scope=scope, subject=subject)
        assert landed.headers["location"].startswith(f"{ISSUER}/oauth/consent?"), landed.text
        return query_of(landed.headers["location"])["request"]

    async def page(self, request: str, **headers: str) -> httpx.Response:
        return await self.door.http.get(
            "/oauth/consent", params={"request": request}, headers={"Accept": "text/html"} | headers
        )

    async def answers(
        self, request: str, decision: str, *scopes: str, **headers: str
    ) -> httpx.Response:
        return await self.door.http.post(
            "/oauth/consent",
            data={"request": request, "decision": decision, "scope": list(scopes)},
            headers={"Origin": ISSUER, "Sec-Fetch-Site": "same-origin"} | headers,
        )

    async def redeem(self, location: str) -> httpx.Response:
        """Redeem the code in an address as a front end that need not prove itself."""
        await self.is_a("first_party")
        return await self.door.redeem(query_of(location)["code"], client_id=self.name)


@pytest.fixture
async def application(door: FrontDoor) -> AsyncGenerator[Application]:
    made = Application(door=door, name=f"photo-{new_id()}")
    scopes = "{openid,platform:read,registry:read,benefits:read,benefits:write}"
    await door.as_owner(
        "INSERT INTO platform.clients (client_id, name, kinds, scopes, redirect_uris, sector)"
        " VALUES ($1, '写真<b>アプリ', '{resident,official}', $2, $3, 'photo')",
        made.name,
        scopes.strip("{}").split(","),
        [CALLBACK],
    )
    for tenancy in (door.tenancies.kitami, door.tenancies.kinokawa):
        await door.as_owner(
            "INSERT INTO platform.client_grants (tenant_id, client_id, scopes) VALUES ($1, $2, $3)",
            int(tenancy.tenant_id),
            made.name,
            scopes.strip("{}").split(","),
        )
    yield made
    await made.is_a("first_party")
