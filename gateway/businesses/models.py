"""How the providers of businesses and the accounts that came from them are kept."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, TenantOwned

_SCHEMA = {"schema": "platform"}


class BusinessIssuerRow(TenantOwned, Base):
    """The provider businesses prove themselves to, where a municipality receives them."""

    __tablename__ = "business_issuers"
    __table_args__ = (_SCHEMA,)

    issuer: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str]
    acr_values: Mapped[str]


class BusinessAccountRow(TenantOwned, Base):
    """Somebody who signed in for a business; `business_id` joins colleagues, in one town only."""

    __tablename__ = "business_accounts"
    __table_args__ = (
        CheckConstraint("role IN ('prime', 'member', 'entry')", name="role"),
        Index("business_accounts_subject", "tenant_id", "subject"),
        _SCHEMA,
    )

    person: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str]
    business_id: Mapped[str]
    role: Mapped[str]
    corporate_number: Mapped[str | None]
    name_sealed: Mapped[bytes | None]
    has_mandate: Mapped[bool]
    last_seen_at: Mapped[datetime]
