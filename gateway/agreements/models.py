"""How agreements on traffic are kept."""

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base


class TrafficLimitRow(Base):
    """An agreement with a municipality or, where `client_id` is not empty, on one client of it."""

    __tablename__ = "traffic_limits"
    __table_args__ = ({"schema": "platform"},)

    municipality_code: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(primary_key=True)
    per_minute: Mapped[int] = mapped_column(Integer)
    burst: Mapped[int] = mapped_column(Integer)
    at_once: Mapped[int] = mapped_column(Integer)
    weight: Mapped[int] = mapped_column(Integer)
