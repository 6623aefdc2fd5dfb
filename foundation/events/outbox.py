"""Where a service's facts wait to be read, in an order that no reader can miss one of.

Transactions finish in another order than they number their rows, so a reader that remembers the
last number it saw loses what an older transaction commits later. Ours orders by (tx, id) and
stays below the oldest transaction still open: everything there is final. A database rebuilt from
a logical dump numbers anew; `pg_resetwal --next-transaction-id` must first pass the old numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    FetchedValue,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    bindparam,
    insert,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB

from foundation import clock
from foundation.database import Base, Row, Statement, Transaction, tenant_is
from foundation.database.horizon import settled_below

from .envelope import Event


class Cursor(NamedTuple):
    """How far a reader has come."""

    tx: int
    id: UUID


START = Cursor(0, UUID(int=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event as it lies in the outbox; `id` is what consumers deduplicate by."""

    tx: int
    id: UUID
    type: str
    subject_id: UUID
    data: Mapping[str, Any]
    occurred_at: datetime

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.tx, self.id)


@cache
def outbox_table(schema: str) -> Table:
    """Return the table that `migrations.service_tables.create_outbox` creates."""
    return Table(
        "outbox",
        Base.metadata,
        Column("tenant_id", Integer, primary_key=True, autoincrement=False),
        Column("id", Uuid, FetchedValue(), primary_key=True),
        Column("tx", BigInteger, FetchedValue(), nullable=False),
        Column("type", Text, nullable=False),
        Column("subject_id", Uuid, nullable=False),
        Column("data", JSONB, nullable=False),
        Column("occurred_at", DateTime(timezone=True), nullable=False),
        Index("outbox_feed", "tenant_id", "tx", "id"),
        schema=schema,
    )


@dataclass(frozen=True, slots=True)
class _Statements:
    append: Statement
    read_after: Statement


@cache
def _statements(schema: str) -> _Statements:
    outbox = outbox_table(schema)
    columns = outbox.c
    append = (
        insert(outbox)
        .values(
            tenant_id=bindparam("tenant_id", type_=Integer),
            type=bindparam("type"),
            subject_id=bindparam("subject_id"),
            data=bindparam("data", type_=JSONB),
            occurred_at=bindparam("occurred_at"),
        )
        .inline()
    )
    after = tuple_(bindparam("after_tx", type_=BigInteger), bindparam("after_id", type_=Uuid))
    read_after = (
        select(
            columns.tx,
            columns.id,
            columns.type,
            columns.subject_id,
            columns.data,
            columns.occurred_at,
        )
        .where(
            tenant_is(outbox),
            tuple_(columns.tx, columns.id) > after,
            columns.tx < settled_below(),
        )
        .order_by(columns.tx, columns.id)
        .limit(bindparam("limit", type_=Integer))
    )
    return _Statements(
        append=Statement(f"{schema}.outbox.append", append),
        read_after=Statement(f"{schema}.outbox.read_after", read_after),
    )


class Outbox:
    """The outbox of one service."""

    def __init__(self, schema: str) -> None:
        self._statements = _statements(schema)

    async def append(self, tx: Transaction, event: Event) -> None:
        """Announce a fact; it can be read once this transaction has committed.

        Raises:
            NotThin: the event holds more than identifiers, codes, dates and amounts.
        """
        await tx.later(
            self._statements.append,
            type=event.type_,
            subject_id=event.subject_id,
            data=event.data(),
            occurred_at=clock.now(),
        )

    async def read_after(
        self, tx: Transaction, cursor: Cursor | tuple[int, UUID] | None, limit: int
    ) -> list[StoredEvent]:
        """Return the tenant's next events; read on from the last one's `cursor`.

        An event shows up as soon as every transaction older than its own has ended, which
        `idle_in_transaction_session_timeout` bounds to seconds.
        """
        after_tx, after_id = cursor or START
        rows = await tx.fetch(
            self._statements.read_after, after_tx=after_tx, after_id=after_id, limit=limit
        )
        return [_stored(row) for row in rows]


def _stored(row: Row) -> StoredEvent:
    return StoredEvent(**row)
