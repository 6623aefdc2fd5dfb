"""What is told of a case outside: that it exists, by a number that says nothing."""

from dataclasses import dataclass
from typing import ClassVar

from foundation.events.envelope import Event


@dataclass(frozen=True, kw_only=True)
class CaseOpened(Event):
    """A case was opened. Not about whom and not for what: a theme beside a number is a hint."""

    type_: ClassVar[str] = "consultation.case.opened.v1"
