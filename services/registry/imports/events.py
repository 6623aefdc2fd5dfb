"""What other services hear of an import: that the register changed, and by how much."""

from dataclasses import dataclass
from typing import ClassVar

from foundation.events.envelope import Event


@dataclass(frozen=True, kw_only=True)
class ImportConfirmed(Event):
    """The good lines of a file are in the register."""

    type_: ClassVar[str] = "registry.import.confirmed.v1"

    new: int
    changed: int


@dataclass(frozen=True, kw_only=True)
class ImportChecked(Event):
    """A file was judged and waits for a word."""

    type_: ClassVar[str] = "registry.import.checked.v1"

    rows: int
    good: int
