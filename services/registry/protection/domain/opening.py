"""One look at one address: asked for by one official, allowed by another, used once or never."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

OpeningId = NewType("OpeningId", UUID)


class OpeningState(StrEnum):
    """Where a request to see an address stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    DECLINED = "declined"
    VIEWED = "viewed"
    LAPSED = "lapsed"


class OpeningAct(StrEnum):
    """What happens to it."""

    APPROVE = "approve"
    DECLINE = "decline"
    VIEW = "view"
    LAPSE = "lapse"


class Ground(StrEnum):
    """What entitles the office to look."""

    RESIDENT_REGISTRY_ACT = "resident_registry_act"
    COURT_ORDER = "court_order"
    CRIMINAL_PROCEDURE = "criminal_procedure"
    CONSENT_OF_PERSON = "consent_of_person"
    DANGER_TO_LIFE = "danger_to_life"


_S = OpeningState
TRANSITIONS: Mapping[tuple[OpeningState, OpeningAct], OpeningState] = {
    (_S.REQUESTED, OpeningAct.APPROVE): _S.APPROVED,
    (_S.REQUESTED, OpeningAct.DECLINE): _S.DECLINED,
    (_S.REQUESTED, OpeningAct.LAPSE): _S.LAPSED,
    (_S.APPROVED, OpeningAct.VIEW): _S.VIEWED,
    (_S.APPROVED, OpeningAct.LAPSE): _S.LAPSED,
}
"""One look is all there is: what was viewed, declined or has lapsed leads nowhere."""


class IllegalOpeningStep(ValueError):
    """It does not stand where this step begins, or the time for it is over."""


def opening_after(state: OpeningState, act: OpeningAct) -> OpeningState:
    """Return where an act leads.

    Raises:
        IllegalOpeningStep: it does not begin there.
    """
    if (state, act) not in TRANSITIONS:
        raise IllegalOpeningStep(f"{act} does not begin at {state}.")
    return TRANSITIONS[state, act]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A request to see one address; `until` is when it lapses if nothing further happens."""

    id: OpeningId
    resident_id: UUID
    state: OpeningState
    purpose: str
    ground: Ground
    reason: str
    requested_by: str
    requested_at: datetime
    until: datetime
    decided_by: str | None
    version: int

    def take(self, act: OpeningAct, *, at: datetime) -> OpeningState:
        """Return where an act leads at this moment.

        Raises:
            IllegalOpeningStep: it does not begin there, or it comes too late or too early.
        """
        following = opening_after(self.state, act)
        if (at > self.until) != (act is OpeningAct.LAPSE):
            raise IllegalOpeningStep(f"It is not the time to {act}.")
        return following
