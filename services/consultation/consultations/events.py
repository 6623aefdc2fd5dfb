"""What is told of a consultation outside: that there was one."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from foundation.events.envelope import Event


@dataclass(frozen=True, kw_only=True)
class RecordAdded(Event):
    """A progress record was added to the case that is the subject of this event."""

    type_: ClassVar[str] = "consultation.record.added.v1"

    record_id: UUID
