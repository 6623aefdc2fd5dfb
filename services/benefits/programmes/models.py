"""How programmes are kept."""

from datetime import date

from sqlalchemy import CheckConstraint, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Identified, TenantOwned


class ProgrammeRow(TenantOwned, Identified, Base):
    """One programme of one municipality."""

    __tablename__ = "programmes"
    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        CheckConstraint("state IN ('draft', 'published', 'closed')", name="state"),
        CheckConstraint("amount_per_household_yen > 0", name="amount"),
        CheckConstraint("application_until >= application_from", name="period"),
        {"schema": "benefits"},
    )

    code: Mapped[str]
    name: Mapped[str]
    legal_ground: Mapped[str]
    fiscal_year: Mapped[int] = mapped_column(Integer)
    amount_per_household_yen: Mapped[int]
    reference_on: Mapped[date]
    condition: Mapped[str]
    application_from: Mapped[date]
    application_until: Mapped[date]
    seizure_ban: Mapped[bool]
    tax_free: Mapped[bool]
    signature_required: Mapped[bool]
    state: Mapped[str]
    version: Mapped[int] = mapped_column(Integer)
