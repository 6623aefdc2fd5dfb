"""How the life of a municipality, and what it laid down for it, are kept."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Identified, TenantOwned

_PLATFORM = {"schema": "platform"}


class MembershipNoticeRow(Base):
    """That a municipality came, went live, paused or left: public, without names of people."""

    __tablename__ = "membership_notices"
    __table_args__ = (Index("membership_notices_code", "municipality_code", "id"), _PLATFORM)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    municipality_code: Mapped[str]
    act: Mapped[str]
    state_before: Mapped[str]
    state: Mapped[str]
    occurred_at: Mapped[datetime]
    message_ja: Mapped[str]
    message_en: Mapped[str]


class PaperRouteRow(Base):
    """Where a service is to be had on paper: public."""

    __tablename__ = "paper_routes"
    __table_args__ = (_PLATFORM,)

    municipality_code: Mapped[str] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(primary_key=True)
    route: Mapped[dict[str, Any]] = mapped_column(JSONB)
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class MembershipActRow(TenantOwned, Identified, Base):
    """What administrators proposed or did."""

    __tablename__ = "membership_acts"
    __table_args__ = (_PLATFORM,)

    act: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str]
    notice: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class MembershipPapersRow(TenantOwned, Base):
    """Whom to ring, and how far figures may go."""

    __tablename__ = "membership_papers"
    __table_args__ = (_PLATFORM,)

    contacts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    disclosure: Mapped[str | None]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class RestoreDrillRow(TenantOwned, Identified, Base):
    """That a backup was read back."""

    __tablename__ = "restore_drills"
    __table_args__ = (
        Index("restore_drills_day", "tenant_id", "drilled_on"),
        _PLATFORM,
    )

    drilled_on: Mapped[date]
    minutes: Mapped[int] = mapped_column(Integer)
    finding: Mapped[str]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
