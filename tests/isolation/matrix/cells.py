"""The cells of the matrix: who asks which operation how, and what the only right answer is.

Every operation × everybody × their own things, another town's thing in each place where one is
named, another town named beside them, and papers that nobody should believe.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from typing_extensions import override

from foundation.identifiers import new_id
from foundation.identity import Caller
from tests.isolation.matrix.examples import EXAMPLES, Asked, Example
from tests.isolation.matrix.operations import Operation
from tests.isolation.matrix.towns import SIGNED_IN, STRANGER, Town

TENANT_NAMES = ("municipality_code", "tenant", "tenant_id")


class Right(Enum):
    """What may be answered; in every case without a word of the other town."""

    DONE = "2xx, or a conflict with what was done before"
    CLOSED = "anything that neither fails nor says that the thing is there"
    HIDDEN = "404, word for word as for what does not exist"
    FORBIDDEN = "403: the description says that it is not theirs to do"
    MISMATCH = "403: another municipality is named"
    UNBELIEVED = "401"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One request, by whom, and what is right. `twin` asks for what does not exist."""

    operation: Operation
    probe: str
    who: str
    caller: Caller
    asked: Asked
    right: Right
    twin: Asked | None = None
    key: str = field(default_factory=lambda: str(new_id()))

    @override
    def __str__(self) -> str:
        town = self.caller.tenancy.code
        return f"{self.operation} by {self.who} of {town}, {self.probe}"


def own_cells(operation: Operation, town: Town) -> Iterator[Cell]:
    """Ask for one's own; the keys are the same in every town, so no answer may be mixed up."""
    for number, example in enumerate(_examples(operation)):
        asked = example(town.things.__getitem__, town)
        for who, caller in _callers(operation, town, town):
            if who != STRANGER:
                yield Cell(
                    operation=operation,
                    probe=f"own ({number})",
                    who=who,
                    caller=caller,
                    asked=asked,
                    right=_right(operation, caller, Right.DONE),
                    key=f"own-{operation.id}-{number}",
                )


def foreign_cells(operation: Operation, town: Town, other: Town) -> Iterator[Cell]:
    """Ask for another town's thing, in each place of the request that names one, and in all."""
    for example in _examples(operation):
        for names in _variations(example, town):
            foreign = _asked(example, town, names, other.things)
            unknown = _asked(example, town, names, {name: str(new_id()) for name in names})
            hidden = foreign.path != _asked(example, town, (), {}).path
            for who, caller in _callers(operation, town, other):
                if who == STRANGER and not (hidden or operation.method == "GET"):
                    continue  # what the stranger leaves behind is about whom the token names
                yield Cell(
                    operation=operation,
                    probe=f"another town's {', '.join(names)}",
                    who=who,
                    caller=caller,
                    asked=foreign,
                    twin=unknown if hidden else None,
                    right=_right(operation, caller, Right.HIDDEN if hidden else Right.CLOSED),
                )


def mismatch_cells(operation: Operation, town: Town, other: Town) -> Iterator[Cell]:
    """Name another town beside one's own, wherever a request can."""
    example = _examples(operation)[0]
    own = example(town.things.__getitem__, town)
    foreign = _asked(example, town, _names(example, town), other.things)
    named = [*_naming(own, other), ("a header, asking for its things", _in_header(foreign, other))]
    for who, caller in _callers(operation, town, other):
        is_theirs = operation.is_open_to(caller)
        for place, asked in named if is_theirs else named[:1]:
            yield Cell(
                operation=operation,
                probe=f"another town in {place}",
                who=who,
                caller=caller,
                asked=asked,
                right=_right(operation, caller, Right.MISMATCH),
            )


def unbelieved_cells(operation: Operation, town: Town, papers: Sequence[str]) -> Iterator[Cell]:
    """Show papers that prove nothing, whoever they say one is."""
    asked = _examples(operation)[0](town.things.__getitem__, town)
    for who, caller in _callers(operation, town, town):
        for paper in papers:
            yield Cell(
                operation=operation,
                probe=paper,
                who=who,
                caller=caller,
                asked=asked,
                right=Right.UNBELIEVED,
            )


def _examples(operation: Operation) -> tuple[Example, ...]:
    known = EXAMPLES[operation.service]
    assert operation.id in known, (
        f"{operation} has no isolation data: say in tests/isolation/matrix/examples how it is"
        " asked, and in seeds what each town has for it."
    )
    return known[operation.id]


def _callers(operation: Operation, town: Town, other: Town) -> Iterator[tuple[str, Caller]]:
    for who in SIGNED_IN:
        yield who, town.caller(who, operation.purpose, elsewhere=other)


def _right(operation: Operation, caller: Caller, otherwise: Right) -> Right:
    return otherwise if operation.is_open_to(caller) else Right.FORBIDDEN


def unknown_to_us(operations: Sequence[Operation]) -> set[str]:
    """Return operations without isolation data, and data without an operation."""
    services = {operation.service for operation in operations}
    known = {name for service in services for name in EXAMPLES[service]}
    return known ^ {operation.id for operation in operations}


def _names(example: Example, town: Town) -> tuple[str, ...]:
    """Return which things an example names."""
    named: list[str] = []

    def noting(name: str) -> str:
        named.append(name)
        return town.things[name]

    example(noting, town)
    return tuple(dict.fromkeys(named))


def _variations(example: Example, town: Town) -> Iterator[tuple[str, ...]]:
    names = _names(example, town)
    yield from ((name,) for name in names)
    if len(names) > 1:
        yield names


def _asked(
    example: Example, town: Town, names: Sequence[str], replaced: Mapping[str, str]
) -> Asked:
    return example(lambda name: replaced[name] if name in names else town.things[name], town)


def _naming(own: Asked, other: Town) -> Iterator[tuple[str, Asked]]:
    code = str(other.tenancy.code)
    yield "a header", _in_header(own, other)
    host = {**own.headers, "Host": f"{code}.localhost"}
    yield "the host", replace(own, headers=host)
    for name in TENANT_NAMES:
        value = str(other.tenancy.tenant_id) if name == "tenant_id" else code
        yield f"the query as {name}", replace(own, query={**own.query, name: value})
        if own.json is not None:
            body: dict[str, Any] = {**own.json, name: value}
            yield f"the body as {name}", replace(own, json=body)


def _in_header(asked: Asked, other: Town) -> Asked:
    headers = {**asked.headers, "Tamaire-Municipality": str(other.tenancy.code)}
    return replace(asked, headers=headers)
