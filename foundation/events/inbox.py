"""How a consumer acts on each event once, although it may be handed the same event twice."""

from functools import cache
from uuid import UUID

from sqlalchemy import Column, DateTime, Integer, Table, Text, Uuid, bindparam
from sqlalchemy.dialects.postgresql import insert

from foundation import clock
from foundation.database import Base, Statement, Transaction


@cache
def inbox_table(schema: str) -> Table:
    """Return the table that `migrations.service_tables.create_inbox` creates."""
    return Table(
        "inbox",
        Base.metadata,
        Column("tenant_id", Integer, primary_key=True, autoincrement=False),
        Column("consumer", Text, primary_key=True),
        Column("event_id", Uuid, primary_key=True),
        Column("received_at", DateTime(timezone=True), nullable=False),
        schema=schema,
    )


@cache
def _remember(schema: str) -> Statement:
    clause = (
        insert(inbox_table(schema))
        .values(
            tenant_id=bindparam("tenant_id", type_=Integer),
            consumer=bindparam("consumer"),
            event_id=bindparam("event_id"),
            received_at=bindparam("received_at"),
        )
        .on_conflict_do_nothing()
        .inline()
    )
    return Statement(f"{schema}.inbox.remember", clause)


class Inbox:
    """The memory of one service of what it has acted on."""

    def __init__(self, schema: str) -> None:
        self._remember = _remember(schema)

    async def is_new(self, tx: Transaction, *, consumer: str, event_id: UUID) -> bool:
        """Tell whether this consumer meets this event for the first time, and remember it.

        Asked in the transaction of the effect, it makes the effect happen exactly once: of two
        who ask at the same moment, the second waits for the first to commit or give up.
        """
        touched = await tx.execute(
            self._remember, consumer=consumer, event_id=event_id, received_at=clock.now()
        )
        return touched == 1
