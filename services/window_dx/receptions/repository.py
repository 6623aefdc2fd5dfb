"""Where receptions are kept, found in their order, and measured."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Uuid, bindparam, column, func, insert, select, table, update
from sqlalchemy.dialects import postgresql

from foundation.database import Row, Statement, Transaction, tenant_is

from .domain import Act, Board, Channel, Reception, ReceptionId, ReceptionState, WaitingTimes
from .models import ActRow, CounterRow, ReceptionRow

_TENANT = bindparam("tenant_id", type_=Integer)
_OURS = tenant_is(ReceptionRow)
_SHOWN = (
    "id",
    "window_id",
    "taken_at_window_id",
    "received_on",
    "number",
    "matter",
    "channel",
    "taken_by",
    "resident_id",
    "state",
    "queued_at",
    "called_at",
    "version",
)
_COLUMNS = tuple(ReceptionRow.__table__.c[name] for name in _SHOWN)

_COUNT_UP = postgresql.insert(CounterRow).values(
    tenant_id=_TENANT,
    window_id=bindparam("window_id"),
    received_on=bindparam("received_on"),
    last_number=1,
)
_NEXT_NUMBER = Statement(
    "window_dx.receptions.next_number",
    _COUNT_UP.on_conflict_do_update(
        index_elements=["tenant_id", "window_id", "received_on"],
        set_={"last_number": CounterRow.last_number + 1},
    ).returning(CounterRow.last_number),
)
_ADD = Statement(
    "window_dx.receptions.add",
    insert(ReceptionRow).values(
        tenant_id=_TENANT,
        **{name: bindparam(name) for name in _SHOWN},
    ),
)
_OF_ID = Statement(
    "window_dx.receptions.of_id",
    select(*_COLUMNS).where(_OURS, ReceptionRow.id == bindparam("id")),
)
_LOCKED = Statement(
    "window_dx.receptions.locked",
    select(*_COLUMNS).where(_OURS, ReceptionRow.id == bindparam("id")).with_for_update(),
)
_QUEUE = (
    _OURS,
    ReceptionRow.window_id == bindparam("window_id"),
    ReceptionRow.received_on == bindparam("received_on"),
)
_FIRST_WAITING = Statement(
    "window_dx.receptions.first_waiting",
    select(*_COLUMNS)
    .where(*_QUEUE, ReceptionRow.state == ReceptionState.WAITING.value)
    .order_by(ReceptionRow.queued_at, ReceptionRow.id)
    .limit(1)
    .with_for_update(),
)
_AHEAD = Statement(
    "window_dx.receptions.ahead",
    select(func.count().label("ahead")).where(
        *_QUEUE,
        ReceptionRow.state == ReceptionState.WAITING.value,
        ReceptionRow.queued_at < bindparam("queued_at"),
    ),
)
_BOARD = Statement(
    "window_dx.receptions.board",
    select(ReceptionRow.state, ReceptionRow.number)
    .where(*_QUEUE, ReceptionRow.state == func.any(bindparam("states")))
    .order_by(ReceptionRow.called_at),
)
_LISTED = Statement(
    "window_dx.receptions.listed",
    select(*_COLUMNS)
    .where(
        *_QUEUE,
        ReceptionRow.state == func.any(bindparam("states")),
        ReceptionRow.id > bindparam("after"),
    )
    .order_by(ReceptionRow.id)
    .limit(bindparam("limit", type_=Integer)),
)
_MOVE = Statement(
    "window_dx.receptions.move",
    update(ReceptionRow)
    .where(_OURS, ReceptionRow.id == bindparam("id"))
    .values(
        window_id=bindparam("window_id"),
        state=bindparam("state"),
        queued_at=bindparam("queued_at"),
        called_at=bindparam("called_at"),
        version=bindparam("version"),
    ),
)
_NOTE = Statement(
    "window_dx.reception_acts.note",
    insert(ActRow).values(
        tenant_id=_TENANT,
        **{
            name: bindparam(name)
            for name in (
                "id",
                "reception_id",
                "window_id",
                "act",
                "acted_on",
                "acted_at",
                "actor",
                "seconds",
            )
        },
    ),
)


def _share(fraction: float) -> Any:
    return func.percentile_cont(fraction).within_group(ActRow.seconds.asc())


_MEASURED = Statement(
    "window_dx.reception_acts.measured",
    select(
        ActRow.act,
        func.count().label("count"),
        func.round(_share(0.5)).label("median"),
        func.round(_share(0.9)).label("p90"),
    )
    .where(
        tenant_is(ActRow),
        ActRow.window_id == bindparam("window_id"),
        ActRow.act == func.any(bindparam("acts")),
        ActRow.acted_on >= bindparam("since"),
        ActRow.acted_on <= bindparam("until"),
    )
    .group_by(ActRow.act),
)

# The register publishes this view for the windows: no address, no tax status.
_residents = table(
    "window_residents", column("tenant_id", Integer), column("resident_id", Uuid), schema="registry"
)
_IS_RESIDENT = Statement(
    "window_dx.residents.is_resident",
    select(_residents.c.resident_id).where(
        tenant_is(_residents), _residents.c.resident_id == bindparam("resident_id")
    ),
)


class Receptions:
    """The receptions of one municipality."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def next_number(self, window_id: UUID, received_on: date) -> int:
        """Return the number after the last one of that window and day; never one twice."""
        row = await self._tx.fetch_one(_NEXT_NUMBER, window_id=window_id, received_on=received_on)
        return row["last_number"] if row else 1

    async def is_resident(self, resident_id: UUID) -> bool:
        """Tell whether the register of this municipality knows the person."""
        return await self._tx.fetch_one(_IS_RESIDENT, resident_id=resident_id) is not None

    async def add(self, reception: Reception) -> None:
        await self._tx.execute(_ADD, **_plain(reception))

    async def get(self, reception_id: UUID) -> Reception | None:
        row = await self._tx.fetch_one(_OF_ID, id=reception_id)
        return _reception_of(row) if row else None

    async def get_for_change(self, reception_id: UUID) -> Reception | None:
        row = await self._tx.fetch_one(_LOCKED, id=reception_id)
        return _reception_of(row) if row else None

    async def first_waiting(self, window_id: UUID, received_on: date) -> Reception | None:
        """Return who has waited longest; the caller holds the window (`Windows.get_in_turn`)."""
        row = await self._tx.fetch_one(_FIRST_WAITING, window_id=window_id, received_on=received_on)
        return _reception_of(row) if row else None

    async def ahead_of(self, reception: Reception) -> int:
        """Return how many wait at the same window and came earlier."""
        row = await self._tx.fetch_one(
            _AHEAD,
            window_id=reception.window_id,
            received_on=reception.received_on,
            queued_at=reception.queued_at,
        )
        return row["ahead"] if row else 0

    async def board(self, window_id: UUID, received_on: date) -> Board:
        rows = await self._tx.fetch(
            _BOARD,
            window_id=window_id,
            received_on=received_on,
            states=[ReceptionState.WAITING.value, ReceptionState.SERVING.value],
        )
        serving = tuple(
            row["number"] for row in rows if row["state"] == ReceptionState.SERVING.value
        )
        return Board(waiting=len(rows) - len(serving), serving=serving)

    async def listed(
        self,
        window_id: UUID,
        received_on: date,
        *,
        states: Sequence[ReceptionState],
        after: UUID,
        limit: int,
    ) -> list[Reception]:
        rows = await self._tx.fetch(
            _LISTED,
            window_id=window_id,
            received_on=received_on,
            states=[state.value for state in states],
            after=after,
            limit=limit,
        )
        return [_reception_of(row) for row in rows]

    async def move(self, reception: Reception) -> None:
        await self._tx.execute(
            _MOVE,
            id=reception.id,
            window_id=reception.window_id,
            state=reception.state.value,
            queued_at=reception.queued_at,
            called_at=reception.called_at,
            version=reception.version,
        )

    async def note(self, **act: Any) -> None:
        """Add an act to the measured history."""
        await self._tx.execute(_NOTE, **act)

    async def measured(self, window_id: UUID, *, since: date, until: date) -> WaitingTimes:
        rows = {
            row["act"]: row
            for row in await self._tx.fetch(
                _MEASURED,
                window_id=window_id,
                acts=[Act.CALLED.value, Act.FINISHED.value],
                since=since,
                until=until,
            )
        }
        called, finished = rows.get(Act.CALLED.value), rows.get(Act.FINISHED.value)
        return WaitingTimes(
            called=called["count"] if called else 0,
            wait_median_seconds=_whole(called, "median"),
            wait_p90_seconds=_whole(called, "p90"),
            served=finished["count"] if finished else 0,
            service_median_seconds=_whole(finished, "median"),
            service_p90_seconds=_whole(finished, "p90"),
        )


def elapsed(since: datetime, until: datetime) -> int:
    """Return whole seconds, never below zero."""
    return max(0, int((until - since).total_seconds()))


def _whole(row: Row | None, name: str) -> int | None:
    return None if row is None or row[name] is None else int(row[name])


def _plain(reception: Reception) -> dict[str, Any]:
    return asdict(reception) | {"state": reception.state.value, "channel": reception.channel.value}


def _reception_of(row: Row) -> Reception:
    given: dict[str, Any] = {name: row[name] for name in _SHOWN} | {
        "id": ReceptionId(row["id"]),
        "state": ReceptionState(row["state"]),
        "channel": Channel(row["channel"]),
    }
    return Reception(**given)
