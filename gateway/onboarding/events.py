"""That a municipality moved on, for whoever plans by it."""

from dataclasses import dataclass
from typing import ClassVar

from foundation.events import Event


@dataclass(frozen=True, kw_only=True)
class MembershipChanged(Event):
    """A municipality came, went live, paused or left; `subject_id` is the notice."""

    type_: ClassVar[str] = "platform.membership.changed.v1"

    act: str
    state_before: str
    state: str


@dataclass(frozen=True, kw_only=True)
class ServiceTaken(Event):
    """A municipality takes part in a service from now on, or no more."""

    type_: ClassVar[str] = "platform.membership.service_taken.v1"

    service: str
    takes_part: bool
