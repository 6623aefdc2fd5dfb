"""A file judged as a whole: lines against each other, and against the register as it is.

Everything here is one statement over all lines, never a loop over residents.
"""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, aliased

from foundation.database import Statement, Transaction, tenant_is
from services.registry.imports.domain import FaultKind
from services.registry.imports.models import FaultRow, StagingRow
from services.registry.residents.models import HouseholdRow, ResidentRow

from .staging import GOOD, HERE, IMPORT

SAME_RESIDENT = and_(
    tenant_is(ResidentRow),
    ResidentRow.tenant_id == StagingRow.tenant_id,
    ResidentRow.resident_number == StagingRow.resident_number,
)
THEIR_HOUSEHOLD = and_(
    tenant_is(HouseholdRow),
    HouseholdRow.tenant_id == StagingRow.tenant_id,
    HouseholdRow.household_number == StagingRow.household_number,
)
_LONGEST_NUMBER: Final = 15
_ZEROS: Final = ["0" * count for count in range(_LONGEST_NUMBER)]
_FEW = 20_000
"""So many lines are looked up in the register one by one; more are joined to the whole of it."""


def _named_in_file(number: ColumnElement[str] | InstrumentedAttribute[str]) -> ColumnElement[bool]:
    spoken_of = aliased(StagingRow)
    return (
        select(spoken_of.line)
        .where(
            tenant_is(spoken_of),
            spoken_of.import_id == bindparam("import_id"),
            spoken_of.resident_number == number,
        )
        .exists()
    )


def _lines_at(line: Any) -> Any:
    return select(bindparam("tenant_id", type_=Integer).label("tenant_id"), IMPORT, line)


_duplicated = (
    select(StagingRow.resident_number)
    .where(HERE)
    .group_by(StagingRow.resident_number)
    .having(func.count() > 1)
)
# A household is judged as the register would have it afterwards: the lines of the file, and whoever
# of the household the file does not speak of. Both are told by windows over all of them together:
# the waiting lines have no index by which one of them could be looked for, nor any statistics.
_households = select(StagingRow.household_number).where(HERE).distinct().subquery("of_the_file")
_everybody = union_all(
    select(
        StagingRow.household_number,
        StagingRow.resident_number,
        StagingRow.is_householder.label("heads"),
        StagingRow.resident_until.is_(None).label("is_present"),
        StagingRow.line,
    ).where(HERE),
    select(
        HouseholdRow.household_number,
        ResidentRow.resident_number,
        ResidentRow.is_householder,
        true(),
        null(),
    )
    .join(_households, _households.c.household_number == HouseholdRow.household_number)
    .join(
        ResidentRow,
        and_(
            tenant_is(ResidentRow),
            ResidentRow.tenant_id == HouseholdRow.tenant_id,
            ResidentRow.household_id == HouseholdRow.id,
        ),
    )
    .where(tenant_is(HouseholdRow), ResidentRow.resident_until.is_(None)),
).subquery("everybody")
_afterwards = select(
    _everybody,
    and_(
        _everybody.c.is_present,
        or_(
            _everybody.c.line.is_not(None),
            func.count(_everybody.c.line).over(partition_by=_everybody.c.resident_number) == 0,
        ),
    ).label("belongs"),
).subquery("afterwards")


def _of_household(counts: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((counts, 1))).over(partition_by=_afterwards.c.household_number)


_counted = select(
    _afterwards.c.line,
    _of_household(_afterwards.c.belongs).label("members"),
    _of_household(and_(_afterwards.c.belongs, _afterwards.c.heads)).label("heads"),
).subquery("counted")
_beheaded = _lines_at(
    _counted.c.line,
).where(_counted.c.line.is_not(None), _counted.c.members > 0, _counted.c.heads != 1)
# In a register without anybody a household is what the file says of it: no window, and no sort.
_beheaded_alone = (
    select(StagingRow.household_number)
    .where(HERE, StagingRow.resident_until.is_(None))
    .group_by(StagingRow.household_number)
    .having(func.count(case((StagingRow.is_householder, 1))) != 1)
)
_ended = (
    _lines_at(StagingRow.line)
    .join(ResidentRow, SAME_RESIDENT)
    .where(HERE, StagingRow.protection == "", ResidentRow.protection != "")
)


