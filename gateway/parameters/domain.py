"""The values one place gave one parameter, day by day; none is rewritten, and no past day changes.

A value holds from its first day until the next one begins. One that is to end by itself brings a
second entry for the day after, which puts back what would have held then. What has begun stands:
who was wrong enters another value from today on. What lies ahead can be superseded or withdrawn,
and then every day is as if it had never been entered: the last value entered for a day holds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
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
        """Return what puts back, after its last day, what would have held without it.

        Where another value begins on that day it gives way to that one at once, and is kept: if
        the other is withdrawn, the value ends all the same.
        """
        if end is None:
            return ()
        before = self.on(end[1])
        value = before.value if before is not None else None
        ending = replace(entry, id=end[0], starts_on=end[1], value=value, ends=entry.id)
        if before is not None and before.starts_on == end[1]:
            by, at = entry.entered_by, entry.entered_at
            ending = replace(
                ending,
                state=State.SUPERSEDED,
                replaced_by=before.id,
                changed_by=by,
                changed_at=at,
            )
        return (ending,)

    def withdraw(
        self, entry_id: UUID, *, by: str, at: datetime, today: date, new_id: Callable[[], UUID]
    ) -> Change:
        """Return what it takes to make a planned value not come.

        What ends another value within its days put it back; that ending is withdrawn too, and one
        that puts back what then holds is entered in its stead.

        Raises:
            NotPlanned: there is none that stands and lies ahead.
        """
        found = next((one for one in self.standing if one.id == entry_id), None)
        if found is None or found.ends is not None or found.starts_on <= today:
            raise NotPlanned
        gone = [found, *(one for one in self.entries if one.ends == found.id)]
        left = Timeline(tuple(one for one in self.entries if one not in gone))
        moved = [one.after(Act.WITHDRAW, by=by, at=at) for one in gone]
        added, restored = list[Entry](), list[Entry]()
        for day in sorted({one.starts_on for one in left.entries if one.starts_on > today}):
            wanted = left._beginning(day)
            standing = next((one for one in left.standing if one.starts_on == day), None)
            value = left._entered_value(day)
            if wanted is None or (wanted == standing and wanted.value == value):
                continue
            if wanted.value != value:
                moved.append(wanted.after(Act.WITHDRAW, by=by, at=at))
                added.append(_anew(wanted, new_id(), value=value, by=by, at=at))
                continue
            if standing is not None:
                moved.append(standing.after(Act.SUPERSEDE, by=by, at=at, replaced_by=wanted.id))
            restored.append(wanted.after(Act.RESTORE, by=by, at=at))
        return Change(moved=tuple(moved), added=tuple(added), restored=tuple(restored))

    def _entered_for(self, day: date) -> Entry | None:
        """Return what was entered last of all that was meant to hold on a day."""
        ends = {one.ends: one.starts_on for one in self.entries if one.ends is not None}
        meant = (
            one
            for one in self.entries
            if one.ends is None
            and one.starts_on <= day
            and (one.id not in ends or day < ends[one.id])
        )
        return max(meant, key=lambda one: (one.entered_at, one.id), default=None)

    def _entered_value(self, day: date) -> Value | None:
        found = self._entered_for(day)
        return None if found is None else found.value

    def _beginning(self, day: date) -> Entry | None:
        """Return the entry that has to stand on a day for the days to be as they were entered."""
        found = self._entered_for(day)
        if found is not None and found.starts_on == day:
            return found
        if found == self._entered_for(day - timedelta(days=1)):
            return None
        here = [one for one in self.entries if one.starts_on == day and one.ends is not None]
        return max(here, key=lambda one: one.state is State.STANDING, default=None)

    def changed(self, change: Change) -> "Timeline":
        """Return the entries after a change."""
        new = {one.id: one for one in (*change.moved, *change.added, *change.restored)}
        kept = [one for one in self.entries if one.id not in new]
        every = (*kept, *new.values())
        return Timeline(tuple(one for one in every if one.state is not State.WITHDRAWN))


def _anew(ending: Entry, entry_id: UUID, *, value: Value | None, by: str, at: datetime) -> Entry:
    """Return what ends the same value on the same day, and puts back another."""
    return replace(
        ending,
        id=entry_id,
        value=value,
        entered_by=by,
        entered_at=at,
        state=State.STANDING,
        replaced_by=None,
        changed_by=None,
        changed_at=None,
        version=1,
    )
