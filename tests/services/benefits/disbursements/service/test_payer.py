"""The municipality's own account is entered once and changed knowingly."""

from tests.services.benefits.town import ACCOUNT, PAYER, Town, ok, refusal


class TestPayer:
    async def test_is_hidden_from_another_municipality(self, town: Town, other_town: Town) -> None:
        await town.with_payer()
        refused = await other_town.treasury.get("/benefits/v1/payer")
        assert refusal(refused) == (404, "benefits/payer-not-found")

    async def test_is_entered_once_and_then_replaced_by_version(self, town: Town) -> None:
        await town.with_payer()
        again = await town.treasury.put(
            "/benefits/v1/payer", json=PAYER, headers={"If-None-Match": "*"}
        )
        assert refusal(again) == (412, "platform/precondition-failed")
        read = await town.treasury.get("/benefits/v1/payer")
        assert read.json()["account_number_masked"] == "****001"
        changed = await town.treasury.put(
            "/benefits/v1/payer",
            json=PAYER | {"originator_code": "9999999999"},
            headers={"If-Match": read.headers["ETag"]},
        )
        assert ok(changed)["version"] == 2
        stale = await town.treasury.put(
            "/benefits/v1/payer", json=PAYER, headers={"If-Match": read.headers["ETag"]}
        )
        assert refusal(stale) == (412, "platform/precondition-failed")

    async def test_asks_which_version_is_meant(self, town: Town) -> None:
        refused = await town.treasury.put("/benefits/v1/payer", json=PAYER)
        assert refusal(refused) == (428, "platform/precondition-required")

    async def test_must_be_an_account_transfers_can_be_paid_from(self, town: Town) -> None:
        refused = await town.treasury.put(
            "/benefits/v1/payer",
            json=PAYER | {"bank_account": ACCOUNT | {"account_type": "savings"}},
            headers={"If-None-Match": "*"},
        )
        assert refusal(refused) == (422, "benefits/bank-account-refused")

    async def test_is_not_the_sections_to_set(self, town: Town) -> None:
        refused = await town.section.put(
            "/benefits/v1/payer", json=PAYER, headers={"If-None-Match": "*"}
        )
        assert refusal(refused)[0] == 403
