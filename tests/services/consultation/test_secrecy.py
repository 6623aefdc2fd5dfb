"""What is confided is in one place, sealed; every other place is searched for it here."""

import io
from typing import Any
from uuid import UUID

import pytest

from foundation.identifiers import new_id
from foundation.identity import Role
from tests.services.consultation.desk import PATH, RECORD, Desk, lines_of, name_of, ok, refusal
from tests.support.callers import As

TEXT, NAME, CONTACT = "CANARY-TEXT-誰にも言わないで", "CANARY-NAME-太郎", "CANARY-CONTACT-090"
CANARIES = [part for text in (TEXT, NAME, CONTACT) for part in (text, text[:14])]
RESIDENT_NAME = "CANARY-RESIDENT 花子"


async def a_whole_story(desk: Desk) -> str:
    """Do everything that can be done with a case, refusals included."""
    case = await desk.opened(consultee={"name": NAME, "contact": CONTACT})
    worker = await desk.member(case, "worker")
    record = await desk.recorded(case, by=worker, text=TEXT)
    await desk.recorded(case, by=worker, text=TEXT + "訂正", corrects_id=record)
    for path in (
        PATH,
        f"{PATH}/{case}",
        f"{PATH}/{case}/records",
        f"{PATH}/{case}/records/{record}",
    ):
        ok(await worker.get(path))
    await desk.counsellor().post(f"{PATH}/{case}/records", json=RECORD | {"text": TEXT})
    await worker.post(f"{PATH}/{case}/records", json=RECORD | {"text": TEXT, "kind": TEXT})
    await worker.post(f"{PATH}/{case}/records", json=RECORD | {"text": TEXT, "extra": TEXT})
    await worker.post(PATH, json={"theme": NAME, "confidentiality": "strict"})
    await desk.moved(case, "activation", "closure")
    await desk.lead.post(f"{PATH}/{case}/records", json=RECORD | {"text": TEXT})
    resident = await desk.resident(name=RESIDENT_NAME)
    await desk.case(await desk.opened(resident_id=str(resident)))
    return case


async def everything_in(desk: Desk, table: str) -> str:
    """Return all rows of the municipality in a table, with the bytes read as text too."""
    rows = await desk.fetch(f"SELECT * FROM {table} WHERE tenant_id = $1", desk.tenancy.tenant_id)
    return "\n".join(_readable(value) for row in rows for value in row.values())


def _readable(value: Any) -> str:
    return value.decode("utf-8", "ignore") if isinstance(value, bytes) else str(value)


class TestWhatIsConfided:
    async def test_is_in_no_table_in_clear(self, desk: Desk) -> None:
        await a_whole_story(desk)
        tables = await desk.fetch(
            "SELECT table_schema || '.' || table_name AS name FROM information_schema.columns"
            " WHERE column_name = 'tenant_id' AND table_schema IN ('consultation', 'audit')"
        )
        names = {row["name"] for row in tables}
        assert {
            "consultation.cases",
            "consultation.progress_records",
            "consultation.outbox",
            "consultation.idempotency_keys",
            "audit.entries",
        } <= names
        for table in names:
            kept = await everything_in(desk, table)
            assert [canary for canary in (*CANARIES, RESIDENT_NAME) if canary in kept] == []

    async def test_is_in_no_line_of_the_log(self, desk: Desk, log: io.StringIO) -> None:
        await a_whole_story(desk)
        assert lines_of(log)
        assert "CANARY" not in log.getvalue()

    async def test_is_in_no_answer_to_a_change(self, desk: Desk) -> None:
        key = {"Idempotency-Key": str(new_id())}
        body = {
            "theme": "health",
            "confidentiality": "strict",
            "consultee": {"name": NAME, "contact": CONTACT},
        }
        first, second = [await desk.lead.post(PATH, json=body, headers=key) for _ in range(2)]
        assert first.content == second.content
        assert "CANARY" not in first.text

    async def test_is_not_repeated_to_who_has_left_the_case(self, desk: Desk) -> None:
        case = await desk.opened()
        worker = await desk.member(case, "worker")
        key = {"Idempotency-Key": str(new_id())}
        said = RECORD | {"text": TEXT}
        ok(await worker.post(f"{PATH}/{case}/records", json=said, headers=key), 201)
        await desk.lead.delete(
            f"{PATH}/{case}/members/{name_of(worker)}", headers=await desk.version(case)
        )
        repeated = await worker.post(f"{PATH}/{case}/records", json=said, headers=key)
        assert set(repeated.json()) == {"id", "case_id", "recorded_at", "version"}
        assert len(ok(await desk.lead.get(f"{PATH}/{case}/records"))["items"]) == 1

    async def test_is_in_no_feed_of_events(self, desk: Desk) -> None:
        await a_whole_story(desk)
        feed = ok(await desk.official(Role.ADMINISTRATOR).get("/consultation/v1/events"))
        assert {event["type"] for event in feed["items"]} == {
            "consultation.case.opened.v1",
            "consultation.record.added.v1",
        }
        assert "CANARY" not in str(feed)


