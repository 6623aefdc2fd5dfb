"""What must hold after cells were carried out: nothing moved elsewhere, and all is on record."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from tests.isolation.matrix.carrying_out import Answer, Finding
from tests.isolation.matrix.cells import Cell, Right
from tests.isolation.matrix.operations import Operation
from tests.isolation.matrix.towns import Town
from tests.isolation.matrix.world import World

Cells = Callable[[Operation, Town, Town], Iterable[Cell]]
_REFUSED, _NOT_FOUND, _SUCCESS = 403, 404, range(200, 300)


async def attack(world: World, operations: Sequence[Operation], cells: Cells) -> list[str]:
    """Let each town ask after the other; return every fault, changed rows of the other included."""
    faults: list[str] = []
    for town, other in world.pairs:
        before = await world.rows(other)
        found = await ask(
            world, (cell for one in operations for cell in cells(one, town, other)), other
        )
        faults += [str(finding) for finding in found]
        faults += differences(other, before, await world.rows(other))
        faults += await trail_faults(world)
    return faults


async def ask(world: World, cells: Iterable[Cell], other: Town) -> list[Finding]:
    """Carry cells out, and look for the other town's words in every answer."""
    world.counter.answers.clear()
    return await world.counter.carry_out(cells, world.signs(other))


async def rows_with_foreign_words(world: World) -> list[str]:
    """Look through everything a town has: rows, events, entries of the trail, kept answers."""
    faults: list[str] = []
    for town, other in world.pairs:
        for table, rows in (await world.rows(town)).items():
            found = set(world.signs(other).found_in("\n".join(rows).encode()))
            faults += [f"{table} of {town.tenancy.code} holds {sign}" for sign in sorted(found)]
    return faults


async def trail_faults(world: World) -> list[str]:
    """Compare what was answered with what the trail says of it."""
    answers = world.counter.answers
    trail = await world.trail_of(answer.request_id for answer in answers)
    return [
        f"{answer.cell}: {fault}"
        for answer in answers
        for fault in _wrong_on_record(answer, trail.get(answer.request_id, []))
    ]


def _wrong_on_record(answer: Answer, entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    expected = _expected_on_record(answer)
    decisions = {str(entry["decision"]) for entry in entries}
    if expected is not None and decisions != expected:
        yield f"{answer.status} is on record as {sorted(decisions)}"
    if expected == {"denied"} and len(entries) > 1:
        yield "one refusal is on record twice"
    caller = answer.cell.caller
    for entry in entries:
        if entry["tenant_id"] != caller.tenancy.tenant_id:
            yield "another town's trail has it"
        if entry["actor"] != caller.principal.subject or entry["purpose"] is None:
            yield "the trail does not say by whom, or why"


def _expected_on_record(answer: Answer) -> set[str] | None:
    """Return the decisions the trail must name; None where it may say something or nothing."""
    if answer.cell.right is Right.UNBELIEVED:
        return set()
    is_personal = answer.cell.operation.is_personal
    if answer.status == _REFUSED or (answer.status == _NOT_FOUND and is_personal):
        return {"denied"}
    if answer.status in _SUCCESS and is_personal:
        return {"allowed"}
    return None


def differences(
    town: Town, before: Mapping[str, list[str]], after: Mapping[str, list[str]]
) -> list[str]:
    """Return the tables in which a town's rows are not what they were."""
    return [
        f"{table} of {town.tenancy.code} was changed by another town"
        for table, rows in before.items()
        if after[table] != rows
    ]
