"""No table is forgotten: each one that holds something of a municipality has been judged."""

from collections.abc import AsyncGenerator
from typing import Any

import asyncpg
import pytest

from operations.portability.catalogue import Catalogue, Place, read
from operations.portability.export import companions, travelling
from operations.portability.verdicts import CARRIED, COMPANIONS, LEFT
from tests.support.house import House

PLACE = Place(tenant_id=1, code="012084", codes=("012084",))


@pytest.fixture
async def superuser(house: House) -> AsyncGenerator["asyncpg.Connection[Any]"]:
    connection = await asyncpg.connect(house.superuser_dsn())
    yield connection
    await connection.close()


@pytest.fixture
async def catalogue(superuser: "asyncpg.Connection[Any]") -> Catalogue:
    return await read(superuser)


class TestEveryTable:
    async def test_has_a_verdict(self, catalogue: Catalogue) -> None:
        """Adding a table means saying whether a municipality takes it along, and why if not."""
        assert {table.name for table in catalogue.owned} == CARRIED | set(LEFT)

    async def test_has_one_verdict(self) -> None:
        assert CARRIED & set(LEFT) == set()

    async def test_that_is_pointed_at_travels_along(self, catalogue: Catalogue) -> None:
        assert set(companions(catalogue, PLACE)) == set(COMPANIONS)


class TestANewTable:
    async def test_travels_before_anybody_judged_it(
        self, superuser: "asyncpg.Connection[Any]"
    ) -> None:
        transaction = superuser.transaction()
        await transaction.start()
        try:
            await superuser.execute(
                "CREATE TABLE registry.unjudged (tenant_id integer, id uuid, PRIMARY KEY"
                " (tenant_id, id))"
            )
            assert "registry.unjudged" in {
                table.name for table in travelling(await read(superuser))
            }
        finally:
            await transaction.rollback()
