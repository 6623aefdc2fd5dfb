"""The door's own records: clients, sign-ins, sessions, and what was given and taken back."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    FetchedValue,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, TenantOwned

_SCHEMA = {"schema": "platform"}
_Texts = list[str]


class TenantRow(Base):
    """A municipality, a prefecture or the nation; the directory is public."""

    __tablename__ = "tenants"
    __table_args__ = (
        UniqueConstraint("corporate_number"),
        Index("tenants_parent", "parent_tenant_id"),
        Index("tenants_environment", "tenant_id", "environment", unique=True),
        Index("tenants_onboarded", "onboarded_at"),
        _SCHEMA,
    )

    tenant_id: Mapped[int] = mapped_column(Integer, Identity(always=True), primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    name_kana: Mapped[str]
    prefecture_name: Mapped[str]
    parent_tenant_id: Mapped[int | None] = mapped_column(
        Integer, ForeignKey("platform.tenants.tenant_id")
    )
    corporate_number: Mapped[str | None]
    status: Mapped[str]
    environment: Mapped[str] = mapped_column(server_default="production")
    services: Mapped[_Texts] = mapped_column(
        ARRAY(Text), server_default="{registry,benefits,window_dx,consultation}"
    )
    notice: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    onboarded_at: Mapped[datetime | None]
    state_since: Mapped[datetime | None]
    membership_version: Mapped[int] = mapped_column(Integer, server_default="1")


class TenantCodeRow(Base):
    """The code a tenant is known by, from a day until a day."""

    __tablename__ = "tenant_codes"
    __table_args__ = (Index("tenant_codes_tenant", "tenant_id"), _SCHEMA)

    municipality_code: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_until: Mapped[date | None]
    tenant_id: Mapped[int] = mapped_column(Integer, ForeignKey("platform.tenants.tenant_id"))


class ClientRow(Base):
    """A front end or a machine that may ask for tokens; it belongs to no tenant."""

    __tablename__ = "clients"
    __table_args__ = (
        Index("clients_environment", "client_id", "environment", unique=True),
        Index("clients_owner", "owner"),
        _SCHEMA,
    )

    client_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kinds: Mapped[_Texts] = mapped_column(ARRAY(Text))
    scopes: Mapped[_Texts] = mapped_column(ARRAY(Text))
    redirect_uris: Mapped[_Texts] = mapped_column(ARRAY(Text))
    jwks: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    sector: Mapped[str]
    status: Mapped[str]
    registered_at: Mapped[datetime]
    profile: Mapped[str] = mapped_column(server_default="first_party")
    jwks_uri: Mapped[str | None]
    post_logout_redirect_uris: Mapped[_Texts] = mapped_column(ARRAY(Text), server_default="{}")
    backchannel_logout_uri: Mapped[str | None]
    origins: Mapped[_Texts] = mapped_column(ARRAY(Text), server_default="{}")
    dpop_bound: Mapped[bool] = mapped_column(server_default="false")
    par_required: Mapped[bool] = mapped_column(server_default="false")
    owner: Mapped[UUID | None] = mapped_column(ForeignKey("platform.vendors.id"))
    environment: Mapped[str] = mapped_column(server_default="production")
    expires_at: Mapped[datetime | None]


class ClientGrantRow(TenantOwned, Base):
    """A municipality's leave for a client to act in it, until a day.

    Its two keys of `environment` hold it to one world: what was made to be tried out cannot be
    let into a real municipality.
    """

    __tablename__ = "client_grants"
    __table_args__ = (
        ForeignKeyConstraint(
            ("tenant_id", "environment"),
            ("platform.tenants.tenant_id", "platform.tenants.environment"),
        ),
        ForeignKeyConstraint(
            ("client_id", "environment"),
            ("platform.clients.client_id", "platform.clients.environment"),
        ),
        _SCHEMA,
    )

    client_id: Mapped[str] = mapped_column(
        ForeignKey("platform.clients.client_id"), primary_key=True
    )
    scopes: Mapped[_Texts] = mapped_column(ARRAY(Text))
    granted_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    environment: Mapped[str] = mapped_column(server_default="production")
    expires_at: Mapped[datetime | None]
    granted_by: Mapped[str | None]
    access_request_id: Mapped[UUID | None]
    last_used_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer, server_default="1")


class UsedAssertionRow(Base):
    """A client's proof that was shown once and is good no more."""

    __tablename__ = "used_assertions"
    __table_args__ = (Index("used_assertions_expiry", "expires_at"), _SCHEMA)

    client_id: Mapped[str] = mapped_column(primary_key=True)
    jti_hash: Mapped[bytes] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


