"""Whoever asks whatever in whichever way: no answer holds a word of another municipality.

The cells come from the services' own descriptions: every operation × everybody who can be signed
in × their own things, another town's thing in each place that names one, another town named beside
them, and papers nobody should believe. Every word a town wrote is a canary.
"""

from collections.abc import AsyncGenerator, Iterator

import pytest
import pytest_asyncio

from tests.isolation.matrix.cells import (
    Cell,
    foreign_cells,
    mismatch_cells,
    own_cells,
    unbelieved_cells,
    unknown_to_us,
)
from tests.isolation.matrix.judging import ask, attack, rows_with_foreign_words, trail_faults
from tests.isolation.matrix.operations import Operation, in_turn
from tests.isolation.matrix.seeds import SEEDS
from tests.isolation.matrix.towns import Town
from tests.isolation.matrix.world import World, opened
from tests.support.house import House

pytestmark = [pytest.mark.isolation, pytest.mark.asyncio(loop_scope="module")]

every_service = pytest.mark.parametrize("service", SEEDS)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(house: House) -> AsyncGenerator[World]:
    async with opened(house) as world:
        yield world


class TestEveryOperation:
    async def test_has_isolation_data(self, world: World) -> None:
        assert unknown_to_us(world.operations) == set()

    async def test_without_isolation_data_is_noticed(self, world: World) -> None:
        """Adding an operation means saying how a foreign town would ask for it."""
        assert unknown_to_us(world.operations[1:]) == {world.operations[0].id}

    @every_service
    async def test_does_its_work_for_its_own_people(self, world: World, service: str) -> None:
        """A request that fails for its owner would prove nothing when it fails for others."""
        for town, other in world.pairs:
            faults: list[str] = []
            asked: set[tuple[str, str]] = set()
            done: set[tuple[str, str]] = set()
            for together in in_turn(world.of(service)):
                cells = [cell for one in together for cell in own_cells(one, town)]
                faults += [str(finding) for finding in await ask(world, cells, other)]
                faults += await trail_faults(world)
                asked |= {_example(cell) for cell in cells}
                done |= {_example(one.cell) for one in world.counter.answers if one.status < 300}
            assert faults == []
            assert asked - done == set()
        await world.quiet()

    async def test_is_asked_in_ten_thousand_ways(self, world: World) -> None:
        assert sum(1 for _ in every_cell(world)) > 10_000


class TestAnotherTown:
    @every_service
    async def test_has_nothing_that_exists(self, world: World, service: str) -> None:
        assert await attack(world, world.of(service), foreign_cells) == []

    @every_service
    async def test_cannot_be_named(self, world: World, service: str) -> None:
        assert await attack(world, world.of(service), mismatch_cells) == []

    @every_service
    async def test_cannot_be_entered_with_false_papers(self, world: World, service: str) -> None:
        def cells(operation: Operation, town: Town, _: Town) -> Iterator[Cell]:
            return false_papers(world, operation, town)

        assert await attack(world, world.of(service), cells) == []


class TestAfterwards:
    async def test_no_row_of_a_town_holds_another_towns_word(self, world: World) -> None:
        assert await rows_with_foreign_words(world) == []

    @every_service
    async def test_no_figure_holds_any_towns_word(self, world: World, service: str) -> None:
        figures = (await world.clients[service].http.get("/metrics")).content
        assert [sign for town in world.towns for sign in world.signs(town).found_in(figures)] == []

    async def test_no_line_of_the_log_holds_any_towns_word(self, world: World) -> None:
        log = world.log.getvalue().encode()
        assert len(log) > 0
        assert [sign for town in world.towns for sign in world.signs(town).found_in(log)] == []


def false_papers(world: World, operation: Operation, town: Town) -> Iterator[Cell]:
    """Show them in one of the towns: nobody looks at whose false papers are."""
    if town is world.towns[0]:
        yield from unbelieved_cells(operation, town, list(world.papers[operation.service].false))


def every_cell(world: World) -> Iterator[Cell]:
    for town, other in world.pairs:
        for operation in world.operations:
            yield from own_cells(operation, town)
            yield from foreign_cells(operation, town, other)
            yield from mismatch_cells(operation, town, other)
            yield from false_papers(world, operation, town)


def _example(cell: Cell) -> tuple[str, str]:
    return cell.operation.id, cell.probe
