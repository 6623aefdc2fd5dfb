"""A file judged as a whole: lines against each other, and against the register as it is.

Everything here is one statement over all lines, never a loop over residents.
"""

from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    case,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import InstrumentedAttribute, aliased

from foundation.database import Statement, Transaction, tenant_is
from services.registry.imports.domain import FaultKind
from services.registry.imports.models import FaultRow, StagingRow
from services.registry.residents.models import HouseholdRow, ResidentRow

from .staging import GOOD, HERE

SAME_RESIDENT = and_(
    tenant_is(ResidentRow),
    ResidentRow.tenant_id == StagingRow.tenant_id,
    ResidentRow.resident_number == StagingRow.resident_number,
)
_FEW = 20_000
"""So many lines are looked up in the register one by one; more are joined to the whole of it."""


def _shortens(
    given: InstrumentedAttribute[str], kept: InstrumentedAttribute[str]
) -> ColumnElement[bool]:
    """Tell whether a number of the file is one of the register but for its leading zeros."""
    return and_(func.ltrim(kept, "0") == func.ltrim(given, "0"), kept != given)


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


_duplicated = (
    select(StagingRow.resident_number)
    .where(HERE)
    .group_by(StagingRow.resident_number)
    .having(func.count() > 1)
)
# A household is judged as the register would have it afterwards: the lines of the file, and whoever
# of the household the file does not speak of. Whoever it speaks of is told by a window over both,
# for the waiting lines have no index by which somebody could be looked for among them.
_households = select(StagingRow.household_number).where(HERE).distinct().subquery("of_the_file")
_everybody = union_all(
    select(
        StagingRow.household_number,
        StagingRow.resident_number,
        and_(StagingRow.resident_until.is_(None), StagingRow.is_householder).label("heads"),
        StagingRow.resident_until.is_(None).label("is_present"),
        true().label("in_file"),
    ).where(HERE),
    select(
        HouseholdRow.household_number,
        ResidentRow.resident_number,
        ResidentRow.is_householder,
        true(),
        false(),
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
_spoken_of = select(
    _everybody,
    func.bool_or(_everybody.c.in_file)
    .over(partition_by=_everybody.c.resident_number)
    .label("is_spoken_of"),
).subquery("spoken_of")
_beheaded = (
    select(_spoken_of.c.household_number)
    .where(_spoken_of.c.is_present, or_(_spoken_of.c.in_file, not_(_spoken_of.c.is_spoken_of)))
    .group_by(_spoken_of.c.household_number)
    .having(func.count(case((_spoken_of.c.heads, 1))) != 1)
)
# In a register without anybody a household is what the file says of it: no window, and no sort.
_beheaded_alone = (
    select(StagingRow.household_number)
    .where(HERE, StagingRow.resident_until.is_(None))
    .group_by(StagingRow.household_number)
    .having(func.count(case((StagingRow.is_householder, 1))) != 1)
)
_ended = (
    select(StagingRow.resident_number)
    .join(ResidentRow, SAME_RESIDENT)
    .where(HERE, StagingRow.protection == "", ResidentRow.protection != "")
)
# A check digit does not notice a lost leading zero: it would let everybody in a second time.
_shortened_resident = (
    select(StagingRow.resident_number)
    .join(ResidentRow, _shortens(StagingRow.resident_number, ResidentRow.resident_number))
    .where(HERE, tenant_is(ResidentRow))
)
_shortened_household = (
    select(StagingRow.household_number)
    .join(HouseholdRow, _shortens(StagingRow.household_number, HouseholdRow.household_number))
    .where(HERE, tenant_is(HouseholdRow))
)


def _finding(
    kind: FaultKind, column: InstrumentedAttribute[str], offenders: Select[str], *, how: str = ""
) -> Statement:
    """Return what notes a cause at every line that has one of the offending numbers."""
    lines = select(
        StagingRow.tenant_id,
        StagingRow.import_id,
        StagingRow.line,
        literal(kind.value, String).label("cause"),
    ).where(HERE, column.in_(offenders))
    return Statement(
        f"registry.import_faults.find_{kind.value}{how}",
        postgresql.insert(FaultRow)
        .from_select(["tenant_id", "import_id", "line", "cause"], lines)
        .on_conflict_do_nothing(),
    )


_DUPLICATES = _finding(FaultKind.DUPLICATE_RESIDENT, StagingRow.resident_number, _duplicated)
_HOUSEHOLDERS = _finding(FaultKind.NO_SINGLE_HOUSEHOLDER, StagingRow.household_number, _beheaded)
_HOUSEHOLDERS_ALONE = _finding(
    FaultKind.NO_SINGLE_HOUSEHOLDER, StagingRow.household_number, _beheaded_alone, how="_alone"
)
_ENDED = _finding(FaultKind.PROTECTION_WOULD_END, StagingRow.resident_number, _ended)
_SHORTENED = (
    _finding(FaultKind.RESIDENT_NUMBER, StagingRow.resident_number, _shortened_resident),
    _finding(FaultKind.HOUSEHOLD_NUMBER, StagingRow.household_number, _shortened_household),
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
        if await self._is_peopled():
            return await self._find(_DUPLICATES, *_AGAINST_REGISTER, lines=lines)
        return await self._find(_DUPLICATES, _HOUSEHOLDERS_ALONE, lines=lines)

    async def check_again(self, *, lines: int) -> int:
        """Note what has become a fault since, because the register changed; return how many.

        The file has not: what only its own lines could tell was told. Nobody who was in a register
        is ever taken out of it, so of one without anybody nothing can have changed, either.
        """
        if not await self._is_peopled():
            return 0
        return await self._find(*_AGAINST_REGISTER, lines=lines)

    async def _find(self, *statements: Statement, lines: int) -> int:
        # A planner that expects five lines would ask the same of each of ten thousand.
        await self._tx.fetch_one(_PLAN_FOR_MANY)
        found = [await self._tx.execute(each, import_id=self._import_id) for each in statements]
        if lines <= _FEW:
            await self._tx.fetch_one(_PLAN_FOR_FEW)
        return sum(found)

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
