"""Who is offered a benefit, and above all who is not, on a real database."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from foundation import clock
from foundation.identifiers import new_id
from services.benefits.programmes.domain import date_ja
from tests.services.benefits.town import Person, Town, householder, ok, refusal, terms
from tests.support.callers import a_machine

REFERENCE = clock.today() - timedelta(days=60)
DAY = timedelta(days=1)


async def extract(town: Town, programme: str) -> dict[str, Any]:
    return ok(await town.section.post(f"/benefits/v1/programmes/{programme}/roster"))


async def offers_of(town: Town, person: Person) -> list[dict[str, Any]]:
    return list(ok(await town.resident(person).get("/benefits/v1/offers"))["items"])


class TestExtract:
    async def test_is_hidden_from_another_municipality(self, town: Town, other_town: Town) -> None:
        head = householder()
        await other_town.household(head)
        programme = await town.published()
        assert (await extract(town, programme))["offered"] == 0
        refused = await other_town.section.post(f"/benefits/v1/programmes/{programme}/roster")
        assert refusal(refused) == (404, "benefits/programme-not-found")
        assert await offers_of(other_town, head) == []

    async def test_offers_a_household_in_which_everybody_is_exempt(self, town: Town) -> None:
        head = householder()
        await town.household(head, Person(), Person())
        programme = await town.published(reference_on=str(REFERENCE), fiscal_year=2026)
        assert (await extract(town, programme))["offered"] == 1
        (offer,) = await offers_of(town, head)
        assert offer["reason"] == (
            f"基準日 {date_ja(REFERENCE)}に北見市に住民登録があり、"
            "世帯の3人全員が令和8年度の住民税非課税だったため"
        )
        assert offer["legal_ground"] == "物価高騰対応支援給付金支給要綱"
        assert offer["amount_yen"] == 30_000

    @pytest.mark.parametrize(
        ("status", "verdict"),
        [
            ("taxed", "not_meeting"),
            ("per_capita_only", "not_meeting"),
            ("unknown", "held_unknown"),
        ],
    )
    async def test_offers_nothing_if_one_member_does_not_meet_it(
        self, town: Town, status: str, verdict: str
    ) -> None:
        head = householder()
        await town.household(head, Person(), Person(tax_status=status))
        found = await extract(town, await town.published())
        assert (found["offered"], found[verdict]) == (0, 1)
        assert await offers_of(town, head) == []

    async def test_does_not_hold_a_household_that_cannot_meet_it_anyway(self, town: Town) -> None:
        await town.household(householder(tax_status="taxed"), Person(tax_status="unknown"))
        found = await extract(town, await town.published())
        assert (found["not_meeting"], found["held_unknown"]) == (1, 0)

    @pytest.mark.parametrize(
        ("resident_from", "resident_until", "offered"),
        [
            (REFERENCE - DAY, None, 1),
            (REFERENCE, None, 1),
            (REFERENCE + DAY, None, 0),
            (REFERENCE - DAY, REFERENCE, 0),
            (REFERENCE - DAY, REFERENCE + DAY, 1),
        ],
    )
    async def test_asks_who_was_a_resident_on_the_reference_date(
        self, town: Town, resident_from: date, resident_until: date | None, offered: int
    ) -> None:
        await town.household(
            householder(resident_from=resident_from, resident_until=resident_until)
        )
        programme = await town.published(reference_on=str(REFERENCE))
        assert (await extract(town, programme))["offered"] == offered

    async def test_does_not_ask_about_members_who_came_later(self, town: Town) -> None:
        head = householder()
        await town.household(head, Person(tax_status="taxed", resident_from=REFERENCE + DAY))
        programme = await town.published(reference_on=str(REFERENCE))
        assert (await extract(town, programme))["offered"] == 1
        (offer,) = await offers_of(town, head)
        assert "世帯の全員が" in offer["reason"]

    async def test_holds_a_household_without_a_householder_on_that_day(self, town: Town) -> None:
        await town.household(householder(resident_from=REFERENCE + DAY), Person())
        programme = await town.published(reference_on=str(REFERENCE))
        found = await extract(town, programme)
        assert (found["offered"], found["held_no_householder"]) == (0, 1)

    async def test_repeated_offers_only_to_new_households(self, town: Town) -> None:
        await town.household(householder())
        programme = await town.published()
        assert (await extract(town, programme))["offered"] == 1
        await town.household(householder())
        again = await extract(town, programme)
        assert (again["offered"], again["already_on_roster"]) == (1, 1)
        assert (await extract(town, programme))["offered"] == 0

    async def test_counts_nobody_in_a_second_household(self, town: Town) -> None:
        leaving, new_head = Person(), householder()
        programme, _ = await town.offered(householder(), leaving)
        household = await town.household(new_head)
        await town.run_as_owner(
            "registry",
            "UPDATE registry.residents SET household_id = $3 WHERE tenant_id = $1 AND id = $2",
            town.tenancy.tenant_id,
            leaving.id,
            household,
        )
        found = await extract(town, programme)
        assert (found["offered"], found["held_counted_elsewhere"]) == (0, 1)
        assert await offers_of(town, new_head) == []

    async def test_by_two_officials_at_once_offers_each_household_once(self, town: Town) -> None:
        for _ in range(3):
            await town.household(householder())
        programme = await town.published()
        found = await asyncio.gather(*(extract(town, programme) for _ in range(3)))
        assert sum(each["offered"] for each in found) == 3

    async def test_waits_until_the_terms_are_final(self, town: Town) -> None:
        made = ok(await town.section.post("/benefits/v1/programmes", json=terms()))
        refused = await town.section.post(f"/benefits/v1/programmes/{made['id']}/roster")
        assert refusal(refused) == (409, "benefits/programme-state-conflict")

    async def test_knows_only_programmes_that_exist(self, town: Town) -> None:
        refused = await town.section.post(f"/benefits/v1/programmes/{new_id()}/roster")
        assert refusal(refused) == (404, "benefits/programme-not-found")


class TestProtectedPeople:
    async def test_are_never_counted_for_another_householder(self, town: Town) -> None:
        head = householder()
        await town.household(head, Person(protection="dv"))
        found = await extract(town, await town.published())
        assert (found["offered"], found["held_protected"]) == (0, 1)
        assert await offers_of(town, head) == []

    async def test_are_offered_their_own_households_benefit(self, town: Town) -> None:
        head = householder(protection="dv")
        await town.household(head, Person(protection="dv"), Person())
        assert (await extract(town, await town.published()))["offered"] == 1
        assert len(await offers_of(town, head)) == 1

    async def test_leave_no_gap_in_an_offer_that_was_made_before(self, town: Town) -> None:
        head, evacuee = householder(), Person()
        _, application = await town.offered(head, evacuee)
        path = f"/benefits/v1/applications/{application}"
        before = await offers_of(town, head), ok(await town.resident(head).get(path))
        await town.protect(evacuee)
        assert (await offers_of(town, head), ok(await town.resident(head).get(path))) == before
        seen = ok(await town.section.get(path))
        assert seen["assessment_aid"]["counts_protected_person"] is True


class TestProgress:
    async def test_is_hidden_from_another_municipality(self, town: Town, other_town: Town) -> None:
        programme, _ = await town.offered(householder())
        refused = await other_town.section.get(f"/benefits/v1/programmes/{programme}/progress")
        assert refusal(refused) == (404, "benefits/programme-not-found")

    async def test_counts_households_and_yen_without_a_person(self, town: Town) -> None:
        programme, _ = await town.offered(householder())
        await town.confirmed(householder(), programme=programme)
        machine = town.client.as_(a_machine(), tenancy=town.tenancy)
        read = await machine.get(f"/benefits/v1/programmes/{programme}/progress")
        standings = {row["state"]: row for row in ok(read)["standings"]}
        assert (standings["offered"]["count"], standings["confirmed"]["count"]) == (1, 1)
        assert read.json()["total_yen"] == 60_000
        assert "北見 花子" not in read.text
