"""What a file may say, what can be wrong with it, and how an import goes on."""

from .columns import COLUMNS, UnreadableHeader, column_order
from .faults import FAULTS, FaultGroup, FaultKind, Findings
from .numbers import is_register_number
from .people import Person, Reader
from .progress import TRANSITIONS, Import, ImportId, ImportState, Report

__all__ = [
    "COLUMNS",
    "FAULTS",
    "TRANSITIONS",
    "FaultGroup",
    "FaultKind",
    "Findings",
    "Import",
    "ImportId",
    "ImportState",
    "Person",
    "Reader",
    "Report",
    "UnreadableHeader",
    "column_order",
    "is_register_number",
]
