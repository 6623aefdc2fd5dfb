"""What a municipality's administrators do with its settings: look, enter, withdraw, compare."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Self
from uuid import UUID

from foundation import clock
from foundation.database import Page, decode_cursor, page_of
from foundation.identifiers import CodeKind, new_id
from foundation.parameters import (
    ALL,
    BY_KEY,
    Declaration,
    Resolved,
    Step,
    Value,
    next_change,
    resolve,
)
from foundation.problems import PreconditionFailed
from foundation.work import Work

from . import acts
from .comparison import SizeClass
from .domain import DayRefused, Entry, NotPlanned, Overlaps
from .events import ParameterSet, ParameterWithdrawn
from .peers import Beside, beside
from .problems import (
    ParameterDaysRefused,
    ParameterNotFound,
    ParameterNotOverridable,
    ParameterValueNotFound,
    ParameterValueNotPlanned,
    ParameterValueRefused,
    ParameterValuesOverlap,
)
from .repository import PARAMETERS, Book

_LAST: Final = UUID(int=(1 << 128) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an administrator wants to hold, from a day until the one it holds no more."""

    value: Value | None
    starts_on: date
    ends_on: date | None
    reason: str
    supersedes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A parameter and what holds of it."""

    declaration: Declaration
    resolved: Resolved
    following: tuple[date, Resolved] | None
    """From which day on another value will hold, as it is planned now."""

    @classmethod
    def on(cls, declaration: Declaration, steps: Sequence[Step], day: date) -> Self:
        """Return what holds of a parameter on a day."""
        return cls(
            declaration=declaration,
            resolved=resolve(declaration, steps, day=day),
            following=next_change(declaration, steps, day=day),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where a place differs from the nation's template; `entry` is its own, if it set that."""

    declaration: Declaration
    resolved: Resolved
    template: Resolved
    entry: Entry | None


def _book(work: Work) -> Book:
    return Book(work.tx, code=str(work.tenancy.code))


def declared(key: str) -> Declaration:
    """Return a parameter by its key.

    Raises:
        ParameterNotFound: 404.
    """
    found = BY_KEY.get(key)
    if found is None:
        raise ParameterNotFound
    return found


async def read_all(work: Work, *, day: date | None) -> list[Held]:
    """Return every parameter with what holds on a day, today unless another is asked for."""
    steps = await PARAMETERS.steps(work.tx, ALL)
    on = day or clock.today()
    return [Held.on(one, steps[one.key], on) for one in ALL]


async def read(work: Work, key: str, *, day: date | None) -> Held:
    """Return one parameter with what holds on a day.

    Raises:
        ParameterNotFound: 404.
    """
    declaration = declared(key)
    steps = await PARAMETERS.steps(work.tx, [declaration])
    return Held.on(declaration, steps[declaration.key], day or clock.today())


async def history(work: Work, key: str, *, cursor: str | None, limit: int) -> Page[Entry]:
    """Return everything this place ever entered of a parameter, the last first.

    Raises:
        ParameterNotFound: 404.
        InvalidCursor: the cursor is not one of this list's (400).
    """
    declaration = declared(key)
    before: UUID = decode_cursor(cursor, UUID)[0] if cursor else _LAST
    found = await _book(work).history(declaration.key, before=before, limit=limit + 1)
    return page_of(list(found), limit=limit, key=lambda entry: (entry.id,))


async def enter(work: Work, key: str, wish: Wish) -> Entry:
    """Let a value hold from a day on.

    Raises:
        ParameterNotFound: 404.
        ParameterNotOverridable: this level does not set it (403).
        ParameterValueRefused, ParameterDaysRefused: 422.
        ParameterValuesOverlap: others begin within these days (409).
    """
    declaration = _settable(work, key, wish.value)
    book = _book(work)
    timeline = await book.held(declaration.key)
    entry = Entry(
        id=new_id(),
        key=declaration.key,
        starts_on=wish.starts_on,
        value=wish.value,
        reason=wish.reason,
        entered_by=work.principal.subject,
        entered_at=clock.now(),
    )
    end = None if wish.ends_on is None else (new_id(), wish.ends_on)
    try:
        change = timeline.enter(entry, end=end, supersedes=wish.supersedes, today=clock.today())
    except DayRefused as refused:
        raise ParameterDaysRefused from refused
    except Overlaps as overlap:
        raise ParameterValuesOverlap(standing=[str(one.id) for one in overlap.entries]) from overlap
    await book.make(declaration, timeline, change)
    detail = {"key": declaration.key, "starts_on": wish.starts_on.isoformat()}
    await work.record(acts.SET_PARAMETER.action, obj=str(entry.id), detail=detail)
    await work.emit(
        ParameterSet(subject_id=entry.id, key=declaration.key, starts_on=wish.starts_on)
    )
    return entry


def _settable(work: Work, key: str, value: Value | None) -> Declaration:
    """Return the declaration of what may be set here, to this."""
    declaration = declared(key)
    if work.tenancy.code.kind not in declaration.set_by:
        raise ParameterNotOverridable(
            set_by=[one.value for one in CodeKind if one in declaration.set_by]
        )
    if value is not None and not declaration.accepts(value):
        bounded = declaration.is_number
        raise ParameterValueRefused(
            least=declaration.least if bounded else None,
            most=declaration.most,
            choices=list(declaration.choices),
        )
    return declaration


async def withdraw(work: Work, key: str, value_id: UUID, *, version: int) -> Entry:
    """Make a planned value not come; what it had superseded holds again.

    Raises:
        ParameterNotFound, ParameterValueNotFound: 404.
        PreconditionFailed: it changed since it was read (412).
        ParameterValueNotPlanned: it has begun, or stands no more (409).
    """
    declaration, book = declared(key), _book(work)
    timeline = await book.held(declaration.key)
    found = await book.one(value_id)
    if found is None or found.key != declaration.key:
        raise ParameterValueNotFound
    if found.version != version:
        raise PreconditionFailed
    try:
        change = timeline.withdraw(
            value_id,
            by=work.principal.subject,
            at=clock.now(),
            today=clock.today(),
            new_id=new_id,
        )
    except NotPlanned as refused:
        raise ParameterValueNotPlanned from refused
    await book.make(declaration, timeline, change)
    detail: dict[str, str | bool] = {"key": declaration.key, "withdrawn": True}
    await work.record(acts.SET_PARAMETER.action, obj=str(value_id), detail=detail)
    await work.emit(ParameterWithdrawn(subject_id=value_id, key=declaration.key))
    return change.moved[0]


async def differences(work: Work, *, day: date) -> list[Difference]:
    """Return where this place differs from what the nation laid down for everybody."""
    steps = await PARAMETERS.steps(work.tx, ALL)
    own = {(one.key, one.starts_on): one for one in await _book(work).standing()}
    found: list[Difference] = []
    for one in ALL:
        resolved = resolve(one, steps[one.key], day=day)
        template = resolve(one, _of_nation(steps[one.key]), day=day)
        if resolved.value == template.value or resolved.since is None:
            continue
        is_own = resolved.origin is work.tenancy.code.kind
        entry = own.get((one.key, resolved.since)) if is_own else None
        found.append(Difference(declaration=one, resolved=resolved, template=template, entry=entry))
    return found


def _of_nation(steps: Sequence[Step]) -> list[Step]:
    return [one for one in steps if one.level is CodeKind.NATION]


async def similar(work: Work, *, day: date) -> tuple[SizeClass | None, list[Beside]]:
    """Return how many municipalities of this one's class hold what, of what is public."""
    return await beside(work.tx, work.tenancy.code, day=day)
