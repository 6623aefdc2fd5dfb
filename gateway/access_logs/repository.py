"""Where the access log is written in batches and read in pages of bounded cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Integer,
    SmallInteger,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from foundation.database import Row, Statement, Transaction, tenant_is
from foundation.identifiers import new_id

from .domain import Line
from .models import AccessLogGapRow, AccessLogRow

WINDOW: Final = 2_000
"""How many lines one question looks through at most, whatever it filters by."""
_FORGOTTEN_AT_ONCE: Final = 5_000
_OF_EACH: Final[dict[str, Any]] = {
    "id": Uuid,
    "status": SmallInteger,
    "duration_us": BigInteger,
    "received_bytes": BigInteger,
    "sent_bytes": BigInteger,
}
_OF_MANY: Final[dict[str, Any]] = {
    "kind": Text,
    "subject": Text,
    "client_id": Text,
    "service": Text,
    "operation": Text,
    "network": Text,
    "refusal": Text,
}
_COLUMNS: Final = (*_OF_EACH, *_OF_MANY)
_TENANT = bindparam("tenant_id", type_=Integer)


def _rows_of(columns: dict[str, Any], name: str, **more: Any) -> Any:
    arrays = (cast(bindparam(column), ARRAY(kind)) for column, kind in columns.items())
    rows = func.unnest(*arrays).table_valued(*columns, name=name, **more)
    return rows.render_derived()


_each = _rows_of({**_OF_EACH, "asked": Integer}, "each")
_many = _rows_of(_OF_MANY, "many", with_ordinality="place")
"""What many requests have in common crosses once; each says by its place which of them it has."""
_ADD: Final = Statement(
    "platform.access_logs.add",
    # A batch whose commit was not heard of is written again, and then there already.
    upsert(AccessLogRow)
    .from_select(
        ["tenant_id", *_COLUMNS],
        select(
            _TENANT, *(_each.c[name] for name in _OF_EACH), *(_many.c[name] for name in _OF_MANY)
        ).join_from(_each, _many, _each.c.asked == _many.c.place),
    )
    .on_conflict_do_nothing(),
)
_ADD_GAP: Final = Statement(
    "platform.access_log_gaps.add",
    insert(AccessLogGapRow).values(
        tenant_id=_TENANT,
        id=bindparam("id"),
        at=bindparam("at", type_=DateTime(timezone=True)),
        lost=bindparam("lost", type_=BigInteger),
    ),
)
_LATEST_GAPS: Final = Statement(
    "platform.access_log_gaps.between",
    select(func.coalesce(func.sum(AccessLogGapRow.lost), 0).label("lost")).where(
        tenant_is(AccessLogGapRow),
        AccessLogGapRow.id < bindparam("before"),
        AccessLogGapRow.id >= bindparam("since"),
    ),
)


def _between(*more: Any) -> Any:
    return and_(
        tenant_is(AccessLogRow),
        AccessLogRow.id < bindparam("before", type_=Uuid),
        AccessLogRow.id >= bindparam("since", type_=Uuid),
        *more,
    )


def _pages(name: str, *more: Any) -> tuple[Statement, Statement]:
    """Return two questions: for the matching lines of a window, and for where the window ends."""
    window = (
        select(*AccessLogRow.__table__.c)
        .where(_between(*more))
        .order_by(AccessLogRow.id.desc())
        .limit(bindparam("window", type_=Integer))
        .subquery("seen")
    )
    matching = (
        select(*(window.c[column] for column in _COLUMNS))
        .where(
            window.c.status >= bindparam("lowest", type_=SmallInteger),
            window.c.status <= bindparam("highest", type_=SmallInteger),
            *(_any_or(window.c[column], column) for column in _FILTERS),
        )
        .order_by(window.c.id.desc())
        .limit(bindparam("limit", type_=Integer))
    )
    end = (
        select(AccessLogRow.id)
        .where(_between(*more))
        .order_by(AccessLogRow.id.desc())
        .offset(bindparam("window", type_=Integer) - 1)
        .limit(1)
    )
    return (
        Statement(f"platform.access_logs.{name}", matching),
        Statement(f"platform.access_logs.end_of_{name}", end),
    )


def _any_or(column: Any, name: str) -> Any:
    wanted = cast(bindparam(f"of_{name}"), Text)
    return or_(wanted == "", column == wanted)


_FILTERS: Final = ("service", "operation", "client_id", "subject")
_BY_TIME: Final = _pages("by_time")
_BY_CLIENT: Final = _pages("by_client", AccessLogRow.client_id == bindparam("client"))
_BY_SUBJECT: Final = _pages("by_subject", AccessLogRow.subject == bindparam("person"))
_BY_NUMBER: Final = Statement(
    "platform.access_logs.by_number",
    select(*(AccessLogRow.__table__.c[column] for column in _COLUMNS)).where(
        tenant_is(AccessLogRow), AccessLogRow.id == bindparam("id")
    ),
)
_OLDEST: Final = (
    select(AccessLogRow.id)
    .where(tenant_is(AccessLogRow), AccessLogRow.id < bindparam("before", type_=Uuid))
    .order_by(AccessLogRow.id)
    .limit(_FORGOTTEN_AT_ONCE)
)
_FORGET: Final = Statement(
    "platform.access_logs.forget",
    delete(AccessLogRow).where(
        tenant_is(AccessLogRow), AccessLogRow.id == func.any(func.array(_OLDEST.scalar_subquery()))
    ),
)
_FORGET_GAPS: Final = Statement(
    "platform.access_log_gaps.forget",
    delete(AccessLogGapRow).where(
        tenant_is(AccessLogGapRow), AccessLogGapRow.id < bindparam("before", type_=Uuid)
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which lines are asked for; an empty text means any. Numbers bound the time."""

    before: UUID
    since: UUID
    service: str = ""
    operation: str = ""
    client_id: str = ""
    subject: str = ""
    lowest_status: int = 0
    highest_status: int = 999


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Lines, newest first, and the number up to which was looked; None when nothing is older."""

    lines: Sequence[Line]
    looked_up_to: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Lines to be written, column by column.

    `many` holds what many of them have in common: kind, subject, client, service, operation,
    network and refusal. `asked` says for each line which of these it has, counted from 1.
    """

    numbers: Sequence[str]
    statuses: Sequence[int]
    durations_us: Sequence[int]
    received_bytes: Sequence[int]
    sent_bytes: Sequence[int]
    asked: Sequence[int]
    many: Sequence[tuple[str, str, str, str, str, str, str]]


