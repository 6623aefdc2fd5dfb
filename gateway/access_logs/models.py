"""How the access log is kept."""

from datetime import datetime

from sqlalchemy import Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Identified, TenantOwned


class AccessLogRow(TenantOwned, Identified, Base):
    """One request; `id` is its number, which holds its time."""

    __tablename__ = "access_logs"
    __table_args__ = (
        Index("access_logs_client_id", "tenant_id", "client_id", "id"),
        Index("access_logs_subject", "tenant_id", "subject", "id"),
        {"schema": "platform"},
    )

    kind: Mapped[str]
    subject: Mapped[str]
    client_id: Mapped[str]
    service: Mapped[str]
    operation: Mapped[str]
    status: Mapped[int] = mapped_column(SmallInteger)
    duration_us: Mapped[int]
    received_bytes: Mapped[int]
    sent_bytes: Mapped[int]
    network: Mapped[str]
    refusal: Mapped[str]


class AccessLogGapRow(TenantOwned, Identified, Base):
    """How many requests could not be written down, and when that was noticed."""

    __tablename__ = "access_log_gaps"
    __table_args__ = ({"schema": "platform"},)

    at: Mapped[datetime]
    lost: Mapped[int]
