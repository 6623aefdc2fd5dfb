"""How the bulletin's number is kept."""

from sqlalchemy import BigInteger, Boolean
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base


class BulletinRow(Base):
    """One row with one number, counted up with every change of a sign or an agreement."""

    __tablename__ = "bulletin"
    __table_args__ = ({"schema": "platform"},)

    only: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger)
