"""What every municipality shares and none of them owns: the directory of Japan and its banks."""

from .catalogue import (
    Bank,
    Branch,
    DirectoryEntry,
    Town,
    banks,
    branches,
    directory,
    municipality,
    towns_of,
)
from .check_digits import corporate_number_of, is_corporate_number, modulus_11_check_digit
from .loading import Loaded, load

__all__ = [
    "Bank",
    "Branch",
    "DirectoryEntry",
    "Loaded",
    "Town",
    "banks",
    "branches",
    "corporate_number_of",
    "directory",
    "is_corporate_number",
    "load",
    "modulus_11_check_digit",
    "municipality",
    "towns_of",
]
