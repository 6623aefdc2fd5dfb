"""What the platform announces of bindings; always a record's number, never a person's name."""

from dataclasses import dataclass
from typing import ClassVar

from foundation.events import Event


@dataclass(frozen=True, kw_only=True)
class RecordContested(Event):
    """Somebody signed in who fits a record that another person holds."""

    type_: ClassVar[str] = "platform.binding.contested.v1"
    times: int = 1


@dataclass(frozen=True, kw_only=True)
class RecordBound(Event):
    """A record was bound to a person, by itself or by an official (`grade`)."""

    type_: ClassVar[str] = "platform.binding.bound.v1"
    grade: str


@dataclass(frozen=True, kw_only=True)
class RecordReleased(Event):
    """The binding of a record ended: superseded by a new card, or released."""

    type_: ClassVar[str] = "platform.binding.released.v1"
    because: str
