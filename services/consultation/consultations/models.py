"""How progress records are kept: sealed, and only ever added to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, TenantOwned
from foundation.identifiers import new_id
from services.consultation.cases.models import TO_CASE


class ProgressRecordRow(TenantOwned, Base):
    """One record. The key of a correction makes it one of the same case, and the only one."""

    __tablename__ = "progress_records"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], TO_CASE),
        ForeignKeyConstraint(
            ["tenant_id", "case_id", "corrects_id"],
            [
                "consultation.progress_records.tenant_id",
                "consultation.progress_records.case_id",
                "consultation.progress_records.id",
            ],
        ),
        UniqueConstraint("tenant_id", "case_id", "corrects_id"),
        CheckConstraint("kind IN ('visit', 'phone', 'office', 'meeting')", name="kind"),
        CheckConstraint("corrects_id <> id", name="corrects"),
        Index("progress_records_in_time", "tenant_id", "case_id", "occurred_at", "id"),
        {"schema": "consultation"},
    )

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    occurred_at: Mapped[datetime]
    text_sealed: Mapped[bytes]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    corrects_id: Mapped[UUID | None]
