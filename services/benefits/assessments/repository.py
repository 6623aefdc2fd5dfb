"""Where decisions and requests for correction are kept: written once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, insert, select

from foundation.database import Statement, Transaction, tenant_is
from services.benefits.applications.domain import Application, ApplicationId

from .domain import CorrectionRequest, Decision, DecisionId, Outcome
from .models import CorrectionRequestRow, DecisionRow

_ADD = Statement(
    "benefits.decisions.add",
    insert(DecisionRow).values(
        {column.key: bindparam(column.key, type_=column.type) for column in DecisionRow.__table__.c}
    ),
)
_ASK = Statement(
    "benefits.correction_requests.add",
    insert(CorrectionRequestRow).values(
        {
            column.key: bindparam(column.key, type_=column.type)
            for column in CorrectionRequestRow.__table__.c
        }
    ),
)
_OF_APPLICATION = Statement(
    "benefits.decisions.of_application",
    select(*DecisionRow.__table__.c).where(
        tenant_is(DecisionRow),
        DecisionRow.programme_id == bindparam("programme_id"),
        DecisionRow.household_id == bindparam("household_id"),
    ),
)
_LAST_ASKED = Statement(
    "benefits.correction_requests.last_of_application",
    select(CorrectionRequestRow.reason, CorrectionRequestRow.requested_at)
    .where(
        tenant_is(CorrectionRequestRow),
        CorrectionRequestRow.programme_id == bindparam("programme_id"),
        CorrectionRequestRow.household_id == bindparam("household_id"),
    )
    .order_by(CorrectionRequestRow.id.desc())
    .limit(1),
)


class Decisions:
    """The decisions of one municipality."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def add(self, decision: Decision, *, of: Application) -> None:
        """Keep a decision.

        Raises:
            UniqueViolation: the application has one; its state should have said so before.
        """
        await self._tx.execute(
            _ADD,
            id=decision.id,
            programme_id=of.programme_id,
            household_id=of.household_id,
            decision=str(decision.outcome),
            reason=decision.reason,
            decided_by=decision.decided_by,
            decided_at=decision.decided_at,
        )

    async def of(
        self, application_id: ApplicationId, *, programme_id: UUID, household_id: UUID
    ) -> Decision | None:
        row = await self._tx.fetch_one(
            _OF_APPLICATION, programme_id=programme_id, household_id=household_id
        )
        if row is None:
            return None
        return Decision(
            id=DecisionId(row["id"]),
            application_id=application_id,
            outcome=Outcome(row["decision"]),
            reason=row["reason"],
            decided_by=row["decided_by"],
            decided_at=row["decided_at"],
        )

    async def ask_for_correction(
        self, request_id: UUID, *, of: Application, reason: str, by: str, at: datetime
    ) -> None:
        """Keep what the household was asked to correct."""
        await self._tx.execute(
            _ASK,
            id=request_id,
            programme_id=of.programme_id,
            household_id=of.household_id,
            reason=reason,
            requested_by=by,
            requested_at=at,
        )

    async def last_correction_request(self, of: Application) -> CorrectionRequest | None:
        row = await self._tx.fetch_one(
            _LAST_ASKED, programme_id=of.programme_id, household_id=of.household_id
        )
        if row is None:
            return None
        return CorrectionRequest(
            application_id=of.id, reason=row["reason"], requested_at=row["requested_at"]
        )
