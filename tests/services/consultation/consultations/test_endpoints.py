"""What was recorded stays, in the order it happened, for those who have a role on the case."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from typing_extensions import override

from foundation import clock
from tests.services.consultation.desk import INSUFFICIENT, PATH, RECORD, Desk, name_of, ok, refusal
from tests.services.consultation.hiding import NOT_FOUND, NOWHERE, HiddenFromOutsiders
from tests.support.callers import As


class TestAddRecord(HiddenFromOutsiders):
    @override
    async def attempt(self, caller: As, case: str, desk: Desk) -> httpx.Response:
        return await caller.post(f"{PATH}/{case}/records", json=RECORD)

    @pytest.mark.parametrize("kind", ["visit", "phone", "office", "meeting"])
    async def test_keeps_what_was_said(self, desk: Desk, kind: str) -> None:
        case = await desk.opened()
        worker = await desk.member(case, "worker")
        record = await desk.recorded(case, by=worker, kind=kind)
        read = ok(await desk.lead.get(f"{PATH}/{case}/records/{record}"))
        assert (read["text"], read["kind"], read["recorded_by"], read["superseded_by"]) == (
            RECORD["text"],
            kind,
            name_of(worker),
            None,
        )
        assert datetime.fromisoformat(read["occurred_at"]) == datetime.fromisoformat(
            RECORD["occurred_at"]
        )

    async def test_answers_without_the_text(self, desk: Desk) -> None:
        answer = await self.attempt(desk.lead, await desk.opened(), desk)
        assert set(answer.json()) == {"id", "case_id", "recorded_at", "version"}

    async def test_is_not_a_readers_to_do(self, desk: Desk) -> None:
        case = await desk.opened()
        reader = await desk.member(case, "reader")
        assert refusal(await self.attempt(reader, case, desk)) == INSUFFICIENT

    async def test_waits_until_a_closed_case_is_reopened(self, desk: Desk) -> None:
        case = await desk.opened()
        await desk.moved(case, "activation", "closure")
        refused = await self.attempt(desk.lead, case, desk)
        assert refusal(refused) == (409, "consultation/case-state-conflict")
        await desk.moved(case, "reopening")
        await desk.recorded(case)

    @pytest.mark.parametrize(
        "occurred_at",
        [
            "2026-11-20T10:00:00",
            "2026-11-20",
            1_795_136_400,
            "0001-01-01T00:00:00Z",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
        ],
    )
    async def test_refuses_an_instant_that_is_none(self, desk: Desk, occurred_at: object) -> None:
        refused = await desk.lead.post(
            f"{PATH}/{await desk.opened()}/records", json=RECORD | {"occurred_at": occurred_at}
        )
        assert refused.status_code == 422

    @pytest.mark.parametrize("text", [" ", "\n\n", "　"], ids=["space", "lines", "wide space"])
    async def test_refuses_a_record_that_says_nothing(self, desk: Desk, text: str) -> None:
        refused = await desk.lead.post(
            f"{PATH}/{await desk.opened()}/records", json=RECORD | {"text": text}
        )
        assert refusal(refused) == (422, "platform/invalid-input")

    async def test_refuses_what_has_not_happened(self, desk: Desk) -> None:
        case, at = await desk.opened(), clock.now() + timedelta(hours=1)
        refused = await desk.lead.post(
            f"{PATH}/{case}/records", json=RECORD | {"occurred_at": at.isoformat()}
        )
        assert refused.json()["errors"][0]["pointer"] == "/occurred_at"

    async def test_announces_numbers_and_nothing_else(self, desk: Desk) -> None:
        case = await desk.opened()
        record = await desk.recorded(case)
        *_, event = await desk.fetch(
            "SELECT type, subject_id, data::jsonb->>'record_id' AS record_id, data"
            " FROM consultation.outbox WHERE tenant_id = $1 ORDER BY tx, id",
            desk.tenancy.tenant_id,
        )
        assert (event["type"], event["subject_id"], event["record_id"]) == (
            "consultation.record.added.v1",
            UUID(case),
            record,
        )
        assert event["data"] == f'{{"record_id": "{record}"}}'

    async def test_is_refused_to_who_was_removed_while_waiting(self, desk: Desk) -> None:
        case = await desk.opened()
        worker = await desk.member(case, "worker")
        async with desk.held(case) as removing:
            writing = asyncio.create_task(self.attempt(worker, case, desk))
            await desk.somebody_waits()
            await removing.execute(
                "DELETE FROM consultation.case_members WHERE case_id = $1 AND subject = $2",
                UUID(case),
                name_of(worker),
            )
        assert refusal(await writing) == NOT_FOUND
        assert ok(await desk.lead.get(f"{PATH}/{case}/records"))["items"] == []

    async def test_and_a_removal_at_one_moment_agree_on_who_came_first(self, desk: Desk) -> None:
        for _ in range(5):
            case = await desk.opened()
            worker = await desk.member(case, "worker")
            answers = await asyncio.gather(
                *(self.attempt(worker, case, desk) for _ in range(4)),
                desk.lead.delete(
                    f"{PATH}/{case}/members/{name_of(worker)}", headers=await desk.version(case)
                ),
            )
            *written, removed = answers
            assert removed.status_code == 200
            assert {answer.status_code for answer in written} <= {201, 404}
            kept = ok(await desk.lead.get(f"{PATH}/{case}/records"))["items"]
            assert len(kept) == [answer.status_code for answer in written].count(201)
            assert refusal(await self.attempt(worker, case, desk)) == NOT_FOUND


class TestCorrectRecord(HiddenFromOutsiders):
    @override
    async def attempt(self, caller: As, case: str, desk: Desk) -> httpx.Response:
        (record, *_) = await desk.fetch(
            "SELECT id FROM consultation.progress_records"
            " WHERE tenant_id = $1 AND case_id = $2 AND corrects_id IS NULL"
            " UNION ALL SELECT $2",
            desk.tenancy.tenant_id,
            UUID(case),
        )
        return await _correct(caller, case, str(record["id"]))

    async def test_leaves_the_old_text_marked_as_superseded(self, desk: Desk) -> None:
        case = await desk.opened()
        old = await desk.recorded(case)
        new = ok(await _correct(desk.lead, case, old), 201)["id"]
        listed = ok(await desk.lead.get(f"{PATH}/{case}/records"))["items"]
        shown = {
            item["id"]: (item["text"], item["corrects_id"], item["superseded_by"])
            for item in listed
        }
        assert shown == {
            old: (RECORD["text"], None, new),
            new: ("訂正後の記録。", old, None),
        }
        answer = await desk.lead.get(f"{PATH}/{case}/records/{old}")
        assert (answer.json()["text"], answer.headers["etag"]) == (RECORD["text"], '"2"')

    async def test_corrects_a_record_once(self, desk: Desk) -> None:
        case = await desk.opened()
        old = await desk.recorded(case)
        answers = await asyncio.gather(*(_correct(desk.lead, case, old) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
        refused = next(answer for answer in answers if answer.status_code == 409)
        assert refusal(refused) == (409, "consultation/record-superseded")

    async def test_can_itself_be_corrected(self, desk: Desk) -> None:
        case = await desk.opened()
        first = await desk.recorded(case)
        second = ok(await _correct(desk.lead, case, first), 201)["id"]
        ok(await _correct(desk.lead, case, second), 201)

    async def test_is_the_authors_or_the_leads_to_do(self, desk: Desk) -> None:
        case = await desk.opened()
        author, colleague = [await desk.member(case, "worker") for _ in range(2)]
        first, second = [await desk.recorded(case, by=author) for _ in range(2)]
        assert refusal(await _correct(colleague, case, first)) == (
            403,
            "consultation/record-of-colleague",
        )
        ok(await _correct(author, case, first), 201)
        ok(await _correct(desk.lead, case, second), 201)

    async def test_knows_no_record_of_another_case(self, desk: Desk) -> None:
        elsewhere = await desk.recorded(await desk.opened())
        case = await desk.opened()
        for record in (elsewhere, NOWHERE):
            refused = await _correct(desk.lead, case, record)
            assert refusal(refused) == (404, "consultation/record-not-found")


class TestListRecords(HiddenFromOutsiders):
    @override
    async def attempt(self, caller: As, case: str, desk: Desk) -> httpx.Response:
        return await caller.get(f"{PATH}/{case}/records")

    async def test_shows_the_newest_first_in_pages_that_neither_skip_nor_repeat(
        self, desk: Desk
    ) -> None:
        case = await desk.opened()
        days = [3, 1, 4, 1, 5, 9, 2, 6]
        for day in days:
            await desk.recorded(case, occurred_at=f"2026-03-{day:02}T09:00:00+09:00")
        shown: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = ok(await desk.lead.get(f"{PATH}/{case}/records", params={"limit": 3, **cursor}))
            shown += page["items"]
            if not page["has_more"]:
                break
            # Something older is recorded while one reads on.
            await desk.recorded(case, occurred_at="2026-03-07T09:00:00+09:00")
            cursor = {"cursor": page["next_cursor"]}
        order = [(item["occurred_at"], item["id"]) for item in shown]
        assert order == sorted(order, reverse=True)
        assert len(set(order)) == len(order) >= len(days)

    async def test_is_empty_before_anything_is_recorded(self, desk: Desk) -> None:
        assert ok(await self.attempt(desk.lead, await desk.opened(), desk))["items"] == []

    async def test_shows_no_record_of_another_case(self, desk: Desk) -> None:
        await desk.recorded(await desk.opened())
        assert ok(await self.attempt(desk.lead, await desk.opened(), desk))["items"] == []

    async def test_leaves_a_trail_about_the_resident(self, desk: Desk) -> None:
        resident = await desk.resident()
        case = await desk.opened(resident_id=str(resident))
        await desk.recorded(case)
        await self.attempt(desk.lead, case, desk)
        *_, entry = await desk.trail()
        assert (entry["action"], entry["object"], entry["subjects"], entry["detail"]) == (
            "consultation.record.list",
            case,
            [resident],
            '{"count":1}',
        )

    async def test_is_closed_to_readers_of_a_case_kept_strictly(self, desk: Desk) -> None:
        case = await desk.opened(confidentiality="strict")
        reader, worker = [await desk.member(case, role) for role in ("reader", "worker")]
        assert refusal(await self.attempt(reader, case, desk)) == INSUFFICIENT
        ok(await self.attempt(worker, case, desk))

    async def test_closes_to_readers_when_the_person_comes_under_protection(
        self, desk: Desk
    ) -> None:
        resident = await desk.resident()
        case = await desk.opened(resident_id=str(resident), confidentiality="ordinary")
        reader = await desk.member(case, "reader")
        ok(await self.attempt(reader, case, desk))
        async with desk.owner("registry") as registry:
            await registry.execute(
                "UPDATE registry.residents SET protection = 'dv' WHERE id = $1", resident
            )
        assert refusal(await self.attempt(reader, case, desk)) == INSUFFICIENT

    async def test_knows_its_own_cursors_only(self, desk: Desk) -> None:
        case = await desk.opened()
        refused = await desk.lead.get(f"{PATH}/{case}/records", params={"cursor": "bm9uc2Vuc2U"})
        assert refused.status_code == 400


class TestReadRecord(HiddenFromOutsiders):
    @override
    async def attempt(self, caller: As, case: str, desk: Desk) -> httpx.Response:
        rows = await desk.fetch(
            "SELECT id FROM consultation.progress_records WHERE case_id = $1", UUID(case)
        )
        record = rows[0]["id"] if rows else NOWHERE
        return await caller.get(f"{PATH}/{case}/records/{record}")

    async def test_is_not_found_through_a_case_of_ones_own(self, desk: Desk) -> None:
        colleague = desk.counsellor()
        record = await desk.recorded(await desk.opened())
        own = await desk.opened(by=colleague)
        refused = await colleague.get(f"{PATH}/{own}/records/{record}")
        assert refusal(refused) == (404, "consultation/record-not-found")

    async def test_is_closed_to_readers_of_a_case_kept_strictly(self, desk: Desk) -> None:
        case = await desk.opened(confidentiality="strict")
        await desk.recorded(case)
        reader = await desk.member(case, "reader")
        assert refusal(await self.attempt(reader, case, desk)) == INSUFFICIENT

    async def test_leaves_a_trail_about_the_resident(self, desk: Desk) -> None:
        resident = await desk.resident()
        case = await desk.opened(resident_id=str(resident))
        record = await desk.recorded(case)
        await self.attempt(desk.lead, case, desk)
        *_, entry = await desk.trail()
        assert (entry["action"], entry["object"], entry["subjects"], entry["detail"]) == (
            "consultation.record.read",
            case,
            [resident],
            f'{{"record_id":"{record}"}}',
        )


async def _correct(caller: As, case: str, record: str) -> httpx.Response:
    return await caller.post(
        f"{PATH}/{case}/records",
        json=RECORD | {"text": "訂正後の記録。", "corrects_id": record},
    )
