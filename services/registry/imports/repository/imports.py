"""Where imports and their reports are kept."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, bindparam, insert, select, update

from foundation.database import Row, Statement, Transaction, tenant_is
from services.registry.imports.domain import (
    FaultGroup,
    FaultKind,
    Import,
    ImportId,
    ImportState,
    Report,
)
from services.registry.imports.models import ImportRow

_OURS = tenant_is(ImportRow)
_SHOWN = ("id", "state", "digest", "report", "created_at", "confirmed_at", "version")
_COLUMNS = tuple(ImportRow.__table__.c[name] for name in _SHOWN)

_ADD = Statement(
    "registry.imports.add",
    insert(ImportRow).values(
        tenant_id=bindparam("tenant_id", type_=Integer),
        id=bindparam("id"),
        digest=bindparam("digest"),
        state=bindparam("state"),
        report=bindparam("report", type_=ImportRow.__table__.c.report.type),
        created_by=bindparam("created_by"),
        created_at=bindparam("created_at"),
        version=1,
    ),
)
_OF_ID = Statement(
    "registry.imports.of_id", select(*_COLUMNS).where(_OURS, ImportRow.id == bindparam("id"))
)
_LOCKED = Statement(
    "registry.imports.locked",
    select(*_COLUMNS).where(_OURS, ImportRow.id == bindparam("id")).with_for_update(),
)
_CONFIRMED = Statement(
    "registry.imports.confirmed_with_digest",
    select(ImportRow.id)
    .where(
        _OURS,
        ImportRow.digest == bindparam("digest"),
        ImportRow.state == ImportState.CONFIRMED.value,
    )
    .limit(1),
)
_MOVE = Statement(
    "registry.imports.move",
    update(ImportRow)
    .where(_OURS, ImportRow.id == bindparam("id"))
    .values(
        state=bindparam("state"),
        confirmed_by=bindparam("confirmed_by"),
        confirmed_at=bindparam("confirmed_at"),
        version=bindparam("version"),
    ),
)


class Imports:
    """The imports of one municipality."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def add(self, arrived: Import, *, created_by: str) -> None:
        await self._tx.execute(
            _ADD,
            id=arrived.id,
            digest=arrived.digest,
            state=arrived.state.value,
            report=asdict(arrived.report),
            created_by=created_by,
            created_at=arrived.created_at,
        )

    async def get(self, import_id: UUID) -> Import | None:
        row = await self._tx.fetch_one(_OF_ID, id=import_id)
        return _import_of(row) if row else None

    async def get_for_change(self, import_id: UUID) -> Import | None:
        """Return the import; whoever else wants to confirm it waits, and then finds it done."""
        row = await self._tx.fetch_one(_LOCKED, id=import_id)
        return _import_of(row) if row else None

    async def has_confirmed(self, digest: bytes) -> bool:
        return await self._tx.fetch_one(_CONFIRMED, digest=digest) is not None

    async def move(
        self, moved: Import, *, confirmed_by: str | None, confirmed_at: datetime | None
    ) -> None:
        await self._tx.execute(
            _MOVE,
            id=moved.id,
            state=moved.state.value,
            confirmed_by=confirmed_by,
            confirmed_at=confirmed_at,
            version=moved.version,
        )


def _import_of(row: Row) -> Import:
    return Import(
        id=ImportId(row["id"]),
        state=ImportState(row["state"]),
        digest=row["digest"],
        report=_report_of(row["report"]),
        created_at=row["created_at"],
        confirmed_at=row["confirmed_at"],
        version=row["version"],
    )


def _report_of(stored: dict[str, Any]) -> Report:
    groups = tuple(
        FaultGroup(FaultKind(group["kind"]), group["count"], tuple(group["lines"]))
        for group in stored["faults"]
    )
    given: dict[str, Any] = stored | {"faults": groups}
    return Report(**given)
