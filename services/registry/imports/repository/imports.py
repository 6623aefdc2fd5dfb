"""Where imports and their reports are kept."""

from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, bindparam, insert, select, update

from foundation.database import Row, Statement, Transaction, tenant_is
from services.registry.imports.domain import (
    NOTHING_YET,
    Arrival,
    Decision,
    Degrading,
    FaultGroup,
    FaultKind,
    Import,
    ImportId,
    ImportState,
    Kind,
    Layout,
    Report,
)
from services.registry.imports.models import ImportRow

_OURS = tenant_is(ImportRow)
_SHOWN = (
    "id",
    "state",
    "digest",
    "report",
    "created_at",
    "confirmed_at",
    "version",
    "kind",
    "arrival",
    "decision",
    "parts",
)
_JSON = ImportRow.__table__.c.report.type
_COLUMNS = tuple(ImportRow.__table__.c[name] for name in _SHOWN)

_ADD = Statement(
    "registry.imports.add",
    insert(ImportRow).values(
        tenant_id=bindparam("tenant_id", type_=Integer),
        id=bindparam("id"),
        digest=bindparam("digest"),
        state=bindparam("state"),
        report=bindparam("report", type_=_JSON),
        kind=bindparam("kind"),
        arrival=bindparam("arrival", type_=_JSON),
        decision=bindparam("decision", type_=_JSON),
        parts=bindparam("parts"),
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
    select(*_COLUMNS).where(_OURS, ImportRow.id == bindparam("id")).with_for_update(key_share=True),
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
        report=bindparam("report", type_=_JSON),
        decision=bindparam("decision", type_=_JSON),
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
            kind=arrived.kind.value,
            arrival=asdict(arrived.arrival),
            parts=arrived.parts,
            decision={},
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

    async def move(self, moved: Import) -> None:
        """Keep its state, its report and what was decided about it."""
        decision = moved.decision
        is_done = moved.state is ImportState.CONFIRMED
        await self._tx.execute(
            _MOVE,
            id=moved.id,
            state=moved.state.value,
            report=asdict(moved.report),
            decision={} if decision is None else _written(decision),
            confirmed_by=decision.by if decision is not None and is_done else None,
            confirmed_at=moved.confirmed_at,
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
        arrival=_arrival_of(row["arrival"]),
        kind=Kind(row["kind"]),
        parts=row["parts"],
        decision=_decision_of(row["decision"]),
    )


def _report_of(stored: dict[str, Any]) -> Report:
    groups = tuple(
        FaultGroup(FaultKind(group["kind"]), group["count"], tuple(group["lines"]))
        for group in stored.get("faults", ())
    )
    characters = tuple(Degrading(**one) for one in stored.get("characters", ()))
    given: dict[str, Any] = (
        asdict(NOTHING_YET) | stored | {"faults": groups, "characters": characters}
    )
    return Report(**given)


def _arrival_of(stored: dict[str, Any]) -> Arrival:
    if not stored:
        return Arrival(order=(), encoding="utf-8", layout=Layout())
    given: dict[str, Any] = stored | {
        "order": tuple(stored["order"]),
        "layout": Layout(**stored["layout"]),
    }
    return Arrival(**given)


def _written(decision: Decision) -> dict[str, Any]:
    ended_on = None if decision.ended_on is None else decision.ended_on.isoformat()
    return asdict(decision) | {"ended_on": ended_on}


def _decision_of(stored: dict[str, Any]) -> Decision | None:
    if not stored:
        return None
    ended_on = stored["ended_on"]
    given: dict[str, Any] = stored | {
        "ended_on": date.fromisoformat(ended_on) if ended_on else None
    }
    return Decision(**given)
