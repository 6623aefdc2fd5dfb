"""What every table has in common: one metadata, and a tenant that comes first in the key."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Integer, LargeBinary, MetaData, Text, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from foundation.identifiers import new_id

NAMING = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
}


class Base(DeclarativeBase):
    """The root of every row class; Python types map to the leakproof types of the house.

    Text is `text`, yen and counters are `bigint`, instants carry a time zone (DESIGN, the
    leakproof trap: enum and numeric columns would silently lose their index under row security).
    """

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[type, object]] = {
        str: Text(),
        int: BigInteger(),
        bytes: LargeBinary(),
        datetime: DateTime(timezone=True),
        UUID: Uuid(),
    }


class TenantOwned:
    """A row that belongs to one municipality: `tenant_id` leads its primary key."""

    tenant_id: Mapped[int] = mapped_column(Integer, primary_key=True, sort_order=-2)


class Identified:
    """A row known by a UUID of version 7, made by us before it is written."""

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=new_id, sort_order=-1)
