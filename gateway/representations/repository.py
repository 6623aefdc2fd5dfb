"""Rights to act for another, as the database keeps them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from foundation.database import Row, Statement, Transaction, tenant_is

from .domain import Act, Evidence, Ground, Recorded, State
from .models import RepresentationBarRow, RepresentationRow

_R = RepresentationRow
_HERE = tenant_is(_R)
_COLUMNS = (
    _R.id,
    _R.represented_id,
    _R.holder_id,
    _R.holder_person,
    _R.ground,
    _R.relationship,
    _R.acts,
    _R.may_receive,
    _R.evidence,
    _R.evidence_seen_on,
    _R.signature_id,
    _R.state,
    _R.starts_on,
    _R.ends_on,
    _R.recorded_by,
    _R.second_by,
    _R.version,
)
_MOST = 200
"""Of one person; a guardian's office of more than these is asked for page by page elsewhere."""

_ADD = Statement(
    "platform.representations.add",
    insert(_R)
    .values(
        {
            "tenant_id": bindparam("tenant_id"),
            "id": bindparam("id"),
            "represented_id": bindparam("represented_id"),
            "holder_id": bindparam("holder_id", type_=Uuid),
            "holder_person": bindparam("holder_person", type_=Text),
            "kind": bindparam("kind"),
            "ground": bindparam("ground"),
            "relationship": bindparam("relationship"),
            "acts": bindparam("acts", type_=_R.acts.type),
            "may_receive": bindparam("may_receive", type_=Boolean),
            "evidence": bindparam("evidence"),
            "evidence_number_sealed": bindparam("number_sealed", type_=LargeBinary),
            "evidence_seen_on": bindparam("evidence_seen_on", type_=Date),
            "signature_id": bindparam("signature_id", type_=Uuid),
            "state": bindparam("state"),
            "starts_on": bindparam("starts_on", type_=Date),
            "ends_on": bindparam("ends_on", type_=Date),
            "recorded_by": bindparam("recorded_by"),
            "recorded_at": bindparam("now", type_=DateTime(timezone=True)),
            "changed_at": bindparam("now", type_=DateTime(timezone=True)),
        }
    )
    .inline(),
)
_BY_ID = Statement(
    "platform.representations.by_id", select(*_COLUMNS).where(_HERE, _R.id == bindparam("id"))
)
_BY_ID_LOCKED = Statement(
    "platform.representations.by_id_locked",
    select(*_COLUMNS).where(_HERE, _R.id == bindparam("id")).with_for_update(),
)
_OVER = Statement(
    "platform.representations.over",
    select(*_COLUMNS)
    .where(_HERE, _R.represented_id == bindparam("represented_id"))
    .order_by(_R.id.desc())
    .limit(bindparam("limit", type_=Integer)),
)
_OF_RECORD = Statement(
    "platform.representations.of_record",
    select(*_COLUMNS)
    .where(_HERE, _R.holder_id == bindparam("holder_id", type_=Uuid))
    .order_by(_R.id.desc())
    .limit(bindparam("limit", type_=Integer)),
)
_OF_PERSON = Statement(
    "platform.representations.of_person",
    select(*_COLUMNS)
    .where(_HERE, _R.holder_person == bindparam("holder_person", type_=Text))
    .order_by(_R.id.desc())
    .limit(bindparam("limit", type_=Integer)),
)
_RELATIONSHIPS = Statement(
    "platform.representations.relationships",
    select(_R.id, _R.relationship).where(_HERE, _R.id == func.any(bindparam("ids"))),
)
_MOVE = Statement(
    "platform.representations.move",
    update(_R)
    .where(_HERE, _R.id == bindparam("right_id"))
    .values(
        state=bindparam("new_state"),
        second_by=bindparam("second", type_=Text),
        ended_at=bindparam("ended", type_=DateTime(timezone=True)),
        ended_because=bindparam("because", type_=Text),
        changed_at=bindparam("now", type_=DateTime(timezone=True)),
        version=_R.version + 1,
    ),
)
_B = RepresentationBarRow
_BARRED = Statement(
    "platform.representation_bars.of",
    select(_B.barred_id).where(
        tenant_is(_B),
        _B.represented_id == bindparam("represented_id"),
        _B.barred_id == bindparam("barred_id"),
    ),
)
_BAR = Statement(
    "platform.representation_bars.add",
    insert(_B)
    .values(
        {
            name: bindparam(name)
            for name in ("tenant_id", "represented_id", "barred_id", "recorded_by", "recorded_at")
        }
    )
    .on_conflict_do_nothing(),
)
_UNBAR = Statement(
    "platform.representation_bars.remove",
    delete(_B).where(
        tenant_is(_B),
        _B.represented_id == bindparam("represented_id"),
        _B.barred_id == bindparam("barred_id"),
    ),
)


