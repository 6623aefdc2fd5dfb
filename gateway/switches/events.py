"""What happened to a switch, for whoever shows it: a front end, a neighbour, the nation's map."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from foundation.events import Event


@dataclass(frozen=True, kw_only=True)
class ServiceSwitched(Event):
    """A service was opened, paused or closed; `subject_id` is the switch."""

    type_: ClassVar[str] = "platform.service.switched.v1"

    service: str
    state: str
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class PausePlanned(Event):
    """A pause was announced ahead; `subject_id` is the pause."""

    type_: ClassVar[str] = "platform.pause.planned.v1"

    service: str
    state: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class PauseCalledOff(Event):
    """An announced pause will not be, or ended early; `subject_id` is the pause."""

    type_: ClassVar[str] = "platform.pause.called_off.v1"

    service: str
