"""A municipality opens and closes its own services; whoever is turned away is told where to go.

Norway's municipalities have such a switch each: a service that is paused for a while is another
thing than one that is closed, and behind both stands the paper route, which the law keeps open.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

WHOLE: Final = "all"
"""The name under which all services of a municipality are switched at once."""
SERVICES: Final = ("registry", "benefits", "window_dx", "consultation")
"""What can be switched. The platform's own office is not among them: the switch is there."""
PLACES: Final = (WHOLE, *SERVICES)


class State(StrEnum):
    """How far a service is open, from wide open to shut."""

    OPEN = "open"
    READ_ONLY = "read_only"
    PAUSED = "paused"
    CLOSED = "closed"


class Act(StrEnum):
    """What an administrator does to a switch, and what time does."""

    OPEN = "open"
    RESTRICT = "restrict"
    PAUSE = "pause"
    CLOSE = "close"
    ELAPSE = "elapse"


ACT_TO: Final[Mapping[State, Act]] = {
    State.OPEN: Act.OPEN,
    State.READ_ONLY: Act.RESTRICT,
    State.PAUSED: Act.PAUSE,
    State.CLOSED: Act.CLOSE,
}
TRANSITIONS: Final[Mapping[tuple[State, Act], State]] = {
    (State.OPEN, Act.RESTRICT): State.READ_ONLY,
    (State.OPEN, Act.PAUSE): State.PAUSED,
    (State.OPEN, Act.CLOSE): State.CLOSED,
    (State.READ_ONLY, Act.OPEN): State.OPEN,
    (State.READ_ONLY, Act.RESTRICT): State.READ_ONLY,
    (State.READ_ONLY, Act.PAUSE): State.PAUSED,
    (State.READ_ONLY, Act.CLOSE): State.CLOSED,
    (State.READ_ONLY, Act.ELAPSE): State.OPEN,
    (State.PAUSED, Act.OPEN): State.OPEN,
    (State.PAUSED, Act.RESTRICT): State.READ_ONLY,
    (State.PAUSED, Act.PAUSE): State.PAUSED,
    (State.PAUSED, Act.CLOSE): State.CLOSED,
    (State.PAUSED, Act.ELAPSE): State.OPEN,
    (State.CLOSED, Act.OPEN): State.OPEN,
    (State.CLOSED, Act.CLOSE): State.CLOSED,
}
"""What is closed stays closed until somebody opens it: a pause would open it by itself."""

_STRICTNESS: Final = {state: rank for rank, state in enumerate(State)}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRoute:
    """Where the same can be done without us: which office, when, and by which number."""

    office_ja: str
    office_en: str
    address_ja: str
    address_en: str
    telephone: str
    hours_ja: str
    hours_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What hangs on the door; it is public."""

    message_ja: str
    message_en: str
    paper_route: PaperRoute


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a switch is to stand: `until` is when it opens by itself, in UTC, if it does."""

    state: State
    until: datetime | None = None
    notice: Notice | None = None


class NotAllowed(ValueError):
    """The table of transitions knows no such way."""


class Incomplete(ValueError):
    """It says too little or too much: a pause without an end, a shut door without a sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One switch of one municipality. One that nobody ever touched is open, at version 1."""

    id: UUID
    place: str
    standing: Standing = Standing(state=State.OPEN)
    switched_by: str | None = None
    switched_at: datetime | None = None
    reason: str = ""
    version: int = 1

    def state_at(self, now: datetime) -> State:
        """Return the state in force: a pause that is over is over without anybody's doing."""
        until = self.standing.until
        if until is not None and now >= until:
            return TRANSITIONS[self.standing.state, Act.ELAPSE]
        return self.standing.state

    @property
    def closure(self) -> "Closure | None":
        """What hangs on the door because of this switch; nothing where it is open."""
        standing = self.standing
        if standing.notice is None or self.switched_at is None:
            return None
        return Closure(
            place=self.place,
            state=standing.state,
            starts_at=self.switched_at,
            ends_at=standing.until,
            notice=standing.notice,
        )

    def switched(self, standing: Standing, *, by: str, at: datetime, reason: str) -> "Switch":
        """Return the switch as it stands afterwards.

        Raises:
            Incomplete: the new standing lacks what its state needs.
            NotAllowed: there is no way from the state in force to that one.
        """
        _check(standing, now=at)
        before = self.state_at(at)
        if standing.state is not State.OPEN or before is not State.OPEN:
            reached = TRANSITIONS.get((before, ACT_TO[standing.state]))
            if reached is None:
                raise NotAllowed(f"{before} → {standing.state}")
        return replace(
            self,
            standing=standing,
            switched_by=by,
            switched_at=at,
            reason=reason,
            version=self.version + 1,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """From when until when a place is not fully open, and what hangs on its door.

    Switches and planned pauses look alike from outside. `ends_at` is None for what is closed
    until somebody opens it.
    """

    place: str
    state: State
    starts_at: datetime
    ends_at: datetime | None
    notice: Notice

    def is_in_force(self, now: datetime) -> bool:
        return self.starts_at <= now and (self.ends_at is None or now < self.ends_at)

    def is_over(self, now: datetime) -> bool:
        return self.ends_at is not None and now >= self.ends_at

    def covers(self, service: str) -> bool:
        """Whether the service is what is closed, or part of it; the platform's office never is."""
        return service in SERVICES and self.place in (service, WHOLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A closure that was announced ahead, and by whom."""

    id: UUID
    closure: Closure
    planned_by: str
    planned_at: datetime
    reason: str


def in_force(closures: Iterable[Closure], service: str, now: datetime) -> Closure | None:
    """Return what closes a service now: the strictest, and of equals the one that lasts longest."""
    found = [one for one in closures if one.covers(service) and one.is_in_force(now)]
    return max(found, key=_weight, default=None)


def _weight(closure: Closure) -> tuple[int, bool, float]:
    ends_at = closure.ends_at
    return (
        _STRICTNESS[closure.state],
        ends_at is None,
        0.0 if ends_at is None else ends_at.timestamp(),
    )


def _check(standing: Standing, *, now: datetime) -> None:
    """Refuse a standing that would turn people away without a word, or without an end."""
    until = standing.until
    if standing.state is State.OPEN:
        if until is not None or standing.notice is not None:
            raise Incomplete("What is open has no end and needs no notice.")
        return
    if standing.notice is None:
        raise Incomplete("Whoever is turned away is told why, and where to go.")
    if standing.state is State.PAUSED and until is None:
        raise Incomplete("A pause has an end; what has none is closed.")
    if standing.state is State.CLOSED and until is not None:
        raise Incomplete("What is closed is opened by somebody, not by the clock.")
    if until is not None and until <= now:
        raise Incomplete("The end must lie ahead.")


def check_plan(state: State, *, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Refuse a planned pause that could not be carried out.

    Raises:
        Incomplete: it is no pause, or it does not lie ahead, or it ends before it begins.
    """
    if state not in (State.PAUSED, State.READ_ONLY):
        raise Incomplete("Only pauses and reading hours can be planned.")
    if not now < starts_at < ends_at:
        raise Incomplete("A planned pause begins in the future and ends after that.")
