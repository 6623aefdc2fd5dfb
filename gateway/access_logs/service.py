"""How an administrator or auditor looks into the access log, and how it forgets."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select

from foundation import clock
from foundation.database import Database, Statement, decode_cursor, encode_cursor
from foundation.identifiers import MunicipalityCode, TenantId
from foundation.tenancy import Tenancy
from foundation.work import Work
from gateway.models import TenantCodeRow, TenantRow

from .domain import Line, first_number_at
from .problems import InvalidPeriod, LineNotFound
from .repository import AccessLog, Wanted

_BEGINNING: Final = UUID(int=0)
_PAUSE_SECONDS: Final = 0.2
_TENANTS: Final = Statement(
    "platform.tenants.with_codes",
    select(TenantRow.tenant_id, TenantCodeRow.municipality_code)
    .join(TenantCodeRow, TenantCodeRow.tenant_id == TenantRow.tenant_id)
    .where(TenantRow.status != "listed")
    .order_by(TenantRow.tenant_id),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """A page of the log. It may hold fewer lines than asked for, and yet not be the last."""

    lines: list[Line]
    next_cursor: str | None
    lost: int
    """How many requests of the period could not be written down."""


async def look(
    work: Work,
    wanted: Wanted,
    *,
    period: tuple[datetime | None, datetime | None],
    cursor: str | None,
    limit: int,
) -> Pages:
    """Return lines, newest first; each question looks through a bounded number of them.

    Raises:
        InvalidPeriod: it ends before it begins (422).
    """
    wanted = _within(wanted, period)
    if cursor is not None:
        before: UUID = decode_cursor(cursor, UUID)[0]
        wanted = replace(wanted, before=min(before, wanted.before))
    log = AccessLog(work.tx)
    found = await log.find(wanted, limit=limit)
    await work.record("platform.access-logs.read", detail={"lines": len(found.lines)})
    return Pages(
        lines=list(found.lines),
        next_cursor=None if found.looked_up_to is None else encode_cursor(found.looked_up_to),
        lost=await log.lost_between(wanted.since, wanted.before),
    )


async def look_up(work: Work, number: UUID) -> Line:
    """Return the line of one request.

    Raises:
        LineNotFound: it was not this municipality's, or is forgotten by now (404).
    """
    line = await AccessLog(work.tx).of_number(number)
    if line is None:
        raise LineNotFound
    await work.record("platform.access-logs.read", obj=str(number))
    return line


async def forget_old(database: Database, *, days: int) -> int:
    """Remove what is older than so many days, municipality by municipality; return how much.

    A little at a time: nobody's request waits for it.
    """
    before = first_number_at(clock.now() - timedelta(days=days))
    removed = 0
    async for tenancy in _tenancies(database):
        while True:
            async with database.transaction(tenancy) as tx:
                count = await AccessLog(tx).forget(before)
            if not count:
                break
            removed += count
            await asyncio.sleep(_PAUSE_SECONDS)
    return removed


async def _tenancies(database: Database) -> AsyncIterator[Tenancy]:
    async with database.unbound() as tx:
        rows = await tx.fetch(_TENANTS)
    for row in rows:
        yield Tenancy(TenantId(row["tenant_id"]), MunicipalityCode.parse(row["municipality_code"]))


def _within(wanted: Wanted, period: tuple[datetime | None, datetime | None]) -> Wanted:
    since, until = period
    if since is not None and until is not None and until <= since:
        raise InvalidPeriod
    return replace(
        wanted,
        since=wanted.since if since is None else first_number_at(since),
        before=wanted.before if until is None else first_number_at(until),
    )


def anything() -> Wanted:
    """Return the question for every line up to now."""
    return Wanted(before=first_number_at(clock.now() + timedelta(minutes=1)), since=_BEGINNING)
