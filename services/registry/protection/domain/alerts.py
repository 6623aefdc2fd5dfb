"""What those who look after protection must see, and by what it is told apart."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

REPEATED: Final = 3
"""From so many unseen attempts of one kind by one person on, it is no mistake any more."""


class AlertKind(StrEnum):
    """What happened."""

    OPENING_REQUESTED = "opening_requested"
    OPENING_APPROVED = "opening_approved"
    OPENING_DECLINED = "opening_declined"
    OPENING_LAPSED = "opening_lapsed"
    ADDRESS_OPENED = "address_opened"
    ATTEMPT_REFUSED = "attempt_refused"
    ATTEMPTS_REPEATED = "attempts_repeated"
    EXPIRING = "expiring"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert; `times` counts what was done again before anybody saw it."""

    id: UUID
    kind: AlertKind
    measure_id: UUID | None
    resident_id: UUID | None
    opening_id: UUID | None
    caretaker: str
    actor: str
    action: str
    times: int
    raised_at: datetime
    last_at: datetime
    seen_by: str | None
    version: int
