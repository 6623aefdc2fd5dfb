"""How the section decides, over HTTP, on a real database."""

import asyncio
from typing import Any

import asyncpg
import pytest

from foundation.identity import Role
from tests.services.benefits.town import ACCOUNT, Town, householder, ok, refusal

NOT_FOUND = (404, "benefits/application-not-found")
GRANT = {"decision": "granted", "reason": "要綱第3条の要件を満たすため"}
REFUSE = {"decision": "refused", "reason": "ほかの自治体で受給済みのため"}


def path(application: str, tail: str) -> str:
    return f"/benefits/v1/applications/{application}/{tail}"


async def events_of(town: Town) -> list[dict[str, Any]]:
    rows = await town.run_as_owner(
        "benefits",
        "SELECT type, subject_id FROM benefits.outbox WHERE tenant_id = $1 ORDER BY tx, id",
        town.tenancy.tenant_id,
    )
    return [dict(row) for row in rows]


class TestDecide:
    async def test_is_hidden_from_another_municipality(self, town: Town, other_town: Town) -> None:
        _, application = await town.confirmed(householder())
        refused = await other_town.section.post(path(application, "decision"), json=GRANT)
        assert refusal(refused) == NOT_FOUND

    @pytest.mark.parametrize("given", [GRANT, REFUSE], ids=["granted", "refused"])
    async def test_is_kept_and_announced(self, town: Town, given: dict[str, str]) -> None:
        head = householder()
        _, application = await town.confirmed(head)
        ok(await town.section.post(path(application, "decision"), json=given))
        read = ok(await town.resident(head).get(path(application, "decision")))
        assert {name: read[name] for name in given} == given
        last = (await events_of(town))[-1]
        assert last["type"] == f"benefits.application.{given['decision']}.v1"
        assert str(last["subject_id"]) == application

    async def test_needs_the_households_own_confirmation(self, town: Town) -> None:
        _, application = await town.offered(householder())
        refused = await town.section.post(path(application, "decision"), json=GRANT)
        assert refusal(refused) == (409, "benefits/application-state-conflict")

    async def test_is_given_once_however_many_decide_at_the_same_moment(self, town: Town) -> None:
        _, application = await town.confirmed(householder())
        answers = await asyncio.gather(
            *(
                town.official(Role.BENEFITS_OFFICER).post(path(application, "decision"), json=given)
                for given in (GRANT, REFUSE, GRANT, REFUSE)
            )
        )
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]

    async def test_cannot_be_rewritten_by_the_service_itself(self, town: Town) -> None:
        _, application = await town.confirmed(householder())
        ok(await town.section.post(path(application, "decision"), json=GRANT))
        connection = await asyncpg.connect(town.house.dsn("benefits_app"))
        try:
            await connection.execute(f"SET app.tenant_id = '{town.tenancy.tenant_id}'")
            for sql in (
                "UPDATE benefits.decisions SET reason = ''",
                "DELETE FROM benefits.decisions",
            ):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(sql)
        finally:
            await connection.close()

    async def test_states_a_reason(self, town: Town) -> None:
        _, application = await town.confirmed(householder())
        refused = await town.section.post(
            path(application, "decision"), json=GRANT | {"reason": "　"}
        )
        assert refusal(refused) == (422, "platform/invalid-input")

    @pytest.mark.parametrize("role", [Role.CLERK, Role.TREASURER, Role.ADMINISTRATOR])
    async def test_is_the_sections_own(self, town: Town, role: Role) -> None:
        _, application = await town.confirmed(householder())
        refused = await town.official(role).post(path(application, "decision"), json=GRANT)
        assert refusal(refused)[0] == 403


class TestReadDecision:
    async def test_is_hidden_from_another_municipality(self, town: Town, other_town: Town) -> None:
        head = householder()
        _, application = await town.granted(head)
        for reader in (other_town.section, other_town.resident(head)):
            assert refusal(await reader.get(path(application, "decision"))) == NOT_FOUND

    async def test_is_not_there_before_it_is_given(self, town: Town) -> None:
        _, application = await town.confirmed(householder())
        refused = await town.section.get(path(application, "decision"))
        assert refusal(refused) == (404, "benefits/decision-not-found")


class TestReturn:
    async def test_is_hidden_from_another_municipality(self, town: Town, other_town: Town) -> None:
        _, application = await town.confirmed(householder())
        refused = await other_town.section.post(
            path(application, "return"), json={"reason": "口座名義をご確認ください"}
        )
        assert refusal(refused) == NOT_FOUND

    async def test_tells_the_household_what_to_correct(self, town: Town, other_town: Town) -> None:
        head = householder()
        _, application = await town.confirmed(head)
        household = town.resident(head)
        asked = path(application, "return")
        assert refusal(await household.get(asked)) == (404, "benefits/correction-not-asked")
        for reason in ("口座名義をご確認ください", "支店をご確認ください"):
            ok(await town.section.post(asked, json={"reason": reason}))
            assert ok(await household.get(asked))["reason"] == reason
            ok(
                await household.post(
                    path(application, "confirmation"), json={"bank_account": ACCOUNT}
                )
            )
        for reader in (other_town.section, other_town.resident(head), town.resident(householder())):
            assert refusal(await reader.get(asked)) == NOT_FOUND

    async def test_lets_the_household_answer_again(self, town: Town) -> None:
        head = householder()
        _, application = await town.confirmed(head)
        returned = ok(
            await town.section.post(
                path(application, "return"), json={"reason": "口座名義をご確認ください"}
            )
        )
        assert returned["state"] == "returned"
        confirmed = ok(
            await town.resident(head).post(
                path(application, "confirmation"),
                json={"bank_account": ACCOUNT | {"account_number": "0000888"}},
            )
        )
        assert confirmed["state"] == "confirmed"
        assert confirmed["bank_account"]["account_number_masked"] == "****888"
