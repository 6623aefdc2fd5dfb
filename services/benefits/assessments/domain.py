"""What a decision on an application is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from services.benefits.applications.domain import ApplicationId, ApplicationState

DecisionId = NewType("DecisionId", UUID)


class Outcome(StrEnum):
    """What the section may decide (支給決定, 不支給決定)."""

    GRANTED = "granted"
    REFUSED = "refused"


STATE_AFTER: Mapping[Outcome, ApplicationState] = {
    Outcome.GRANTED: ApplicationState.GRANTED,
    Outcome.REFUSED: ApplicationState.REFUSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The decision with its reason; it is given once, and an appeal is another matter."""

    id: DecisionId
    application_id: ApplicationId
    outcome: Outcome
    reason: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionRequest:
    """What the section asked the household to correct (補正の求め)."""

    application_id: ApplicationId
    reason: str
    requested_at: datetime