async def add(
    work: Transaction, right: Recorded, *, number_sealed: bytes | None, now: datetime
) -> None:
    """Record a right; the number of its document is kept sealed."""
    await work.execute(
        _ADD,
        id=right.id,
        represented_id=right.represented_id,
        holder_id=right.holder_id,
        holder_person=right.holder_person,
        kind=right.kind,
        ground=right.ground.value,
        relationship=right.relationship,
        acts=sorted(act.value for act in right.acts),
        may_receive=right.may_receive,
        evidence=right.evidence.value,
        number_sealed=number_sealed,
        evidence_seen_on=right.evidence_seen_on,
        signature_id=right.signature_id,
        state=right.state.value,
        starts_on=right.starts_on,
        ends_on=right.ends_on,
        recorded_by=right.recorded_by,
        now=now,
    )


async def find(work: Transaction, right_id: UUID) -> Recorded | None:
    """Return a right."""
    row = await work.fetch_one(_BY_ID, id=right_id)
    return None if row is None else _recorded(row)


async def locked(work: Transaction, right_id: UUID) -> Recorded | None:
    """Return a right that nobody else changes until this transaction ends."""
    row = await work.fetch_one(_BY_ID_LOCKED, id=right_id)
    return None if row is None else _recorded(row)


async def over(work: Transaction, represented_id: UUID) -> list[Recorded]:
    """Return every right to act for somebody, the latest first."""
    rows = await work.fetch(_OVER, represented_id=represented_id, limit=_MOST)
    return [_recorded(row) for row in rows]


async def held_by(work: Transaction, *, person: str, record: UUID | None) -> list[Recorded]:
    """Return every right somebody holds, by their record and by their sign-in."""
    rows = await work.fetch(_OF_PERSON, holder_person=person, limit=_MOST)
    if record is not None:
        rows = [*rows, *await work.fetch(_OF_RECORD, holder_id=record, limit=_MOST)]
    return [_recorded(row) for row in rows]


async def relationships(work: Transaction, right_ids: Sequence[UUID]) -> dict[UUID | None, str]:
    """Return what the holder of each right is to the represented person, such as 母."""
    if not right_ids:
        return {}
    rows = await work.fetch(_RELATIONSHIPS, ids=list(right_ids))
    return {row["id"]: row["relationship"] for row in rows}


async def move(
    work: Transaction,
    right: Recorded,
    state: State,
    *,
    now: datetime,
    second_by: str | None = None,
    because: str | None = None,
) -> None:
    """Keep where a right stands now; one that ends says why."""
    has_ended = state in {State.DECLINED, State.WITHDRAWN, State.ENDED}
    await work.execute(
        _MOVE,
        right_id=right.id,
        new_state=state.value,
        second=second_by or right.second_by,
        ended=now if has_ended else None,
        because=because,
        now=now,
    )


async def is_listed(work: Transaction, *, represented_id: UUID, barred_id: UUID) -> bool:
    """Tell whether somebody is recorded as one a person is protected from."""
    row = await work.fetch_one(_BARRED, represented_id=represented_id, barred_id=barred_id)
    return row is not None


async def bar(
    work: Transaction, *, represented_id: UUID, barred_id: UUID, by: str, at: datetime
) -> None:
    """Record from whom a person is protected."""
    await work.execute(
        _BAR, represented_id=represented_id, barred_id=barred_id, recorded_by=by, recorded_at=at
    )


async def unbar(work: Transaction, *, represented_id: UUID, barred_id: UUID) -> bool:
    """Take that back; False when it was not recorded."""
    removed = await work.execute(_UNBAR, represented_id=represented_id, barred_id=barred_id)
    return removed > 0


def _recorded(row: Row) -> Recorded:
    values: dict[str, Any] = {
        **row,
        "ground": Ground(row["ground"]),
        "acts": frozenset(Act(act) for act in row["acts"]),
        "evidence": Evidence(row["evidence"]),
        "state": State(row["state"]),
    }
    return Recorded(**values)
