"""Where payers, transfer proposals and the frozen files are kept."""

from .files import TransferFiles
from .payers import Payers
from .proposals import AccountsChanged, OpenProposalExists, TransferProposals

__all__ = [
    "AccountsChanged",
    "OpenProposalExists",
    "Payers",
    "TransferFiles",
    "TransferProposals",
]
