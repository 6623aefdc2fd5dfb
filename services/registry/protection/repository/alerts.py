"""What those who look after protection must see: kept until one of them says that they saw it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Integer,
    Text,
    Uuid,
    all_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from foundation.database import Row, Statement, Transaction, tenant_is
from foundation.identifiers import new_id
from services.registry.protection.domain import Alert, AlertKind
from services.registry.protection.models import AlertRow, MeasureRow, ProtectedPersonRow

_a, _m, _p = AlertRow, MeasureRow, ProtectedPersonRow
_AT = bindparam("at", type_=DateTime(timezone=True))

_ADD = Statement(
    "registry.protection_alerts.add",
    insert(_a).values(
        {column.name: bindparam(column.name, type_=column.type) for column in _a.__table__.c}
    ),
)
# The same by the same, unseen as yet: it is counted, so that nobody buries an alert under others.
_AGAIN = Statement(
    "registry.protection_alerts.again",
    update(_a)
    .where(
        tenant_is(_a),
        _a.seen_by.is_(None),
        _a.kind == bindparam("kind", type_=Text),
        _a.actor == bindparam("actor", type_=Text),
        _a.action == bindparam("action", type_=Text),
        _a.resident_id.is_not_distinct_from(bindparam("resident_id", type_=Uuid)),
    )
    .values(times=_a.times + 1, last_at=_AT, version=_a.version + 1)
    .returning(_a.id, _a.times),
)
_SHOWN = (
    select(*_a.__table__.c, func.coalesce(_m.caretaker, "").label("caretaker"))
    .outerjoin(_m, (tenant_is(_m)) & (_m.id == _a.measure_id))
    .where(
        tenant_is(_a),
        or_(_m.id.is_(None), bindparam("asker", type_=Text) != all_(_m.excluded_officials)),
    )
)
_UNSEEN = Statement(
    "registry.protection_alerts.unseen",
    _SHOWN.where(_a.seen_by.is_(None), _a.id > bindparam("after"))
    .order_by(_a.id)
    .limit(bindparam("limit", type_=Integer)),
)
_GET = Statement(
    "registry.protection_alerts.of_id",
    _SHOWN.where(_a.id == bindparam("id")).with_for_update(of=_a),
)
_SEE = Statement(
    "registry.protection_alerts.see",
    update(_a)
    .where(tenant_is(_a), _a.id == bindparam("id"), _a.seen_by.is_(None))
    .values(seen_by=bindparam("by", type_=Text), seen_at=_AT, version=_a.version + 1),
)


_CARE = Statement(
    "registry.protection.care_of_resident",
    select(_m.id, _m.caretaker, _m.excluded_officials)
    .join(_p, (_p.tenant_id == _m.tenant_id) & (_p.measure_id == _m.id))
    .where(
        tenant_is(_m),
        tenant_is(_p),
        _p.resident_id == bindparam("resident_id"),
        _m.state != "released",
    )
    .order_by(_m.id)
    .limit(20),
)


class Alerts:
    """The alerts of one municipality."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def raise_(  # noqa: PLR0913 - one row, every cell named
        self,
        kind: AlertKind,
        *,
        actor: str,
        action: str,
        at: datetime,
        measure_id: UUID | None = None,
        resident_id: UUID | None = None,
        opening_id: UUID | None = None,
    ) -> tuple[UUID, int]:
        """Keep that something happened; return which alert it is and how often it happened."""
        alert_id = new_id()
        await self._tx.execute(
            _ADD,
            id=alert_id,
            kind=kind.value,
            measure_id=measure_id,
            resident_id=resident_id,
            opening_id=opening_id,
            actor=actor,
            action=action,
            times=1,
            raised_at=at,
            last_at=at,
            seen_by=None,
            seen_at=None,
            version=1,
        )
        return alert_id, 1

    async def count_again(
        self, kind: AlertKind, *, actor: str, action: str, resident_id: UUID | None, at: datetime
    ) -> tuple[UUID, int] | None:
        """Count one more of the same that nobody has seen yet; None if there is none."""
        row = await self._tx.fetch_one(
            _AGAIN, kind=kind.value, actor=actor, action=action, resident_id=resident_id, at=at
        )
        return (row["id"], row["times"]) if row else None

    async def unseen(self, *, asker: str, after: UUID, limit: int) -> list[Alert]:
        """Return what nobody has seen yet, but of measures that are not for the asker to know."""
        rows = await self._tx.fetch(_UNSEEN, asker=asker, after=after, limit=limit)
        return [_alert(row) for row in rows]

    async def get(self, alert_id: UUID, *, asker: str) -> Alert | None:
        row = await self._tx.fetch_one(_GET, id=alert_id, asker=asker)
        return _alert(row) if row else None

    async def care_of(self, resident_id: UUID) -> list[Row]:
        """Return which open measures protect somebody: id, caretaker, excluded officials."""
        return await self._tx.fetch(_CARE, resident_id=resident_id)

    async def see(self, alert_id: UUID, *, by: str, at: datetime) -> None:
        """Keep who saw it first."""
        await self._tx.execute(_SEE, id=alert_id, by=by, at=at)


def _alert(row: Row) -> Alert:
    return Alert(
        id=row["id"],
        kind=AlertKind(row["kind"]),
        measure_id=row["measure_id"],
        resident_id=row["resident_id"],
        opening_id=row["opening_id"],
        caretaker=row["caretaker"],
        actor=row["actor"],
        action=row["action"],
        times=row["times"],
        raised_at=row["raised_at"],
        last_at=row["last_at"],
        seen_by=row["seen_by"],
        version=row["version"],
    )
