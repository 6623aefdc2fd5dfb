"""How money is let go, over HTTP and under it, on a real database."""

import asyncio
import base64
from datetime import timedelta
from hashlib import sha256
from typing import Any

import asyncpg
import pytest

from foundation import clock
from foundation.identifiers import new_id
from foundation.identity import Role
from tests.services.benefits.town import (
    ACCOUNT,
    Person,
    Town,
    householder,
    next_banking_day,
    ok,
    refusal,
)
from tests.support.callers import a_machine

PROPOSALS = "/benefits/v1/transfer-proposals"
NOT_FOUND = (404, "benefits/proposal-not-found")


async def a_proposal(town: Town, *heads: Person) -> dict[str, Any]:
    """Return an open proposal for these householders' grants, with a payer in place."""
    programme: str | None = None
    for head in heads or (householder(),):
        programme, _ = await town.granted(head, programme=programme)
    await town.with_payer()
    return await town.proposed(str(programme))


async def transfers_of(town: Town) -> int:
    (row,) = await town.run_as_owner(
        "benefits",
        "SELECT count(*) AS n FROM benefits.transfers WHERE tenant_id = $1",
        town.tenancy.tenant_id,
    )
    return int(row["n"])


class TestPropose:
    async def test_is_hidden_from_another_municipality(self, town: Town, other_town: Town) -> None:
        programme, _ = await town.granted(householder())
        refused = await other_town.section.post(
            PROPOSALS, json={"programme_id": programme, "transfer_on": str(next_banking_day())}
        )
        assert refusal(refused) == (404, "benefits/programme-not-found")

    async def test_takes_every_grant_of_the_programme_and_nothing_else(self, town: Town) -> None:
        programme, _ = await town.granted(householder())
        await town.granted(householder(), programme=programme)
        await town.confirmed(householder(), programme=programme)
        proposal = await town.proposed(programme)
        assert (proposal["line_count"], proposal["total_yen"]) == (2, 60_000)
        assert proposal["state"] == "proposed"

    async def test_asks_for_a_banking_day_ahead(self, town: Town) -> None:
        programme, _ = await town.granted(householder())
        for day in (clock.today(), clock.today() - timedelta(days=1)):
            refused = await town.section.post(
                PROPOSALS, json={"programme_id": programme, "transfer_on": str(day)}
            )
            assert refusal(refused) == (422, "benefits/not-a-banking-day")

    async def test_proposes_the_same_money_once_at_a_time(self, town: Town) -> None:
        programme, _ = await town.granted(householder())
        body = {"programme_id": programme, "transfer_on": str(next_banking_day())}
        answers = await asyncio.gather(*(town.section.post(PROPOSALS, json=body) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]

    async def test_needs_something_to_pay(self, town: Town) -> None:
        programme, _ = await town.confirmed(householder())
        refused = await town.section.post(
            PROPOSALS, json={"programme_id": programme, "transfer_on": str(next_banking_day())}
        )
        assert refusal(refused) == (409, "benefits/nothing-to-transfer")


class TestApprove:
    async def test_is_hidden_from_another_municipality(self, town: Town, other_town: Town) -> None:
        proposal = await a_proposal(town)
        refused = await other_town.treasury.post(f"{PROPOSALS}/{proposal['id']}/approval")
        assert refusal(refused) == NOT_FOUND
        assert refusal(await other_town.treasury.get(f"{PROPOSALS}/{proposal['id']}")) == NOT_FOUND
        assert ok(await other_town.treasury.get(PROPOSALS))["items"] == []

    async def test_lets_go_what_was_proposed(self, town: Town) -> None:
        head = householder()
        proposal = await a_proposal(town, head)
        approved = await town.approved(proposal["id"])
        assert approved["state"] == "approved"
        assert approved["fingerprint"] == proposal["fingerprint"]
        (offer,) = ok(await town.resident(head).get("/benefits/v1/offers"))["items"]
        assert offer["state"] == "in_transfer"

    async def test_refuses_the_official_who_proposed_the_transfer(self, town: Town) -> None:
        programme, _ = await town.granted(householder())
        await town.with_payer()
        both = town.official(Role.BENEFITS_OFFICER, Role.TREASURER, subject="one-person")
        proposal = await town.proposed(programme, by=both)
        refused = await both.post(f"{PROPOSALS}/{proposal['id']}/approval")
        assert refusal(refused) == (403, "benefits/proposer-may-not-approve")
        assert await transfers_of(town) == 0

    async def test_by_the_proposer_is_refused_by_the_table_itself(self, town: Town) -> None:
        proposal = await a_proposal(town)
        for schema in ("benefits_app", "benefits_owner"):
            connection = await asyncpg.connect(town.house.dsn(schema))
            try:
                await connection.execute(f"SET app.tenant_id = '{town.tenancy.tenant_id}'")
                with pytest.raises(asyncpg.CheckViolationError) as refused:
                    await connection.execute(
                        "UPDATE benefits.transfer_proposals SET state = 'approved',"
                        " approved_by = proposed_by WHERE tenant_id = $1 AND id = $2",
                        town.tenancy.tenant_id,
                        proposal["id"],
                    )
            finally:
                await connection.close()
            assert refused.value.constraint_name == "transfer_proposals_four_eyes_check"

    @pytest.mark.parametrize("column", ["proposed_by", "fingerprint", "total_yen", "transfer_on"])
    async def test_rests_on_facts_the_service_cannot_rewrite(self, town: Town, column: str) -> None:
        connection = await asyncpg.connect(town.house.dsn("benefits_app"))
        try:
            await connection.execute(f"SET app.tenant_id = '{town.tenancy.tenant_id}'")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(
                    f"UPDATE benefits.transfer_proposals SET {column} = {column}"
                )
        finally:
            await connection.close()

    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.TREASURER])
    async def test_is_the_treasurys_own(self, town: Town, role: Role) -> None:
        refused = await town.official(role).post(f"{PROPOSALS}/{new_id()}/approval")
        assert refusal(refused)[0] == 403

    async def test_is_not_for_residents_or_machines(self, town: Town) -> None:
        machine = town.client.as_(a_machine(), tenancy=town.tenancy)
        for caller in (machine, town.resident(householder())):
            assert refusal(await caller.post(f"{PROPOSALS}/{new_id()}/approval"))[0] == 403

    async def test_happens_once_however_many_approve_at_the_same_moment(self, town: Town) -> None:
        proposal = await a_proposal(town, householder(), householder())
        answers = await asyncio.gather(
            *(
                town.official(Role.TREASURER).post(f"{PROPOSALS}/{proposal['id']}/approval")
                for _ in range(4)
            )
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
        assert await transfers_of(town) == 2

    async def test_needs_to_know_where_the_money_comes_from(self, town: Town) -> None:
        programme, _ = await town.granted(householder())
        proposal = await town.proposed(programme)
        refused = await town.treasury.post(f"{PROPOSALS}/{proposal['id']}/approval")
        assert refusal(refused) == (409, "benefits/payer-missing")

    async def test_leaves_no_money_to_propose_again(self, town: Town) -> None:
        proposal = await a_proposal(town)
        await town.approved(proposal["id"])
        refused = await town.section.post(
            PROPOSALS,
            json={
                "programme_id": proposal["programme_id"],
                "transfer_on": str(next_banking_day()),
            },
        )
        assert refusal(refused) == (409, "benefits/nothing-to-transfer")

    async def test_refuses_a_household_that_was_paid_before(self, town: Town) -> None:
        proposal = await a_proposal(town)
        await town.run_as_owner(
            "benefits",
            "INSERT INTO benefits.transfers SELECT tenant_id, programme_id, household_id,"
            " proposal_id, bank_account_id, amount_yen, 'paid'"
            " FROM benefits.transfer_proposal_lines WHERE tenant_id = $1",
            town.tenancy.tenant_id,
        )
        refused = await town.treasury.post(f"{PROPOSALS}/{proposal['id']}/approval")
        assert refusal(refused) == (409, "benefits/proposal-outdated")


class TestReject:
    async def test_is_hidden_from_another_municipality(self, town: Town, other_town: Town) -> None:
        proposal = await a_proposal(town)
        refused = await other_town.treasury.post(
            f"{PROPOSALS}/{proposal['id']}/rejection", json={"reason": "日付の変更"}
        )
        assert refusal(refused) == NOT_FOUND

    async def test_pays_nothing_and_frees_the_money(self, town: Town) -> None:
        proposal = await a_proposal(town)
        rejected = ok(
            await town.treasury.post(
                f"{PROPOSALS}/{proposal['id']}/rejection", json={"reason": "日付の変更"}
            )
        )
        assert (rejected["state"], rejected["closing_reason"]) == ("rejected", "日付の変更")
        assert (await town.proposed(proposal["programme_id"]))["line_count"] == 1


class TestFile:
    async def test_is_hidden_from_another_municipality(self, town: Town, other_town: Town) -> None:
        proposal = await a_proposal(town)
        await town.approved(proposal["id"])
        await town.sealed(proposal["id"])
        refused = await other_town.treasury.get(f"{PROPOSALS}/{proposal['id']}/file")
        assert refusal(refused) == NOT_FOUND

    async def test_is_the_same_bytes_every_time_and_every_time_is_counted(self, town: Town) -> None:
        proposal = await a_proposal(town, householder(), householder())
        await town.approved(proposal["id"])
        sealed = await town.sealed(proposal["id"])
        one, other = [
            await town.treasury.get(f"{PROPOSALS}/{proposal['id']}/file") for _ in range(2)
        ]
        assert one.content == other.content
        digest = sha256(one.content)
        assert sealed["file"]["sha256"] == digest.hexdigest()
        encoded = base64.b64encode(digest.digest()).decode()
        assert one.headers["Repr-Digest"] == f"sha-256=:{encoded}:"
        assert len(one.content) == 120 * 5
        assert (sealed["file"]["record_count"], sealed["file"]["total_yen"]) == (2, 60_000)
        read = ok(await town.treasury.get(f"{PROPOSALS}/{proposal['id']}"))
        assert read["file"]["downloads"] == 2

    async def test_names_every_payee_in_the_trail(self, town: Town) -> None:
        heads = householder(), householder()
        proposal = await a_proposal(town, *heads)
        await town.approved(proposal["id"])
        await town.sealed(proposal["id"])
        await town.treasury.get(f"{PROPOSALS}/{proposal['id']}/file")
        rows = await town.run_as_owner(
            "audit",
            "SELECT s.subject_id FROM audit.entries e JOIN audit.entry_subjects s"
            " ON s.tenant_id = e.tenant_id AND s.entry_id = e.id"
            " WHERE e.tenant_id = $1 AND e.action = 'benefits.transfer.download'",
            town.tenancy.tenant_id,
        )
        assert {row["subject_id"] for row in rows} == {head.id for head in heads}

    async def test_is_not_there_before_the_approval(self, town: Town) -> None:
        proposal = await a_proposal(town)
        refused = await town.treasury.get(f"{PROPOSALS}/{proposal['id']}/file")
        assert refusal(refused) == (404, "benefits/transfer-file-not-ready")

    async def test_is_the_treasurys_own(self, town: Town) -> None:
        refused = await town.section.get(f"{PROPOSALS}/{new_id()}/file")
        assert refusal(refused)[0] == 403

    async def test_keeps_no_account_number_readable_in_the_database(self, town: Town) -> None:
        proposal = await a_proposal(town)
        await town.approved(proposal["id"])
        await town.sealed(proposal["id"])
        (row,) = await town.run_as_owner(
            "benefits",
            "SELECT content_sealed FROM benefits.transfer_files WHERE tenant_id = $1",
            town.tenancy.tenant_id,
        )
        assert ACCOUNT["account_number"].encode() not in row["content_sealed"]


class TestSettle:
    async def test_is_hidden_from_another_municipality(self, town: Town, other_town: Town) -> None:
        proposal = await a_proposal(town)
        refused = await other_town.treasury.post(
            f"{PROPOSALS}/{proposal['id']}/settlement",
            json={"executed_on": str(next_banking_day())},
        )
        assert refusal(refused) == NOT_FOUND

    async def test_pays_every_application_once(self, town: Town) -> None:
        heads = householder(), householder()
        proposal = await a_proposal(town, *heads)
        await town.approved(proposal["id"])
        await town.sealed(proposal["id"])
        await town.treasury.get(f"{PROPOSALS}/{proposal['id']}/file")
        path, body = (
            f"{PROPOSALS}/{proposal['id']}/settlement",
            {"executed_on": str(next_banking_day())},
        )
        answers = await asyncio.gather(*(town.treasury.post(path, json=body) for _ in range(3)))
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
        for head in heads:
            (offer,) = ok(await town.resident(head).get("/benefits/v1/offers"))["items"]
            assert offer["state"] == "paid"

    async def test_needs_a_sealed_file(self, town: Town) -> None:
        proposal = await a_proposal(town)
        refused = await town.treasury.post(
            f"{PROPOSALS}/{proposal['id']}/settlement",
            json={"executed_on": str(next_banking_day())},
        )
        assert refusal(refused) == (409, "benefits/proposal-state-conflict")

    async def test_needs_somebody_to_have_taken_the_file_out(self, town: Town) -> None:
        proposal = await a_proposal(town)
        await town.approved(proposal["id"])
        await town.sealed(proposal["id"])
        path, body = (
            f"{PROPOSALS}/{proposal['id']}/settlement",
            {"executed_on": str(next_banking_day())},
        )
        refused = await town.treasury.post(path, json=body)
        assert refusal(refused) == (409, "benefits/proposal-state-conflict")
        await town.treasury.get(f"{PROPOSALS}/{proposal['id']}/file")
        assert ok(await town.treasury.post(path, json=body))["state"] == "settled"

    async def test_refuses_a_day_before_the_transfer(self, town: Town) -> None:
        proposal = await a_proposal(town)
        await town.approved(proposal["id"])
        await town.sealed(proposal["id"])
        refused = await town.treasury.post(
            f"{PROPOSALS}/{proposal['id']}/settlement",
            json={"executed_on": str(next_banking_day() - timedelta(days=1))},
        )
        assert refusal(refused) == (422, "platform/invalid-input")
