"""What a cookie opens on the way to a service, for how long, and how little of it is remembered."""

import asyncio
import time
from datetime import timedelta

import pytest

from foundation import clock
from foundation.identity import Official, Resident
from gateway.frontends.passes import SessionPasses
from gateway.frontends.problems import SessionOver
from tests.gateway.frontends.conftest import PORTAL, FrontEnd


class TestPass:
    async def test_is_what_a_token_of_this_moment_would_be(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        passes = SessionPasses(front_end.door.state)
        access = (await passes.pass_of(front_end.cookie)).access
        principal = access.caller.principal
        assert isinstance(principal, Resident)
        assert principal.client_id == front_end.name
        assert "registry:read" in principal.scopes
        assert access.caller.tenancy == front_end.door.tenancies.kitami
        assert access.jkt is None

    async def test_carries_an_officials_duties_of_this_moment(self, front_end: FrontEnd) -> None:
        left = await front_end.leaves(identity_provider="official")
        back = await front_end.returns(left, subject="clerk1", official=True)
        await front_end.door.http.get(back.headers["location"])
        found = await SessionPasses(front_end.door.state).pass_of(front_end.cookie)
        assert isinstance(found.access.caller.principal, Official)

    async def test_is_good_while_it_is_used_and_no_longer_than_an_hour(
        self, front_end: FrontEnd
    ) -> None:
        await front_end.signs_in()
        passes, began = SessionPasses(front_end.door.state), clock.now()
        for minutes in (20, 40, 58):
            with clock.frozen(began + timedelta(minutes=minutes)):
                await passes.pass_of(front_end.cookie)
        with clock.frozen(began + timedelta(minutes=60, seconds=1)), pytest.raises(SessionOver):
            await passes.pass_of(front_end.cookie)

    async def test_is_read_again_after_fifteen_seconds(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        passes, began = SessionPasses(front_end.door.state), clock.now()
        with clock.frozen(began):
            first = await passes.pass_of(front_end.cookie)
        with clock.frozen(began + timedelta(seconds=14)):
            assert await passes.pass_of(front_end.cookie) is first
        with clock.frozen(began + timedelta(seconds=16)):
            assert await passes.pass_of(front_end.cookie) is not first

    async def test_ends_within_a_second_of_its_session_in_every_process(
        self, front_end: FrontEnd
    ) -> None:
        await front_end.signs_in()
        elsewhere = SessionPasses(front_end.door.state)
        await elsewhere.pass_of(front_end.cookie)
        cookie, csrf = front_end.cookie, await front_end.csrf()
        await front_end.door.http.post(
            "/session/sign-out", headers={"Tamaire-CSRF": csrf, "Origin": PORTAL}
        )
        began = time.monotonic()
        with pytest.raises(SessionOver):
            while time.monotonic() - began < 1:
                await elsewhere.pass_of(cookie)
                await asyncio.sleep(0.02)

    async def test_survives_a_new_id_only_for_requests_under_way(self, front_end: FrontEnd) -> None:
        await front_end.signs_in()
        first, passes = front_end.cookie, SessionPasses(front_end.door.state)
        turn = clock.now() + timedelta(minutes=10, seconds=1)
        with clock.frozen(turn):
            await front_end.session()
            assert front_end.cookie != first
        with clock.frozen(turn + timedelta(seconds=20)):
            await passes.pass_of(first)
        # Remembered at 20 s, it must still end at 30 s and not at 35 s.
        with clock.frozen(turn + timedelta(seconds=31)), pytest.raises(SessionOver):
            await passes.pass_of(first)

    @pytest.mark.parametrize("cookie", [None, "", "x", "012084." + "a" * 43])
    async def test_is_given_for_no_other_cookie(
        self, front_end: FrontEnd, cookie: str | None
    ) -> None:
        with pytest.raises(SessionOver):
            await SessionPasses(front_end.door.state).pass_of(cookie)

    async def test_is_remembered_for_so_many_and_no_more(self, front_end: FrontEnd) -> None:
        passes = SessionPasses(front_end.door.state, capacity=2)
        for _ in range(4):
            front_end.door.http.cookies.clear()
            await front_end.signs_in()
            await passes.pass_of(front_end.cookie)
        assert len(passes) == 2

    async def test_remembers_nothing_of_a_cookie_that_is_none(self, front_end: FrontEnd) -> None:
        passes = SessionPasses(front_end.door.state)
        for number in range(50):
            with pytest.raises(SessionOver):
                await passes.pass_of(f"012084.{number:043d}")
        assert len(passes) == 0
