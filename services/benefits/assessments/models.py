"""How decisions and requests for correction are kept: written once, never changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from foundation.database import Base, Identified, TenantOwned

_APPLICATION = (
    "benefits.applications.tenant_id",
    "benefits.applications.programme_id",
    "benefits.applications.household_id",
)


class DecisionRow(TenantOwned, Identified, Base):
    """The section's decision on one application; there is one, and it stands."""

    __tablename__ = "decisions"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "programme_id", "household_id"], _APPLICATION),
        UniqueConstraint("tenant_id", "programme_id", "household_id"),
        CheckConstraint("decision IN ('granted', 'refused')", name="decision"),
        CheckConstraint("length(reason) > 0", name="reason"),
        {"schema": "benefits"},
    )

    programme_id: Mapped[UUID]
    household_id: Mapped[UUID]
    decision: Mapped[str]
    reason: Mapped[str]
    decided_by: Mapped[str]
    decided_at: Mapped[datetime]


class CorrectionRequestRow(TenantOwned, Identified, Base):
    """What the household was asked to correct, each time."""

    __tablename__ = "correction_requests"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "programme_id", "household_id"], _APPLICATION),
        CheckConstraint("length(reason) > 0", name="reason"),
        Index(
            "correction_requests_of_application", "tenant_id", "programme_id", "household_id", "id"
        ),
        {"schema": "benefits"},
    )

    programme_id: Mapped[UUID]
    household_id: Mapped[UUID]
    reason: Mapped[str]
    requested_by: Mapped[str]
    requested_at: Mapped[datetime]
