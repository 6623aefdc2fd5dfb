"""Which value holds on a day: the nearest level that may set it and has one, or the default.

Pure: the declaration, the steps of a municipality and of those above it, and a day are given; the
value, where it is from and what was passed over follow.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from foundation.identifiers import CodeKind

from .declaration import Declaration, Value

NEAREST_FIRST: Final = (CodeKind.MUNICIPALITY, CodeKind.PREFECTURE, CodeKind.NATION)


class Verdict(StrEnum):
    """What was found at one level."""

    IN_FORCE = "in_force"
    OVERRIDDEN = "overridden"
    SILENT = "silent"
    NOT_ENTITLED = "not_entitled"
    OUT_OF_BOUNDS = "out_of_bounds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """From a day on, until its level's next step, a level says this; None: it says nothing."""

    level: CodeKind
    starts_on: date
    value: Value | None
    id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """What one level says on the day, and what that counts for."""

    level: CodeKind
    verdict: Verdict
    value: Value | None = None
    since: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The value of a day. `origin` is None where nobody set it: then it is the declared default."""

    value: Value
    origin: CodeKind | None
    since: date | None
    considered: tuple[Considered, ...]


def resolve(declaration: Declaration, steps: Iterable[Step], *, day: date) -> Resolved:
    """Return what holds on a day; there always is something."""
    begun: dict[CodeKind, Step] = {}
    for step in steps:
        before = begun.get(step.level)
        if step.starts_on <= day and (before is None or _order(step) > _order(before)):
            begun[step.level] = step
    found: Considered | None = None
    considered: list[Considered] = []
    for level in NEAREST_FIRST:
        one = _judged(declaration, level, begun.get(level), is_decided=found is not None)
        considered.append(one)
        if one.verdict is Verdict.IN_FORCE:
            found = one
    if found is None or found.value is None:
        return Resolved(
            value=declaration.default, origin=None, since=None, considered=tuple(considered)
        )
    return Resolved(
        value=found.value, origin=found.level, since=found.since, considered=tuple(considered)
    )


def next_change(
    declaration: Declaration, steps: Sequence[Step], *, day: date
) -> tuple[date, Resolved] | None:
    """Return from which day after this one on another value holds, and which; None if none does."""
    value = resolve(declaration, steps, day=day).value
    for following in sorted({one.starts_on for one in steps if one.starts_on > day}):
        found = resolve(declaration, steps, day=following)
        if found.value != value:
            return following, found
    return None


def _judged(
    declaration: Declaration, level: CodeKind, step: Step | None, *, is_decided: bool
) -> Considered:
    if step is None or step.value is None:
        return Considered(level=level, verdict=Verdict.SILENT)
    if level not in declaration.set_by:
        verdict = Verdict.NOT_ENTITLED
    elif not declaration.accepts(step.value):
        verdict = Verdict.OUT_OF_BOUNDS
    else:
        verdict = Verdict.OVERRIDDEN if is_decided else Verdict.IN_FORCE
    return Considered(level=level, verdict=verdict, value=step.value, since=step.starts_on)


def _order(step: Step) -> tuple[date, str]:
    return step.starts_on, str(step.id)
