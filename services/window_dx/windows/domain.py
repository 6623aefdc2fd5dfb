"""What a window is."""

from dataclasses import dataclass
from typing import NewType
from uuid import UUID

WindowId = NewType("WindowId", UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A place where receptions are served in the order of their numbers."""

    id: WindowId
    code: str
    name: str
    version: int
