"""What others are told about a programme."""

from dataclasses import dataclass
from typing import ClassVar

from foundation.events.envelope import Event


@dataclass(frozen=True, kw_only=True)
class ProgrammePublished(Event):
    """Residents may now know of it; `subject_id` is the programme."""

    type_: ClassVar[str] = "benefits.programme.published.v1"

    code: str
    fiscal_year: int
    amount_per_household_yen: int


@dataclass(frozen=True, kw_only=True)
class ProgrammeClosed(Event):
    """No further answers are taken; `subject_id` is the programme."""

    type_: ClassVar[str] = "benefits.programme.closed.v1"

    code: str
