"""What a reception is, and how it may go on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

ReceptionId = NewType("ReceptionId", UUID)


class ReceptionState(StrEnum):
    """Where a person stands."""

    WAITING = "waiting"
    SERVING = "serving"
    HELD = "held"
    FINISHED = "finished"
    ABSENT = "absent"


class Act(StrEnum):
    """What happens at a window; each is noted with its instant."""

    TAKEN = "taken"
    CALLED = "called"
    HELD = "held"
    RESUMED = "resumed"
    TRANSFERRED = "transferred"
    FINISHED = "finished"
    ABSENT = "absent"


TRANSITIONS: Mapping[tuple[ReceptionState, Act], ReceptionState] = {
    (ReceptionState.WAITING, Act.CALLED): ReceptionState.SERVING,
    (ReceptionState.SERVING, Act.HELD): ReceptionState.HELD,
    (ReceptionState.HELD, Act.RESUMED): ReceptionState.SERVING,
    (ReceptionState.SERVING, Act.TRANSFERRED): ReceptionState.WAITING,
    (ReceptionState.HELD, Act.TRANSFERRED): ReceptionState.WAITING,
    (ReceptionState.SERVING, Act.FINISHED): ReceptionState.FINISHED,
    (ReceptionState.SERVING, Act.ABSENT): ReceptionState.ABSENT,
}
"""The only ways on; whoever did not answer takes a new number, so nobody else is overtaken."""


class Channel(StrEnum):
    """How the number was taken."""

    COUNTER = "counter"
    ONLINE = "online"
    KIOSK = "kiosk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """One person's turn: the number is counted per window and day, and stays when passed on."""

    id: ReceptionId
    window_id: UUID
    taken_at_window_id: UUID
    received_on: date
    number: int
    matter: str
    channel: Channel
    taken_by: str
    """The subject who took the number: the person's own if they took it themselves."""
    resident_id: UUID | None
    state: ReceptionState
    queued_at: datetime
    called_at: datetime | None
    version: int

    def after(self, act: Act, *, at: datetime) -> "Reception | None":
        """Return the reception after an act, or None if it does not begin where this one stands."""
        state = TRANSITIONS.get((self.state, act))
        if state is None:
            return None
        called_at = at if act is Act.CALLED else self.called_at
        return replace(self, state=state, called_at=called_at, version=self.version + 1)

    def passed_on_to(self, window_id: UUID, *, at: datetime) -> "Reception | None":
        """Return the reception waiting at another window, from this instant on.

        None if it cannot be passed on now, or if it is at that window already.
        """
        moved = self.after(Act.TRANSFERRED, at=at)
        if moved is None or window_id == self.window_id:
            return None
        return replace(moved, window_id=window_id, queued_at=at, called_at=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingTimes:
    """What was measured at one window between two days, in whole seconds."""

    called: int
    wait_median_seconds: int | None
    wait_p90_seconds: int | None
    served: int
    service_median_seconds: int | None
    service_p90_seconds: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What stands on the screen above a window: numbers, never names."""

    waiting: int
    serving: tuple[int, ...]
