"""Duties given by name: from a midnight to a midnight, with four eyes, and gone within a second."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from foundation import clock
from foundation.clock import JST
from tests.gateway.officials.town import TownHall, do_what_is_due
from tests.support.forgery import claims_of
from tests.support.front_door import PROVIDERS
from tests.support.house import House

APRIL = date(2027, 4, 1)


async def given(town: TownHall, *, by: str = "administrator1", **changes: Any) -> dict[str, Any]:
    body = {
        "employee_id": "N-tanaka",
        "role": "clerk",
        "starts_on": clock.today().isoformat(),
        "reason": "人事異動",
    } | changes
    kept = {name: value for name, value in body.items() if value is not None}
    answer = await town.call("POST", "/role-grants", by=by, json=kept)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def signed_in(town: TownHall, username: str = "tanaka", *groups: str) -> dict[str, Any]:
    return await town.official(
        await town.first(),
        username,
        *groups,
        issuer=f"{PROVIDERS}/officials/{town.tenancy.code}",
        preferred_username=f"N-{username}",
    )


def roles_of(tokens: dict[str, Any]) -> list[str]:
    return claims_of(tokens["access_token"])["roles"]


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=JST)


class TestAhead:
    async def test_is_theirs_when_they_first_sign_in(self, town: TownHall) -> None:
        grant = await given(town)
        assert (grant["state"], grant["subject"]) == ("granted", None)
        tokens = await signed_in(town)
        assert roles_of(tokens) == ["clerk"]
        found = (await town.call("GET", f"/role-grants/{grant['id']}")).json()
        assert found["subject"] == claims_of(tokens["access_token"])["sub"]

    async def test_is_nobody_else_s(self, town: TownHall) -> None:
        await given(town)
        assert roles_of(await signed_in(town, "suzuki")) == []

    async def test_the_number_is_written_nowhere_in_clear(self, town: TownHall) -> None:
        await given(town, employee_id="canary-4711")
        connection = await asyncpg.connect(town.door.house.dsn("platform_owner"))
        try:
            found = await connection.fetchval(
                "SELECT count(*) FROM platform.role_grants t WHERE t::text LIKE '%canary-4711%'"
            )
        finally:
            await connection.close()
        assert found == 0

    async def test_on_the_first_of_april_each_has_exactly_the_new_duties(
        self, town: TownHall
    ) -> None:
        await given(town, role="clerk", ends_on="2027-03-31")
        await given(town, role="registrar", starts_on="2027-04-01")
        await signed_in(town)
        with clock.frozen(midnight(APRIL) - timedelta(seconds=30)):
            before = await signed_in(town)
            assert roles_of(before) == ["clerk"]
            assert before["expires_in"] <= 30
            assert claims_of(before["access_token"])["exp"] == midnight(APRIL).timestamp()
        with clock.frozen(midnight(APRIL)):
            assert (await town.door.me(before["access_token"])).status_code == 401
            after = await town.door.refresh(before["refresh_token"], client_id="demo-desk")
            assert roles_of(after.json()) == ["registrar"]

    async def test_a_past_day_and_a_period_backwards_are_refused(self, town: TownHall) -> None:
        body = {"employee_id": "N-1", "role": "clerk", "reason": "誤り"}
        answer = await town.call(
            "POST",
            "/role-grants",
            json=body | {"starts_on": "2020-04-01", "ends_on": "2020-03-31"},
        )
        assert [one["pointer"] for one in answer.json()["errors"]] == ["/starts_on", "/ends_on"]

    async def test_names_exactly_one_person(self, town: TownHall) -> None:
        body = {"role": "clerk", "starts_on": "2030-04-01", "reason": "誤り"}
        assert (await town.call("POST", "/role-grants", json=body)).status_code == 422
        both = body | {"employee_id": "N-1", "email": "a@city.example"}
        assert (await town.call("POST", "/role-grants", json=both)).status_code == 422


class TestFourEyes:
    @pytest.mark.parametrize("role", ["administrator", "treasurer", "auditor"])
    async def test_a_sensitive_duty_waits_for_another(self, town: TownHall, role: str) -> None:
        grant = await given(town, role=role)
        assert grant["state"] == "proposed"
        assert roles_of(await signed_in(town)) == []
        path = f"/role-grants/{grant['id']}/decision"
        version = (await town.call("GET", f"/role-grants/{grant['id']}")).json()["version"]
        own = await town.call("POST", path, version=version, json={"decision": "approved"})
        assert own.json()["type"] == "/problems/platform/four-eyes-required"
        other = await town.call(
            "POST", path, by="administrator2", version=version, json={"decision": "approved"}
        )
        assert other.json()["state"] == "granted"
        assert roles_of(await signed_in(town)) == [role]

    async def test_nobody_gives_it_to_themselves(self, town: TownHall) -> None:
        subject = claims_of(await town.administrator())["sub"]
        answer = await town.call(
            "POST",
            "/role-grants",
            json={
                "subject": subject,
                "role": "treasurer",
                "starts_on": clock.today().isoformat(),
                "reason": "自分",
            },
        )
        assert answer.json()["type"] == "/problems/platform/duty-for-oneself"

    async def test_nor_under_a_number_that_turns_out_to_be_theirs(self, town: TownHall) -> None:
        grant = await given(town, employee_id="N-administrator1", role="treasurer")
        await town.call(
            "POST",
            f"/role-grants/{grant['id']}/decision",
            by="administrator2",
            version=1,
            json={"decision": "approved"},
        )
        tokens = await signed_in(town, "administrator1", "administrator")
        assert roles_of(tokens) == ["administrator"]

    async def test_the_person_themselves_does_not_approve_it(self, town: TownHall) -> None:
        subject = claims_of(await town.administrator("administrator2"))["sub"]
        grant = await given(town, employee_id=None, subject=subject, role="auditor")
        answer = await town.call(
            "POST",
            f"/role-grants/{grant['id']}/decision",
            by="administrator2",
            version=1,
            json={"decision": "approved"},
        )
        assert answer.json()["type"] == "/problems/platform/four-eyes-required"


class TestEnding:
    async def test_takes_it_from_every_token_within_a_second(self, town: TownHall) -> None:
        grant = await given(town)
        tokens = await signed_in(town)
        version = (await town.call("GET", f"/role-grants/{grant['id']}")).json()["version"]
        ended = await town.call("POST", f"/role-grants/{grant['id']}/revocation", version=version)
        assert ended.json()["state"] == "revoked", ended.text
        await town.door.state.revocations.refresh()
        assert (await town.door.me(tokens["access_token"])).status_code == 401
        assert roles_of(await signed_in(town)) == []

    async def test_ends_at_midnight_even_for_a_token_given_before_it_was_known(
        self, town: TownHall, house: House
    ) -> None:
        grant = await given(town)
        tokens = await signed_in(town)
        shortened = await town.call(
            "PUT",
            f"/role-grants/{grant['id']}/last-day",
            version=1,
            json={"ends_on": clock.today().isoformat()},
        )
        assert shortened.status_code == 200, shortened.text
        await town.door.as_owner(
            "UPDATE platform.role_grants SET ends_at = now() WHERE id = $1", UUID(grant["id"])
        )
        await do_what_is_due(town, house)
        await town.door.state.revocations.refresh()
        assert (await town.door.me(tokens["access_token"])).status_code == 401
        assert roles_of(await signed_in(town)) == []

    async def test_the_last_two_administrators_stay(self, town: TownHall) -> None:
        await town.administrator()
        grant = await given(town, role="administrator")
        await town.call(
            "POST",
            f"/role-grants/{grant['id']}/decision",
            by="administrator2",
            version=1,
            json={"decision": "approved"},
        )
        await signed_in(town)
        # Two by group, one by name: one may go.
        found = (await town.call("GET", f"/role-grants/{grant['id']}")).json()
        ended = await town.call(
            "POST", f"/role-grants/{grant['id']}/revocation", version=found["version"]
        )
        assert ended.json()["state"] == "revoked"

    async def test_a_longer_time_is_a_new_grant(self, town: TownHall) -> None:
        grant = await given(town, ends_on="2030-03-31")
        answer = await town.call(
            "PUT",
            f"/role-grants/{grant['id']}/last-day",
            version=1,
            json={"ends_on": "2031-03-31"},
        )
        assert answer.status_code == 422


class TestDirectory:
    async def test_says_whose_subject_it_is(self, town: TownHall) -> None:
        subject = claims_of((await signed_in(town))["access_token"])["sub"]
        answer = await town.call("GET", "/officials", params={"subject": subject})
        assert [one["display_name"] for one in answer.json()["items"]] == ["情報　進"]

    async def test_lists_who_has_which_duty_on_a_day(self, town: TownHall) -> None:
        await given(town, role="benefits_officer", starts_on="2027-04-01")
        await given(town, employee_id="N-new", role="clerk", starts_on="2027-04-01")
        await signed_in(town, "tanaka", "treasurer")
        answer = await town.call("GET", "/duties", params={"on": "2027-04-01"})
        items = answer.json()["items"]
        tanaka = next(one for one in items if one["employee_id"] == "N-tanaka")
        assert {duty["role"] for duty in tanaka["duties"]} == {"treasurer", "benefits_officer"}
        assert tanaka["warnings"][0]["roles"] == ["benefits_officer", "treasurer"]
        awaited = next(one for one in items if one["employee_id"] == "N-new")
        assert (awaited["subject"], awaited["duties"][0]["role"]) == (None, "clerk")
        today = (await town.call("GET", "/duties")).json()["items"]
        assert all(one["employee_id"] != "N-new" for one in today)

    async def test_warns_of_duties_that_do_not_go_together(self, town: TownHall) -> None:
        await given(town, role="benefits_officer")
        grant = await given(town, role="treasurer")
        assert grant["warnings"][0]["roles"] == ["benefits_officer", "treasurer"]
