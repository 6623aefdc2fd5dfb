"""The lead says who belongs to a case, and hands it over whole; two at one moment change none."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from typing_extensions import override

from tests.services.consultation.desk import INSUFFICIENT, PATH, STALE, Desk, name_of, ok, refusal
from tests.services.consultation.hiding import NOT_FOUND, HiddenFromOutsiders
from tests.support.callers import As


class TestSetCaseMember(HiddenFromOutsiders):
    @override
    async def attempt(self, caller: As, case: str, desk: Desk) -> httpx.Response:
        # Somebody outside adds themselves: the most obvious way in.
        return await caller.put(
            f"{PATH}/{case}/members/{name_of(caller)}",
            json={"role": "reader"},
            headers=await desk.version(case),
        )

    async def test_gives_a_role_and_another_one(self, desk: Desk) -> None:
        case, colleague = await desk.opened(), desk.counsellor()
        for role in ("reader", "worker"):
            await desk.member(case, role, official=colleague)
            seen = await desk.case(case, by=colleague)
            assert [member["role"] for member in seen["members"]] == ["lead", role]
        assert seen["version"] == 3

    @pytest.mark.parametrize("role", ["worker", "reader"])
    async def test_is_the_leads_to_do(self, desk: Desk, role: str) -> None:
        case = await desk.opened()
        refused = await self.attempt(await desk.member(case, role), case, desk)
        assert refusal(refused) == INSUFFICIENT

    async def test_does_not_take_the_lead_from_the_lead(self, desk: Desk) -> None:
        refused = await self.attempt(desk.lead, await desk.opened(), desk)
        assert refusal(refused) == (409, "consultation/lead-not-replaceable")

    async def test_makes_nobody_lead(self, desk: Desk) -> None:
        case = await desk.opened()
        refused = await desk.lead.put(
            f"{PATH}/{case}/members/somebody",
            json={"role": "lead"},
            headers=await desk.version(case),
        )
        assert refused.status_code == 422

    async def test_leaves_a_trail_of_who_was_given_what(self, desk: Desk) -> None:
        resident = await desk.resident()
        case = await desk.opened(resident_id=str(resident))
        colleague = await desk.member(case, "reader")
        *_, entry = await desk.trail()
        assert (entry["action"], entry["subjects"]) == ("consultation.member.manage", [resident])
        assert entry["detail"] == f'{{"member":"{name_of(colleague)}","role":"reader"}}'


class TestRemoveCaseMember(HiddenFromOutsiders):
    @override
    async def attempt(self, caller: As, case: str, desk: Desk) -> httpx.Response:
        return await caller.delete(
            f"{PATH}/{case}/members/{name_of(desk.lead)}", headers=await desk.version(case)
        )

    async def test_takes_the_case_away_at_once(self, desk: Desk) -> None:
        case = await desk.opened()
        colleague = await desk.member(case, "worker")
        ok(
            await desk.lead.delete(
                f"{PATH}/{case}/members/{name_of(colleague)}", headers=await desk.version(case)
            )
        )
        assert refusal(await colleague.get(f"{PATH}/{case}")) == NOT_FOUND
        assert ok(await colleague.get(PATH))["items"] == []

    async def test_does_not_remove_the_lead(self, desk: Desk) -> None:
        refused = await self.attempt(desk.lead, await desk.opened(), desk)
        assert refusal(refused) == (409, "consultation/lead-not-replaceable")

    async def test_knows_only_members(self, desk: Desk) -> None:
        case = await desk.opened()
        refused = await desk.lead.delete(
            f"{PATH}/{case}/members/nobody", headers=await desk.version(case)
        )
        assert refusal(refused) == (404, "consultation/member-not-found")

    async def test_says_which_version_it_changes(self, desk: Desk) -> None:
        case = await desk.opened()
        colleague = await desk.member(case, "worker")
        path = f"{PATH}/{case}/members/{name_of(colleague)}"
        assert (await desk.lead.delete(path)).status_code == 428
        assert refusal(await desk.lead.delete(path, headers={"If-Match": '"1"'})) == STALE


class TestHandOverCase(HiddenFromOutsiders):
    @override
    async def attempt(self, caller: As, case: str, desk: Desk) -> httpx.Response:
        return await _hand_over(caller, case, to=caller, version=await desk.version(case))

    async def test_passes_the_lead_in_one_step(self, desk: Desk) -> None:
        case = await desk.opened()
        successor = await desk.member(case, "reader")
        version = await desk.version(case)
        ok(await _hand_over(desk.lead, case, to=successor, version=version))
        assert await _roles(desk, case) == {
            name_of(desk.lead): "worker",
            name_of(successor): "lead",
        }
        again = await _hand_over(desk.lead, case, to=desk.lead, version=await desk.version(case))
        assert refusal(again) == INSUFFICIENT

    async def test_is_possible_when_the_case_is_closed(self, desk: Desk) -> None:
        case = await desk.opened()
        successor = await desk.member(case, "worker")
        await desk.moved(case, "activation", "closure")
        ok(await _hand_over(desk.lead, case, to=successor, version=await desk.version(case)))

    async def test_goes_to_a_member_only(self, desk: Desk) -> None:
        case = await desk.opened()
        refused = await _hand_over(
            desk.lead, case, to=desk.counsellor(), version=await desk.version(case)
        )
        assert refusal(refused) == (404, "consultation/member-not-found")

    async def test_yields_one_lead_when_it_is_done_twice_at_one_moment(self, desk: Desk) -> None:
        case = await desk.opened()
        successors = [await desk.member(case, "worker") for _ in range(6)]
        version = await desk.version(case)
        async with desk.held(case):
            attempts = [
                asyncio.create_task(_hand_over(desk.lead, case, to=successor, version=version))
                for successor in successors
            ]
            await desk.somebody_waits(len(attempts))
        answers = await asyncio.gather(*attempts)
        assert sorted(answer.status_code for answer in answers) == [200, 403, 403, 403, 403, 403]
        roles = await _roles(desk, case)
        (leading,) = [subject for subject, role in roles.items() if role == "lead"]
        (given,) = [
            name_of(successor)
            for successor, answer in zip(successors, answers, strict=True)
            if answer.status_code == 200
        ]
        assert leading == given

    async def test_and_a_removal_at_one_moment_leave_one_lead(self, desk: Desk) -> None:
        case = await desk.opened()
        successor = await desk.member(case, "worker")
        version = await desk.version(case)
        async with desk.held(case):
            handing = asyncio.create_task(
                _hand_over(desk.lead, case, to=successor, version=version)
            )
            await desk.somebody_waits()
            removing = asyncio.create_task(
                desk.lead.delete(f"{PATH}/{case}/members/{name_of(successor)}", headers=version)
            )
            await desk.somebody_waits(2)
        handed, removed = await asyncio.gather(handing, removing)
        assert (handed.status_code, refusal(removed)) == (200, INSUFFICIENT)
        assert list((await _roles(desk, case)).values()).count("lead") == 1


async def _hand_over(caller: As, case: str, *, to: As, version: dict[str, str]) -> httpx.Response:
    return await caller.put(f"{PATH}/{case}/lead", json={"subject": name_of(to)}, headers=version)


async def _roles(desk: Desk, case: str) -> dict[str, Any]:
    rows = await desk.fetch(
        "SELECT subject, role FROM consultation.case_members WHERE case_id = $1", UUID(case)
    )
    return {row["subject"]: row["role"] for row in rows}
