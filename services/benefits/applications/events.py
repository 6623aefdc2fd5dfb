"""What others are told about applications."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from foundation.events.envelope import Event


@dataclass(frozen=True, kw_only=True)
class RosterExtracted(Event):
    """Offers were made; `subject_id` is the programme."""

    type_: ClassVar[str] = "benefits.roster.extracted.v1"

    offered: int


@dataclass(frozen=True, kw_only=True)
class ApplicationConfirmed(Event):
    """A household accepted its offer; `subject_id` is the application."""

    type_: ClassVar[str] = "benefits.application.confirmed.v1"

    programme_id: UUID
    amount_yen: int


@dataclass(frozen=True, kw_only=True)
class ApplicationDeclined(Event):
    """A household declined its offer; `subject_id` is the application."""

    type_: ClassVar[str] = "benefits.application.declined.v1"

    programme_id: UUID


@dataclass(frozen=True, kw_only=True)
class BankAccountChanged(Event):
    """A confirmed application is to be paid elsewhere; `subject_id` is the application."""

    type_: ClassVar[str] = "benefits.bank_account.changed.v1"

    programme_id: UUID
