"""Lists of reassignments, as the database keeps them: their entries sealed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, insert, select, update

from foundation.database import Row, Statement, Transaction, tenant_is
from foundation.encryption import Cipher, Field

from .domain import Line, ReassignmentState
from .models import ReassignmentRow

ENTRIES = Field("platform.reassignments.entries")

_COLUMNS = tuple(ReassignmentRow.__table__.c)
_THIS = (
    tenant_is(ReassignmentRow),
    ReassignmentRow.id == bindparam("reassignment_id", type_=Uuid),
)
_ADD = Statement(
    "platform.reassignments.add",
    insert(ReassignmentRow).values(
        {column.key: bindparam(column.key, type_=column.type) for column in _COLUMNS}
    ),
)
_GET = Statement("platform.reassignments.by_id", select(*_COLUMNS).where(*_THIS))
_LOCKED = Statement(
    "platform.reassignments.locked", select(*_COLUMNS).where(*_THIS).with_for_update()
)
_DECIDE = Statement(
    "platform.reassignments.decide",
    update(ReassignmentRow)
    .where(*_THIS)
    .values(
        state=bindparam("outcome"),
        entries_sealed=None,
        decided_by=bindparam("by"),
        decided_at=bindparam("at"),
        version=ReassignmentRow.version + 1,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassignment:
    """One list. `report` tells of lines by their numbers; `lines` are gone once it is decided."""

    id: UUID
    effective_on: date
    reason: str = field(repr=False)
    lines: tuple[Line, ...] = field(repr=False)
    report: Mapping[str, Any]
    state: ReassignmentState
    loaded_by: str
    loaded_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    version: int = 1


async def add(work: Transaction, cipher: Cipher, one: Reassignment) -> None:
    """Keep a list that was checked."""
    await work.execute(
        _ADD,
        id=one.id,
        effective_on=one.effective_on,
        entries_sealed=cipher.encrypt(_packed(one.reason, one.lines), field=ENTRIES, row_id=one.id),
        report=dict(one.report),
        state=str(one.state),
        loaded_by=one.loaded_by,
        loaded_at=one.loaded_at,
        decided_by=one.decided_by,
        decided_at=one.decided_at,
        version=one.version,
    )


async def get(
    work: Transaction, cipher: Cipher, reassignment_id: UUID, *, to_change: bool = False
) -> Reassignment | None:
    """Return a list; to change it, one that nobody else changes meanwhile."""
    row = await work.fetch_one(_LOCKED if to_change else _GET, reassignment_id=reassignment_id)
    return None if row is None else _reassignment(cipher, row)


async def decide(
    work: Transaction, one: Reassignment, state: ReassignmentState, *, by: str, at: datetime
) -> None:
    """Write what became of a list, and forget its entries."""
    await work.execute(_DECIDE, reassignment_id=one.id, outcome=str(state), by=by, at=at)


def _packed(reason: str, lines: Sequence[Line]) -> str:
    document = {"reason": reason, "lines": [asdict(line) for line in lines]}
    return json.dumps(document, ensure_ascii=False)


def _reassignment(cipher: Cipher, row: Row) -> Reassignment:
    sealed: bytes | None = row["entries_sealed"]
    kept: dict[str, Any] = {"reason": "", "lines": []}
    if sealed is not None:
        kept = json.loads(cipher.decrypt(sealed, field=ENTRIES, row_id=row["id"]))
    lines: list[Line] = []
    for line in kept["lines"]:
        cells: dict[str, Any] = {**line, "roles": tuple(line["roles"])}
        lines.append(Line(**cells))
    given = {
        name: row[name]
        for name in Reassignment.__dataclass_fields__
        if name not in {"reason", "lines", "state"}
    }
    return Reassignment(
        **given,
        reason=kept["reason"],
        lines=tuple(lines),
        state=ReassignmentState(row["state"]),
    )
