"""How windows are kept."""

from sqlalchemy import Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Identified, TenantOwned


class WindowRow(TenantOwned, Identified, Base):
    """One window of one municipality."""

    __tablename__ = "windows"
    __table_args__ = (UniqueConstraint("tenant_id", "code"), {"schema": "window_dx"})

    code: Mapped[str]
    name: Mapped[str]
    version: Mapped[int] = mapped_column(Integer)
