"""Rights to act for another, as the database keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass
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
    column,
    delete,
    func,
    select,
    table,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from foundation.database import Row, Statement, Transaction, tenant_is

from .domain import OVER, Act, Evidence, Ground, Recorded, State
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
_INSTANT = DateTime(timezone=True)
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
            "signed_document_sealed": bindparam("document_sealed", type_=LargeBinary),
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
    .on_conflict_do_nothing(),
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
_OPEN_OVER = Statement(
    "platform.representations.open_over",
    select(*_COLUMNS)
    .where(_HERE, _R.represented_id == bindparam("represented_id"), _R.ended_at.is_(None))
    .order_by(_R.id)
    .with_for_update(),
)
_LIVE = Statement(
    "platform.representations.live",
    select(*_COLUMNS)
    .where(_HERE, _R.live_until.is_not(None), _R.ended_at.is_(None))
    .order_by(_R.id),
)
_LIVE_SOMEWHERE = Statement(
    "platform.representations.live_somewhere",
    # Whoever begins at the first tenant walks the index of what is live, and nothing else.
    select(_R.tenant_id)
    .where(_R.tenant_id > bindparam("after_tenant", type_=Integer), _R.live_until.is_not(None))
    .distinct(),
)
_NOTE_LIVE = Statement(
    "platform.representations.note_live",
    update(_R)
    .where(_HERE, _R.id == bindparam("right_id"))
    .values(live_until=func.greatest(_R.live_until, bindparam("until", type_=_INSTANT))),
)
_LET_REST = Statement(
    "platform.representations.let_rest",
    update(_R)
    .where(_HERE, _R.live_until < bindparam("now", type_=_INSTANT))
    .values(live_until=None),
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
# The register publishes from whom somebody is protected, while the measure stands (支援措置).
_PROTECTIONS = table(
    "platform_protections",
    column("tenant_id", Integer),
    column("represented_id", Uuid),
    column("barred_id", Uuid),
    schema="registry",
)
_BARS = Statement(
    "platform.representation_bars.of",
    union(
        select(_B.represented_id, _B.barred_id).where(
            tenant_is(_B), _B.represented_id == func.any(bindparam("represented_ids"))
        ),
        select(_PROTECTIONS.c.represented_id, _PROTECTIONS.c.barred_id).where(
            tenant_is(_PROTECTIONS),
            _PROTECTIONS.c.represented_id == func.any(bindparam("represented_ids")),
        ),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What only a key can read: the number of the document seen, and what was signed."""

    number: bytes | None = None
    document: bytes | None = None


async def add(work: Transaction, right: Recorded, *, sealed: Sealed, now: datetime) -> bool:
    """Record a right; False when its signature stands under another."""
    added = await work.execute(
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
        number_sealed=sealed.number,
        document_sealed=sealed.document,
        evidence_seen_on=right.evidence_seen_on,
        signature_id=right.signature_id,
        state=right.state.value,
        starts_on=right.starts_on,
        ends_on=right.ends_on,
        recorded_by=right.recorded_by,
        now=now,
    )
    return added > 0


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


async def open_over(work: Transaction, represented_id: UUID) -> list[Recorded]:
    """Return what is not over of the rights to act for somebody, held for this transaction."""
    rows = await work.fetch(_OPEN_OVER, represented_id=represented_id)
    return [_recorded(row) for row in rows]


async def live_somewhere(worker: Transaction) -> set[int]:
    """Return the tenants in which a token given on a right may be out, as the worker role."""
    return {row["tenant_id"] for row in await worker.fetch(_LIVE_SOMEWHERE, after_tenant=0)}


async def live(work: Transaction) -> list[Recorded]:
    """Return the rights on which a token may be out."""
    return [_recorded(row) for row in await work.fetch(_LIVE)]


async def note_live(work: Transaction, right_id: UUID, *, until: datetime) -> None:
    """Note that a token was given on a right."""
    await work.execute(_NOTE_LIVE, right_id=right_id, until=until)


async def let_rest(work: Transaction, *, now: datetime) -> None:
    """Forget of every right whose tokens have expired that there were any."""
    await work.execute(_LET_REST, now=now)


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
    await work.execute(
        _MOVE,
        right_id=right.id,
        new_state=state.value,
        second=second_by or right.second_by,
        ended=now if state in OVER else None,
        because=because,
        now=now,
    )


async def bars(work: Transaction, represented_ids: Sequence[UUID]) -> set[tuple[UUID, UUID]]:
    """Return who is recorded as barred from these persons: pairs of the person and the other."""
    rows = await work.fetch(_BARS, represented_ids=list(represented_ids))
    return {(row["represented_id"], row["barred_id"]) for row in rows}


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