class TestASealedText:
    async def test_opens_in_its_own_row_only(self, desk: Desk, log: io.StringIO) -> None:
        case = await desk.opened()
        first, second = [await desk.recorded(case, text=f"{TEXT}-{n}") for n in (1, 2)]
        await self._swap(
            desk,
            "UPDATE consultation.progress_records AS one SET text_sealed = two.text_sealed"
            " FROM consultation.progress_records AS two"
            " WHERE (one.id, two.id) IN (($1, $2), ($2, $1))",
            UUID(first),
            UUID(second),
        )
        for path in (f"{PATH}/{case}/records/{first}", f"{PATH}/{case}/records"):
            await self._fails_in_silence(await desk.lead.get(path), log)

    async def test_of_a_name_opens_in_its_own_case_only(self, desk: Desk, log: io.StringIO) -> None:
        first, second = [
            await desk.opened(consultee={"name": f"{NAME}-{n}", "contact": CONTACT}) for n in (1, 2)
        ]
        await self._swap(
            desk,
            "UPDATE consultation.cases AS one SET consultee_name_sealed = two.consultee_name_sealed"
            " FROM consultation.cases AS two WHERE (one.id, two.id) IN (($1, $2), ($2, $1))",
            UUID(first),
            UUID(second),
        )
        await self._fails_in_silence(await desk.lead.get(f"{PATH}/{first}"), log)
        await self._fails_in_silence(await desk.lead.get(PATH), log)

    async def test_does_not_open_in_another_column(self, desk: Desk, log: io.StringIO) -> None:
        case = await desk.opened(consultee={"name": NAME, "contact": CONTACT})
        await self._swap(
            desk,
            "UPDATE consultation.cases SET consultee_name_sealed = consultee_contact_sealed,"
            " consultee_contact_sealed = consultee_name_sealed WHERE id = $1",
            UUID(case),
        )
        await self._fails_in_silence(await desk.lead.get(f"{PATH}/{case}"), log)

    async def test_is_never_changed_by_the_service_itself(self, desk: Desk) -> None:
        granted = await desk.fetch(
            "SELECT privilege_type FROM information_schema.role_table_grants"
            " WHERE table_schema = 'consultation' AND table_name = 'progress_records'"
            " AND grantee = 'consultation_app'"
        )
        assert {row["privilege_type"] for row in granted} == {"SELECT", "INSERT"}

    async def _swap(self, desk: Desk, sql: str, *arguments: Any) -> None:
        async with desk.owner("consultation") as owner:
            await owner.execute(sql, *arguments)

    async def _fails_in_silence(self, response: Any, log: io.StringIO) -> None:
        assert refusal(response) == (500, "platform/internal-error")
        assert "CANARY" not in response.text
        assert "CANARY" not in log.getvalue()


class TestAnEarlierCounsellor:
    @pytest.mark.parametrize("duties", [(), (Role.CLERK,), (Role.ADMINISTRATOR,)])
    async def test_reads_nothing_with_a_role_that_was_left_behind(
        self, desk: Desk, duties: tuple[Role, ...]
    ) -> None:
        case = await desk.opened()
        member = await desk.member(case, "worker")
        moved_on: As = desk.official(*duties, subject=name_of(member))
        assert (await moved_on.get(f"{PATH}/{case}/records")).status_code in {403, 404}
