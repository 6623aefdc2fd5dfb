"""What the platform announces of representation: numbers of records and rights, never names."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from foundation.events import Event


@dataclass(frozen=True, kw_only=True)
class RepresentationRecorded(Event):
    """A right to act for somebody was recorded and holds."""

    type_: ClassVar[str] = "platform.representation.recorded.v1"
    representation_id: UUID
    kind: str


@dataclass(frozen=True, kw_only=True)
class RepresentationEnded(Event):
    """A right to act for somebody holds no more."""

    type_: ClassVar[str] = "platform.representation.ended.v1"
    representation_id: UUID
    because: str


@dataclass(frozen=True, kw_only=True)
class RepresentationBarred(Event):
    """Somebody was to act for a person who is protected from them: for administrators to see."""

    type_: ClassVar[str] = "platform.representation.barred.v1"
    times: int = 1
