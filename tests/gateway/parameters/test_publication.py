"""A service reads what holds, of its own municipality and of those above, and nothing besides."""

import asyncpg
import pytest

from foundation.parameters import SLIP
from tests.support.house import House

from .conftest import Country

ROLES = ("registry_app", "benefits_app", "window_dx_app", "consultation_app")
KEY = SLIP.key


async def seen(house: House, role: str, tenant_id: int, sql: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(house.dsn(role))
    try:
        await connection.execute(f"BEGIN; SET LOCAL app.tenant_id = '{tenant_id}'")
        return list(await connection.fetch(sql))
    finally:
        await connection.close()


class TestAService:
    @pytest.mark.parametrize("role", ROLES)
    async def test_sees_what_stands_of_its_own_town_alone(
        self, country: Country, house: House, role: str
    ) -> None:
        await country.town.entered(KEY, 14)
        own, other = country.tenancies.kitami, country.tenancies.chiyoda
        question = "SELECT key, value FROM platform.standing_parameters"
        found = await seen(house, role, own.tenant_id, question)
        assert [(row["key"], row["value"]) for row in found] == [(KEY, "14")]
        assert await seen(house, role, other.tenant_id, question) == []

    @pytest.mark.parametrize("role", ROLES)
    @pytest.mark.parametrize(
        "sql",
        [
            "SELECT reason FROM platform.parameter_values",
            "SELECT entered_by FROM platform.parameter_values",
            "UPDATE platform.parameter_values SET value = '1'",
            "DELETE FROM platform.parameter_publications",
        ],
    )
    async def test_learns_no_reason_and_changes_nothing(
        self, country: Country, house: House, role: str, sql: str
    ) -> None:
        kitami = country.tenancies.kitami.tenant_id
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await seen(house, role, kitami, sql)

    async def test_sees_of_others_only_the_rules_of_those_above(
        self, country: Country, house: House
    ) -> None:
        await country.nation.entered(KEY, 10)
        await country.elsewhere.entered(KEY, 21)
        question = "SELECT municipality_code, value FROM platform.parameters_above"
        found = await seen(house, "registry_app", country.tenancies.kitami.tenant_id, question)
        assert [(row["municipality_code"], row["value"]) for row in found] == [("000000", "10")]


class TestTheDatabase:
    async def test_lets_no_two_values_begin_on_one_day(self, country: Country) -> None:
        made = await country.town.entered(KEY, 14)
        with pytest.raises(asyncpg.UniqueViolationError, match="parameter_values_one_begins"):
            await country.run(
                "INSERT INTO platform.parameter_values SELECT tenant_id, uuidv7(), key, starts_on,"
                " '15', ends, reason, entered_by, entered_at, state FROM platform.parameter_values"
                " WHERE id = $1",
                made["id"],
            )
