"""Where the parts of a file lie until they are judged, and which lines of it are at fault."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import (
    Integer,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY

from foundation.database import Row, Statement, Transaction, tenant_is
from services.registry.imports.domain import MOST_LINES_NAMED, FaultGroup, FaultKind
from services.registry.imports.models import FaultRow, PartRow, StagingRow

_IMPORT = bindparam("import_id", type_=Uuid())
_HERE = and_(tenant_is(PartRow), PartRow.import_id == _IMPORT)
_THIS = and_(_HERE, PartRow.part == bindparam("part", type_=Integer))
_FAULTS = and_(tenant_is(FaultRow), FaultRow.import_id == _IMPORT)
_TENANT = bindparam("tenant_id", type_=Integer)

_ADD = Statement(
    "registry.import_parts.add",
    insert(PartRow).values(
        tenant_id=_TENANT,
        import_id=_IMPORT,
        part=bindparam("part"),
        first_line=bindparam("first_line"),
        lines=bindparam("lines"),
        content_sealed=bindparam("content_sealed"),
        is_checked=False,
        rows=0,
        staged=0,
        characters=bindparam("characters", type_=PartRow.__table__.c.characters.type),
    ),
)
_GET = Statement(
    "registry.import_parts.get",
    select(
        PartRow.part, PartRow.first_line, PartRow.lines, PartRow.content_sealed, PartRow.is_checked
    ).where(_THIS),
)
_CHECKED = Statement(
    "registry.import_parts.checked",
    update(PartRow)
    .where(_THIS)
    .values(
        is_checked=True,
        rows=bindparam("row_count", type_=Integer),
        staged=bindparam("staged_count", type_=Integer),
        characters=bindparam("found", type_=PartRow.__table__.c.characters.type),
    ),
)
_BEGIN_ANEW = Statement(
    "registry.import_parts.begin_anew",
    update(PartRow).where(_HERE).values(is_checked=False, rows=0, staged=0),
)
_PROGRESS = Statement(
    "registry.import_parts.progress",
    select(
        func.count().label("parts"),
        func.count(case((PartRow.is_checked, 1))).label("checked"),
        func.coalesce(func.sum(PartRow.lines), 0).label("lines"),
        func.coalesce(func.sum(PartRow.rows), 0).label("rows"),
        func.coalesce(func.sum(PartRow.staged), 0).label("staged"),
    ).where(_HERE),
)
_CHARACTERS = Statement(
    "registry.import_parts.characters", select(PartRow.characters).where(_HERE).limit(10_000)
)
_WITH_FAULTS = Statement(
    "registry.import_parts.with_faults",
    select(PartRow.part)
    .where(
        _HERE,
        select(FaultRow.line)
        .where(
            _FAULTS,
            FaultRow.line >= PartRow.first_line,
            FaultRow.line < PartRow.first_line + PartRow.lines,
        )
        .exists(),
        PartRow.first_line + PartRow.lines > bindparam("after_line", type_=Integer),
    )
    .order_by(PartRow.part)
    .limit(10_000),
)
_CLEAR = Statement("registry.import_parts.clear", delete(PartRow).where(_HERE))

_new_faults = (
    func.unnest(bindparam("line", type_=ARRAY(Integer)), bindparam("cause", type_=ARRAY(Text)))
    .table_valued("line", "cause", name="found")
    .render_derived()
)
_ADD_FAULTS = Statement(
    "registry.import_faults.add",
    postgresql.insert(FaultRow)
    .from_select(
        ["tenant_id", "import_id", "line", "cause"],
        select(_TENANT, _IMPORT, _new_faults.c.line, _new_faults.c.cause),
    )
    .on_conflict_do_nothing(),
)
_FORGET_FAULTS = Statement("registry.import_faults.forget", delete(FaultRow).where(_FAULTS))
_counted = (
    select(FaultRow.cause, func.count().label("count")).where(_FAULTS).group_by(FaultRow.cause)
).subquery("counted")
_first = (
    select(FaultRow.line)
    .where(_FAULTS, FaultRow.cause == _counted.c.cause)
    .order_by(FaultRow.line)
    .limit(MOST_LINES_NAMED)
    .correlate(_counted)
    .scalar_subquery()
)
_GROUPS = Statement(
    "registry.import_faults.groups",
    select(_counted.c.cause, _counted.c.count, func.array(_first).label("lines")),
)
_OF_LINES = Statement(
    "registry.import_faults.of_lines",
    select(FaultRow.line, FaultRow.cause)
    .where(
        _FAULTS,
        FaultRow.line >= bindparam("first", type_=Integer),
        FaultRow.line < bindparam("end", type_=Integer),
    )
    .order_by(FaultRow.line, FaultRow.cause),
)
_MARK = Statement(
    "registry.staging.mark_faulty",
    update(StagingRow)
    .where(
        tenant_is(StagingRow),
        StagingRow.import_id == _IMPORT,
        StagingRow.line == FaultRow.line,
        _FAULTS,
        StagingRow.faulty.is_(False),
    )
    .values(faulty=True),
)


class Parts:
    """The parts of one file and the faults in them."""

    def __init__(self, transaction: Transaction, import_id: UUID) -> None:
        self._tx = transaction
        self._import_id = import_id

    async def add(self, part: int, *, first_line: int, lines: int, content_sealed: bytes) -> None:
        await self._tx.execute(
            _ADD,
            import_id=self._import_id,
            part=part,
            first_line=first_line,
            lines=lines,
            content_sealed=content_sealed,
            characters={},
        )

    async def get(self, part: int) -> Row | None:
        return await self._tx.fetch_one(_GET, import_id=self._import_id, part=part)

    async def checked(
        self, part: int, *, rows: int, staged: int, characters: Mapping[str, int]
    ) -> None:
        """Note that a part was judged; that, its rows and its faults are one transaction."""
        await self._tx.execute(
            _CHECKED,
            import_id=self._import_id,
            part=part,
            row_count=rows,
            staged_count=staged,
            found=dict(characters),
        )

    async def begin_anew(self) -> None:
        await self._tx.execute(_BEGIN_ANEW, import_id=self._import_id)
        await self._tx.execute(_FORGET_FAULTS, import_id=self._import_id)

    async def progress(self) -> Row:
        row = await self._tx.fetch_one(_PROGRESS, import_id=self._import_id)
        return row or {}

    async def characters(self) -> dict[str, int]:
        """Return how often each character that could degrade was met, over all parts."""
        total: dict[str, int] = {}
        for row in await self._tx.fetch(_CHARACTERS, import_id=self._import_id):
            for character, count in row["characters"].items():
                total[character] = total.get(character, 0) + count
        return total

    async def add_faults(self, faults: Sequence[tuple[int, FaultKind]]) -> None:
        if faults:
            await self._tx.execute(
                _ADD_FAULTS,
                import_id=self._import_id,
                line=[line for line, _ in faults],
                cause=[kind.value for _, kind in faults],
            )

    async def mark_faulty(self) -> None:
        """Set the waiting rows of all lines at fault aside."""
        await self._tx.execute(_MARK, import_id=self._import_id)

    async def groups(self) -> tuple[FaultGroup, ...]:
        """Return the causes, the most frequent first."""
        rows = await self._tx.fetch(_GROUPS, import_id=self._import_id)
        found = [FaultGroup(FaultKind(r["cause"]), r["count"], tuple(r["lines"])) for r in rows]
        return tuple(sorted(found, key=lambda group: (-group.count, group.kind.value)))

    async def with_faults(self, *, after_line: int) -> list[int]:
        """Return the parts in which a line after that one is at fault."""
        rows = await self._tx.fetch(_WITH_FAULTS, import_id=self._import_id, after_line=after_line)
        return [row["part"] for row in rows]

    async def faults_of(self, *, first: int, end: int) -> dict[int, list[FaultKind]]:
        """Return the causes of each line at fault from one line up to another."""
        rows = await self._tx.fetch(_OF_LINES, import_id=self._import_id, first=first, end=end)
        found: dict[int, list[FaultKind]] = {}
        for row in rows:
            found.setdefault(row["line"], []).append(FaultKind(row["cause"]))
        return found

    async def clear(self) -> None:
        await self._tx.execute(_CLEAR, import_id=self._import_id)
