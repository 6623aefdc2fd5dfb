"""What happened at a window, for whoever shows or counts it."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from foundation.events.envelope import Event


@dataclass(frozen=True, kw_only=True)
class ReceptionCalled(Event):
    """A number was called."""

    type_: ClassVar[str] = "window_dx.reception.called.v1"

    window_id: UUID
    number: int


@dataclass(frozen=True, kw_only=True)
class ReceptionFinished(Event):
    """A person was served."""

    type_: ClassVar[str] = "window_dx.reception.finished.v1"

    window_id: UUID
    number: int
