"""How money leaves: the section proposes, the treasury approves, the file is sealed, banks pay."""

from .approval import SEAL_TRANSFER_FILE, approve, reject, settle
from .payer import read_payer, set_payer
from .proposal import list_newest, propose, read, void_if_outdated
from .sealing import FileContent, SealingRefused, download, seal

__all__ = [
    "SEAL_TRANSFER_FILE",
    "FileContent",
    "SealingRefused",
    "approve",
    "download",
    "list_newest",
    "propose",
    "read",
    "read_payer",
    "reject",
    "seal",
    "set_payer",
    "settle",
    "void_if_outdated",
]
