"""A case exists for its members; its lead says who they are, and there is always one lead."""

from uuid import UUID

import httpx
import pytest
from typing_extensions import override

from foundation.identifiers import new_id
from foundation.identity import Purpose, Role
from tests.services.consultation.desk import INSUFFICIENT, PATH, STALE, Desk, name_of, ok, refusal
from tests.services.consultation.hiding import NOWHERE, HiddenFromOutsiders
from tests.support.callers import As, a_machine, a_resident

CLASSIFICATION = {"theme": "violence", "confidentiality": "strict"}


class TestOpenCase:
    async def test_is_led_by_who_took_the_person_in(self, desk: Desk) -> None:
        case = await desk.case(await desk.opened())
        assert (case["state"], case["version"]) == ("opened", 1)
        assert [(member["subject"], member["role"]) for member in case["members"]] == [
            (name_of(desk.lead), "lead")
        ]

    async def test_may_name_nobody(self, desk: Desk) -> None:
        case = await desk.case(await desk.opened())
        assert (case["resident_id"], case["consultee_name"], case["consultee_contact"]) == (
            None,
            None,
            None,
        )

    async def test_is_hidden_from_another_municipality(self, desk: Desk, other: Desk) -> None:
        resident = await desk.resident()
        await desk.opened(resident_id=str(resident))
        refused = await other.lead.post(
            PATH,
            json={
                "theme": "housing",
                "confidentiality": "sensitive",
                "resident_id": str(resident),
            },
        )
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/resident_id"

    async def test_is_hidden_from_a_colleague_without_a_role(self, desk: Desk) -> None:
        await desk.opened()
        assert ok(await desk.counsellor().get(PATH))["items"] == []

    async def test_refuses_a_resident_the_register_does_not_know(self, desk: Desk) -> None:
        refused = await desk.lead.post(
            PATH,
            json={
                "theme": "debts",
                "confidentiality": "ordinary",
                "resident_id": str(new_id()),
            },
        )
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/resident_id"

    async def test_takes_a_residents_name_from_the_register_only(self, desk: Desk) -> None:
        resident = await desk.resident(name="紀の川 次郎")
        body = {"theme": "debts", "confidentiality": "ordinary", "resident_id": str(resident)}
        refused = await desk.lead.post(PATH, json=body | {"consultee": {"name": "別の 名前"}})
        assert refused.status_code == 422
        case = await desk.case(await desk.opened(resident_id=str(resident)))
        assert case["consultee_name"] == "紀の川 次郎"

    async def test_keeps_a_protected_residents_case_strictly(self, desk: Desk) -> None:
        resident = await desk.resident(protection="dv")
        case = await desk.case(
            await desk.opened(resident_id=str(resident), confidentiality="ordinary")
        )
        assert (case["classified_as"], case["confidentiality"], case["protected"]) == (
            "ordinary",
            "strict",
            True,
        )

    async def test_keeps_strictly_what_the_register_no_longer_tells_of(self, desk: Desk) -> None:
        resident = await desk.resident()
        case = await desk.opened(resident_id=str(resident), confidentiality="ordinary")
        async with desk.owner("registry") as registry:
            await registry.execute("DELETE FROM registry.residents WHERE id = $1", resident)
        seen = await desk.case(case)
        assert (seen["confidentiality"], seen["consultee_name"]) == ("strict", None)

    async def test_announces_a_number_and_nothing_else(self, desk: Desk) -> None:
        case = await desk.opened()
        (event,) = await desk.fetch(
            "SELECT type, subject_id, data FROM consultation.outbox WHERE tenant_id = $1",
            desk.tenancy.tenant_id,
        )
        assert event == {
            "type": "consultation.case.opened.v1",
            "subject_id": UUID(case),
            "data": "{}",
        }

    async def test_leaves_a_trail_about_the_resident(self, desk: Desk) -> None:
        resident = await desk.resident()
        case = await desk.opened(resident_id=str(resident))
        (entry,) = await desk.trail()
        assert (entry["action"], entry["object"], entry["subjects"], entry["purpose"]) == (
            "consultation.case.open",
            case,
            [resident],
            "consultation",
        )

    async def test_is_no_matter_for_residents_machines_or_other_desks(self, desk: Desk) -> None:
        case = await desk.opened()
        body = {"theme": "housing", "confidentiality": "sensitive"}
        for stranger in (
            desk.client.as_(a_resident(new_id()), tenancy=desk.tenancy),
            desk.client.as_(a_machine(), tenancy=desk.tenancy),
            desk.official(Role.CLERK, Role.AUDITOR, Role.REGISTRAR, Role.BENEFITS_OFFICER),
        ):
            assert refusal(await stranger.post(PATH, json=body)) == (403, "platform/forbidden")
            assert refusal(await stranger.get(f"{PATH}/{case}")) == (403, "platform/forbidden")

    async def test_is_done_for_consultation_only(self, desk: Desk) -> None:
        case = await desk.opened()
        auditing = desk.client.as_(
            desk.lead.caller.principal, tenancy=desk.tenancy, purpose=Purpose.STATUTORY_INQUIRY
        )
        assert refusal(await auditing.get(f"{PATH}/{case}")) == (
            403,
            "platform/purpose-not-allowed",
        )


