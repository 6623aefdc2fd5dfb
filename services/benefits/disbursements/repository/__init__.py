"""Where payers, transfer proposals and the frozen files are kept."""

from .files import TransferFiles
from .lines import LinesOutdated, OpenProposalExists, TransferLines
from .payers import Payers
from .proposals import TransferProposals

__all__ = [
    "LinesOutdated",
    "OpenProposalExists",
    "Payers",
    "TransferFiles",
    "TransferLines",
    "TransferProposals",
]
