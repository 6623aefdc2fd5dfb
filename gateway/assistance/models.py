"""How consents to assist are kept, and what the office they are given to is shown."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, Index, Integer, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Identified, TenantOwned

_PLATFORM = {"schema": "platform"}


class AssistanceConsentRow(TenantOwned, Identified, Base):
    """A municipality's consent, and what became of it."""

    __tablename__ = "assistance_consents"
    __table_args__ = (_PLATFORM,)

    office_code: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    purpose: Mapped[str]
    ground: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    state: Mapped[str]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    confirmed_by: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]
    withdrawn_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer, server_default="1")


class AssistanceOfferRow(Base):
    """The terms of a consent that was confirmed, for the office it was given to; names nobody."""

    __tablename__ = "assistance_offers"
    __table_args__ = (Index("assistance_offers_office", "office_code", "id"), _PLATFORM)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    municipality_code: Mapped[str]
    office_code: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    purpose: Mapped[str]
    ground: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    withdrawn_at: Mapped[datetime | None]
