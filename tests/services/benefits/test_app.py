"""The whole way of a benefit, from its definition to the money."""

from tests.services.benefits.town import Town, householder, next_banking_day, ok


class TestTheWayOfABenefit:
    async def test_leads_from_the_roster_to_the_money(self, town: Town) -> None:
        head = householder()
        programme, application = await town.granted(head)
        await town.with_payer()
        proposal = await town.proposed(programme)
        ok(await town.treasury.post(f"/benefits/v1/transfer-proposals/{proposal['id']}/approval"))
        read = await town.sealed(proposal["id"])
        file = await town.treasury.get(f"/benefits/v1/transfer-proposals/{proposal['id']}/file")
        assert len(file.content) == 120 * 4
        settled = ok(
            await town.treasury.post(
                f"/benefits/v1/transfer-proposals/{proposal['id']}/settlement",
                json={"executed_on": str(next_banking_day())},
            )
        )
        assert settled["state"] == "settled"
        own = ok(await town.resident(head).get(f"/benefits/v1/applications/{application}"))
        assert own["state"] == "paid"
        assert read["line_count"] == 1
