"""What is announced of protection: that something happened, never to whom.

The subject is the measure or the alert, not the person: whoever follows the events of a register
must not learn from them who is protected.
"""

from dataclasses import dataclass
from typing import ClassVar

from foundation.events.envelope import Event


@dataclass(frozen=True, kw_only=True)
class MeasureMoved(Event):
    """A measure was opened or took a step."""

    type_: ClassVar[str] = "registry.protection_measure.moved.v1"

    state: str


@dataclass(frozen=True, kw_only=True)
class AlertRaised(Event):
    """Something happened that those who look after protection must see."""

    type_: ClassVar[str] = "registry.protection_alert.raised.v1"

    kind: str