def _shortened(
    number: InstrumentedAttribute[str],
    known: InstrumentedAttribute[str],
    exactly: ColumnElement[bool],
) -> Select[Any]:
    """Return lines whose number nobody has, but for its leading zeros.

    A check digit does not notice a lost leading zero: it would let everybody in a second time. Each
    spelling is made first and then looked up as it is, because row security lets no index be asked
    by anything that is computed from another row.
    """
    owner = known.class_
    spellings = (
        func.unnest(literal(_ZEROS, ARRAY(Text)))
        .table_valued("zeros", name="spellings")
        .render_derived()
    )
    spelt = spellings.c.zeros.op("||")(func.ltrim(number, "0"))
    unknown = (
        select(StagingRow.line, spelt.label("number"))
        .select_from(StagingRow)
        .join(spellings, true())
        .outerjoin(owner, exactly)
        .where(HERE, owner.id.is_(None), func.length(spelt) <= _LONGEST_NUMBER)
        .cte(f"unknown_{known.key}")
        .prefix_with("MATERIALIZED")
    )
    return (
        _lines_at(unknown.c.line)
        .select_from(unknown)
        .join(owner, and_(tenant_is(owner), known == unknown.c.number))
        .distinct()
    )


def _finding(kind: FaultKind, found: Select[Any], *, how: str = "") -> Statement:
    """Return what notes a cause at each of these lines."""
    lines = found.add_columns(literal(kind.value, String).label("cause"))
    return Statement(
        f"registry.import_faults.find_{kind.value}{how}",
        postgresql.insert(FaultRow)
        .from_select(["tenant_id", "import_id", "line", "cause"], lines)
        .on_conflict_do_nothing(),
    )


_DUPLICATES = _finding(
    FaultKind.DUPLICATE_RESIDENT,
    _lines_at(StagingRow.line).where(HERE, StagingRow.resident_number.in_(_duplicated)),
)
_HOUSEHOLDERS = _finding(FaultKind.NO_SINGLE_HOUSEHOLDER, _beheaded)
_HOUSEHOLDERS_ALONE = _finding(
    FaultKind.NO_SINGLE_HOUSEHOLDER,
    _lines_at(StagingRow.line).where(HERE, StagingRow.household_number.in_(_beheaded_alone)),
    how="_alone",
)
_ENDED = _finding(FaultKind.PROTECTION_WOULD_END, _ended)
_SHORTENED = (
    _finding(
        FaultKind.RESIDENT_NUMBER,
        _shortened(StagingRow.resident_number, ResidentRow.resident_number, SAME_RESIDENT),
    ),
    _finding(
        FaultKind.HOUSEHOLD_NUMBER,
        _shortened(StagingRow.household_number, HouseholdRow.household_number, THEIR_HOUSEHOLD),
    ),
)
_AGAINST_REGISTER = (_HOUSEHOLDERS, _ENDED, *_SHORTENED)
_IS_PEOPLED = Statement(
    "registry.residents.are_any", select(ResidentRow.id).where(tenant_is(ResidentRow)).limit(1)
)

