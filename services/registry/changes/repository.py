"""The feed, read from the records themselves.

Each row knows the transaction that made it what it is, and takes that along into the history when
it is superseded. So the two tables together hold every change once, in an order that no reader can
miss one of: by transaction, below the oldest one still open, where everything is final.
"""

from sqlalchemy import BigInteger, Integer, Uuid, bindparam, select, tuple_, union_all
from sqlalchemy.orm import aliased

from foundation.database import Statement, Transaction, tenant_is
from foundation.database.horizon import settled_below
from services.registry.residents.models import ResidentHistoryRow, ResidentRow

from .domain import Change, Position

_AFTER = tuple_(
    bindparam("after_tx", type_=BigInteger),
    bindparam("after_id", type_=Uuid),
    bindparam("after_number", type_=Integer),
)
_LIMIT = bindparam("limit", type_=Integer)

_now = (
    select(
        ResidentRow.changed_tx.label("tx"),
        ResidentRow.id.label("resident_id"),
        ResidentRow.resident_number,
        ResidentRow.history_number,
        ResidentRow.resident_until.is_not(None).label("has_ended"),
        ResidentRow.changed_at,
    )
    .where(
        tenant_is(ResidentRow),
        ResidentRow.changed_tx >= bindparam("after_tx", type_=BigInteger),
        tuple_(ResidentRow.changed_tx, ResidentRow.id, ResidentRow.history_number) > _AFTER,
        ResidentRow.changed_tx < settled_below(),
    )
    .order_by(ResidentRow.changed_tx, ResidentRow.id)
    .limit(_LIMIT)
    .subquery("now")
)
_earlier = aliased(ResidentHistoryRow)
_when_superseding = (
    select(_earlier.superseded_at)
    .where(
        tenant_is(_earlier),
        _earlier.tenant_id == ResidentHistoryRow.tenant_id,
        _earlier.resident_number == ResidentHistoryRow.resident_number,
        _earlier.history_number == ResidentHistoryRow.history_number - 1,
    )
    .scalar_subquery()
)
_before = (
    select(
        ResidentHistoryRow.changed_tx.label("tx"),
        ResidentHistoryRow.resident_id,
        ResidentHistoryRow.resident_number,
        ResidentHistoryRow.history_number,
        ResidentHistoryRow.resident_until.is_not(None).label("has_ended"),
        _when_superseding.label("changed_at"),
    )
    .where(
        tenant_is(ResidentHistoryRow),
        tuple_(
            ResidentHistoryRow.changed_tx,
            ResidentHistoryRow.resident_id,
            ResidentHistoryRow.history_number,
        )
        > _AFTER,
        ResidentHistoryRow.changed_tx < settled_below(),
    )
    .order_by(
        ResidentHistoryRow.changed_tx,
        ResidentHistoryRow.resident_id,
        ResidentHistoryRow.history_number,
    )
    .limit(_LIMIT)
    .subquery("before")
)
_both = union_all(select(*_now.c), select(*_before.c)).subquery("changes")
_AFTER_POSITION = Statement(
    "registry.changes.after",
    select(*_both.c)
    .order_by(_both.c.tx, _both.c.resident_id, _both.c.history_number)
    .limit(_LIMIT),
)


class Changes:
    """The changes of one municipality's register."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def after(self, position: Position, *, limit: int) -> list[Change]:
        """Return the next changes that are final, oldest first."""
        rows = await self._tx.fetch(
            _AFTER_POSITION,
            after_tx=position.tx,
            after_id=position.resident_id,
            after_number=position.history_number,
            limit=limit,
        )
        return [Change(**row) for row in rows]
