"""A browser's session at work and at its end, as the front end and as a thief would meet it."""

import asyncio
import time
from datetime import timedelta

import httpx
import pytest

from foundation import clock
from foundation.audit import entries_of_tenant
from tests.gateway.frontends.conftest import PORTAL, FrontEnd
from tests.gateway.people import laid_down


class TestSession:
    async def test_says_who_is_signed_in_and_for_how_long(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        said = (await front_end.session()).json()
        assert (said["kind"], said["municipality_code"]) == ("resident", "012084")
        assert said["client_id"] == front_end.name
        assert 3_500 < said["seconds_left"] <= 3_600
        assert 1_700 < said["idle_seconds_left"] <= 1_800

    async def test_lasts_twelve_hours_for_an_official(self, front_end: FrontEnd) -> None:
        left = await front_end.leaves(identity_provider="official")
        back = await front_end.returns(left, subject="clerk1", official=True)
        await front_end.door.http.get(back.headers["location"])
        said = (await front_end.session()).json()
        assert said["kind"] == "official"
        assert 43_000 < said["seconds_left"] <= 43_200

    async def test_shows_a_page_that_somebody_else_signed_in_meanwhile(
        self, front_end: FrontEnd
    ) -> None:
        people: list[str] = []
        for card in ("hanako", "hanako", "taro"):
            await front_end.signs_in(subject=card)
            people.append((await front_end.session()).json()["subject"])
        assert people[0] == people[1] != people[2]

    async def test_is_told_to_no_other_page(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        told = await front_end.session(Origin="https://evil.example")
        assert told.json()["type"] == "/problems/platform/foreign-origin"

    async def test_is_over_after_half_an_hour_of_doing_nothing(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        later = clock.now() + timedelta(minutes=30, seconds=1)
        with clock.frozen(later):
            told = await front_end.session()
        assert told.json()["type"] == "/problems/platform/session-over"
        assert (await front_end.session()).status_code == 401, "what is over stays over"

    async def test_is_over_as_soon_as_the_municipality_laid_down(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        await laid_down(front_end.door, "platform.browser_idle_minutes", 5)
        await front_end.door.state.bulletin.refresh()
        assert 240 < (await front_end.session()).json()["idle_seconds_left"] <= 300
        with clock.frozen(clock.now() + timedelta(minutes=5, seconds=1)):
            assert (await front_end.session()).status_code == 401

    async def test_is_not_kept_open_by_a_page_that_watches_it(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        began = clock.now()
        for minutes in (9, 18, 27):
            with clock.frozen(began + timedelta(minutes=minutes)):
                assert (await front_end.session()).status_code == 200
        with clock.frozen(began + timedelta(minutes=31)):
            assert (await front_end.session()).status_code == 401

    async def test_gets_a_new_id_every_ten_minutes(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        first, csrf = front_end.cookie, await front_end.csrf()
        assert front_end.cookie == first
        with clock.frozen(clock.now() + timedelta(minutes=10, seconds=1)):
            said = (await front_end.session()).json()
        assert front_end.cookie != first
        assert said["csrf_token"] == csrf, "another tab must go on working"

    async def test_loses_no_new_id_to_a_foreign_page(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        first = front_end.cookie
        turn = clock.now() + timedelta(minutes=10, seconds=1)
        with clock.frozen(turn):
            await front_end.session(Origin="https://evil.example")
        with clock.frozen(turn + timedelta(minutes=1)):
            assert (await front_end.session()).status_code == 200
        assert front_end.cookie != first

    async def test_takes_the_id_before_while_requests_are_under_way(
        self, front_end: FrontEnd
    ) -> None:
        await front_end.signs_in()
        first = str(front_end.cookie)
        turn = clock.now() + timedelta(minutes=10, seconds=1)
        with clock.frozen(turn):
            await front_end.session()
        with clock.frozen(turn + timedelta(seconds=29)):
            shown = await front_end.session(**front_end.with_cookie(first))
            assert shown.status_code == 200
            assert "set-cookie" not in shown.headers

    async def test_ends_when_an_id_long_replaced_is_shown(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        first = str(front_end.cookie)
        turn = clock.now() + timedelta(minutes=10, seconds=1)
        with clock.frozen(turn):
            await front_end.session()
        second = str(front_end.cookie)
        with clock.frozen(turn + timedelta(seconds=31)):
            assert (await front_end.session(**front_end.with_cookie(first))).status_code == 401
            assert (await front_end.session(**front_end.with_cookie(second))).status_code == 401

    async def test_gives_two_requests_at_once_one_new_id(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        shown = front_end.with_cookie(str(front_end.cookie))
        with clock.frozen(clock.now() + timedelta(minutes=10, seconds=1)):
            answers = await asyncio.gather(*(front_end.session(**shown) for _ in range(6)))
        assert {one.status_code for one in answers} == {200}
        assert sum("set-cookie" in one.headers for one in answers) == 1


class TestAsking:
    async def test_a_cookie_opens_what_a_token_would(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        said = (await front_end.asks("GET", "/platform/v1/me")).json()
        assert (said["kind"], said["client_id"]) == ("resident", front_end.name)
        assert said["municipality"]["code"] == "012084"

    async def test_a_token_is_judged_alone(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        answer = await front_end.asks("GET", "/platform/v1/me", Authorization="Bearer x.y.z")
        assert answer.status_code == 401

    async def test_another_municipality_is_refused(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        answer = await front_end.asks(
            "GET", "/platform/v1/me", **{"Tamaire-Municipality": "302082"}
        )
        assert answer.json()["type"] == "/problems/platform/tenant-mismatch"

    async def test_an_effect_needs_the_sessions_own_token(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        path = "/platform/v1/sessions?keep=current"
        page = {"Origin": PORTAL, "Sec-Fetch-Site": "same-site"}
        refused = await front_end.asks("DELETE", path, **page)
        assert refused.json()["type"] == "/problems/platform/csrf-token-refused"
        wrong = await front_end.asks("DELETE", path, **page, **{"Tamaire-CSRF": "x" * 43})
        assert wrong.status_code == 403
        token = await front_end.csrf()
        done = await front_end.asks("DELETE", path, **page, **{"Tamaire-CSRF": token})
        assert done.status_code == 200, done.text

    async def test_anothers_token_is_not_this_sessions(self, front_end: FrontEnd) -> None:
        await front_end.signs_in(subject="taro")
        token = await front_end.csrf()
        front_end.door.http.cookies.clear()
        await front_end.signs_in(subject="hanako")
        answer = await front_end.asks(
            "DELETE", "/platform/v1/sessions", Origin=PORTAL, **{"Tamaire-CSRF": token}
        )
        assert answer.json()["type"] == "/problems/platform/csrf-token-refused"

    @pytest.mark.parametrize(
        "page",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Origin": PORTAL, "Sec-Fetch-Site": "cross-site"},
        ],
    )
    async def test_another_sites_page_gets_nothing(
        self, front_end: FrontEnd, page: dict[str, str]
    ) -> None:
        await front_end.signs_in()
        token = {"Tamaire-CSRF": await front_end.csrf()}
        for method, path in (("GET", "/platform/v1/me"), ("DELETE", "/platform/v1/sessions")):
            answer = await front_end.asks(method, path, **page, **token)
            assert answer.json()["type"] == "/problems/platform/foreign-origin"

    async def test_leave_taken_back_counts_at_the_next_reading(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        await front_end.door.as_owner(
            "UPDATE platform.client_grants SET withdrawn_at = now() WHERE client_id = $1",
            front_end.name,
        )
        with clock.frozen(clock.now() + timedelta(seconds=16)):
            assert (await front_end.asks("GET", "/platform/v1/me")).status_code == 401


class TestEnding:
    async def test_signing_out_ends_it_at_once(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        cookie, csrf = str(front_end.cookie), await front_end.csrf()
        done = await self._sign_out(front_end, csrf)
        assert done.status_code == 204
        assert front_end.cookie is None
        assert (await front_end.session(**front_end.with_cookie(cookie))).status_code == 401

    async def test_signing_out_reaches_every_gateway_within_a_second(
        self, front_end: FrontEnd
    ) -> None:
        await front_end.signs_in()
        shown = front_end.with_cookie(str(front_end.cookie))
        assert (await front_end.asks("GET", "/platform/v1/me", **shown)).status_code == 200
        csrf = (await front_end.session(**shown)).json()["csrf_token"]
        await self._sign_out(front_end, csrf, **shown)
        began = time.monotonic()
        while (await front_end.asks("GET", "/platform/v1/me", **shown)).status_code != 401:
            assert time.monotonic() - began < 1
            await asyncio.sleep(0.02)

    async def test_signing_out_needs_the_sessions_own_token(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        for token in (None, "x" * 43):
            refused = await self._sign_out(front_end, token)
            assert refused.json()["type"] == "/problems/platform/csrf-token-refused"
        evil = await self._sign_out(
            front_end, await front_end.csrf(), Origin="https://evil.example"
        )
        assert evil.json()["type"] == "/problems/platform/foreign-origin"
        assert (await front_end.session()).status_code == 200

    async def test_a_plain_form_can_sign_out(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        form = {"csrf_token": await front_end.csrf(), "return_to": f"{PORTAL}/bye"}
        done = await front_end.door.http.post(
            "/session/sign-out", data=form, headers={"Origin": PORTAL}
        )
        assert done.headers["location"] == f"{PORTAL}/bye"
        assert front_end.cookie is None

    async def test_signing_in_anew_ends_what_was_before(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        before = str(front_end.cookie)
        await front_end.signs_in(subject="taro")
        assert (await front_end.session()).status_code == 200
        assert (await front_end.session(**front_end.with_cookie(before))).status_code == 401

    async def test_is_seen_and_ended_from_another_browser(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        lost = str(front_end.cookie)
        front_end.door.http.cookies.clear()
        await front_end.signs_in()
        listed = (await front_end.asks("GET", "/platform/v1/sessions")).json()["items"]
        (other,) = [one for one in listed if not one["is_current"]]
        done = await front_end.asks(
            "DELETE",
            f"/platform/v1/sessions/{other['id']}",
            Origin=PORTAL,
            **{"Tamaire-CSRF": await front_end.csrf()},
        )
        assert done.json()["sessions_ended"] == 1
        assert (await front_end.session()).status_code == 200
        assert (await front_end.session(**front_end.with_cookie(lost))).status_code == 401

    async def test_nobody_ends_anothers(self, front_end: FrontEnd) -> None:
        await front_end.signs_in(subject="taro")
        theirs = (await front_end.session()).json()["id"]
        front_end.door.http.cookies.clear()
        await front_end.signs_in(subject="hanako")
        done = await front_end.asks(
            "DELETE",
            f"/platform/v1/sessions/{theirs}",
            Origin=PORTAL,
            **{"Tamaire-CSRF": await front_end.csrf()},
        )
        assert done.json()["type"] == "/problems/platform/session-not-found"

    async def test_leaves_a_trail(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        await self._sign_out(front_end, await front_end.csrf())
        async with front_end.door.state.database.transaction(
            front_end.door.tenancies.kitami
        ) as work:
            actions = [entry["action"] for entry in await entries_of_tenant(work)]
        assert "platform.browser-session.begun" in actions
        assert "platform.session.ended" in actions

    async def _sign_out(
        self, front_end: FrontEnd, token: str | None, **headers: str
    ) -> httpx.Response:
        shown = {"Origin": PORTAL} | ({"Tamaire-CSRF": token} if token is not None else {})
        return await front_end.door.http.post("/session/sign-out", headers=shown | headers)