class ClientKeyRow(Base):
    """A public key a client registered to prove itself by; a withdrawn one stays on record."""

    __tablename__ = "client_keys"
    __table_args__ = (_SCHEMA,)

    client_id: Mapped[str] = mapped_column(
        ForeignKey("platform.clients.client_id"), primary_key=True
    )
    kid: Mapped[str] = mapped_column(primary_key=True)
    jwk: Mapped[dict[str, Any]] = mapped_column(JSONB)
    status: Mapped[str] = mapped_column(server_default="active")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]


class UsedProofRow(Base):
    """A proof of possession that was shown once and is good no more."""

    __tablename__ = "used_proofs"
    __table_args__ = (Index("used_proofs_expiry", "expires_at"), _SCHEMA)

    jkt: Mapped[str] = mapped_column(primary_key=True)
    jti_hash: Mapped[bytes] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


class PushedRequestRow(TenantOwned, Base):
    """An authorization request a client left here itself, so that the browser carries its name."""

    __tablename__ = "pushed_requests"
    __table_args__ = (Index("pushed_requests_expiry", "tenant_id", "expires_at"), _SCHEMA)

    request_hash: Mapped[bytes] = mapped_column(primary_key=True)
    client_id: Mapped[str]
    parameters: Mapped[dict[str, str]] = mapped_column(JSONB)
    dpop_jkt: Mapped[str | None]
    expires_at: Mapped[datetime]


class ResidentIssuerRow(TenantOwned, Base):
    """The provider a municipality's residents prove themselves to, and our name there."""

    __tablename__ = "resident_issuers"
    __table_args__ = (_SCHEMA,)

    issuer: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str]
    acr_values: Mapped[str]


class OfficialIssuerRow(TenantOwned, Base):
    """What `identity_providers` took the place of; it goes once no older gateway reads it."""

    __tablename__ = "official_issuers"
    __table_args__ = (_SCHEMA,)

    issuer: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str]
    acr_values: Mapped[str]


class RoleMappingRow(TenantOwned, Base):
    """What `provider_roles` took the place of; it goes once no older gateway reads it."""

    __tablename__ = "role_mappings"
    __table_args__ = (_SCHEMA,)

    group_name: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)


class SignInTransactionRow(TenantOwned, Base):
    """A sign-in that has left for a provider and has not come back."""

    __tablename__ = "sign_in_transactions"
    __table_args__ = (Index("sign_in_transactions_expiry", "tenant_id", "expires_at"), _SCHEMA)

    state_hash: Mapped[bytes] = mapped_column(primary_key=True)
    browser_hash: Mapped[bytes]
    kind: Mapped[str]
    issuer: Mapped[str]
    issuer_client_id: Mapped[str]
    client_id: Mapped[str]
    redirect_uri: Mapped[str]
    scopes: Mapped[_Texts] = mapped_column(ARRAY(Text))
    client_state: Mapped[str | None]
    client_nonce: Mapped[str | None]
    code_challenge: Mapped[str]
    dpop_jkt: Mapped[str | None]
    acr_values: Mapped[_Texts] = mapped_column(ARRAY(Text))
    max_age_seconds: Mapped[int | None] = mapped_column(Integer)
    expires_at: Mapped[datetime]
    provider_id: Mapped[UUID | None]