class AccessLog:
    """The access log of one municipality."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def add(self, lines: Lines) -> None:
        """Write lines down, in one statement."""
        many = dict(zip(_OF_MANY, zip(*lines.many, strict=True), strict=True))
        await self._tx.execute(
            _ADD,
            id=lines.numbers,
            status=lines.statuses,
            duration_us=lines.durations_us,
            received_bytes=lines.received_bytes,
            sent_bytes=lines.sent_bytes,
            asked=lines.asked,
            **many,
        )

    async def add_gap(self, lost: int, *, at: datetime) -> None:
        """Write down that so many requests were not."""
        await self._tx.execute(_ADD_GAP, id=new_id(), at=at, lost=lost)

    async def lost_between(self, since: UUID, before: UUID) -> int:
        """Return how many requests of a time were not written down."""
        row = await self._tx.fetch_one(_LATEST_GAPS, since=since, before=before)
        return 0 if row is None else int(row["lost"])

    async def of_number(self, number: UUID) -> Line | None:
        """Return the line of one request."""
        row = await self._tx.fetch_one(_BY_NUMBER, id=number)
        return None if row is None else _line_of(row)

    async def find(self, wanted: Wanted, *, limit: int) -> Found:
        """Return at most `limit` lines out of the next `WINDOW`; there may be none among those."""
        (matching, end), also = _questions(wanted)
        bounds = {"before": wanted.before, "since": wanted.since, "window": WINDOW, **also}
        rows = await self._tx.fetch(
            matching,
            **bounds,
            limit=limit,
            lowest=wanted.lowest_status,
            highest=wanted.highest_status,
            of_service=wanted.service,
            of_operation=wanted.operation,
            of_client_id=wanted.client_id,
            of_subject=wanted.subject,
        )
        lines = [_line_of(row) for row in rows]
        if len(lines) == limit:
            return Found(lines=lines, looked_up_to=lines[-1].id)
        last = await self._tx.fetch_one(end, **bounds)
        return Found(lines=lines, looked_up_to=None if last is None else last["id"])

    async def forget(self, before: UUID) -> int:
        """Remove some of the lines that are too old; return how many."""
        await self._tx.execute(_FORGET_GAPS, before=before)
        return await self._tx.execute(_FORGET, before=before)


def _questions(wanted: Wanted) -> tuple[tuple[Statement, Statement], dict[str, Any]]:
    """Choose the index: a person's lines are the fewest, then a client's."""
    if wanted.subject:
        return _BY_SUBJECT, {"person": wanted.subject}
    if wanted.client_id:
        return _BY_CLIENT, {"client": wanted.client_id}
    return _BY_TIME, {}


def _line_of(row: Row) -> Line:
    return Line(**{name: row[name] for name in _COLUMNS})
