"""The values one place gave one parameter, day by day; none is rewritten, and no past day changes.

A value holds from its first day until the next one begins. One that is to end by itself brings a
second entry for the day after, which puts back what would have held then. What has begun stands:
who was wrong enters another value from today on. What lies ahead can be superseded or withdrawn,
and then what it had superseded holds again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from foundation.parameters import Value


class State(StrEnum):
    """Whether an entry counts."""

    STANDING = "standing"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What can happen to an entry."""

    SUPERSEDE = "supersede"
    WITHDRAW = "withdraw"
    RESTORE = "restore"


TRANSITIONS: Final[Mapping[tuple[State, Act], State]] = {
    (State.STANDING, Act.SUPERSEDE): State.SUPERSEDED,
    (State.STANDING, Act.WITHDRAW): State.WITHDRAWN,
    (State.SUPERSEDED, Act.RESTORE): State.STANDING,
    (State.SUPERSEDED, Act.WITHDRAW): State.WITHDRAWN,
}
"""Nothing else happens: what was withdrawn stays so."""


class IllegalChange(ValueError):
    """The table knows no such way."""


class DayRefused(ValueError):
    """It begins before today, or ends before it begins."""


class NotPlanned(ValueError):
    """It does not stand, or it has begun: it cannot be withdrawn any more."""


class Overlaps(ValueError):
    """Entries already begin within its days; it must be said that it supersedes them."""

    def __init__(self, entries: Sequence["Entry"]) -> None:
        super().__init__("Other values begin within these days.")
        self.entries = tuple(entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One value from a day on; None puts back what holds above. `ends`: the value it ends."""

    id: UUID
    key: str
    starts_on: date
    value: Value | None
    reason: str
    entered_by: str
    entered_at: datetime
    ends: UUID | None = None
    state: State = State.STANDING
    replaced_by: UUID | None = None
    changed_by: str | None = None
    changed_at: datetime | None = None
    version: int = 1

    def after(self, act: Act, *, by: str, at: datetime, replaced_by: UUID | None = None) -> "Entry":
        """Return the entry after an act.

        Raises:
            IllegalChange: the act does not begin where the entry stands.
        """
        if (self.state, act) not in TRANSITIONS:
            raise IllegalChange(f"{act} does not begin at {self.state}.")
        return replace(
            self,
            state=TRANSITIONS[self.state, act],
            replaced_by=replaced_by or self.replaced_by,
            changed_by=by,
            changed_at=at,
            version=self.version + 1,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an act does: first entries are moved, then some are added, then some restored."""

    moved: tuple[Entry, ...] = ()
    added: tuple[Entry, ...] = ()
    restored: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Timeline:
    """All entries of one parameter of one place, but for those withdrawn."""

    entries: tuple[Entry, ...] = field(default=())

    @property
    def standing(self) -> list[Entry]:
        """Return what counts, in the order of days."""
        found = (one for one in self.entries if one.state is State.STANDING)
        return sorted(found, key=lambda one: one.starts_on)

    def on(self, day: date) -> Entry | None:
        """Return the entry that holds on a day."""
        return next((one for one in reversed(self.standing) if one.starts_on <= day), None)

    def enter(
        self, entry: Entry, *, end: tuple[UUID, date] | None, supersedes: bool, today: date
    ) -> Change:
        """Return what it takes to let a value hold from its day on.

        Args:
            entry: the value.
            end: the identifier of the entry that will end it, and the first day it holds no more.
            supersedes: whether what begins within its days is to give way.
            today: the day in Japan.

        Raises:
            DayRefused: it begins before today, or is over when it begins.
            Overlaps: something begins within its days, and is not to give way.
        """
        until = end[1] if end is not None else None
        if entry.starts_on < today or (until is not None and until <= entry.starts_on):
            raise DayRefused
        within = [
            one
            for one in self.standing
            if entry.starts_on <= one.starts_on and (until is None or one.starts_on < until)
        ]
        if within and not supersedes:
            raise Overlaps(within)
        by, at = entry.entered_by, entry.entered_at
        moved = tuple(
            one.after(Act.SUPERSEDE, by=by, at=at, replaced_by=entry.id) for one in within
        )
        added = (entry, *self._ending(entry, end))
        return Change(moved=moved, added=added)

    def _ending(self, entry: Entry, end: tuple[UUID, date] | None) -> tuple[Entry, ...]:
        """Return what puts back, after its last day, what would have held without it."""
        if end is None or any(one.starts_on == end[1] for one in self.standing):
            return ()
        before = self.on(end[1])
        value = before.value if before is not None else None
        return (replace(entry, id=end[0], starts_on=end[1], value=value, ends=entry.id),)

    def withdraw(self, entry_id: UUID, *, by: str, at: datetime, today: date) -> Change:
        """Return what it takes to make a planned value not come.

        Raises:
            NotPlanned: there is none that stands and lies ahead.
        """
        found = next((one for one in self.standing if one.id == entry_id), None)
        if found is None or found.ends is not None or found.starts_on <= today:
            raise NotPlanned
        gone = [found, *(one for one in self.entries if one.ends == found.id)]
        kept = {one.starts_on for one in self.standing if one not in gone}
        restored = [
            one
            for one in self.entries
            if one.state is State.SUPERSEDED
            and one.replaced_by == found.id
            and one not in gone
            and one.starts_on not in kept
        ]
        return Change(
            moved=tuple(one.after(Act.WITHDRAW, by=by, at=at) for one in gone),
            restored=tuple(one.after(Act.RESTORE, by=by, at=at) for one in restored),
        )

    def changed(self, change: Change) -> "Timeline":
        """Return the entries after a change."""
        new = {one.id: one for one in (*change.moved, *change.added, *change.restored)}
        kept = [one for one in self.entries if one.id not in new]
        every = (*kept, *new.values())
        return Timeline(tuple(one for one in every if one.state is not State.WITHDRAWN))
