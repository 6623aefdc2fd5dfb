"""How the figures are kept that municipalities let out."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base


class MunicipalFigureRow(Base):
    """One count of one municipality, of all of it or of one programme; it names nobody."""

    __tablename__ = "municipal_figures"
    __table_args__ = ({"schema": "platform"},)

    municipality_code: Mapped[str] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    programme: Mapped[str] = mapped_column(primary_key=True, server_default="")
    label: Mapped[str] = mapped_column(server_default="")
    reach: Mapped[str]
    amount: Mapped[int]
    yen: Mapped[int] = mapped_column(server_default="0")
    counted_at: Mapped[datetime]
