"""Where the layouts of a municipality's files are kept: revisions that never change."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, bindparam, func, insert, select

from foundation.database import Row, Statement, Transaction, tenant_is
from services.registry.imports.models import LayoutRow

_OURS = tenant_is(LayoutRow)
_COLUMNS = (
    LayoutRow.id,
    LayoutRow.name,
    LayoutRow.revision,
    LayoutRow.definition,
    LayoutRow.created_at,
)
_ADD = Statement(
    "registry.import_layouts.add",
    insert(LayoutRow).values(
        tenant_id=bindparam("tenant_id", type_=Integer),
        id=bindparam("id"),
        name=bindparam("name"),
        revision=bindparam("revision", type_=Integer),
        definition=bindparam("definition", type_=LayoutRow.__table__.c.definition.type),
        created_by=bindparam("created_by"),
        created_at=bindparam("created_at"),
    ),
)
_NEWEST = Statement(
    "registry.import_layouts.newest",
    select(*_COLUMNS)
    .where(_OURS, LayoutRow.name == bindparam("name"))
    .order_by(LayoutRow.revision.desc())
    .limit(1),
)
_ALL = Statement(
    "registry.import_layouts.all",
    select(*_COLUMNS).where(_OURS).order_by(LayoutRow.name, LayoutRow.revision.desc()).limit(200),
)
_REVISIONS = Statement(
    "registry.import_layouts.revisions",
    select(func.coalesce(func.max(LayoutRow.revision), 0).label("last")).where(
        _OURS, LayoutRow.name == bindparam("name")
    ),
)


class Layouts:
    """The layouts of one municipality."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def add(
        self, layout_id: UUID, *, name: str, definition: Mapping[str, Any], by: str, at: datetime
    ) -> int:
        """Add the next revision of a name and return its number.

        Raises:
            UniqueViolation: somebody else added one at the same moment.
        """
        row = await self._tx.fetch_one(_REVISIONS, name=name)
        revision: int = (row["last"] if row else 0) + 1
        await self._tx.execute(
            _ADD,
            id=layout_id,
            name=name,
            revision=revision,
            definition=definition,
            created_by=by,
            created_at=at,
        )
        return revision

    async def newest(self, name: str) -> Row | None:
        return await self._tx.fetch_one(_NEWEST, name=name)

    async def all(self) -> list[Row]:
        """Return every revision of every name, the newest of a name first; at most 200."""
        return await self._tx.fetch(_ALL)
