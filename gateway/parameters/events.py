"""What happened to a municipality's settings, for whoever keeps a plan of them."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from foundation.events import Event


@dataclass(frozen=True, kw_only=True)
class ParameterSet(Event):
    """A value was entered; `subject_id` is the entry."""

    type_: ClassVar[str] = "platform.parameter.set.v1"

    key: str
    starts_on: date


@dataclass(frozen=True, kw_only=True)
class ParameterWithdrawn(Event):
    """A planned value will not come; `subject_id` is the entry."""

    type_: ClassVar[str] = "platform.parameter.withdrawn.v1"

    key: str
