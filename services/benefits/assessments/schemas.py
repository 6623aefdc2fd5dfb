"""How decisions look on the wire."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from foundation.web import Wire

from .domain import CorrectionRequest, Decision, Outcome

Reason = Annotated[
    str,
    Field(
        min_length=1,
        max_length=400,
        pattern=r"^[^\x00]*[^\x00-\x20\x7f　][^\x00]*$",
        examples=["要綱第3条の要件を満たすため"],
    ),
]


class DecisionGive(Wire):
    """What the section decides, and why; the household reads the reason."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"decision": "granted", "reason": "要綱第3条の要件を満たすため"}]
        }
    )

    decision: Outcome
    """granted は支給決定、refused は不支給決定。"""
    reason: Reason


class CorrectionAsk(Wire):
    """What the household is asked to correct."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "口座名義が世帯主と異なります"}]}
    )

    reason: Reason


class CorrectionRead(Wire):
    """What the household was last asked to correct."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "application_id": "01930b7e-0000-8000-8000-000000000002",
                    "reason": "口座名義が世帯主と異なります",
                    "requested_at": "2026-12-01T01:00:00Z",
                }
            ]
        }
    )

    application_id: UUID
    reason: str
    requested_at: datetime

    @classmethod
    def of(cls, asked: CorrectionRequest) -> Self:
        return cls(
            application_id=asked.application_id,
            reason=asked.reason,
            requested_at=asked.requested_at,
        )


class DecisionRead(Wire):
    """A decision as it was given."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01930b7e-0000-7000-8000-000000000006",
                    "application_id": "01930b7e-0000-8000-8000-000000000002",
                    "decision": "granted",
                    "reason": "要綱第3条の要件を満たすため",
                    "decided_at": "2026-12-01T01:00:00Z",
                }
            ]
        }
    )

    id: UUID
    application_id: UUID
    decision: Outcome
    reason: str
    decided_at: datetime

    @classmethod
    def of(cls, decision: Decision) -> Self:
        return cls(
            id=decision.id,
            application_id=decision.application_id,
            decision=decision.outcome,
            reason=decision.reason,
            decided_at=decision.decided_at,
        )
