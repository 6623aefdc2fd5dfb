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

ASKED_FOR = (
    "benefits.applications",
    "benefits.outbox",
    "benefits.programmes",
    "benefits.transfer_proposals",
    "consultation.outbox",
    "registry.households",
    "registry.imports",
    "registry.residents",
    "window_dx.outbox",
    "window_dx.receptions",
    "window_dx.windows",
)
"""Tables whose rows an answer shows without another table's row before them."""


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


BY_PERSON = {"platform_withdraw_slip"}
"""Operations that look for what is the caller's and only compare the number that was asked for."""


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
    async def test_is_found_out_in_every_service_and_at_every_address(
        self, falling_house: OtherHouse
    ) -> None:
        async with opened(falling_house) as world:
            town, other = world.towns
            cells = [cell for one in world.operations for cell in theirs(one, town, other)]
            async with no_row_security(world):
                with no_predicates():
                    findings = await ask(world, cells, other)
        leaking = {one.cell.operation.id for one in findings if isinstance(one, Leak)}
        services = {one.service for one in world.operations if one.id in leaking}
        assert services == set(world.clients)
        hiding = {one.operation.id for one in cells if one.right is Right.HIDDEN}
        assert hiding - {one.cell.operation.id for one in findings} == BY_PERSON


class TestOneTable:
    """Both walls fall around one table only, and everything else holds.

    What is reached through another table's row stays out of sight then; `test_tables` asks every
    table directly, and finds each policy that was relaxed.
    """

    async def test_that_is_asked_for_directly_is_found_out(self, falling_house: OtherHouse) -> None:
        async with opened(falling_house) as world:
            with no_predicates():
                unnoticed = [table for table in ASKED_FOR if not await leaks_alone(world, table)]
        assert unnoticed == []


async def leaks_alone(world: World, table: str) -> bool:
    """Open one table to everybody, and tell whether any answer shows it; readers ask first."""
    town, other = world.towns
    await world.run(f"DROP POLICY tenant ON {table}")
    await world.run(f"CREATE POLICY tenant ON {table} USING (true)")
    try:
        for operation in sorted(world.operations, key=lambda one: one.method != "GET"):
            findings = await ask(world, theirs(operation, town, other), other)
            if any(isinstance(one, Leak) for one in findings):
                return True
        return False
    finally:
        await world.run(f"DROP POLICY tenant ON {table}")
        await world.run(f"CREATE POLICY tenant ON {table} USING (tenant_id = platform.tenant())")


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
