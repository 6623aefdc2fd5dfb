"""What a transfer proposal is, and whose word moves it on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from foundation.money import Yen
from services.benefits.applications.domain import BankAccount
from services.benefits.programmes.domain import ProgrammeId

ProposalId = NewType("ProposalId", UUID)


class ProposalState(StrEnum):
    """The section proposes, the treasury approves, the file is sealed, the bank executes."""

    PROPOSED = "proposed"
    REJECTED = "rejected"
    VOIDED = "voided"
    APPROVED = "approved"
    SEALED = "sealed"
    SETTLED = "settled"


_S = ProposalState
TRANSITIONS: Mapping[ProposalState, frozenset[ProposalState]] = {
    _S.PROPOSED: frozenset({_S.APPROVED, _S.REJECTED, _S.VOIDED}),
    _S.REJECTED: frozenset(),
    _S.VOIDED: frozenset(),
    _S.APPROVED: frozenset({_S.SEALED}),
    _S.SEALED: frozenset({_S.SETTLED}),
    _S.SETTLED: frozenset(),
}
"""An approved proposal can only become a file: what the treasurer agreed to is not taken back."""


class IllegalProposalStep(ValueError):
    """The proposal does not stand where this step begins."""

    def __init__(self, current: ProposalState, wanted: ProposalState) -> None:
        super().__init__(f"{current} does not lead to {wanted}.")
        self.current = current
        self.wanted = wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedFile:
    """The figures of the one file that a proposal became."""

    sha256: bytes
    record_count: int
    total_yen: Yen
    sealed_at: datetime
    downloads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferProposal:
    """All granted applications of a programme, to be paid on one day.

    `fingerprint` is the SHA-256 over every payee, account and amount; the treasurer's approval
    means exactly these lines and no others.
    """

    id: ProposalId
    programme_id: ProgrammeId
    transfer_on: date
    state: ProposalState
    line_count: int
    total_yen: Yen
    fingerprint: bytes
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    closing_reason: str | None
    executed_on: date | None
    file: SealedFile | None
    version: int

    def require(self, state: ProposalState) -> None:
        """Insist that the next step is allowed.

        Raises:
            IllegalProposalStep: the table does not lead there.
        """
        if state not in TRANSITIONS[self.state]:
            raise IllegalProposalStep(self.state, state)

    def is_proposed_by(self, subject: str) -> bool:
        return self.proposed_by == subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """The municipality as its bank knows it: what the header of every transfer file says.

    `originator_code` (委託者コード) is the ten digits the bank assigned; the holder of `account` is
    the municipality's name in the letters of a transfer file.
    """

    originator_code: str
    account: BankAccount
    bank_kana: str
    branch_kana: str
    version: int
