"""What a transfer proposal is and what the bank is sent: the rules, without a database."""

from .business_days import is_banking_day
from .proposal import (
    TRANSITIONS,
    IllegalProposalStep,
    Payer,
    ProposalId,
    ProposalState,
    SealedFile,
    TransferProposal,
)
from .zengin import (
    MAXIMUM_RECORDS,
    MAXIMUM_TOTAL_YEN,
    RECORD_BYTES,
    Line,
    TransferFile,
    Unwritable,
    customer_code,
    write_transfer_file,
)

__all__ = [
    "MAXIMUM_RECORDS",
    "MAXIMUM_TOTAL_YEN",
    "RECORD_BYTES",
    "TRANSITIONS",
    "IllegalProposalStep",
    "Line",
    "Payer",
    "ProposalId",
    "ProposalState",
    "SealedFile",
    "TransferFile",
    "TransferProposal",
    "Unwritable",
    "customer_code",
    "is_banking_day",
    "write_transfer_file",
]
