"""Where switches and planned pauses are kept, and what hangs on the door because of them."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Integer, bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert as upsert

from foundation.database import Row, Statement, Transaction, UniqueViolation, tenant_is
from foundation.identifiers import new_id
from foundation.problems import PreconditionFailed
from gateway.bulletin import count_up

from .domain import Closure, Notice, Pause, Standing, State, Switch
from .models import PlannedPauseRow, ServiceSwitchRow, SignRow
from .reading import notice_of

_TENANT = bindparam("tenant_id", type_=Integer)
_INSTANT = DateTime(timezone=True)
_SWITCH = tuple(ServiceSwitchRow.__table__.c)
_PAUSE = tuple(PlannedPauseRow.__table__.c)

_SWITCHES = Statement(
    "platform.service_switches.all", select(*_SWITCH).where(tenant_is(ServiceSwitchRow))
)
_AT = select(*_SWITCH).where(
    tenant_is(ServiceSwitchRow), ServiceSwitchRow.place == bindparam("place")
)
_SWITCH_OF = Statement("platform.service_switches.of_place", _AT)
_SWITCH_HELD = Statement("platform.service_switches.held", _AT.with_for_update())
_KEPT: dict[str, Any] = {
    "state": bindparam("state"),
    "until": bindparam("until", type_=_INSTANT),
    "notice": bindparam("notice", type_=JSONB(none_as_null=True)),
    "switched_by": bindparam("switched_by"),
    "switched_at": bindparam("switched_at", type_=_INSTANT),
    "reason": bindparam("reason"),
    "version": bindparam("new_version", type_=Integer),
}
_ADD_SWITCH = Statement(
    "platform.service_switches.add",
    insert(ServiceSwitchRow).values(
        tenant_id=_TENANT, id=bindparam("id"), place=bindparam("place"), **_KEPT
    ),
)
_SET_SWITCH = Statement(
    "platform.service_switches.set",
    update(ServiceSwitchRow)
    .where(tenant_is(ServiceSwitchRow), ServiceSwitchRow.id == bindparam("id"))
    .values(**_KEPT),
)
_ADD_PAUSE = Statement(
    "platform.planned_pauses.add",
    insert(PlannedPauseRow).values(
        tenant_id=_TENANT,
        id=bindparam("id"),
        place=bindparam("place"),
        state=bindparam("state"),
        starts_at=bindparam("starts_at", type_=_INSTANT),
        ends_at=bindparam("ends_at", type_=_INSTANT),
        notice=bindparam("notice", type_=JSONB),
        planned_by=bindparam("planned_by"),
        planned_at=bindparam("planned_at", type_=_INSTANT),
        reason=bindparam("reason"),
    ),
)
_PAUSES = Statement(
    "platform.planned_pauses.to_come",
    select(*_PAUSE)
    .where(
        tenant_is(PlannedPauseRow),
        PlannedPauseRow.place == bindparam("place"),
        PlannedPauseRow.ends_at > bindparam("now", type_=_INSTANT),
        PlannedPauseRow.called_off_at.is_(None),
    )
    .order_by(PlannedPauseRow.ends_at)
    .limit(bindparam("limit", type_=Integer)),
)
_CALL_OFF = Statement(
    "platform.planned_pauses.call_off",
    update(PlannedPauseRow)
    .where(
        tenant_is(PlannedPauseRow),
        PlannedPauseRow.id == bindparam("id"),
        PlannedPauseRow.place == bindparam("place"),
        PlannedPauseRow.ends_at > bindparam("now", type_=_INSTANT),
        PlannedPauseRow.called_off_at.is_(None),
    )
    .values(
        called_off_at=bindparam("now", type_=_INSTANT), called_off_by=bindparam("called_off_by")
    )
    .returning(*_PAUSE),
)
_HANG: dict[str, Any] = {
    "place": bindparam("place"),
    "state": bindparam("state"),
    "starts_at": bindparam("starts_at", type_=_INSTANT),
    "ends_at": bindparam("ends_at", type_=_INSTANT),
    "notice": bindparam("notice", type_=JSONB),
}
_HANG_SIGN = Statement(
    "platform.signs.hang",
    upsert(SignRow)
    .values(municipality_code=bindparam("code"), id=bindparam("id"), **_HANG)
    .on_conflict_do_update(index_elements=["municipality_code", "id"], set_=_HANG),
)
_TAKE_SIGN = Statement(
    "platform.signs.take",
    delete(SignRow).where(
        SignRow.municipality_code == bindparam("code"), SignRow.id == bindparam("id")
    ),
)


class Switchboard:
    """The switches and planned pauses of one municipality."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def all(self) -> dict[str, Switch]:
        """Return the switches that were ever touched, by place."""
        return {row["place"]: _switch_of(row) for row in await self._tx.fetch(_SWITCHES)}

    async def at(self, place: str) -> Switch:
        """Return a switch; one nobody touched is open."""
        row = await self._tx.fetch_one(_SWITCH_OF, place=place)
        return Switch(id=new_id(), place=place) if row is None else _switch_of(row)

    async def held(self, place: str) -> Switch:
        """Return a switch that nobody else can touch until this work ends."""
        row = await self._tx.fetch_one(_SWITCH_HELD, place=place)
        return Switch(id=new_id(), place=place) if row is None else _switch_of(row)

    async def set(self, switch: Switch, *, code: str) -> None:
        """Keep a switch as it stands now, and hang or take its sign.

        Raises:
            PreconditionFailed: somebody else touched it for the first time just now (412).
        """
        standing = switch.standing
        given: dict[str, Any] = {
            "id": switch.id,
            "state": standing.state.value,
            "until": standing.until,
            "notice": None if standing.notice is None else asdict(standing.notice),
            "switched_by": switch.switched_by,
            "switched_at": switch.switched_at,
            "reason": switch.reason,
            "new_version": switch.version,
        }
        if await self._tx.execute(_SET_SWITCH, **given) == 0:
            try:
                await self._tx.execute(_ADD_SWITCH, place=switch.place, **given)
            except UniqueViolation as taken:
                raise PreconditionFailed from taken
        await self._sign(switch.id, switch.closure, code=code)

    async def plan(self, pause: Pause, *, code: str) -> None:
        """Keep a pause that lies ahead, and hang its sign."""
        closure = pause.closure
        await self._tx.execute(
            _ADD_PAUSE,
            id=pause.id,
            place=closure.place,
            state=closure.state.value,
            starts_at=closure.starts_at,
            ends_at=closure.ends_at,
            notice=asdict(closure.notice),
            planned_by=pause.planned_by,
            planned_at=pause.planned_at,
            reason=pause.reason,
        )
        await self._sign(pause.id, closure, code=code)

    async def pauses(self, place: str, *, now: datetime, limit: int) -> list[Pause]:
        """Return what is planned for a place and not over, the first to end first."""
        rows = await self._tx.fetch(_PAUSES, place=place, now=now, limit=limit)
        return [_pause_of(row) for row in rows]

    async def call_off(
        self, pause_id: UUID, *, place: str, by: str, now: datetime, code: str
    ) -> Pause | None:
        """End a pause before its time or before it began; None if there is none to end."""
        row = await self._tx.fetch_one(
            _CALL_OFF, id=pause_id, place=place, now=now, called_off_by=by
        )
        if row is None:
            return None
        await self._sign(pause_id, None, code=code)
        return _pause_of(row)

    async def _sign(self, sign_id: UUID, closure: Closure | None, *, code: str) -> None:
        if closure is None:
            await self._tx.execute(_TAKE_SIGN, code=code, id=sign_id)
        else:
            await self._tx.execute(
                _HANG_SIGN,
                code=code,
                id=sign_id,
                place=closure.place,
                state=closure.state.value,
                starts_at=closure.starts_at,
                ends_at=closure.ends_at,
                notice=asdict(closure.notice),
            )
        await count_up(self._tx)


def _notice(document: Any) -> Notice | None:
    return None if document is None else notice_of(document)


def _switch_of(row: Row) -> Switch:
    return Switch(
        id=row["id"],
        place=row["place"],
        standing=Standing(
            state=State(row["state"]), until=row["until"], notice=_notice(row["notice"])
        ),
        switched_by=row["switched_by"],
        switched_at=row["switched_at"],
        reason=row["reason"],
        version=row["version"],
    )


def _pause_of(row: Row) -> Pause:
    return Pause(
        id=row["id"],
        closure=Closure(
            place=row["place"],
            state=State(row["state"]),
            starts_at=row["starts_at"],
            ends_at=row["ends_at"],
            notice=notice_of(row["notice"]),
        ),
        planned_by=row["planned_by"],
        planned_at=row["planned_at"],
        reason=row["reason"],
    )
