"""How residents are kept: the present state, every earlier one, and sealed addresses."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Date,
    FetchedValue,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    cast,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Identified, TenantOwned


class HouseholdRow(TenantOwned, Identified, Base):
    """One household."""

    __tablename__ = "households"
    __table_args__ = (UniqueConstraint("tenant_id", "household_number"), {"schema": "registry"})

    household_number: Mapped[str]
    version: Mapped[int] = mapped_column(Integer)


class Person:
    """The columns that the present state, the history and the waiting rows of a file share."""

    relationship: Mapped[str]
    is_householder: Mapped[bool]
    name_formal: Mapped[str]
    name_display: Mapped[str]
    name_kana: Mapped[str]
    name_kana_verified: Mapped[bool]
    alias: Mapped[str]
    name_latin: Mapped[str]
    birth_text: Mapped[str]
    birth_on: Mapped[date] = mapped_column(Date)
    birth_precision: Mapped[str]
    gender: Mapped[str]
    nationality_kind: Mapped[str]
    postal_code: Mapped[str]
    address: Mapped[str]
    resident_from: Mapped[date] = mapped_column(Date)
    resident_until: Mapped[date | None] = mapped_column(Date)
    tax_status: Mapped[str]
    protection: Mapped[str]
    change_reason: Mapped[str]
    changed_on: Mapped[date | None] = mapped_column(Date)
    notified_on: Mapped[date | None] = mapped_column(Date)


PERSON = (
    "relationship",
    "is_householder",
    "name_formal",
    "name_display",
    "name_kana",
    "name_kana_verified",
    "alias",
    "name_latin",
    "birth_text",
    "birth_on",
    "birth_precision",
    "gender",
    "nationality_kind",
    "postal_code",
    "address",
    "resident_from",
    "resident_until",
    "tax_status",
    "protection",
    "change_reason",
    "changed_on",
    "notified_on",
)
"""Their names, for statements that carry a person from one table to another."""


class ResidentRow(TenantOwned, Identified, Person, Base):
    """One resident as of now."""

    __tablename__ = "residents"
    __table_args__ = (
        UniqueConstraint("tenant_id", "resident_number"),
        ForeignKeyConstraint(
            ["tenant_id", "household_id"],
            ["registry.households.tenant_id", "registry.households.id"],
        ),
        CheckConstraint("protection = '' OR (address = '' AND postal_code = '')", name="sealed"),
        Index("residents_by_name_search", "tenant_id", "name_search", "id"),
        Index("residents_by_kana_search", "tenant_id", "kana_search", "id"),
        Index("residents_by_birth_on", "tenant_id", "birth_on", "id"),
        Index(
            "residents_of_household",
            "tenant_id",
            "household_id",
            postgresql_include=["is_householder", "tax_status"],
        ),
        Index("residents_by_grams", "grams", postgresql_using="gin"),
        Index("residents_feed", "tenant_id", "changed_tx", "id"),
        Index(
            "residents_protected",
            "tenant_id",
            "household_id",
            postgresql_where="protection <> '' AND resident_until IS NULL",
        ),
        Index("residents_under_protection", "tenant_id", "id", postgresql_where="protection <> ''"),
        {"schema": "registry"},
    )

    household_id: Mapped[UUID]
    resident_number: Mapped[str]
    history_number: Mapped[int] = mapped_column(Integer)
    name_search: Mapped[str] = mapped_column(Text(collation="C"))
    kana_search: Mapped[str] = mapped_column(Text(collation="C"))
    content_digest: Mapped[bytes]
    """Keyed: a plain digest of a protected person's record could be guessed back to an address."""
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer)
    also_search: Mapped[str] = mapped_column(Text(collation="C"), FetchedValue())
    """通称 and alphabet, folded like a name; the database makes this and the two below."""
    address_search: Mapped[str] = mapped_column(Text(collation="C"), FetchedValue())
    grams: Mapped[list[int]] = mapped_column(ARRAY(Integer), FetchedValue())
    """Every two letters side by side of what is searched, as numbers of this municipality."""
    changed_tx: Mapped[int] = mapped_column(BigInteger, FetchedValue())
    """The transaction that made the row what it is; an UPDATE sets it to `THIS_TRANSACTION`."""


THIS_TRANSACTION: ColumnElement[int] = cast(cast(func.pg_current_xact_id(), Text), BigInteger)
"""What an UPDATE of a resident gives `changed_tx`, or the feed of changes would not show it."""


class ResidentHistoryRow(TenantOwned, Person, Base):
    """What a resident was before; only ever added to."""

    __tablename__ = "resident_history"
    __table_args__ = (
        Index("resident_history_by_grams", "grams", postgresql_using="gin"),
        Index("resident_history_feed", "tenant_id", "changed_tx", "resident_id", "history_number"),
        {"schema": "registry"},
    )

    resident_number: Mapped[str] = mapped_column(primary_key=True)
    history_number: Mapped[int] = mapped_column(Integer, primary_key=True)
    resident_id: Mapped[UUID]
    household_id: Mapped[UUID]
    postal_code_sealed: Mapped[bytes | None]
    address_sealed: Mapped[bytes | None]
    superseded_at: Mapped[datetime]
    grams: Mapped[list[int]] = mapped_column(ARRAY(Integer), FetchedValue())
    changed_tx: Mapped[int] = mapped_column(BigInteger, FetchedValue())
    """When this state came about; it travels here from the row it was."""


class ProtectedAddressRow(TenantOwned, Base):
    """The one place where a protected person's address is, sealed."""

    __tablename__ = "protected_addresses"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "resident_id"],
            ["registry.residents.tenant_id", "registry.residents.id"],
        ),
        {"schema": "registry"},
    )

    resident_id: Mapped[UUID] = mapped_column(primary_key=True)
    postal_code_sealed: Mapped[bytes]
    address_sealed: Mapped[bytes]
    changed_at: Mapped[datetime]
