"""Consents, and questions that were put and not yet answered."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, TenantOwned

_SCHEMA = {"schema": "platform"}
_Texts = list[str]


class ConsentRow(TenantOwned, Base):
    """What one person gave one application, until when; at most one at a time is in force."""

    __tablename__ = "consents"
    __table_args__ = (
        CheckConstraint("given <@ asked", "given_was_asked"),
        CheckConstraint("(ended_at IS NULL) = (ended_because IS NULL)", "end_has_a_reason"),
        Index(
            "consents_in_force",
            "tenant_id",
            "person",
            "client_id",
            unique=True,
            postgresql_where="ended_at IS NULL",
        ),
        _SCHEMA,
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    person: Mapped[str]
    client_id: Mapped[str] = mapped_column(ForeignKey("platform.clients.client_id"))
    asked: Mapped[_Texts] = mapped_column(ARRAY(Text))
    given: Mapped[_Texts] = mapped_column(ARRAY(Text))
    given_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None]


class ConsentRequestRow(TenantOwned, Base):
    """A question put to one browser, with the code that waits for its answer."""

    __tablename__ = "consent_requests"
    __table_args__ = (
        ForeignKeyConstraint(
            ("tenant_id", "session_id"),
            ("platform.sessions.tenant_id", "platform.sessions.id"),
            ondelete="CASCADE",
        ),
        Index("consent_requests_session", "tenant_id", "session_id"),
        Index("consent_requests_expiry", "tenant_id", "expires_at"),
        _SCHEMA,
    )

    request_hash: Mapped[bytes] = mapped_column(primary_key=True)
    browser_hash: Mapped[bytes]
    session_id: Mapped[UUID]
    code_hash: Mapped[bytes]
    scopes: Mapped[_Texts] = mapped_column(ARRAY(Text))
    redirect_uri: Mapped[str]
    client_state: Mapped[str | None]
    expires_at: Mapped[datetime]
