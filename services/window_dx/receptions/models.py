"""How receptions are kept: where each stands, and every act with its instant."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Identified, TenantOwned

_TO_WINDOW = ["window_dx.windows.tenant_id", "window_dx.windows.id"]


class CounterRow(TenantOwned, Base):
    """The last number given at a window on a day."""

    __tablename__ = "reception_counters"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "window_id"], _TO_WINDOW),
        {"schema": "window_dx"},
    )

    window_id: Mapped[UUID] = mapped_column(primary_key=True)
    received_on: Mapped[date] = mapped_column(primary_key=True)
    last_number: Mapped[int] = mapped_column(Integer)


class ReceptionRow(TenantOwned, Identified, Base):
    """One person's turn."""

    __tablename__ = "receptions"
    __table_args__ = (
        UniqueConstraint("tenant_id", "taken_at_window_id", "received_on", "number"),
        ForeignKeyConstraint(["tenant_id", "window_id"], _TO_WINDOW),
        ForeignKeyConstraint(["tenant_id", "taken_at_window_id"], _TO_WINDOW),
        CheckConstraint(
            "state IN ('waiting', 'serving', 'held', 'finished', 'absent')", name="state"
        ),
        CheckConstraint("channel IN ('counter', 'online', 'kiosk')", name="channel"),
        Index(
            "receptions_queue", "tenant_id", "window_id", "received_on", "state", "queued_at", "id"
        ),
        {"schema": "window_dx"},
    )

    window_id: Mapped[UUID]
    taken_at_window_id: Mapped[UUID]
    received_on: Mapped[date]
    number: Mapped[int] = mapped_column(Integer)
    matter: Mapped[str]
    channel: Mapped[str]
    resident_id: Mapped[UUID | None]
    taken_by: Mapped[str]
    state: Mapped[str]
    queued_at: Mapped[datetime]
    called_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer)


class ActRow(TenantOwned, Identified, Base):
    """One act on a reception; only ever added to."""

    __tablename__ = "reception_acts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "reception_id"],
            ["window_dx.receptions.tenant_id", "window_dx.receptions.id"],
        ),
        Index("reception_acts_measured", "tenant_id", "window_id", "act", "acted_on"),
        Index("reception_acts_of_reception", "tenant_id", "reception_id"),
        {"schema": "window_dx"},
    )

    reception_id: Mapped[UUID]
    window_id: Mapped[UUID]
    act: Mapped[str]
    acted_on: Mapped[date]
    acted_at: Mapped[datetime]
    actor: Mapped[str]
    seconds: Mapped[int | None] = mapped_column(Integer)
    """How long it took: the wait before CALLED, the service before FINISHED."""
