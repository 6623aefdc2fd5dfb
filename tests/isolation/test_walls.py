"""Two walls stand between municipalities, and either of them holds alone.

Without the predicate of the statements, row security still hides every row; without row security,
the predicate does. Without both the matrix must find leaks, or it would not be worth its time.
"""

from collections.abc import AsyncGenerator, Iterator

import pytest
import pytest_asyncio

from tests.isolation.matrix.carrying_out import Leak
from tests.isolation.matrix.cells import Cell, Right, foreign_cells
from tests.isolation.matrix.judging import ask, attack, rows_with_foreign_words
from tests.isolation.matrix.operations import Operation
from tests.isolation.matrix.towns import Town
from tests.isolation.matrix.walls import (
    OtherHouse,
    no_predicates,
    no_row_security,
    rebuilt,
    without_predicate,
)
from tests.isolation.matrix.world import World, opened
from tests.support.house import House

pytestmark = [pytest.mark.isolation, pytest.mark.asyncio(loop_scope="module")]


@pytest.fixture(scope="module")
def standing_house(house: House) -> OtherHouse:
    return rebuilt(house, "walls")


@pytest.fixture(scope="module")
def falling_house(house: House) -> OtherHouse:
    return rebuilt(house, "walls_down")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(standing_house: OtherHouse) -> AsyncGenerator[World]:
    async with opened(standing_house) as world:
        yield world


class TestEitherWall:
    async def test_row_security_holds_without_the_predicates(self, world: World) -> None:
        with no_predicates() as changed:
            assert changed > len(world.operations)
            assert await attack(world, world.operations, theirs) == []
        assert await rows_with_foreign_words(world) == []

    async def test_the_predicates_hold_without_row_security(self, world: World) -> None:
        async with no_row_security(world):
            assert await attack(world, world.operations, theirs) == []
        assert await rows_with_foreign_words(world) == []


class TestNeitherWall:
    async def test_lets_every_service_leak(self, falling_house: OtherHouse) -> None:
        async with opened(falling_house) as world:
            town, other = world.towns
            cells = [cell for one in world.operations for cell in theirs(one, town, other)]
            async with no_row_security(world):
                with no_predicates():
                    findings = await ask(world, cells, other)
        leaking = {one.cell.operation.id for one in findings if isinstance(one, Leak)}
        services = {one.service for one in world.operations if one.id in leaking}
        assert services == set(world.clients)
        assert len(leaking) > len(world.operations) / 2


class TestWithoutPredicate:
    @pytest.mark.parametrize(
        ("sql", "bare"),
        [
            (
                "SELECT a FROM s.t WHERE s.t.tenant_id = $1::INTEGER AND s.t.id = $2",
                "SELECT a FROM s.t WHERE ($1::integer IS NOT NULL) AND s.t.id = $2",
            ),
            (
                "UPDATE s.t SET a=$1 WHERE tenant_id = $12",
                "UPDATE s.t SET a=$1 WHERE ($12::integer IS NOT NULL)",
            ),
            (
                "INSERT INTO s.t (tenant_id) VALUES ($1::INTEGER)",
                "INSERT INTO s.t (tenant_id) VALUES ($1::INTEGER)",
            ),
        ],
    )
    async def test_takes_out_the_tenant_and_nothing_else(self, sql: str, bare: str) -> None:
        assert without_predicate(sql) == bare


def theirs(operation: Operation, town: Town, other: Town) -> Iterator[Cell]:
    """Leave out whom the policy table turns away before any statement is sent."""
    for cell in foreign_cells(operation, town, other):
        if cell.right is not Right.FORBIDDEN:
            yield cell
