"""How switches, planned pauses and the signs on the doors are kept."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Identified, TenantOwned


class ServiceSwitchRow(TenantOwned, Identified, Base):
    """One switch of one municipality, from the first time it was touched."""

    __tablename__ = "service_switches"
    __table_args__ = (UniqueConstraint("tenant_id", "place"), {"schema": "platform"})

    place: Mapped[str]
    state: Mapped[str]
    until: Mapped[datetime | None]
    notice: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    switched_by: Mapped[str]
    switched_at: Mapped[datetime]
    reason: Mapped[str]
    version: Mapped[int] = mapped_column(Integer)


class PlannedPauseRow(TenantOwned, Identified, Base):
    """A pause that was announced ahead."""

    __tablename__ = "planned_pauses"
    __table_args__ = (
        Index("planned_pauses_place", "tenant_id", "place", "ends_at"),
        {"schema": "platform"},
    )

    place: Mapped[str]
    state: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    notice: Mapped[dict[str, Any]] = mapped_column(JSONB)
    planned_by: Mapped[str]
    planned_at: Mapped[datetime]
    reason: Mapped[str]
    called_off_at: Mapped[datetime | None]
    called_off_by: Mapped[str | None]


class SignRow(Base):
    """What hangs on a door: public, and the same for everybody."""

    __tablename__ = "signs"
    __table_args__ = (Index("signs_end", "ends_at"), {"schema": "platform"})

    municipality_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    place: Mapped[str]
    state: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    notice: Mapped[dict[str, Any]] = mapped_column(JSONB)
