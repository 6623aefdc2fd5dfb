"""How imports are kept, and the good lines of a file while they wait for a word."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Identified, TenantOwned
from services.registry.residents.models import Person


class ImportRow(TenantOwned, Identified, Base):
    """One file."""

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint("state IN ('received', 'checked', 'confirmed', 'discarded')", name="state"),
        Index("imports_by_digest", "tenant_id", "digest"),
        {"schema": "registry"},
    )

    digest: Mapped[bytes]
    state: Mapped[str]
    report: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    confirmed_by: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer)


class StagingRow(TenantOwned, Person, Base):
    """One good line; the address of a protected person is sealed before it arrives here."""

    __tablename__ = "staging_rows"
    __table_args__ = (
        Index("staging_rows_by_resident_number", "tenant_id", "import_id", "resident_number"),
        Index("staging_rows_by_household_number", "tenant_id", "import_id", "household_number"),
        {"schema": "registry", "prefixes": ["UNLOGGED"]},
    )

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(Integer, primary_key=True)
    faulty: Mapped[bool]
    new_resident_id: Mapped[UUID]
    new_household_id: Mapped[UUID]
    household_number: Mapped[str]
    resident_number: Mapped[str]
    postal_code_sealed: Mapped[bytes | None]
    address_sealed: Mapped[bytes | None]
    name_search: Mapped[str]
    kana_search: Mapped[str]
    content_digest: Mapped[bytes]
