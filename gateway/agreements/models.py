"""How agreements on traffic are kept."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Index, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base


class TrafficLimitRow(Base):
    """An agreement with a municipality or, where `client_id` is not empty, on one client of it."""

    __tablename__ = "traffic_limits"
    __table_args__ = ({"schema": "platform"},)

    municipality_code: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(primary_key=True)
    per_minute: Mapped[int] = mapped_column(Integer)
    burst: Mapped[int] = mapped_column(Integer)
    at_once: Mapped[int] = mapped_column(Integer)
    weight: Mapped[int] = mapped_column(Integer)


class TrafficLimitChangeRow(Base):
    """Who changed an agreement, and from what to what; written by the operator's command alone."""

    __tablename__ = "traffic_limit_changes"
    __table_args__ = (
        Index("traffic_limit_changes_place", "municipality_code", "client_id", "changed_at"),
        {"schema": "platform"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_code: Mapped[str]
    client_id: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    changed_by: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
