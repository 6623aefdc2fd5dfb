"""The matrix again, at the gateway: real access tokens, the real way in, the same nothing to see.

Who would be turned away for their role alone is left out here; the services' own matrix asks them.
"""

from collections.abc import AsyncGenerator, Callable, Iterable, Iterator

import pytest
import pytest_asyncio

from tests.isolation.matrix.cells import (
    Cell,
    Right,
    foreign_cells,
    mismatch_cells,
    own_cells,
    unbelieved_cells,
)
from tests.isolation.matrix.examples.platform import PUBLIC
from tests.isolation.matrix.front_door import FrontDoor, front_door
from tests.isolation.matrix.judging import differences, rows_with_foreign_words
from tests.isolation.matrix.operations import ENDING, Operation, in_turn
from tests.isolation.matrix.towns import Town
from tests.isolation.matrix.world import World, opened
from tests.support.house import House

pytestmark = [pytest.mark.isolation, pytest.mark.asyncio(loop_scope="module")]

Cells = Callable[[Operation, Town, Town], Iterable[Cell]]
HOLDERS = {"resident", "clerk", "vendor"}
"""Whose false papers are shown: one of each kind."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(house: House) -> AsyncGenerator[World]:
    async with opened(house) as world:
        yield world


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(
    house: House, world: World, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[FrontDoor]:
    async with front_door(house, world, tmp_path_factory.mktemp("door")) as door:
        yield door


class TestTheFrontDoor:
    async def test_knows_why_each_operation_of_the_desk_asks_for_no_token(
        self, door: FrontDoor
    ) -> None:
        assert door.desk == PUBLIC.keys()

    async def test_shows_nothing_of_another_town(self, world: World, door: FrontDoor) -> None:
        assert await attack(world, door, theirs(foreign_cells)) == []

    async def test_lets_nobody_name_another_town(self, world: World, door: FrontDoor) -> None:
        assert await attack(world, door, theirs(mismatch_cells)) == []

    async def test_believes_no_false_papers(self, world: World, door: FrontDoor) -> None:
        papers = list(door.papers.false)

        def cells(operation: Operation, town: Town, _: Town) -> Iterator[Cell]:
            for cell in unbelieved_cells(operation, town, papers):
                if cell.who in HOLDERS:
                    yield cell

        assert await attack(world, door, cells) == []

    async def test_does_the_offices_work_for_its_own_people(
        self, world: World, door: FrontDoor
    ) -> None:
        """Last of all work: whoever ends their sign-in is let in no more, by any of the others."""
        done: set[str] = set()
        await door.wake()
        for town, other in world.pairs:
            mine = theirs(lambda one, town, _: own_cells(one, town))
            for together in in_turn(world.of("platform")):
                cells = [cell for one in together for cell in mine(one, town, other)]
                faults = map(str, await door.counter.carry_out(cells, world.signs(other)))
                out = together[0].id in ENDING
                assert [fault for fault in faults if not (out and ": 401 " in fault)] == []
                done |= {one.cell.operation.id for one in door.counter.answers if one.status < 300}
        assert {one.id for one in world.of("platform")} - done - set(ENDING) == set()

    async def test_leaves_no_foreign_word_behind(self, world: World, door: FrontDoor) -> None:
        del door
        assert await rows_with_foreign_words(world) == []


async def attack(world: World, door: FrontDoor, cells: Cells) -> list[str]:
    """Let each town ask after the other through the gateway; return every fault."""
    faults: list[str] = []
    for town, other in world.pairs:
        before = await world.rows(other)
        await door.wake()
        asked = (cell for one in world.operations for cell in cells(one, town, other))
        faults += map(str, await door.counter.carry_out(asked, world.signs(other)))
        faults += differences(other, before, await world.rows(other))
    return faults


def theirs(cells: Cells) -> Cells:
    """Leave out the gateway itself, and whom the policy table turns away."""

    def left(operation: Operation, town: Town, other: Town) -> Iterator[Cell]:
        for cell in cells(operation, town, other):
            if cell.right is not Right.FORBIDDEN and cell.who != "gateway":
                yield cell

    return left
