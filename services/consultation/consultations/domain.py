"""What a progress record (支援経過記録) is, and how an error in one is put right."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NewType
from uuid import UUID

ProgressRecordId = NewType("ProgressRecordId", UUID)

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a computer at the desk may be ahead of ours before its "now" is a time to come."""

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
"""Whoever keeps these records was born after this; an earlier year is a slip of the hand."""


class RecordKind(StrEnum):
    """How one met."""

    VISIT = "visit"
    PHONE = "phone"
    OFFICE = "office"
    MEETING = "meeting"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressRecord:
    """What happened once, in the words of the official who was there.

    It is never changed. A correction is another record that says which one it corrects; the one
    corrected stays readable, marked by what came in its place.
    """

    id: ProgressRecordId
    case_id: UUID
    kind: RecordKind
    occurred_at: datetime
    text: str = field(repr=False)
    recorded_by: str
    recorded_at: datetime
    corrects_id: UUID | None
    superseded_by: UUID | None = None

    @property
    def version(self) -> int:
        """1 as long as it stands, 2 once it is corrected: nothing else ever happens to it."""
        return 1 if self.superseded_by is None else 2


def can_have_occurred(at: datetime, *, now: datetime) -> bool:
    """Tell whether somebody can have been met then: not in a time to come, nor in another age."""
    return EARLIEST <= at <= now + CLOCK_TOLERANCE