class TestListCases:
    async def test_is_hidden_from_another_municipality(self, desk: Desk, other: Desk) -> None:
        await desk.opened()
        namesake = desk.client.as_(desk.lead.caller.principal, tenancy=other.tenancy)
        assert ok(await namesake.get(PATH))["items"] == []

    async def test_is_hidden_from_a_colleague_without_a_role(self, desk: Desk) -> None:
        await desk.opened()
        assert ok(await desk.counsellor().get(PATH))["items"] == []

    async def test_is_empty_for_an_administrator_even_with_a_role(self, desk: Desk) -> None:
        case = await desk.opened()
        administrator = await desk.member(
            case, "worker", official=desk.official(Role.ADMINISTRATOR)
        )
        assert ok(await administrator.get(PATH))["items"] == []

    async def test_shows_ones_own_cases_the_last_opened_first(self, desk: Desk) -> None:
        first, second, third = [await desk.opened() for _ in range(3)]
        await desk.opened(by=desk.counsellor())
        colleague = await desk.member(second, "reader")
        page = ok(await desk.lead.get(PATH, params={"limit": 2}))
        assert [item["id"] for item in page["items"]] == [third, second]
        rest = ok(await desk.lead.get(PATH, params={"cursor": page["next_cursor"]}))
        assert ([item["id"] for item in rest["items"]], rest["has_more"]) == ([first], False)
        (shared,) = ok(await colleague.get(PATH))["items"]
        assert (shared["id"], shared["role"]) == (second, "reader")

    async def test_can_be_narrowed_to_some_states(self, desk: Desk) -> None:
        opened, active = await desk.opened(), await desk.opened()
        await desk.moved(active, "activation")
        for states, expected in (("active", [active]), ("opened", [opened]), ("closed", [])):
            listed = ok(await desk.lead.get(PATH, params={"state": states}))["items"]
            assert [item["id"] for item in listed] == expected

    async def test_leaves_a_trail_about_everybody_shown(self, desk: Desk) -> None:
        residents = [await desk.resident() for _ in range(2)]
        for resident in residents:
            await desk.opened(resident_id=str(resident))
        await desk.opened(consultee={"name": "住民でない人"})
        listed = ok(await desk.lead.get(PATH))["items"]
        assert [item["consultee_name"] for item in listed] == [
            "住民でない人",
            "北見 花子",
            "北見 花子",
        ]
        *_, entry = await desk.trail()
        assert entry["action"] == "consultation.case.list"
        assert entry["subjects"] == sorted(residents)


class TestReadCase(HiddenFromOutsiders):
    @override
    async def attempt(self, caller: As, case: str, desk: Desk) -> httpx.Response:
        return await caller.get(f"{PATH}/{case}")

    async def test_shows_it_to_every_member(self, desk: Desk) -> None:
        case = await desk.opened(consultee={"name": "相談 太郎", "contact": "知人を通じて"})
        for role in ("worker", "reader"):
            seen = await desk.case(case, by=await desk.member(case, role))
            assert (seen["consultee_name"], seen["consultee_contact"]) == (
                "相談 太郎",
                "知人を通じて",
            )

    async def test_leaves_a_trail_about_the_resident(self, desk: Desk) -> None:
        resident = await desk.resident()
        case = await desk.opened(resident_id=str(resident))
        reader = await desk.member(case, "reader")
        await desk.case(case, by=reader)
        *_, entry = await desk.trail()
        assert (entry["action"], entry["actor"], entry["object"], entry["subjects"]) == (
            "consultation.case.read",
            name_of(reader),
            case,
            [resident],
        )

    async def test_leaves_a_trail_about_a_case_of_nobody(self, desk: Desk) -> None:
        case = await desk.opened()
        await desk.case(case)
        *_, entry = await desk.trail()
        assert (entry["action"], entry["object"], entry["subjects"]) == (
            "consultation.case.read",
            case,
            [],
        )

    async def test_names_its_version(self, desk: Desk) -> None:
        answer = await desk.lead.get(f"{PATH}/{await desk.opened()}")
        assert answer.headers["etag"] == '"1"'


