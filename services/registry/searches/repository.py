"""Where people are looked for: among few who are known at once, or along the order of all.

Under row security an index serves leakproof operators only. These are a range of a key, which is
sorted by code point; a day; an equal number; and `@>` on numbers that stand for two letters side
by side. Everything else that was given is a sieve behind one of them. Whatever the register's
size, one question looks at no more than `MOST_CANDIDATES` people or `LONGEST_WALK` steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Date,
    Integer,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    exists,
    func,
    not_,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from foundation.database import Row, Statement, Transaction, tenant_is
from services.registry.residents.models import HouseholdRow, ResidentHistoryRow, ResidentRow
from services.registry.residents.repository import LAST_CHARACTER

from .domain import Key, Place, Wanted

MOST_CANDIDATES: Final = 4_000
"""Above it, people are so many that walking along all of them soon meets the next ones."""

LONGEST_WALK: Final = 10_000

_OURS = tenant_is(ResidentRow)
_TENANT = bindparam("tenant_id", type_=Integer)
_NAME, _KANA = bindparam("name", type_=Text), bindparam("kana", type_=Text)
_ADDRESS = bindparam("address", type_=Text)
_FIRST_ON, _LAST_ON = bindparam("first_on", type_=Date), bindparam("last_on", type_=Date)
_BORN = ResidentRow.birth_on.between(_FIRST_ON, _LAST_ON)
_KEYS: dict[Key, tuple[InstrumentedAttribute[str], Any]] = {
    "name": (ResidentRow.name_search, _NAME),
    "kana": (ResidentRow.kana_search, _KANA),
}
_housemate = aliased(ResidentRow)
_LIVES_WITH_PROTECTED = exists().where(
    tenant_is(_housemate),
    _housemate.tenant_id == ResidentRow.tenant_id,
    _housemate.household_id == ResidentRow.household_id,
    _housemate.protection != "",
    _housemate.resident_until.is_(None),
)
# Where a protected person lives is where their household does: neither is found by it.
_MAY_BE_FOUND_BY_ADDRESS = and_(ResidentRow.protection == "", not_(_LIVES_WITH_PROTECTED))


def _within(text: Any, part: Any) -> ColumnElement[bool]:
    return func.strpos(text, part) > 0


_FITS = and_(
    or_(
        _NAME == "",
        _within(ResidentRow.name_search, _NAME),
        _within(ResidentRow.also_search, _NAME),
    ),
    or_(_KANA == "", _within(ResidentRow.kana_search, _KANA)),
    # In words that no index understands: where few are known, their days must not lead elsewhere.
    func.least(func.greatest(ResidentRow.birth_on, _FIRST_ON), _LAST_ON) == ResidentRow.birth_on,
    or_(
        _ADDRESS == "",
        and_(_within(ResidentRow.address_search, _ADDRESS), _MAY_BE_FOUND_BY_ADDRESS),
    ),
)


def _has_letters(of: Any) -> ColumnElement[bool]:
    """Tell whether all letters of what was given stand side by side, each text for itself.

    Said in three conditions, the planner expects few rows and turns to their index, at any size.
    """
    texts = ((_NAME, "", ""), ("", _KANA, ""), ("", "", _ADDRESS))
    sought = (func.registry.grams_of(_TENANT, *some, type_=ARRAY(Integer)) for some in texts)
    return and_(*(of.grams.op("@>")(one) for one in sought))


_MOST = bindparam("most", type_=Integer)
_LIMIT = bindparam("limit", type_=Integer)

_ADDRESS_KEY = Statement(
    "registry.searches.address_key", select(func.registry.address_key(_ADDRESS).label("key"))
)
_WITH_LETTERS = Statement(
    "registry.searches.with_letters",
    select(ResidentRow.id).where(_OURS, _has_letters(ResidentRow)).limit(_MOST),
)
_BORN_ON = Statement(
    "registry.searches.born_on",
    select(ResidentRow.id).where(_OURS, _BORN).order_by(ResidentRow.birth_on).limit(_MOST),
)
_OF_NUMBER = Statement(
    "registry.searches.of_number",
    select(ResidentRow.id).where(_OURS, ResidentRow.resident_number == bindparam("number")),
)
_OF_HOUSEHOLD_NUMBER = Statement(
    "registry.searches.of_household_number",
    select(ResidentRow.id)
    .join(
        HouseholdRow,
        and_(
            HouseholdRow.tenant_id == ResidentRow.tenant_id,
            HouseholdRow.id == ResidentRow.household_id,
        ),
    )
    .where(_OURS, tenant_is(HouseholdRow), HouseholdRow.household_number == bindparam("number"))
    .limit(_MOST),
)
_FORMERLY = Statement(
    "registry.searches.formerly",
    select(ResidentHistoryRow.resident_id.label("id"))
    .where(
        tenant_is(ResidentHistoryRow),
        _has_letters(ResidentHistoryRow),
        or_(
            _NAME == "",
            _within(func.registry.name_key(ResidentHistoryRow.name_display), _NAME),
            _within(func.registry.name_key(ResidentHistoryRow.alias), _NAME),
            _within(func.registry.name_key(ResidentHistoryRow.name_latin), _NAME),
        ),
        or_(_KANA == "", _within(func.registry.kana_key(ResidentHistoryRow.name_kana), _KANA)),
        or_(
            _ADDRESS == "",
            _within(func.registry.address_key(ResidentHistoryRow.address), _ADDRESS),
        ),
        ResidentHistoryRow.birth_on.between(_FIRST_ON, _LAST_ON),
    )
    .limit(_MOST),
)


def _among(key: Key) -> Statement:
    """Return the question who of a few fits, in order."""
    column, beginning = _KEYS[key]
    rank = case((func.starts_with(column, beginning), 0), else_=1)
    place = tuple_(rank, column, ResidentRow.id)
    after = tuple_(
        bindparam("after_rank", type_=Integer),
        bindparam("after_key", type_=Text),
        bindparam("after_id", type_=Uuid),
    )
    is_bound = or_(not_(bindparam("open_only", type_=Boolean)), _MAY_BE_FOUND_BY_ADDRESS)
    return Statement(
        f"registry.searches.among_by_{key}",
        select(rank.label("rank"), column.label("key"), ResidentRow.id)
        .where(
            _OURS,
            ResidentRow.id == func.any(bindparam("ids", type_=ARRAY(Uuid))),
            _FITS,
            is_bound,
            place > after,
        )
        .order_by(rank, column, ResidentRow.id)
        .limit(_LIMIT),
    )


def _along(key: Key) -> Statement:
    """Return the walk along a key, with the last step marked so that it can be gone on from."""
    column, beginning = _KEYS[key]
    step = func.row_number().over(order_by=(column, ResidentRow.id))
    begins = func.starts_with(column, beginning)
    is_further = or_(
        column > bindparam("after_key"),
        and_(column == bindparam("after_key"), ResidentRow.id > bindparam("after_id")),
    )
    walked = (
        select(
            column.label("key"),
            ResidentRow.id,
            step.label("step"),
            and_(or_(bindparam("begins", type_=Boolean), not_(begins)), _FITS).label("fits"),
        )
        .where(_OURS, column >= bindparam("first"), column < bindparam("end"), is_further)
        .order_by(column, ResidentRow.id)
        .limit(LONGEST_WALK)
        .subquery("walked")
    )
    return Statement(
        f"registry.searches.along_{key}",
        select(walked.c.key, walked.c.id, walked.c.fits, walked.c.step)
        .where(or_(walked.c.fits, walked.c.step == LONGEST_WALK))
        .order_by(walked.c.key, walked.c.id)
        .limit(_LIMIT),
    )


_AMONG: dict[Key, Statement] = {"name": _among("name"), "kana": _among("kana")}
_ALONG: dict[Key, Statement] = {"name": _along("name"), "kana": _along("kana")}


@dataclass(frozen=True, slots=True)
class Walked:
    """Who was met on a walk, and where it broke off, if it did."""

    met: list[Place]
    broke_off: Place | None


class Searches:
    """Looking for the residents of one municipality."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def address_key(self, typed: str) -> str:
        """Return an address as it is compared; the database alone knows how."""
        row = await self._tx.fetch_one(_ADDRESS_KEY, address=typed)
        return str(row["key"]) if row else ""

    async def of_number(self, number: str) -> list[UUID]:
        return _ids(await self._tx.fetch(_OF_NUMBER, number=number))

    async def of_household_number(self, number: str) -> list[UUID]:
        rows = await self._tx.fetch(_OF_HOUSEHOLD_NUMBER, number=number, most=MOST_CANDIDATES)
        return _ids(rows)

    async def with_letters(self, wanted: Wanted) -> list[UUID]:
        """Return who has all those letters side by side: more than `MOST_CANDIDATES` is many."""
        return _ids(await self._tx.fetch(_WITH_LETTERS, **_texts(wanted), most=MOST_CANDIDATES + 1))

    async def born_on(self, wanted: Wanted) -> list[UUID]:
        """Return who was born then: more than `MOST_CANDIDATES` is many."""
        return _ids(await self._tx.fetch(_BORN_ON, **_days(wanted), most=MOST_CANDIDATES + 1))

    async def formerly(self, wanted: Wanted) -> list[UUID]:
        """Return who was called so, or lived there, before: repeats nobody."""
        rows = await self._tx.fetch(
            _FORMERLY, **_texts(wanted), **_days(wanted), most=MOST_CANDIDATES + 1
        )
        return list(dict.fromkeys(_ids(rows)))

    async def among(
        self, ids: Sequence[UUID], wanted: Wanted, *, open_only: bool, after: Place, limit: int
    ) -> list[Place]:
        """Return who of these fits, in order.

        `open_only` leaves out whoever must not be found by where they live or lived.
        """
        rows = await self._tx.fetch(
            _AMONG[wanted.key],
            ids=list(ids),
            **_texts(wanted),
            **_days(wanted),
            open_only=open_only,
            after_rank=after.rank,
            after_key=after.key,
            after_id=after.id,
            limit=limit,
        )
        return [Place(row["rank"], row["key"], row["id"]) for row in rows]

    async def along(self, wanted: Wanted, *, after: Place, limit: int) -> Walked:
        """Walk on among those of `after`'s rank, and return whom it met."""
        beginning = wanted.beginning if after.rank == 0 else ""
        rows = await self._tx.fetch(
            _ALONG[wanted.key],
            **_texts(wanted),
            **_days(wanted),
            begins=after.rank == 0,
            first=max(beginning, after.key),
            end=beginning + LAST_CHARACTER,
            after_key=after.key,
            after_id=after.id,
            limit=limit,
        )
        places = [Place(after.rank, row["key"], row["id"]) for row in rows]
        met = [place for place, row in zip(places, rows, strict=True) if row["fits"]]
        return Walked(met, places[-1] if len(met) < limit and _was_cut(rows) else None)


def _was_cut(rows: Sequence[Row]) -> bool:
    """Tell whether the last step was the last one allowed; it is shown although nobody fits."""
    return bool(rows) and rows[-1]["step"] == LONGEST_WALK


def _ids(rows: Sequence[Row]) -> list[UUID]:
    return [row["id"] for row in rows]


def _texts(wanted: Wanted) -> dict[str, Any]:
    return {"name": wanted.name, "kana": wanted.kana, "address": wanted.address}


def _days(wanted: Wanted) -> dict[str, Any]:
    return {"first_on": wanted.days.first, "last_on": wanted.days.last}
