"""How imports are kept, and the good lines of a file while they wait for a word."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Identified, TenantOwned
from services.registry.residents.models import Person


class ImportRow(TenantOwned, Identified, Base):
    """One file."""

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint(
            "state IN ('received', 'checked', 'confirming', 'confirmed', 'refused', 'discarded')",
            name="state",
        ),
        CheckConstraint("kind IN ('full', 'delta')", name="kind"),
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
    kind: Mapped[str]
    arrival: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """How the file is written: its columns in order, its character set, its codes."""
    decision: Mapped[dict[str, Any]] = mapped_column(JSONB)
    parts: Mapped[int] = mapped_column(Integer)


class PartRow(TenantOwned, Base):
    """Some thousand lines as they were sent, sealed."""

    __tablename__ = "import_parts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "import_id"], ["registry.imports.tenant_id", "registry.imports.id"]
        ),
        {"schema": "registry"},
    )

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(Integer, primary_key=True)
    first_line: Mapped[int] = mapped_column(Integer)
    lines: Mapped[int] = mapped_column(Integer)
    content_sealed: Mapped[bytes]
    is_checked: Mapped[bool]
    rows: Mapped[int] = mapped_column(Integer)
    staged: Mapped[int] = mapped_column(Integer)
    characters: Mapped[dict[str, Any]] = mapped_column(JSONB)


class FaultRow(TenantOwned, Base):
    """One cause at one line; what the line says is not here."""

    __tablename__ = "import_faults"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "import_id"], ["registry.imports.tenant_id", "registry.imports.id"]
        ),
        {"schema": "registry"},
    )

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(Integer, primary_key=True)
    cause: Mapped[str] = mapped_column(primary_key=True)


class LayoutRow(TenantOwned, Identified, Base):
    """One revision of how a municipality's own system writes its files; it never changes."""

    __tablename__ = "import_layouts"
    __table_args__ = (
        UniqueConstraint("tenant_id", "name", "revision"),
        CheckConstraint("revision > 0", name="revision"),
        {"schema": "registry"},
    )

    name: Mapped[str]
    revision: Mapped[int] = mapped_column(Integer)
    definition: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_by: Mapped[str]
    created_at: Mapped[datetime]


class StagingRow(TenantOwned, Person, Base):
    """One good line; the address of a protected person is sealed before it arrives here."""

    __tablename__ = "staging_rows"
    __table_args__ = ({"schema": "registry", "prefixes": ["UNLOGGED"]},)

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
    history_number: Mapped[int | None] = mapped_column(Integer)
    is_past: Mapped[bool]
