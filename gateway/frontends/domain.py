"""A session in a browser: what keeps it open, what ends it, and whose copy of its id is refused.

Pure: an instant is always passed in, and a secret is only ever seen as its hash.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

ROTATION: Final = timedelta(minutes=10)
"""How old an id grows before the front end is given the next."""

GRACE: Final = timedelta(seconds=30)
"""How long requests already under way may still show the id that was just replaced."""

USE_IS_WRITTEN_EVERY: Final = timedelta(seconds=60)
"""How coarsely use is recorded. So idleness is judged up to a minute early, and never late."""


class State(StrEnum):
    """Where a session stands. There is one way in, and none back."""

    OPEN = "open"
    IDLE = "idle"
    OVER = "over"
    ENDED = "ended"
    STOLEN = "stolen"


class Event(StrEnum):
    """What can befall a session."""

    USED = "used"
    ROTATED = "rotated"
    LEFT_ALONE = "left alone"
    GREW_OLD = "grew old"
    SIGNED_OUT = "signed out"
    ENDED_ELSEWHERE = "ended elsewhere"
    SHOWN_IN_COPY = "shown in copy"


TRANSITIONS: Final[Mapping[tuple[State, Event], State]] = {
    (State.OPEN, Event.USED): State.OPEN,
    (State.OPEN, Event.ROTATED): State.OPEN,
    (State.OPEN, Event.LEFT_ALONE): State.IDLE,
    (State.OPEN, Event.GREW_OLD): State.OVER,
    (State.OPEN, Event.SIGNED_OUT): State.ENDED,
    (State.OPEN, Event.ENDED_ELSEWHERE): State.ENDED,
    (State.OPEN, Event.SHOWN_IN_COPY): State.STOLEN,
}
"""Every other pair changes nothing: no event opens a session again."""

REASONS: Final[Mapping[State, str]] = {
    State.IDLE: "idle",
    State.OVER: "too-old",
    State.ENDED: "signed-out",
    State.STOLEN: "session-id-reuse",
}
"""Under which word the end of a session is written down."""


def after(state: State, event: Event) -> State:
    """Return where a session stands after an event."""
    return TRANSITIONS.get((state, event), state)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserSession:
    """One session as a browser carries it."""

    session_id: UUID
    secret_hash: bytes
    previous_hash: bytes | None
    previous_until: datetime | None
    scopes: frozenset[str]
    rotated_at: datetime
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    idle: timedelta
    """How long somebody may do nothing, as the municipality laid it down (ASVS 7.3.1); the limit
    however busy they are is the session's own: an hour for a resident, twelve for an official."""

    def state(self, shown: bytes, now: datetime) -> State:
        """Return where the session stands for whoever shows this hash of an id.

        The id before the present one is good while requests under way may carry it. Later it is
        a copy somebody kept, and as nobody can tell which of the two is the thief, both go.
        """
        if self.ended_at is not None:
            return State.ENDED
        if now >= self.expires_at:
            return after(State.OPEN, Event.GREW_OLD)
        if now >= self.seen_at + self.idle:
            return after(State.OPEN, Event.LEFT_ALONE)
        if shown != self.secret_hash and not self._is_under_way(shown, now):
            return after(State.OPEN, Event.SHOWN_IN_COPY)
        return after(State.OPEN, Event.USED)

    def good_until(self, shown: bytes) -> datetime:
        """Return until when this id can be shown, if nothing happens meanwhile."""
        limit = min(self.expires_at, self.seen_at + self.idle)
        if shown != self.secret_hash and self.previous_until is not None:
            return min(limit, self.previous_until)
        return limit

    def is_due_for_rotation(self, shown: bytes, now: datetime) -> bool:
        """Whether the front end should be given the next id; one that has it is not given two."""
        return shown == self.secret_hash and now >= self.rotated_at + ROTATION

    def is_due_to_be_seen(self, now: datetime) -> bool:
        """Whether this use is worth writing down."""
        return now >= self.seen_at + USE_IS_WRITTEN_EVERY

    def used(self, now: datetime) -> "BrowserSession":
        """Return the session after somebody did something with it."""
        return replace(self, seen_at=max(now, self.seen_at))

    def rotated(self, secret_hash: bytes, now: datetime, *, grace: timedelta) -> "BrowserSession":
        """Return the session under its next id; with no `grace` the old id is refused at once."""
        return replace(
            self,
            secret_hash=secret_hash,
            previous_hash=self.secret_hash,
            previous_until=now + grace,
            rotated_at=now,
        )

    def _is_under_way(self, shown: bytes, now: datetime) -> bool:
        return (
            shown == self.previous_hash
            and self.previous_until is not None
            and now < self.previous_until
        )
