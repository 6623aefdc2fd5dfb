"""A front end whose browser carries a session, and the browser."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from foundation.identifiers import new_id
from tests.support.front_door import CARD, ISSUER, FrontDoor

PORTAL = "https://portal.example.jp"
HOME = f"{PORTAL}/home?tab=1"
COOKIE = "tamaire-session"
SCOPES = ["openid", "platform:read", "platform:self", "registry:read", "benefits:read"]


@dataclass(slots=True, kw_only=True)
class FrontEnd:
    """A registered front end of one test; `door.http` is the one browser in front of it."""

    door: FrontDoor
    name: str

    @property
    def cookie(self) -> str | None:
        return self.door.http.cookies.get(COOKIE)

    async def leaves(self, **changes: str | None) -> httpx.Response:
        """Ask to sign in; None leaves a parameter out."""
        given: dict[str, str | None] = {
            "client_id": self.name,
            "return_to": HOME,
            "municipality_code": "012084",
            "identity_provider": "resident",
        }
        sent = {name: value for name, value in (given | changes).items() if value is not None}
        return await self.door.http.get("/session/sign-in", params=sent)

    async def returns(
        self, left: httpx.Response, *, subject: str = "hanako", official: bool = False
    ) -> httpx.Response:
        """Come back from the provider to the gateway, and on to its own callback."""
        assert left.status_code == 303, left.text
        kitami = self.door.tenancies.kitami
        provider = self.door.official_provider(kitami) if official else self._residents()
        says: dict[str, Any] = {"groups": ["clerk"]} if official else CARD
        answer = provider.approve(left.headers["location"], subject=subject, says=says)
        back = await self.door.callback(**answer)
        assert back.status_code == 303, back.text
        return back

    async def signs_in(self, *, subject: str = "hanako", **changes: str | None) -> httpx.Response:
        """Go the whole way and return the answer that hands over the session."""
        back = await self.returns(await self.leaves(**changes), subject=subject)
        done = await self.door.http.get(back.headers["location"])
        assert done.status_code == 303, done.text
        return done

    async def session(self, **headers: str) -> httpx.Response:
        return await self.door.http.get("/session", headers=headers)

    async def csrf(self) -> str:
        return str((await self.session()).json()["csrf_token"])

    async def asks(self, method: str, path: str, **headers: str) -> httpx.Response:
        """Ask a service, or the office, with the cookie alone."""
        return await self.door.http.request(method, path, headers=headers)

    def with_cookie(self, value: str) -> dict[str, str]:
        """Return the header of another browser that shows this cookie."""
        self.door.http.cookies.clear()
        return {"Cookie": f"{COOKIE}={value}"}

    def _residents(self) -> Any:
        return self.door.resident_provider()


@pytest.fixture
async def front_end(door: FrontDoor) -> FrontEnd:
    made = FrontEnd(door=door, name=f"front-{new_id()}")
    await door.as_owner(
        "INSERT INTO platform.clients"
        " (client_id, name, kinds, scopes, redirect_uris, sector, origins)"
        " VALUES ($1, '住民ポータル', '{resident,official}', $2, '{}', $1, $3)",
        made.name,
        SCOPES,
        [PORTAL, ISSUER],
    )
    for tenancy in (door.tenancies.kitami, door.tenancies.kinokawa):
        await door.as_owner(
            "INSERT INTO platform.client_grants (tenant_id, client_id, scopes) VALUES ($1, $2, $3)",
            int(tenancy.tenant_id),
            made.name,
            SCOPES,
        )
    return made
