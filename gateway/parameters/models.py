"""How settings are kept: each place's own entries, and what of them is public."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Identified, TenantOwned

_VALUE = JSONB(none_as_null=True)


class ParameterValueRow(TenantOwned, Identified, Base):
    """One entry; its facts stay, only its standing changes."""

    __tablename__ = "parameter_values"
    __table_args__ = (
        Index(
            "parameter_values_one_begins",
            "tenant_id",
            "key",
            "starts_on",
            unique=True,
            postgresql_where="state = 'standing'",
        ),
        Index("parameter_values_history", "tenant_id", "key", "id"),
        {"schema": "platform"},
    )

    key: Mapped[str]
    starts_on: Mapped[date]
    value: Mapped[bool | None] = mapped_column(_VALUE)
    ends: Mapped[UUID | None]
    reason: Mapped[str]
    entered_by: Mapped[str]
    entered_at: Mapped[datetime]
    state: Mapped[str]
    replaced_by: Mapped[UUID | None]
    changed_by: Mapped[str | None]
    changed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer, server_default="1")


class ParameterPublicationRow(Base):
    """What stands and is public: all of nation and prefectures, of a town what is counted."""

    __tablename__ = "parameter_publications"
    __table_args__ = ({"schema": "platform"},)

    municipality_code: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    starts_on: Mapped[date] = mapped_column(primary_key=True)
    id: Mapped[UUID]
    value: Mapped[bool | None] = mapped_column(_VALUE)
