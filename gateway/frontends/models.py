"""Sessions that a browser carries as a cookie, and sign-ins that will begin one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, TenantOwned

_SCHEMA = {"schema": "platform"}
_Texts = list[str]


class FrontEndSignInRow(TenantOwned, Base):
    """A browser on its way to prove who it is, and where it wants to be afterwards."""

    __tablename__ = "front_end_sign_ins"
    __table_args__ = (Index("front_end_sign_ins_expiry", "tenant_id", "expires_at"), _SCHEMA)

    state_hash: Mapped[bytes] = mapped_column(primary_key=True)
    browser_hash: Mapped[bytes]
    client_id: Mapped[str] = mapped_column(ForeignKey("platform.clients.client_id"))
    return_to: Mapped[str]
    expires_at: Mapped[datetime]


class BrowserSessionRow(TenantOwned, Base):
    """The cookie of a session: the hash of its present id, and of the one before."""

    __tablename__ = "browser_sessions"
    __table_args__ = (
        CheckConstraint(
            "(previous_hash IS NULL) = (previous_until IS NULL)", "previous_has_an_end"
        ),
        ForeignKeyConstraint(
            ("tenant_id", "session_id"),
            ("platform.sessions.tenant_id", "platform.sessions.id"),
            ondelete="CASCADE",
        ),
        Index("browser_sessions_secret", "tenant_id", "secret_hash", unique=True),
        Index("browser_sessions_previous", "tenant_id", "previous_hash"),
        _SCHEMA,
    )

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    secret_hash: Mapped[bytes]
    previous_hash: Mapped[bytes | None]
    previous_until: Mapped[datetime | None]
    scopes: Mapped[_Texts] = mapped_column(ARRAY(Text))
    rotated_at: Mapped[datetime]
    seen_at: Mapped[datetime]