class SessionRow(TenantOwned, Base):
    """A person signed in through one client; the family its refresh tokens belong to."""

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ended_because IS NULL)", "end_has_a_reason"),
        Index("sessions_expiry", "tenant_id", "expires_at"),
        Index("sessions_person", "tenant_id", "person", "expires_at"),
        Index("sessions_upstream", "tenant_id", "upstream_session", "expires_at"),
        _SCHEMA,
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    person: Mapped[str]
    subject: Mapped[str]
    client_id: Mapped[str]
    groups: Mapped[_Texts] = mapped_column(ARRAY(Text))
    acr: Mapped[str]
    auth_time: Mapped[datetime]
    binding: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None]
    upstream_session: Mapped[bytes | None]


class AuthorizationCodeRow(TenantOwned, Base):
    """A code on its way to a client: one minute, one use."""

    __tablename__ = "authorization_codes"
    __table_args__ = (
        ForeignKeyConstraint(
            ("tenant_id", "session_id"),
            ("platform.sessions.tenant_id", "platform.sessions.id"),
            ondelete="CASCADE",
        ),
        Index("authorization_codes_session", "tenant_id", "session_id"),
        _SCHEMA,
    )

    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    session_id: Mapped[UUID]
    client_id: Mapped[str]
    redirect_uri: Mapped[str]
    scopes: Mapped[_Texts] = mapped_column(ARRAY(Text))
    nonce: Mapped[str | None]
    code_challenge: Mapped[str]
    dpop_jkt: Mapped[str | None]
    expires_at: Mapped[datetime]
    redeemed_at: Mapped[datetime | None]


class RefreshTokenRow(TenantOwned, Base):
    """A refresh token of a session: one use, then its successor."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        ForeignKeyConstraint(
            ("tenant_id", "session_id"),
            ("platform.sessions.tenant_id", "platform.sessions.id"),
            ondelete="CASCADE",
        ),
        Index("refresh_tokens_session", "tenant_id", "session_id"),
        _SCHEMA,
    )

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    session_id: Mapped[UUID]
    scopes: Mapped[_Texts] = mapped_column(ARRAY(Text))
    dpop_jkt: Mapped[str | None]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ResidentBindingRow(TenantOwned, Base):
    """Which record of the register a signed-in person is; a record is one person's at a time."""

    __tablename__ = "resident_bindings"
    __table_args__ = (
        Index("resident_bindings_record", "tenant_id", "resident_id", unique=True),
        Index("resident_bindings_attributes", "tenant_id", "attributes_hash"),
        _SCHEMA,
    )

    subject: Mapped[str] = mapped_column(primary_key=True)
    resident_id: Mapped[UUID]
    grade: Mapped[str]
    bound_at: Mapped[datetime]
    attributes_hash: Mapped[bytes | None]
    evidence: Mapped[str | None]
    bound_by: Mapped[str | None]
    second_by: Mapped[str | None]


class RevocationRow(Base):
    """Something given that must be believed no more, until it would have expired anyway.

    One row for one thing, however often it is taken back. A client stopped everywhere has the
    municipality code `*`. `tx` is the transaction that wrote it last; of a single token,
    `client_id` says whose it was.
    """

    __tablename__ = "revocations"
    __table_args__ = (
        Index("revocations_expiry", "expires_at"),
        Index("revocations_named", "municipality_code", "kind", "value", unique=True),
        Index("revocations_news", "tx"),
        Index(
            "revocations_of_client",
            "municipality_code",
            "client_id",
            postgresql_where="kind = 'token'",
        ),
        _SCHEMA,
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    municipality_code: Mapped[str]
    kind: Mapped[str]
    value: Mapped[str]
    revoked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tx: Mapped[int] = mapped_column(BigInteger, server_default=FetchedValue())
    client_id: Mapped[str]