class TestClassifyCase(HiddenFromOutsiders):
    @override
    async def attempt(self, caller: As, case: str, desk: Desk) -> httpx.Response:
        return await caller.put(
            f"{PATH}/{case}/classification", json=CLASSIFICATION, headers=await desk.version(case)
        )

    async def test_says_anew_how_closely_it_is_kept(self, desk: Desk) -> None:
        case = await desk.opened()
        changed = await self.attempt(desk.lead, case, desk)
        assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
        seen = await desk.case(case)
        assert {name: seen[name] for name in CLASSIFICATION} == CLASSIFICATION

    @pytest.mark.parametrize("role", ["worker", "reader"])
    async def test_is_the_leads_to_do(self, desk: Desk, role: str) -> None:
        case = await desk.opened()
        refused = await self.attempt(await desk.member(case, role), case, desk)
        assert refusal(refused) == INSUFFICIENT
        *_, entry = await desk.trail()
        assert (entry["action"], entry["decision"]) == ("consultation.case.classify", "denied")

    async def test_refuses_what_changed_since_it_was_read(self, desk: Desk) -> None:
        case = await desk.opened()
        old = await desk.version(case)
        await self.attempt(desk.lead, case, desk)
        path = f"{PATH}/{case}/classification"
        assert refusal(await desk.lead.put(path, json=CLASSIFICATION, headers=old)) == STALE
        assert (await desk.lead.put(path, json=CLASSIFICATION)).status_code == 428


class TestActivateCase(HiddenFromOutsiders):
    @override
    async def attempt(self, caller: As, case: str, desk: Desk) -> httpx.Response:
        return await caller.post(f"{PATH}/{case}/activation", headers=await desk.version(case))

    async def test_begins_the_support(self, desk: Desk) -> None:
        case = await desk.opened()
        assert ok(await self.attempt(desk.lead, case, desk))["state"] == "active"

    async def test_is_done_once(self, desk: Desk) -> None:
        case = await desk.opened()
        await self.attempt(desk.lead, case, desk)
        refused = await self.attempt(desk.lead, case, desk)
        assert refusal(refused) == (409, "consultation/case-state-conflict")

    async def test_is_the_leads_to_do(self, desk: Desk) -> None:
        case = await desk.opened()
        worker = await desk.member(case, "worker")
        assert refusal(await self.attempt(worker, case, desk)) == INSUFFICIENT

    async def test_says_which_version_it_changes(self, desk: Desk) -> None:
        case = await desk.opened()
        unsaid = await desk.lead.post(f"{PATH}/{case}/activation")
        assert unsaid.status_code == 428
        stale = await desk.lead.post(f"{PATH}/{case}/activation", headers={"If-Match": '"9"'})
        assert refusal(stale) == STALE


class TestCloseCase(HiddenFromOutsiders):
    @override
    async def attempt(self, caller: As, case: str, desk: Desk) -> httpx.Response:
        return await caller.post(f"{PATH}/{case}/closure", headers=await desk.version(case))

    async def test_ends_the_support_and_leaves_the_case_readable(self, desk: Desk) -> None:
        case = await desk.opened()
        reader = await desk.member(case, "reader")
        await desk.moved(case, "activation")
        assert ok(await self.attempt(desk.lead, case, desk))["state"] == "closed"
        assert (await desk.case(case, by=reader))["state"] == "closed"

    async def test_does_not_begin_before_the_support_has(self, desk: Desk) -> None:
        refused = await self.attempt(desk.lead, await desk.opened(), desk)
        assert refusal(refused) == (409, "consultation/case-state-conflict")


class TestReopenCase(HiddenFromOutsiders):
    @override
    async def attempt(self, caller: As, case: str, desk: Desk) -> httpx.Response:
        return await caller.post(f"{PATH}/{case}/reopening", headers=await desk.version(case))

    async def test_takes_it_up_again_as_often_as_needed(self, desk: Desk) -> None:
        case = await desk.opened()
        await desk.moved(case, "activation", "closure", "reopening", "closure")
        assert ok(await self.attempt(desk.lead, case, desk))["state"] == "reopened"


class TestACaseThatIsNot:
    @pytest.mark.parametrize("number", [NOWHERE, "1", "cases", "%00"])
    async def test_is_not_found(self, desk: Desk, number: str) -> None:
        assert (await desk.lead.get(f"{PATH}/{number}")).status_code == 404
