"""How measures, openings and alerts are kept: codes and days in the clear, every text sealed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Identified, TenantOwned

_MEASURE = ("registry.protection_measures.tenant_id", "registry.protection_measures.id")
_RESIDENT = ("registry.residents.tenant_id", "registry.residents.id")


class MeasureRow(TenantOwned, Identified, Base):
    """One measure."""

    __tablename__ = "protection_measures"
    __table_args__ = (
        CheckConstraint("origin IN ('application', 'transfer', 'register')", name="origin"),
        CheckConstraint(
            "state IN ('applied', 'provisional', 'granted', 'extended', 'expiring', 'overdue',"
            " 'released')",
            name="state",
        ),
        CheckConstraint("proposed_act IN ('grant', 'release')", name="proposed_act"),
        CheckConstraint(
            "state IN ('applied', 'provisional', 'released') OR ends_on IS NOT NULL",
            name="period",
        ),
        CheckConstraint("(proposed_act IS NULL) = (proposed_by IS NULL)", name="proposal"),
        Index(
            "protection_measures_open",
            "tenant_id",
            "id",
            postgresql_where="state <> 'released'",
        ),
        {"schema": "registry"},
    )

    origin: Mapped[str]
    state: Mapped[str]
    applied_on: Mapped[date]
    ends_on: Mapped[date | None]
    caretaker: Mapped[str]
    office_work: Mapped[list[str]] = mapped_column(ARRAY(Text))
    excluded_officials: Mapped[list[str]] = mapped_column(ARRAY(Text))
    informed_by: Mapped[str]
    informed_on: Mapped[date | None]
    notes_sealed: Mapped[bytes | None]
    proposed_act: Mapped[str | None]
    proposed_by: Mapped[str | None]
    proposed_at: Mapped[datetime | None]
    proposal_sealed: Mapped[bytes | None]
    opened_by: Mapped[str]
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer)


class StepRow(TenantOwned, Identified, Base):
    """One step a measure took; only ever added to."""

    __tablename__ = "protection_steps"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "measure_id"], _MEASURE),
        CheckConstraint(
            "act NOT IN ('grant', 'release') OR"
            " (proposed_by IS NOT NULL AND proposed_by <> taken_by)",
            name="four_eyes",
        ),
        Index("protection_steps_of_measure", "tenant_id", "measure_id", "id"),
        {"schema": "registry"},
    )

    measure_id: Mapped[UUID]
    act: Mapped[str]
    taken_by: Mapped[str]
    proposed_by: Mapped[str | None]
    taken_at: Mapped[datetime]
    reason_sealed: Mapped[bytes | None]


class ProtectedPersonRow(TenantOwned, Base):
    """One person a measure protects."""

    __tablename__ = "protected_persons"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "measure_id"], _MEASURE),
        ForeignKeyConstraint(["tenant_id", "resident_id"], _RESIDENT),
        CheckConstraint("part IN ('applicant', 'accompanying')", name="part"),
        Index("protected_persons_of_resident", "tenant_id", "resident_id"),
        {"schema": "registry"},
    )

    measure_id: Mapped[UUID] = mapped_column(primary_key=True)
    resident_id: Mapped[UUID] = mapped_column(primary_key=True)
    part: Mapped[str]
    relation_sealed: Mapped[bytes | None]


class PerpetratorRow(TenantOwned, Base):
    """One person from whom a measure protects."""

    __tablename__ = "protection_perpetrators"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "measure_id"], _MEASURE),
        ForeignKeyConstraint(["tenant_id", "resident_id"], _RESIDENT),
        CheckConstraint("place > 0", name="place"),
        Index("protection_perpetrators_of_resident", "tenant_id", "resident_id"),
        {"schema": "registry"},
    )

    measure_id: Mapped[UUID] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True)
    resident_id: Mapped[UUID | None]
    details_sealed: Mapped[bytes]


class OpeningRow(TenantOwned, Identified, Base):
    """One request to see an address. That two people stand behind a look is the table's rule."""

    __tablename__ = "address_openings"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "resident_id"], _RESIDENT),
        CheckConstraint(
            "state IN ('requested', 'approved', 'declined', 'viewed', 'lapsed')", name="state"
        ),
        CheckConstraint("decided_by <> requested_by", name="four_eyes"),
        CheckConstraint(
            "state NOT IN ('approved', 'declined', 'viewed') OR decided_by IS NOT NULL",
            name="decided",
        ),
        CheckConstraint("(state = 'viewed') = (viewed_at IS NOT NULL)", name="viewed"),
        Index(
            "address_openings_waiting",
            "tenant_id",
            "id",
            postgresql_where="state IN ('requested', 'approved')",
        ),
        {"schema": "registry"},
    )

    resident_id: Mapped[UUID]
    state: Mapped[str]
    purpose: Mapped[str]
    ground: Mapped[str]
    reason_sealed: Mapped[bytes]
    requested_by: Mapped[str]
    requested_at: Mapped[datetime]
    until: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    viewed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer)


class AlertRow(TenantOwned, Identified, Base):
    """One thing that those who look after protection must see."""

    __tablename__ = "protection_alerts"
    __table_args__ = (
        CheckConstraint("times > 0", name="times"),
        CheckConstraint("(seen_by IS NULL) = (seen_at IS NULL)", name="seen"),
        Index("protection_alerts_unseen", "tenant_id", "id", postgresql_where="seen_by IS NULL"),
        {"schema": "registry"},
    )

    kind: Mapped[str]
    measure_id: Mapped[UUID | None]
    resident_id: Mapped[UUID | None]
    opening_id: Mapped[UUID | None]
    actor: Mapped[str]
    action: Mapped[str]
    times: Mapped[int] = mapped_column(Integer)
    raised_at: Mapped[datetime]
    last_at: Mapped[datetime]
    seen_by: Mapped[str | None]
    seen_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer)
