"""What the registrar does with a file: hand it in, have it checked, confirm or discard it."""

from .arriving import Sent, receive
from .checking import CHECK_PART, JUDGE, check_part_of, judge
from .deciding import CONFIRM, confirm, discard, let_in
from .layouts import KeptLayout, keep_layout, list_layouts, newest_layout
from .reading import Progress, progress_of, read, read_faulty_rows, read_missing

__all__ = [
    "CHECK_PART",
    "CONFIRM",
    "JUDGE",
    "KeptLayout",
    "Progress",
    "Sent",
    "check_part_of",
    "confirm",
    "discard",
    "judge",
    "keep_layout",
    "let_in",
    "list_layouts",
    "newest_layout",
    "progress_of",
    "read",
    "read_faulty_rows",
    "read_missing",
    "receive",
]
