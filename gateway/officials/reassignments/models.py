"""How a list of reassignments is kept between its check and its confirmation: sealed."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, TenantOwned


class ReassignmentRow(TenantOwned, Base):
    """One list; its entries are forgotten once it is confirmed or thrown away."""

    __tablename__ = "reassignments"
    __table_args__ = ({"schema": "platform"},)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    effective_on: Mapped[date]
    entries_sealed: Mapped[bytes | None]
    report: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str]
    loaded_by: Mapped[str]
    loaded_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer)
