"""How providers, officials and their duties are kept."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, TenantOwned

_SCHEMA = {"schema": "platform"}
_PROVIDER = ("tenant_id", "provider_id")
_PROVIDERS = ("platform.identity_providers.tenant_id", "platform.identity_providers.id")


class IdentityProviderRow(TenantOwned, Base):
    """A provider a municipality runs for its officials, from its first draft to its retirement."""

    __tablename__ = "identity_providers"
    __table_args__ = (
        CheckConstraint(
            "(client_authentication = 'private_key_jwt') = (client_secret_sealed IS NULL)",
            name="secret",
        ),
        CheckConstraint("(state = 'retired') = (retired_at IS NOT NULL)", name="retirement"),
        Index(
            "identity_providers_issuer",
            "tenant_id",
            "issuer",
            unique=True,
            postgresql_where="state <> 'retired'",
        ),
        _SCHEMA,
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, server_default=func.uuidv7())
    name: Mapped[str]
    issuer: Mapped[str]
    client_id: Mapped[str]
    client_authentication: Mapped[str]
    client_secret_sealed: Mapped[bytes | None]
    scope: Mapped[str]
    acr_values: Mapped[str]
    claims: Mapped[dict[str, Any]] = mapped_column(JSONB)
    endpoints: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    algorithms: Mapped[list[str]] = mapped_column(ARRAY(Text))
    own_callback: Mapped[bool]
    state: Mapped[str]
    discovered_at: Mapped[datetime | None]
    tested_at: Mapped[datetime | None]
    activated_at: Mapped[datetime | None]
    retire_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    drawn_by: Mapped[str] = mapped_column(server_default="")
    written_by: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer)


class ProviderRoleRow(TenantOwned, Base):
    """Which duty a group of one provider's directory carries here."""

    __tablename__ = "provider_roles"
    __table_args__ = (ForeignKeyConstraint(_PROVIDER, _PROVIDERS), _SCHEMA)

    provider_id: Mapped[UUID] = mapped_column(primary_key=True)
    claim_value: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)


class OfficialRow(TenantOwned, Base):
    """Somebody who has signed in as an official; what they are called lies sealed."""

    __tablename__ = "officials"
    __table_args__ = (
        Index("officials_employee", "tenant_id", "employee_hash", unique=True),
        Index("officials_email", "tenant_id", "email_hash"),
        _SCHEMA,
    )

    subject: Mapped[str] = mapped_column(primary_key=True)
    display_name_sealed: Mapped[bytes | None]
    employee_hash: Mapped[bytes | None]
    employee_id_sealed: Mapped[bytes | None]
    email_hash: Mapped[bytes | None]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]


class OfficialAccountRow(TenantOwned, Base):
    """One account of an official with one provider, and the groups it had when last seen."""

    __tablename__ = "official_accounts"
    __table_args__ = (
        ForeignKeyConstraint(_PROVIDER, _PROVIDERS),
        ForeignKeyConstraint(
            ("tenant_id", "subject"), ("platform.officials.tenant_id", "platform.officials.subject")
        ),
        Index("official_accounts_subject", "tenant_id", "subject"),
        Index("official_accounts_provider", "tenant_id", "provider_id"),
        _SCHEMA,
    )

    person: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str]
    provider_id: Mapped[UUID]
    groups: Mapped[list[str]] = mapped_column(ARRAY(Text))
    last_seen_at: Mapped[datetime]


class RoleGrantRow(TenantOwned, Base):
    """A duty given to a person from a moment until a moment, also before they first sign in."""

    __tablename__ = "role_grants"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at OR state = 'revoked'", name="period"),
        CheckConstraint("subject IS NOT NULL OR name_hash IS NOT NULL", name="holder"),
        Index("role_grants_subject", "tenant_id", "subject"),
        Index("role_grants_name", "tenant_id", "name_hash"),
        _SCHEMA,
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[str | None]
    named_by: Mapped[str]
    name_hash: Mapped[bytes | None]
    name_sealed: Mapped[bytes | None]
    role: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    reason_sealed: Mapped[bytes]
    state: Mapped[str]
    reassignment_id: Mapped[UUID | None]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer)
