"""Signatures and the lists they were judged with, as the database keeps them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, TenantOwned

_SCHEMA = {"schema": "platform"}


class RevocationListRow(Base):
    """An authority's list of withdrawn certificates: public, and nobody's in particular."""

    __tablename__ = "revocation_lists"
    __table_args__ = (_SCHEMA,)

    sha256: Mapped[bytes] = mapped_column(primary_key=True)
    content: Mapped[bytes]
    kept_at: Mapped[datetime]


class SignatureRow(TenantOwned, Base):
    """One document somebody was asked to sign, and what came of it.

    Sealed are: what is signed in words, what the card gave, and the evidence, which names a person.
    """

    __tablename__ = "signatures"
    __table_args__ = (
        Index("signatures_handle", "tenant_id", "handle_hash", unique=True),
        Index(
            "signatures_state",
            "tenant_id",
            "state_hash",
            unique=True,
            postgresql_where="state_hash IS NOT NULL",
        ),
        _SCHEMA,
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    state: Mapped[str]
    purpose: Mapped[str]
    statement_sealed: Mapped[bytes]
    document_digest: Mapped[bytes]
    person: Mapped[str]
    subject: Mapped[str]
    client_id: Mapped[str]
    resident_id: Mapped[UUID | None]
    for_another: Mapped[bool]
    return_to: Mapped[str]
    client_state: Mapped[str | None]
    handle_hash: Mapped[bytes]
    state_hash: Mapped[bytes | None]
    browser_hash: Mapped[bytes | None]
    issuer: Mapped[str | None]
    issuer_client_id: Mapped[str | None]
    sign_transaction_id: Mapped[UUID | None]
    requested_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    refusal: Mapped[str | None]
    holder_match: Mapped[str | None]
    presented_sealed: Mapped[bytes | None]
    evidence_sealed: Mapped[bytes | None]
    evidence_sha256: Mapped[bytes | None]
    crl_sha256: Mapped[bytes | None] = mapped_column(ForeignKey("platform.revocation_lists.sha256"))
    report: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    version: Mapped[int] = mapped_column(Integer)
