"""Who may act for whom, and who may never."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, TenantOwned

_SCHEMA = {"schema": "platform"}


class RepresentationRow(TenantOwned, Base):
    """A right to act for another, on the evidence an official saw."""

    __tablename__ = "representations"
    __table_args__ = (
        Index("representations_represented", "tenant_id", "represented_id", "id"),
        Index("representations_holder", "tenant_id", "holder_id", "id"),
        Index("representations_holder_person", "tenant_id", "holder_person", "id"),
        Index(
            "representations_signature",
            "tenant_id",
            "signature_id",
            unique=True,
            postgresql_where="signature_id IS NOT NULL",
        ),
        Index(
            "representations_live",
            "tenant_id",
            "live_until",
            postgresql_where="live_until IS NOT NULL",
        ),
        CheckConstraint("(holder_id IS NULL) <> (holder_person IS NULL)", "holder"),
        CheckConstraint("holder_id <> represented_id", "of_another"),
        CheckConstraint("ends_on >= starts_on", "period"),
        CheckConstraint(
            "(state IN ('declined', 'withdrawn', 'ended')) = (ended_at IS NOT NULL)", "end"
        ),
        CheckConstraint("second_by <> recorded_by", "four_eyes"),
        _SCHEMA,
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    represented_id: Mapped[UUID]
    holder_id: Mapped[UUID | None]
    holder_person: Mapped[str | None]
    kind: Mapped[str]
    ground: Mapped[str]
    relationship: Mapped[str]
    acts: Mapped[list[str]] = mapped_column(ARRAY(Text))
    may_receive: Mapped[bool]
    evidence: Mapped[str]
    evidence_number_sealed: Mapped[bytes | None]
    evidence_seen_on: Mapped[date | None]
    signature_id: Mapped[UUID | None]
    signed_document_sealed: Mapped[bytes | None]
    state: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    second_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None]
    live_until: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer)


class RepresentationBarRow(TenantOwned, Base):
    """From whom a protected person is protected (支援措置の相手方)."""

    __tablename__ = "representation_bars"
    __table_args__ = (_SCHEMA,)

    represented_id: Mapped[UUID] = mapped_column(primary_key=True)
    barred_id: Mapped[UUID] = mapped_column(primary_key=True)
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
