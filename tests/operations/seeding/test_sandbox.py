"""The sandbox is a municipality of its own world, with the cast, and of nobody's statistics."""

import asyncpg

from foundation.identifiers import SANDBOX
from operations.population import generate
from operations.population.cast import prefix_of
from operations.seeding.clients import CLIENTS
from operations.seeding.sandbox import NAME, enrol
from tests.support.house import House


class TestEnrol:
    async def test_enters_it_once_as_a_place_of_the_other_world(self, house: House) -> None:
        connection = await asyncpg.connect(house.dsn("platform_owner"))
        try:
            first, again = await enrol(connection), await enrol(connection)
            row = await connection.fetchrow(
                "SELECT name, environment, corporate_number, parent_tenant_id, status"
                " FROM platform.tenants WHERE tenant_id = $1",
                first,
            )
        finally:
            await connection.close()
        assert first == again
        assert row is not None
        assert tuple(row) == (NAME, "sandbox", None, None, "live")


class TestItsPeople:
    def test_are_the_cast_and_some_more_under_addresses_no_letter_reaches(self) -> None:
        people = generate(SANDBOX)
        assert prefix_of(SANDBOX) == "shiken"
        assert sum(resident.is_current for resident in people.residents) == 300
        assert {home.address.postal_code for home in people.households} == {"9999999"}


class TestItsClients:
    def test_are_twins_that_act_in_no_real_municipality(self) -> None:
        twins = {client.client_id for client in CLIENTS if client.environment == "sandbox"}
        assert twins == {"sandbox-portal", "sandbox-desk", "sandbox-operations"}
        assert all(
            client.client_id.startswith("sandbox-")
            for client in CLIENTS
            if client.environment != "production"
        )
