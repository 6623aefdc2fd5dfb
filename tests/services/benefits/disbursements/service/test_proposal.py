"""A change of account voids what was proposed before it, and comes too late after."""

import asyncio

from tests.services.benefits.disbursements.test_endpoints import PROPOSALS, a_proposal, transfers_of
from tests.services.benefits.town import ACCOUNT, Person, Town, householder, ok, refusal


async def change_account(town: Town, head: Person, number: str) -> None:
    """Have a granted benefit paid elsewhere."""
    (offer,) = ok(await town.resident(head).get("/benefits/v1/offers"))["items"]
    ok(
        await town.resident(head).put(
            f"/benefits/v1/applications/{offer['application_id']}/bank-account",
            json={"bank_account": ACCOUNT | {"account_number": number}},
            headers={"If-Match": f'"{offer["version"]}"'},
        )
    )


class TestChangedAccount:
    async def test_voids_the_proposal(self, town: Town) -> None:
        head = householder()
        proposal = await a_proposal(town, head)
        await change_account(town, head, "0000777")
        refused = await town.treasury.post(f"{PROPOSALS}/{proposal['id']}/approval")
        assert refused.status_code == 409
        assert await transfers_of(town) == 0

    async def test_voids_it_for_good_even_if_changed_back(self, town: Town) -> None:
        head = householder()
        proposal = await a_proposal(town, head)
        await change_account(town, head, "0000777")
        await change_account(town, head, ACCOUNT["account_number"])
        refused = await town.treasury.post(f"{PROPOSALS}/{proposal['id']}/approval")
        assert refused.status_code == 409

    async def test_can_be_proposed_anew_at_once(self, town: Town) -> None:
        head = householder()
        proposal = await a_proposal(town, head)
        await change_account(town, head, "0000777")
        fresh = await town.proposed(proposal["programme_id"])
        assert fresh["fingerprint"] != proposal["fingerprint"]
        old = ok(await town.treasury.get(f"{PROPOSALS}/{proposal['id']}"))
        assert old["state"] == "voided"
        assert (await town.approved(fresh["id"]))["state"] == "approved"

    async def test_comes_too_late_once_the_money_is_let_go(self, town: Town) -> None:
        head = householder()
        proposal = await a_proposal(town, head)
        await town.approved(proposal["id"])
        (offer,) = ok(await town.resident(head).get("/benefits/v1/offers"))["items"]
        refused = await town.resident(head).put(
            f"/benefits/v1/applications/{offer['application_id']}/bank-account",
            json={"bank_account": ACCOUNT},
            headers={"If-Match": f'"{offer["version"]}"'},
        )
        assert refusal(refused) == (409, "benefits/application-state-conflict")

    async def test_racing_with_the_approval_pays_what_was_approved_or_nothing(
        self, town: Town
    ) -> None:
        head = householder()
        proposal = await a_proposal(town, head)
        (offer,) = ok(await town.resident(head).get("/benefits/v1/offers"))["items"]
        change, approval = await asyncio.gather(
            town.resident(head).put(
                f"/benefits/v1/applications/{offer['application_id']}/bank-account",
                json={"bank_account": ACCOUNT | {"account_number": "0000777"}},
                headers={"If-Match": f'"{offer["version"]}"'},
            ),
            town.treasury.post(f"{PROPOSALS}/{proposal['id']}/approval"),
        )
        assert {change.is_success, approval.is_success} == {True, False}
