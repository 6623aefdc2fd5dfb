"""What the registrar does with a file: hand it in, have it checked, confirm or discard it."""

from .arriving import Sent, receive
from .checking import CHECK_PART, JUDGE, check_part_of, judge
from .deciding import CONFIRM, confirm, discard, let_in
from .layouts import KeptLayout, keep_layout, list_layouts, newest_layout
from .previewing import MOST_PREVIEWED, Preview, PreviewedLine, preview
from .reading import Progress, glance, progress_of, read, read_faulty_rows, read_missing

__all__ = [
    "CHECK_PART",
    "CONFIRM",
    "JUDGE",
    "MOST_PREVIEWED",
    "KeptLayout",
    "Preview",
    "PreviewedLine",
    "Progress",
    "Sent",
    "check_part_of",
    "confirm",
    "discard",
    "glance",
    "judge",
    "keep_layout",
    "let_in",
    "list_layouts",
    "newest_layout",
    "preview",
    "progress_of",
    "read",
    "read_faulty_rows",
    "read_missing",
    "receive",
]
