"""Vendors, what they registered, and what they asked municipalities for."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Integer, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, TenantOwned

_SCHEMA = {"schema": "platform"}
_Texts = list[str]


class VendorRow(Base):
    """An organisation that builds on the house, and whom to write to there."""

    __tablename__ = "vendors"
    __table_args__ = (_SCHEMA,)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    organization_name: Mapped[str]
    contacts: Mapped[_Texts] = mapped_column(ARRAY(Text))
    registered_at: Mapped[datetime] = mapped_column(server_default=func.now())
    shown_at: Mapped[datetime | None]


class ClientRegistrationRow(Base):
    """A client its vendor looks after itself (RFC 7592); of the token only the hash is kept."""

    __tablename__ = "client_registrations"
    __table_args__ = (
        Index("client_registrations_vendor", "vendor_id"),
        Index("client_registrations_silence", "last_seen_at"),
        _SCHEMA,
    )

    client_id: Mapped[str] = mapped_column(
        ForeignKey("platform.clients.client_id"), primary_key=True
    )
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("platform.vendors.id"))
    token_hash: Mapped[bytes]
    token_issued_at: Mapped[datetime]
    about: Mapped[dict[str, Any]] = mapped_column(JSONB)
    last_seen_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    shown_at: Mapped[datetime | None]
    open_requests: Mapped[int] = mapped_column(Integer, server_default="0")


class DailyCountRow(Base):
    """How often somebody did something on one day in Japan."""

    __tablename__ = "daily_counts"
    __table_args__ = (Index("daily_counts_day", "day"), _SCHEMA)

    whose: Mapped[str] = mapped_column(primary_key=True)
    act: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    taken: Mapped[int] = mapped_column(Integer)


class AccessRequestRow(TenantOwned, Base):
    """What a vendor asked of one municipality, and what it answered."""

    __tablename__ = "access_requests"
    __table_args__ = (
        CheckConstraint("(state = 'requested') = (decided_at IS NULL)", "decided"),
        CheckConstraint("granted_scopes <@ scopes", "least_privilege"),
        Index(
            "access_requests_open",
            "tenant_id",
            "client_id",
            unique=True,
            postgresql_where="state = 'requested'",
        ),
        Index("access_requests_client", "tenant_id", "client_id", "id"),
        _SCHEMA,
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("platform.clients.client_id"))
    scopes: Mapped[_Texts] = mapped_column(ARRAY(Text))
    purpose: Mapped[str]
    state: Mapped[str]
    requested_at: Mapped[datetime]
    granted_scopes: Mapped[_Texts] = mapped_column(ARRAY(Text), server_default="{}")
    expires_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(Integer, server_default="1")
