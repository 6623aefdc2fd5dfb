"""Carrying tokens on, and ending them."""

import asyncio
from datetime import timedelta

import pytest

from foundation import clock
from foundation.audit import entries_of_tenant
from tests.support.forgery import claims_of
from tests.support.front_door import FrontDoor


class TestRefresh:
    async def test_gives_a_successor_and_new_tokens(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        following = (await door.refresh(tokens["refresh_token"])).json()
        assert following["refresh_token"] != tokens["refresh_token"]
        before, after = claims_of(tokens["access_token"]), claims_of(following["access_token"])
        assert (before["sub"], before["sid"]) == (after["sub"], after["sid"])
        assert before["jti"] != after["jti"]

    async def test_a_token_used_twice_ends_its_whole_family(self, door: FrontDoor) -> None:
        first = await door.resident_tokens()
        second = (await door.refresh(first["refresh_token"])).json()
        third = (await door.refresh(second["refresh_token"])).json()
        assert (await door.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"
        assert (await door.refresh(third["refresh_token"])).json()["error"] == "invalid_grant"
        await door.state.revocations.refresh()
        for tokens in (first, second, third):
            assert (await door.me(tokens["access_token"])).status_code == 401
        async with door.state.database.transaction(door.tenancies.kitami) as work:
            (entry, _) = await entries_of_tenant(work)
        assert (entry["action"], entry["decision"]) == ("platform.session.ended", "denied")

    async def test_of_two_at_once_none_goes_on(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        answers = await asyncio.gather(*(door.refresh(tokens["refresh_token"]) for _ in range(3)))
        (served,) = [answer for answer in answers if answer.status_code == 200]
        assert (await door.refresh(served.json()["refresh_token"])).status_code == 400

    async def test_refuses_another_clients_token_and_ends_nothing(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        stolen = await door.refresh(tokens["refresh_token"], client_id="demo-desk")
        assert stolen.json()["error"] == "invalid_grant"
        assert (await door.refresh(tokens["refresh_token"])).status_code == 200

    async def test_narrows_for_once_without_losing_the_rest(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        narrow = (await door.refresh(tokens["refresh_token"], scope="benefits:read")).json()
        assert narrow["scope"] == "benefits:read"
        wide = (await door.refresh(narrow["refresh_token"])).json()
        assert wide["scope"] == tokens["scope"]

    async def test_gives_no_more_than_was_given(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens(scope="benefits:read")
        answer = await door.refresh(tokens["refresh_token"], scope="benefits:read benefits:write")
        assert answer.json()["error"] == "invalid_scope"

    async def test_ends_after_half_an_hour_of_silence(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        with clock.frozen(clock.now() + timedelta(minutes=31)):
            assert (await door.refresh(tokens["refresh_token"])).status_code == 400

    async def test_ends_a_residents_session_after_an_hour_however_busy(
        self, door: FrontDoor
    ) -> None:
        token = (await door.resident_tokens())["refresh_token"]
        began = clock.now()
        for minutes in (25, 50):
            with clock.frozen(began + timedelta(minutes=minutes)):
                answer = (await door.refresh(token)).json()
                token = answer["refresh_token"]
        assert answer["expires_in"] <= 600
        with clock.frozen(began + timedelta(minutes=61)):
            assert (await door.refresh(token)).json()["error"] == "invalid_grant"

    async def test_an_access_token_never_outlives_its_session(self, door: FrontDoor) -> None:
        token = (await door.resident_tokens())["refresh_token"]
        began = clock.now()
        with clock.frozen(began + timedelta(minutes=29)):
            token = (await door.refresh(token)).json()["refresh_token"]
        with clock.frozen(began + timedelta(minutes=55)):
            assert (await door.refresh(token)).json()["expires_in"] <= 300

    async def test_gives_the_roles_of_this_moment(self, door: FrontDoor) -> None:
        tokens = await door.official_tokens("treasurer", "unknown-group")
        assert claims_of(tokens["access_token"])["roles"] == ["treasurer"]
        await door.as_owner(
            "DELETE FROM platform.provider_roles WHERE tenant_id = $1 AND role = 'treasurer'",
            int(door.tenancies.kitami.tenant_id),
        )
        answer = await door.refresh(tokens["refresh_token"], client_id="demo-desk")
        assert claims_of(answer.json()["access_token"])["roles"] == []

    async def test_ends_when_the_municipality_withdraws_its_leave(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        await door.as_owner(
            "UPDATE platform.client_grants SET withdrawn_at = now() WHERE tenant_id = $1",
            int(door.tenancies.kitami.tenant_id),
        )
        assert (await door.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


class TestRevoke:
    async def test_ends_a_session_by_its_refresh_token(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        form = {"token": tokens["refresh_token"], "client_id": "demo-portal"}
        assert (await door.http.post("/oauth/revoke", data=form)).status_code == 200
        await door.state.revocations.refresh()
        assert (await door.me(tokens["access_token"])).status_code == 401
        assert (await door.refresh(tokens["refresh_token"])).status_code == 400

    async def test_ends_one_access_token_and_leaves_the_session(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        form = {"token": tokens["access_token"], "client_id": "demo-portal"}
        assert (await door.http.post("/oauth/revoke", data=form)).status_code == 200
        await door.state.revocations.refresh()
        assert (await door.me(tokens["access_token"])).status_code == 401
        following = (await door.refresh(tokens["refresh_token"])).json()
        assert (await door.me(following["access_token"])).status_code == 200

    @pytest.mark.parametrize(
        ("which", "action"),
        [("access_token", "platform.token.revoked"), ("refresh_token", "platform.session.ended")],
    )
    async def test_is_in_the_trail_once(self, door: FrontDoor, which: str, action: str) -> None:
        tokens = await door.resident_tokens()
        form = {"token": tokens[which], "client_id": "demo-portal"}
        await door.http.post("/oauth/revoke", data=form)
        if which == "refresh_token":
            await door.http.post("/oauth/revoke", data=form)
        async with door.state.database.transaction(door.tenancies.kitami) as work:
            entries = await entries_of_tenant(work)
        assert [entry["action"] for entry in entries] == [action, "platform.sign-in"]
        assert entries[0]["actor"] == claims_of(tokens["access_token"])["sub"]

    async def test_takes_effect_within_a_second(self, door: FrontDoor) -> None:
        tokens = await door.resident_tokens()
        assert (await door.me(tokens["access_token"])).status_code == 200
        form = {"token": tokens["refresh_token"], "client_id": "demo-portal"}
        await door.http.post("/oauth/revoke", data=form)
        await asyncio.sleep(0.9)
        assert (await door.me(tokens["access_token"])).status_code == 401

    @pytest.mark.parametrize("which", ["access_token", "refresh_token"])
    async def test_another_client_ends_nothing_and_learns_nothing(
        self, door: FrontDoor, which: str
    ) -> None:
        tokens = await door.resident_tokens()
        form = {"token": tokens[which], "client_id": "demo-desk"}
        assert (await door.http.post("/oauth/revoke", data=form)).status_code == 200
        await door.state.revocations.refresh()
        assert (await door.me(tokens["access_token"])).status_code == 200

    @pytest.mark.parametrize("token", ["x", "a.b.c", "012084." + "a" * 43, "999999." + "a" * 43])
    async def test_says_the_same_of_what_never_was(self, door: FrontDoor, token: str) -> None:
        form = {"token": token, "client_id": "demo-portal"}
        assert (await door.http.post("/oauth/revoke", data=form)).status_code == 200

    async def test_refuses_a_client_that_is_not_proven(self, door: FrontDoor) -> None:
        form = {"token": "x", "client_id": "demo-vendor"}
        assert (await door.http.post("/oauth/revoke", data=form)).status_code == 401
