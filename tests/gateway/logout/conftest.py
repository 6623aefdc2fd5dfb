"""An application people sign out of, and what it hears of it."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from typing_extensions import override

from foundation.identifiers import new_id
from tests.gateway.frontends.conftest import front_end
from tests.support.front_door import CALLBACK, FrontDoor

__all__ = ["album", "front_end"]

GOODBYE = "https://album.example.jp/goodbye"
LISTENING = "https://album.example.jp/logged-out"
SCOPES = ["openid", "platform:read", "platform:self"]


class Ear(httpx.AsyncBaseTransport):
    """The application's address; answers in turn, the last answer for good."""

    def __init__(self, *answers: int | Exception) -> None:
        self.answers = list(answers) or [200]
        self.heard: list[httpx.Request] = []

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.heard.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer)

    @property
    def tokens(self) -> list[str]:
        return [parse_qs(one.content.decode())["logout_token"][0] for one in self.heard]


@dataclass(slots=True, kw_only=True)
class Album:
    """A registered application and those who signed in to it."""

    door: FrontDoor
    name: str
    tokens: dict[str, Any] = field(default_factory=dict[str, Any])

    async def signs_in(self, *, subject: str = "hanako") -> dict[str, Any]:
        code = await self.door.code(client_id=self.name, scope=" ".join(SCOPES), subject=subject)
        self.tokens = (await self.door.redeem(code, client_id=self.name)).json()
        return self.tokens

    async def signs_out(self, **changes: str | None) -> httpx.Response:
        """Send the browser to sign out; None leaves a parameter out."""
        given: dict[str, str | None] = {
            "id_token_hint": self.tokens["id_token"],
            "post_logout_redirect_uri": GOODBYE,
            "state": "see you",
        }
        sent = {name: value for name, value in (given | changes).items() if value is not None}
        return await self.door.http.get(
            "/oauth/logout", params=sent, headers={"Accept": "text/html"}
        )

    async def is_signed_in(self) -> bool:
        answer = await self.door.refresh(self.tokens["refresh_token"], client_id=self.name)
        return answer.status_code == 200


@pytest.fixture
async def album(door: FrontDoor) -> Album:
    made = Album(door=door, name=f"album-{new_id()}")
    await door.as_owner(
        "INSERT INTO platform.clients (client_id, name, kinds, scopes, redirect_uris, sector,"
        " post_logout_redirect_uris, backchannel_logout_uri)"
        " VALUES ($1, '写真アルバム', '{resident}', $2, $3, $1, $4, $5)",
        made.name,
        SCOPES,
        [CALLBACK],
        [GOODBYE],
        LISTENING,
    )
    await door.as_owner(
        "INSERT INTO platform.client_grants (tenant_id, client_id, scopes) VALUES ($1, $2, $3)",
        int(door.tenancies.kitami.tenant_id),
        made.name,
        SCOPES,
    )
    return made
