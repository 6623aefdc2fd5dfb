"""The lists reach a real database whole, once, and a repetition changes nothing."""

import asyncpg
import pytest

from operations.reference import Loaded, load
from tests.support.house import House


@pytest.fixture
async def loaded(house: House) -> Loaded:
    return await _load(house)


async def _load(house: House) -> Loaded:
    return await load(
        platform_dsn=house.dsn("platform_owner"), benefits_dsn=house.dsn("benefits_owner")
    )


async def _value(house: House, owner: str, question: str) -> object:
    connection = await asyncpg.connect(house.dsn(owner))
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


@pytest.mark.usefixtures("loaded")
class TestLoad:
    async def test_makes_every_municipality_findable_by_its_code(self, house: House) -> None:
        found = await _value(
            house,
            "platform_owner",
            "SELECT count(*) FROM platform.tenants t JOIN platform.tenant_codes c USING (tenant_id)"
            " WHERE c.valid_until IS NULL AND t.kind = 'municipality'"
            " AND t.corporate_number IS NOT NULL",
        )
        assert found == 1_741

    async def test_puts_a_city_under_its_prefecture_under_the_nation(self, house: House) -> None:
        chain = await _value(
            house,
            "platform_owner",
            "SELECT nation.name || prefecture.name || city.name FROM platform.tenant_codes c"
            " JOIN platform.tenants city USING (tenant_id)"
            " JOIN platform.tenants prefecture ON prefecture.tenant_id = city.parent_tenant_id"
            " JOIN platform.tenants nation ON nation.tenant_id = prefecture.parent_tenant_id"
            " WHERE c.municipality_code = '302082'",
        )
        assert chain == "国和歌山県紀の川市"

    async def test_knows_the_branches_of_every_bank(self, house: House) -> None:
        found = await _value(
            house,
            "benefits_owner",
            "SELECT count(*) FROM benefits.bank_branches JOIN benefits.banks USING (bank_code)",
        )
        assert found == 28_944

    async def test_changes_nothing_the_second_time(self, house: House) -> None:
        again = await _load(house)
        assert again == Loaded(tenants=0, banks=0, branches=0)

    async def test_corrects_what_was_changed_by_hand(self, house: House) -> None:
        await _value(
            house,
            "benefits_owner",
            "UPDATE benefits.banks SET name = 'まちがい' WHERE bank_code = '0005'",
        )
        again = await _load(house)
        assert again == Loaded(tenants=0, banks=1, branches=0)

    async def test_leaves_a_municipality_that_came_on_board_on_board(self, house: House) -> None:
        number = "1000020472077"
        change = "UPDATE platform.tenants SET status = '{}' WHERE corporate_number = '{}'"
        await _value(house, "platform_owner", change.format("live", number))
        await _load(house)
        status = await _value(
            house,
            "platform_owner",
            f"SELECT status FROM platform.tenants WHERE corporate_number = '{number}'",
        )
        await _value(house, "platform_owner", change.format("listed", number))
        assert status == "live"
