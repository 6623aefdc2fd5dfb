"""What another system is told of a change: of whom and which, and nothing about the person."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


class Kind(StrEnum):
    """What became of a record; what exactly, is read from the record by whoever may."""

    ADDED = "added"
    CHANGED = "changed"
    ENDED = "ended"


class Position(NamedTuple):
    """How far a reader has come: everything at or before it has been read."""

    tx: int
    resident_id: UUID
    history_number: int


START = Position(0, UUID(int=0), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One state of one resident's record, at the moment it came about."""

    tx: int
    resident_id: UUID
    resident_number: str
    history_number: int
    has_ended: bool
    changed_at: datetime | None
    """None for the first state of a record once another has followed it."""

    @property
    def kind(self) -> Kind:
        if self.has_ended:
            return Kind.ENDED
        return Kind.ADDED if self.history_number == 1 else Kind.CHANGED

    @property
    def position(self) -> Position:
        return Position(self.tx, self.resident_id, self.history_number)
