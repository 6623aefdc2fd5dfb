"""What others are told about money on its way; `subject_id` is always the transfer proposal."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from foundation.events.envelope import Event


@dataclass(frozen=True, kw_only=True)
class TransferProposed(Event):
    """The section asks the treasury to pay."""

    type_: ClassVar[str] = "benefits.transfer_proposal.proposed.v1"

    programme_id: UUID
    transfer_on: date
    line_count: int
    total_yen: int


@dataclass(frozen=True, kw_only=True)
class TransferApproved(Event):
    """The treasury let the money go."""

    type_: ClassVar[str] = "benefits.transfer_proposal.approved.v1"

    programme_id: UUID
    line_count: int
    total_yen: int


@dataclass(frozen=True, kw_only=True)
class TransferRejected(Event):
    """The treasury sent the proposal back."""

    type_: ClassVar[str] = "benefits.transfer_proposal.rejected.v1"

    programme_id: UUID


@dataclass(frozen=True, kw_only=True)
class TransferVoided(Event):
    """What was proposed changed before it was approved."""

    type_: ClassVar[str] = "benefits.transfer_proposal.voided.v1"

    programme_id: UUID


@dataclass(frozen=True, kw_only=True)
class TransferFileSealed(Event):
    """The bytes for the bank exist and will not change."""

    type_: ClassVar[str] = "benefits.transfer_proposal.sealed.v1"

    programme_id: UUID
    sha256: str
    record_count: int
    total_yen: int


@dataclass(frozen=True, kw_only=True)
class TransferSettled(Event):
    """The bank carried it out: every application of the proposal is paid."""

    type_: ClassVar[str] = "benefits.transfer_proposal.settled.v1"

    programme_id: UUID
    executed_on: date
    line_count: int
    total_yen: int
