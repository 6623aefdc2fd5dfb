"""Signing out: what an application may end and where it may send people, and what people see."""

import asyncio
import re
import time

import pytest

from foundation import clock
from tests.gateway.frontends.conftest import COOKIE, FrontEnd
from tests.gateway.logout.conftest import GOODBYE, Album
from tests.support.forgery import claims_of
from tests.support.front_door import ISSUER, FrontDoor


class TestByAnApplication:
    async def test_ends_the_sign_in_and_sends_the_browser_back(self, album: Album) -> None:
        await album.signs_in()
        done = await album.signs_out()
        assert done.status_code == 303
        assert done.headers["location"] == f"{GOODBYE}?state=see+you"
        assert not await album.is_signed_in()

    async def test_ends_every_token_within_a_second(self, album: Album) -> None:
        tokens = await album.signs_in()
        assert (await album.door.me(tokens["access_token"])).status_code == 200
        await album.signs_out()
        began = time.monotonic()
        while (await album.door.me(tokens["access_token"])).status_code != 401:
            assert time.monotonic() - began < 1
            await asyncio.sleep(0.02)

    async def test_can_be_sent_as_a_form(self, album: Album) -> None:
        tokens = await album.signs_in()
        done = await album.door.http.post(
            "/oauth/logout",
            data={"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": GOODBYE},
            headers={"Origin": "https://album.example.jp", "Sec-Fetch-Site": "cross-site"},
        )
        assert done.headers["location"] == GOODBYE
        assert not await album.is_signed_in()

    async def test_tells_the_person_when_there_is_nowhere_to_go(self, album: Album) -> None:
        await album.signs_in()
        done = await album.signs_out(post_logout_redirect_uri=None)
        assert "サインアウトしました" in done.text

    async def test_takes_an_old_id_token(self, album: Album) -> None:
        await album.signs_in()
        with clock.frozen(clock.now()):
            old = claims_of(album.tokens["id_token"])
        assert old["exp"] - old["iat"] <= 600
        key = album.door.state.keys.access_tokens.signing
        expired = key.sign(old | {"iat": 1, "exp": 2}, typ="JWT")
        await album.signs_out(id_token_hint=expired)
        assert not await album.is_signed_in()

    async def test_can_be_repeated(self, album: Album) -> None:
        await album.signs_in()
        await album.signs_out()
        assert (await album.signs_out()).status_code == 303

    @pytest.mark.parametrize(
        "address",
        [
            "https://evil.example/",
            f"{GOODBYE}/",
            f"{GOODBYE}?x=1",
            GOODBYE.replace("https", "http"),
            GOODBYE.upper(),
        ],
    )
    async def test_sends_nobody_to_an_address_that_is_not_registered(
        self, album: Album, address: str
    ) -> None:
        await album.signs_in()
        done = await album.signs_out(post_logout_redirect_uri=address)
        assert done.status_code == 400
        assert "location" not in done.headers
        assert await album.is_signed_in()

    async def test_ends_nothing_of_another_application(self, album: Album) -> None:
        await album.signs_in()
        done = await album.signs_out(client_id="demo-portal")
        assert done.status_code == 400
        assert await album.is_signed_in()

    async def test_ends_nothing_by_a_token_it_did_not_sign(self, album: Album) -> None:
        tokens = await album.signs_in()
        head, body, signature = tokens["id_token"].split(".")
        forged = f"{head}.{body}.{signature[:-4]}AAAA"
        for hint in (forged, tokens["access_token"], "x", "a.b.c"):
            done = await album.signs_out(id_token_hint=hint, post_logout_redirect_uri=None)
            assert "サインインしていません" in done.text
        assert await album.is_signed_in()

    async def test_ends_only_the_sign_in_it_names(self, album: Album, door: FrontDoor) -> None:
        await album.signs_in()
        elsewhere = await door.resident_tokens()
        await album.signs_out()
        assert (await door.me(elsewhere["access_token"])).status_code == 200

    async def test_is_offered_in_the_metadata(self, door: FrontDoor) -> None:
        said = (await door.http.get("/.well-known/openid-configuration")).json()
        assert said["end_session_endpoint"] == f"{ISSUER}/oauth/logout"
        assert said["backchannel_logout_supported"] is True
        assert said["backchannel_logout_session_supported"] is True


class TestByAPerson:
    async def test_is_told_when_there_is_nothing_to_end(self, door: FrontDoor) -> None:
        done = await door.http.get("/oauth/logout", headers={"Accept": "text/html"})
        assert "サインインしていません" in done.text
        assert "script" not in done.headers["content-security-policy"]

    async def test_is_asked_first(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        asked = await self._asked(front_end)
        assert "北見市のサービスにサインインしています" in asked
        assert (await front_end.session()).status_code == 200

    async def test_signs_out_by_saying_so(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        done = await self._answers(front_end, await self._asked(front_end), "here")
        assert "サインアウトしました" in done
        assert front_end.cookie is None

    async def test_can_sign_out_of_everything(self, front_end: FrontEnd, album: Album) -> None:
        await album.signs_in()
        await front_end.signs_in()
        await self._answers(front_end, await self._asked(front_end), "all")
        assert not await album.is_signed_in()

    async def test_signing_out_here_leaves_the_rest(
        self, front_end: FrontEnd, album: Album
    ) -> None:
        await album.signs_in()
        await front_end.signs_in()
        await self._answers(front_end, await self._asked(front_end), "here")
        assert await album.is_signed_in()

    @pytest.mark.parametrize(
        "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
    )
    async def test_is_not_signed_out_by_another_site(
        self, front_end: FrontEnd, headers: dict[str, str]
    ) -> None:
        await front_end.signs_in()
        page = await self._asked(front_end)
        await self._answers(front_end, page, "here", **headers)
        assert (await front_end.session()).status_code == 200

    async def test_is_not_signed_out_without_the_pages_token(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        done = await front_end.door.http.post(
            "/oauth/logout", data={"confirm": "here", "csrf_token": "x"}
        )
        assert done.json()["type"] == "/problems/platform/csrf-token-refused"
        assert (await front_end.session()).status_code == 200

    async def test_cookie_of_an_ended_session_is_taken_away(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        await self._answers(front_end, await self._asked(front_end), "here")
        assert front_end.door.http.cookies.get(COOKIE) is None

    async def _asked(self, front_end: FrontEnd) -> str:
        page = await front_end.door.http.get("/oauth/logout", headers={"Accept": "text/html"})
        assert page.status_code == 200
        return page.text

    async def _answers(self, front_end: FrontEnd, page: str, confirm: str, **headers: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found is not None
        done = await front_end.door.http.post(
            "/oauth/logout",
            data={"confirm": confirm, "csrf_token": found[1]},
            headers={"Origin": ISSUER, "Accept": "text/html"} | headers,
        )
        return done.text
