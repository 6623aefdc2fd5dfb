"""What happens to an application before it is decided: offered, answered, signed, read."""

from .cases import (
    VOID_OUTDATED_PROPOSAL,
    Aid,
    CaseFile,
    change_bank_account,
    confirm,
    decline,
    extract_roster,
    list_cases,
    own_cases,
    progress,
    read_case,
    roster,
)
from .documents import document

__all__ = [
    "VOID_OUTDATED_PROPOSAL",
    "Aid",
    "CaseFile",
    "change_bank_account",
    "confirm",
    "decline",
    "document",
    "extract_roster",
    "list_cases",
    "own_cases",
    "progress",
    "read_case",
    "roster",
]
