"""How cases are kept: names sealed, and who has which role."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
    Uuid,
    column,
    table,
)
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Identified, TenantOwned

TO_CASE = ["consultation.cases.tenant_id", "consultation.cases.id"]


class CaseRow(TenantOwned, Identified, Base):
    """One case; its row is what everybody who changes anything of the case holds first."""

    __tablename__ = "cases"
    __table_args__ = (
        CheckConstraint("state IN ('opened', 'active', 'closed', 'reopened')", name="state"),
        CheckConstraint(
            "confidentiality IN ('ordinary', 'sensitive', 'strict')", name="confidentiality"
        ),
        CheckConstraint("theme ~ '^[a-z_]{1,40}$'", name="theme"),
        CheckConstraint(
            "resident_id IS NULL OR"
            " (consultee_name_sealed IS NULL AND consultee_contact_sealed IS NULL)",
            name="consultee",
        ),
        {"schema": "consultation"},
    )

    theme: Mapped[str]
    confidentiality: Mapped[str]
    resident_id: Mapped[UUID | None]
    consultee_name_sealed: Mapped[bytes | None]
    consultee_contact_sealed: Mapped[bytes | None]
    state: Mapped[str]
    opened_by: Mapped[str]
    opened_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer)


class MemberRow(TenantOwned, Base):
    """One official's role on one case, for as long as it lasts; the trail tells of the past."""

    __tablename__ = "case_members"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], TO_CASE),
        CheckConstraint("role IN ('lead', 'worker', 'reader')", name="role"),
        Index(
            "case_members_one_lead",
            "tenant_id",
            "case_id",
            unique=True,
            postgresql_where="role = 'lead'",
        ),
        Index("case_members_of_official", "tenant_id", "subject", "case_id"),
        {"schema": "consultation"},
    )

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    since: Mapped[datetime]


# The register publishes this view for consultations: no address, no tax status.
RESIDENTS = table(
    "consultation_residents",
    column("tenant_id", Integer),
    column("resident_id", Uuid),
    column("name_display", Text),
    column("protected", Boolean),
    schema="registry",
)
