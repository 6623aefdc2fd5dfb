"""What others are told about decisions."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from foundation.events.envelope import Event


@dataclass(frozen=True, kw_only=True)
class ApplicationGranted(Event):
    """The benefit will be paid; `subject_id` is the application."""

    type_: ClassVar[str] = "benefits.application.granted.v1"

    programme_id: UUID
    amount_yen: int


@dataclass(frozen=True, kw_only=True)
class ApplicationRefused(Event):
    """The benefit will not be paid; `subject_id` is the application."""

    type_: ClassVar[str] = "benefits.application.refused.v1"

    programme_id: UUID


@dataclass(frozen=True, kw_only=True)
class ApplicationReturned(Event):
    """The household is asked to correct its answer; `subject_id` is the application."""

    type_: ClassVar[str] = "benefits.application.returned.v1"

    programme_id: UUID
