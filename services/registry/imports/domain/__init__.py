"""What a register's file is, what may be wrong with it, and how it enters the register."""

from .characters import Degrading, degrading, explained
from .columns import COLUMNS, OPTIONAL, UnreadableHeader, column_named
from .faults import FAULTS, MOST_LINES_NAMED, FaultGroup, FaultKind
from .judging import Judge, Judged, NotCsv, normalised
from .layouts import (
    IGNORED,
    UNPROTECTED_WORDS,
    Arrival,
    Layout,
    in_iso,
    in_our_words,
    order_of,
    unprotecting,
)
from .life import REASONS, is_reason, is_relationship
from .numbers import is_register_number
from .parts import DamagedArchive, NotCutting, Part, TooMuchInside, inflated, parts_of
from .people import Person, Reader
from .progress import (
    NOTHING_YET,
    TRANSITIONS,
    Decision,
    Import,
    ImportId,
    ImportState,
    Kind,
    Report,
)
from .staged import new_ids, protected_places, staged
from .withholding import WITHHELD, withheld

__all__ = [
    "COLUMNS",
    "FAULTS",
    "IGNORED",
    "MOST_LINES_NAMED",
    "NOTHING_YET",
    "OPTIONAL",
    "REASONS",
    "TRANSITIONS",
    "UNPROTECTED_WORDS",
    "WITHHELD",
    "Arrival",
    "DamagedArchive",
    "Decision",
    "Degrading",
    "FaultGroup",
    "FaultKind",
    "Import",
    "ImportId",
    "ImportState",
    "Judge",
    "Judged",
    "Kind",
    "Layout",
    "NotCsv",
    "NotCutting",
    "Part",
    "Person",
    "Reader",
    "Report",
    "TooMuchInside",
    "UnreadableHeader",
    "column_named",
    "degrading",
    "explained",
    "in_iso",
    "in_our_words",
    "inflated",
    "is_reason",
    "is_register_number",
    "is_relationship",
    "new_ids",
    "normalised",
    "order_of",
    "parts_of",
    "protected_places",
    "staged",
    "unprotecting",
    "withheld",
]
