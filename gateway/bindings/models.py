"""Bindings that have ended, and the slips by which a sign-in is known at the counter."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, func
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, TenantOwned

_SCHEMA = {"schema": "platform"}


class PastBindingRow(TenantOwned, Base):
    """A binding that holds no more: who was bound to what, until when, and why it ended."""

    __tablename__ = "past_bindings"
    __table_args__ = (
        Index("past_bindings_resident", "tenant_id", "resident_id"),
        Index("past_bindings_subject", "tenant_id", "subject"),
        _SCHEMA,
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    subject: Mapped[str]
    resident_id: Mapped[UUID]
    grade: Mapped[str]
    bound_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    ended_because: Mapped[str]
    ended_by: Mapped[str]
    reason_sealed: Mapped[bytes | None]


class CounterSlipRow(TenantOwned, Base):
    """What somebody shows at the counter to say which sign-in is theirs."""

    __tablename__ = "counter_slips"
    __table_args__ = (
        Index(
            "counter_slips_open",
            "tenant_id",
            "person",
            unique=True,
            postgresql_where="state IN ('held', 'shown', 'awaiting_second')",
        ),
        Index("counter_slips_person", "tenant_id", "person", "id"),
        Index("counter_slips_candidate", "tenant_id", "candidate_id"),
        Index("counter_slips_record", "tenant_id", "resident_id"),
        Index("counter_slips_code", "tenant_id", "code_hash", unique=True),
        CheckConstraint("(code_hash IS NULL) = (code_sealed IS NULL)", "code"),
        CheckConstraint(
            "state <> 'awaiting_second' OR (resident_id IS NOT NULL AND first_by IS NOT NULL)",
            "second",
        ),
        _SCHEMA,
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    person: Mapped[str]
    state: Mapped[str]
    candidate_id: Mapped[UUID | None]
    attributes_hash: Mapped[bytes | None]
    code_hash: Mapped[bytes | None]
    code_sealed: Mapped[bytes | None]
    resident_id: Mapped[UUID | None]
    evidence: Mapped[str | None]
    first_by: Mapped[str | None]
    decided_by: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer)