_WOULD = Statement(
    "registry.staging.would",
    select(
        func.count().label("good"),
        func.count(case((ResidentRow.id.is_(None), 1))).label("new"),
        func.count(case((ResidentRow.content_digest != StagingRow.content_digest, 1))).label(
            "changed"
        ),
    )
    .select_from(StagingRow)
    .outerjoin(ResidentRow, SAME_RESIDENT)
    .where(GOOD),
)
_WOULD_ALL_BE_NEW = Statement(
    "registry.staging.good", select(func.count().label("good")).select_from(StagingRow).where(GOOD)
)
MISSING = and_(
    tenant_is(ResidentRow),
    ResidentRow.resident_until.is_(None),
    ~_named_in_file(ResidentRow.resident_number),
)
_COUNT_MISSING = Statement(
    "registry.residents.missing_from_file",
    select(func.count().label("count")).select_from(ResidentRow).where(MISSING),
)
_LIST_MISSING = Statement(
    "registry.residents.list_missing_from_file",
    select(ResidentRow.id, ResidentRow.resident_number)
    .where(MISSING, ResidentRow.id > bindparam("after_id"))
    .order_by(ResidentRow.id)
    .limit(bindparam("limit")),
)
# Rows that arrived just now have no statistics, and a planner that believes in five of them joins
# five hundred thousand one by one. Every join of a large file is of whole sets, so it may not.
_PLAN_FOR_MANY = Statement(
    "registry.staging.plan_for_many",
    select(
        func.set_config("enable_nestloop", "off", True),  # noqa: FBT003 - SQL's own argument
        func.set_config("work_mem", "64MB", True),  # noqa: FBT003 - SQL's own argument
    ),
)
_PLAN_FOR_FEW = Statement(
    "registry.staging.plan_for_few",
    select(func.set_config("enable_nestloop", "on", True)),  # noqa: FBT003 - SQL's own argument
)
_TAKE_TIME = Statement(
    "registry.imports.take_time",
    select(
        func.set_config("statement_timeout", "29s", True),  # noqa: FBT003 - SQL's own argument
        func.set_config("plan_cache_mode", "auto", True),  # noqa: FBT003 - SQL's own argument
        func.set_config("enable_seqscan", "on", True),  # noqa: FBT003 - SQL's own argument
    ),
)


async def take_time(transaction: Transaction) -> None:
    """Allow this transaction's statements 29 seconds instead of five, and plans for whole sets.

    For acts that an official does on purpose, a few times a year, to the whole register.
    """
    await transaction.fetch_one(_TAKE_TIME)


class Judgement:
    """What the lines of one import are, taken together."""

    def __init__(self, transaction: Transaction, import_id: UUID) -> None:
        self._tx = transaction
        self._import_id = import_id

    async def plan_for(self, lines: int) -> None:
        """Prepare for so many lines."""
        if lines > _FEW:
            await self._tx.fetch_one(_PLAN_FOR_MANY)

    async def cross_check(self, *, lines: int) -> int:
        """Note faults of lines that contradict each other or the register; return how many."""
        # A planner that expects five lines would compare each of ten thousand with all the others.
        await self._tx.fetch_one(_PLAN_FOR_MANY)
        peopled = await self._is_peopled()
        of_the_file = (_DUPLICATES,) if peopled else (_DUPLICATES, _HOUSEHOLDERS_ALONE)
        found = await self._find(*of_the_file)
        if lines <= _FEW:
            await self._tx.fetch_one(_PLAN_FOR_FEW)
        return found + (await self._find(*_AGAINST_REGISTER) if peopled else 0)

    async def check_again(self) -> int:
        """Note what has become a fault since, because the register changed; return how many.

        The file has not: what only its own lines could tell was told. Nobody who was in a register
        is ever taken out of it, so of one without anybody nothing can have changed, either.
        """
        return await self._find(*_AGAINST_REGISTER) if await self._is_peopled() else 0

    async def _find(self, *statements: Statement) -> int:
        return sum([await self._tx.execute(each, import_id=self._import_id) for each in statements])

    async def would(self) -> tuple[int, int, int]:
        """Return how many lines are good, how many of them new, how many change somebody."""
        if not await self._is_peopled():
            row = await self._tx.fetch_one(_WOULD_ALL_BE_NEW, import_id=self._import_id)
            return (row["good"], row["good"], 0) if row else (0, 0, 0)
        row = await self._tx.fetch_one(_WOULD, import_id=self._import_id)
        return (row["good"], row["new"], row["changed"]) if row else (0, 0, 0)

    async def missing(self) -> int:
        """Return how many present residents the file does not speak of."""
        await self._tx.fetch_one(_PLAN_FOR_MANY)
        row = await self._tx.fetch_one(_COUNT_MISSING, import_id=self._import_id)
        return row["count"] if row else 0

    async def list_missing(self, *, after: UUID, limit: int) -> list[tuple[UUID, str]]:
        """Return who they are: the record's id and 宛名番号."""
        await self._tx.fetch_one(_PLAN_FOR_MANY)
        rows = await self._tx.fetch(
            _LIST_MISSING, import_id=self._import_id, after_id=after, limit=limit
        )
        return [(row["id"], row["resident_number"]) for row in rows]

    async def _is_peopled(self) -> bool:
        return await self._tx.fetch_one(_IS_PEOPLED) is not None
