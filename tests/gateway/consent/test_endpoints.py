"""What people see of what they allowed, and that taking it back counts everywhere at once."""

import asyncio
import time
from typing import Any

import httpx

from tests.gateway.consent.conftest import Application
from tests.support.front_door import FrontDoor

SELF = "openid platform:read platform:self"


async def portal(door: FrontDoor, *, subject: str = "hanako") -> dict[str, str]:
    """Return the header of somebody at the house's own front end, who may see to their own."""
    tokens = await door.resident_tokens(subject=subject, scope=SELF)
    return {"Authorization": f"Bearer {tokens['access_token']}"}


async def agreed(application: Application, *scopes: str) -> dict[str, Any]:
    """Let somebody agree and return the tokens the application then gets."""
    request = await application.asked()
    answered = await application.answers(request, "chosen" if scopes else "all", *scopes)
    return (await application.redeem(answered.headers["location"])).json()


async def listed(door: FrontDoor, who: dict[str, str]) -> list[dict[str, Any]]:
    answer = await door.http.get("/platform/v1/consents", headers=who)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def withdrawn(door: FrontDoor, who: dict[str, str], consent_id: str) -> httpx.Response:
    return await door.http.delete(f"/platform/v1/consents/{consent_id}", headers=who)


class TestList:
    async def test_tells_in_the_words_of_the_question(self, application: Application) -> None:
        await agreed(application, "benefits:read")
        (consent,) = await listed(application.door, await portal(application.door))
        assert consent["client_id"] == application.name
        assert consent["client_name"] == "写真<b>アプリ"
        given = {one["scope"]: one["is_given"] for one in consent["permissions"]}
        assert given == {"openid": True, "registry:read": False, "benefits:read": True}
        assert "給付金" in consent["permissions"][-1]["sentence_ja"]

    async def test_is_empty_for_who_agreed_to_nothing(self, application: Application) -> None:
        await agreed(application)
        door = application.door
        assert await listed(door, await portal(door, subject="taro")) == []

    async def test_holds_one_entry_after_a_second_yes(self, application: Application) -> None:
        await agreed(application, "benefits:read")
        more = await application.asked(scope="openid registry:read benefits:read benefits:write")
        await application.answers(more, "all")
        (consent,) = await listed(application.door, await portal(application.door))
        assert len(consent["permissions"]) == 4

    async def test_is_closed_to_an_application_that_may_only_read(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        answer = await door.http.get(
            "/platform/v1/consents",
            headers={"Authorization": f"Bearer {tokens['access_token']}"},
        )
        assert answer.status_code == 403


class TestWithdraw:
    async def test_ends_the_applications_sign_ins_within_a_second(
        self, application: Application
    ) -> None:
        door, tokens = application.door, await agreed(application)
        assert (await door.me(tokens["access_token"])).status_code != 401
        who = await portal(door)
        (consent,) = await listed(door, who)
        done = (await withdrawn(door, who, consent["id"])).json()
        assert done["sessions_ended"] == 1
        began = time.monotonic()
        while (await door.me(tokens["access_token"])).status_code != 401:
            assert time.monotonic() - began < 1
            await asyncio.sleep(0.02)
        refreshed = await door.refresh(tokens["refresh_token"], client_id=application.name)
        assert refreshed.json()["error"] == "invalid_grant"

    async def test_leaves_the_persons_other_sign_ins(self, application: Application) -> None:
        door = application.door
        await agreed(application)
        who = await portal(door)
        (consent,) = await listed(door, who)
        await withdrawn(door, who, consent["id"])
        assert await listed(door, who) == []

    async def test_is_followed_by_a_new_question(self, application: Application) -> None:
        door = application.door
        await agreed(application)
        who = await portal(door)
        (consent,) = await listed(door, who)
        await withdrawn(door, who, consent["id"])
        assert await application.asked()

    async def test_finds_nothing_a_second_time(self, application: Application) -> None:
        door = application.door
        await agreed(application)
        who = await portal(door)
        (consent,) = await listed(door, who)
        await withdrawn(door, who, consent["id"])
        again = await withdrawn(door, who, consent["id"])
        assert again.json()["type"] == "/problems/platform/consent-not-found"

    async def test_finds_nothing_of_anybody_else(self, application: Application) -> None:
        door = application.door
        tokens = await agreed(application)
        (consent,) = await listed(door, await portal(door))
        refused = await withdrawn(door, await portal(door, subject="taro"), consent["id"])
        assert refused.status_code == 404
        assert (await door.me(tokens["access_token"])).status_code != 401

    async def test_finds_nothing_of_another_municipality(self, application: Application) -> None:
        door = application.door
        await agreed(application)
        (consent,) = await listed(door, await portal(door))
        tokens = await door.resident_tokens(door.tenancies.kinokawa, scope=SELF)
        there = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert (await withdrawn(door, there, consent["id"])).status_code == 404
