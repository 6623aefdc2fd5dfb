"""Figures as the database keeps them, and what they are counted from, in one municipality."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    Integer,
    Text,
    Uuid,
    bindparam,
    column,
    delete,
    func,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import insert

from foundation.database import Row, Statement, Transaction, tenant_is
from gateway.bindings.records import RESIDENTS
from gateway.models import TenantCodeRow, TenantRow

from .domain import rounded, rounded_yen
from .models import MunicipalFigureRow

OPEN_APPLICATIONS: Final = table(
    "platform_open_applications",
    column("tenant_id", Integer),
    column("programme_id", Uuid),
    column("amount_yen", BigInteger),
    schema="benefits",
)
PROGRAMMES: Final = table(
    "platform_programmes",
    column("tenant_id", Integer),
    column("programme_id", Uuid),
    column("name", Text),
    schema="benefits",
)
_F = MunicipalFigureRow
_INSTANT: Final = DateTime(timezone=True)
_DAY: Final = bindparam("today", type_=Date)
_RESIDENTS: Final = Statement(
    "platform.figures.residents",
    select(func.count().label("amount"))
    .select_from(RESIDENTS)
    .where(tenant_is(RESIDENTS), RESIDENTS.c.present),
)
_OPEN: Final = Statement(
    "platform.figures.open_applications",
    select(
        OPEN_APPLICATIONS.c.programme_id,
        func.count().label("amount"),
        func.sum(OPEN_APPLICATIONS.c.amount_yen).cast(BigInteger).label("yen"),
    )
    .where(tenant_is(OPEN_APPLICATIONS))
    .group_by(OPEN_APPLICATIONS.c.programme_id),
)
_NAMES: Final = Statement(
    "platform.figures.programmes",
    select(PROGRAMMES.c.programme_id, PROGRAMMES.c.name).where(tenant_is(PROGRAMMES)),
)
_WITHDRAW: Final = Statement(
    "platform.figures.withdraw", delete(_F).where(_F.municipality_code == bindparam("code"))
)
_ADD: Final = Statement(
    "platform.figures.add",
    insert(_F)
    .values({c.key: bindparam(c.key, type_=c.type) for c in _F.__table__.c})
    .on_conflict_do_nothing(),
)
_TODAY: Final = (
    TenantCodeRow.valid_from <= _DAY,
    or_(TenantCodeRow.valid_until.is_(None), TenantCodeRow.valid_until > _DAY),
    TenantRow.kind == "municipality",
    TenantRow.environment == "production",
)
_TAKES_PART: Final = or_(TenantRow.status == "live", TenantRow.status == "trial")
_LET_OUT: Final = Statement(
    "platform.figures.let_out",
    select(*_F.__table__.c)
    .join(TenantCodeRow, TenantCodeRow.municipality_code == _F.municipality_code)
    .join(TenantRow, TenantRow.tenant_id == TenantCodeRow.tenant_id)
    .where(
        *_TODAY,
        _TAKES_PART,
        _F.municipality_code >= bindparam("first"),
        _F.municipality_code <= bindparam("last"),
        or_(_F.reach == "nation", _F.reach == bindparam("reach")),
    )
    .order_by(_F.municipality_code, _F.measure, _F.programme),
)
_PLACES: Final = Statement(
    "platform.figures.places",
    select(TenantCodeRow.municipality_code, TenantRow.name, TenantRow.status, TenantRow.services)
    .join(TenantRow, TenantRow.tenant_id == TenantCodeRow.tenant_id)
    .where(
        *_TODAY,
        TenantCodeRow.municipality_code >= bindparam("first"),
        TenantCodeRow.municipality_code <= bindparam("last"),
    )
    .order_by(TenantCodeRow.municipality_code),
)
_COUNTED: Final = (
    select(_F.municipality_code)
    .where(
        _F.municipality_code == TenantCodeRow.municipality_code,
        _F.counted_at >= bindparam("since", type_=_INSTANT),
    )
    .exists()
)
_DUE: Final = Statement(
    "platform.figures.due",
    select(TenantRow.tenant_id, TenantRow.membership_version, TenantCodeRow.municipality_code)
    .join(TenantCodeRow, TenantCodeRow.tenant_id == TenantRow.tenant_id)
    .where(
        *_TODAY,
        _TAKES_PART,
        ~_COUNTED,
    )
    .order_by(TenantRow.tenant_id),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One count of one municipality, of all of it or of one programme, as it is told.

    Nothing (0) is what is not told: where nothing is, no figure is either.
    """

    measure: str
    amount: int
    yen: int = 0
    programme: str = ""
    label: str = ""


async def residents(work: Transaction) -> int:
    """Return how many live in the municipality of this transaction, in tens."""
    row = await work.fetch_one(_RESIDENTS)
    return 0 if row is None else rounded(int(row["amount"])) or 0


async def open_applications(work: Transaction) -> list[Figure]:
    """Return what is open in each programme of the municipality of this transaction.

    It is rounded here: no exact count leaves the town, and none is written beside the others'.
    """
    names = {row["programme_id"]: row["name"] for row in await work.fetch(_NAMES)}
    return [
        Figure(
            measure="open_applications",
            amount=rounded(row["amount"]) or 0,
            yen=rounded_yen(row["amount"], row["yen"]) or 0,
            programme=str(row["programme_id"]),
            label=names.get(row["programme_id"], ""),
        )
        for row in await work.fetch(_OPEN)
    ]


async def let_out(
    work: Transaction, code: str, figures: Sequence[Figure], *, reach: str, at: datetime
) -> None:
    """Replace what a municipality lets out by these."""
    await withdraw(work, code)
    rows = [
        {
            "municipality_code": code,
            "measure": figure.measure,
            "programme": figure.programme,
            "label": figure.label,
            "reach": reach,
            "amount": figure.amount,
            "yen": figure.yen,
            "counted_at": at,
        }
        for figure in figures
    ]
    if rows:
        await work.execute_many(_ADD, rows)


async def withdraw(work: Transaction, code: str) -> None:
    """Let nothing of a municipality out until it is counted anew."""
    await work.execute(_WITHDRAW, code=code)


async def among(
    work: Transaction, *, first: str, last: str, reach: str, today: date
) -> Sequence[Row]:
    """Return what municipalities that take part let out that far; both ends included."""
    return await work.fetch(_LET_OUT, first=first, last=last, reach=reach, today=today)


async def places(work: Transaction, *, first: str, last: str, today: date) -> Sequence[Row]:
    """Return the public directory between two codes, both included."""
    return await work.fetch(_PLACES, first=first, last=last, today=today)


async def due(work: Transaction, *, since: datetime, today: date) -> Sequence[Row]:
    """Return the municipalities of which nothing was counted since a moment."""
    return await work.fetch(_DUE, since=since, today=today)
