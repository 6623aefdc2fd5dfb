"""How trial sign-ins are kept: apart from real ones, because they open nothing."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKeyConstraint, Index, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, TenantOwned


class TrialSignInRow(TenantOwned, Base):
    """One try with a provider that is not yet in use, and what came of it."""

    __tablename__ = "trial_sign_ins"
    __table_args__ = (
        ForeignKeyConstraint(
            ("tenant_id", "provider_id"),
            ("platform.identity_providers.tenant_id", "platform.identity_providers.id"),
        ),
        CheckConstraint("(finished_at IS NULL) = (succeeded IS NULL)", name="outcome"),
        Index("trial_sign_ins_provider", "tenant_id", "provider_id", "id"),
        Index("trial_sign_ins_link", "tenant_id", "link_hash", unique=True),
        Index("trial_sign_ins_state", "tenant_id", "state_hash", unique=True),
        {"schema": "platform"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    provider_id: Mapped[UUID]
    provider_version: Mapped[int] = mapped_column(Integer)
    requested_by: Mapped[str]
    link_hash: Mapped[bytes]
    state_hash: Mapped[bytes | None]
    browser_hash: Mapped[bytes | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    succeeded: Mapped[bool | None]
    person: Mapped[str | None]
    employee_hash: Mapped[bytes | None]
    groups: Mapped[list[str]] = mapped_column(ARRAY(Text))
    report: Mapped[dict[str, Any]] = mapped_column(JSONB)
