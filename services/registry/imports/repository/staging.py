"""The good lines of a file while they wait for a word; they come in by the thousand, as columns."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Uuid,
    and_,
    bindparam,
    delete,
    false,
    func,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from foundation.database import Statement, Transaction, tenant_is
from services.registry.imports.models import StagingRow

IMPORT = bindparam("import_id", type_=Uuid())
HERE = and_(tenant_is(StagingRow), StagingRow.import_id == IMPORT)
GOOD = and_(HERE, StagingRow.faulty.is_(False))
_NOT_GIVEN = {"tenant_id", "import_id", "faulty", "is_past"}
_GIVEN: list[str] = [
    column.name for column in StagingRow.__table__.c if column.name not in _NOT_GIVEN
]

_lines = (
    func.unnest(
        *(bindparam(name, type_=ARRAY(StagingRow.__table__.c[name].type)) for name in _GIVEN)
    )
    .table_valued(*_GIVEN, name="lines")
    .render_derived()
)
_values: list[ColumnElement[Any]] = [_lines.c[name] for name in _GIVEN]
_ADD = Statement(
    "registry.staging.add",
    insert(StagingRow).from_select(
        ["tenant_id", "import_id", "faulty", "is_past", *_GIVEN],
        select(bindparam("tenant_id", type_=Integer), IMPORT, false(), false(), *_values),
    ),
)
_COUNT = Statement(
    "registry.staging.count",
    select(func.count().label("count")).select_from(StagingRow).where(HERE),
)
_CLEAR = Statement("registry.staging.clear", delete(StagingRow).where(HERE))


class Staging:
    """The waiting lines of one import."""

    def __init__(self, transaction: Transaction, import_id: UUID) -> None:
        self._tx = transaction
        self._import_id = import_id

    async def add(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """Add lines, each column as a list; all lists are equally long."""
        await self._tx.execute(_ADD, import_id=self._import_id, **columns)

    async def count(self) -> int:
        row = await self._tx.fetch_one(_COUNT, import_id=self._import_id)
        return row["count"] if row else 0

    async def clear(self) -> None:
        await self._tx.execute(_CLEAR, import_id=self._import_id)
