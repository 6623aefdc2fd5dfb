"""Which record of the register each person is bound to, in one municipality."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, Text, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from foundation.database import Row, Statement, Transaction, tenant_is
from gateway.models import ResidentBindingRow

from .domain import Bound
from .models import PastBindingRow

_HERE = tenant_is(ResidentBindingRow)
_COLUMNS = (
    ResidentBindingRow.subject,
    ResidentBindingRow.resident_id,
    ResidentBindingRow.attributes_hash,
)
_FIND = Statement(
    "platform.resident_bindings.by_subject",
    select(ResidentBindingRow.resident_id).where(
        _HERE, ResidentBindingRow.subject == bindparam("person")
    ),
)
_OF_RECORD = Statement(
    "platform.resident_bindings.of_record",
    select(*_COLUMNS).where(_HERE, ResidentBindingRow.resident_id == bindparam("resident_id")),
)
_ALIKE = Statement(
    "platform.resident_bindings.alike",
    select(*_COLUMNS)
    .where(_HERE, ResidentBindingRow.attributes_hash == bindparam("hash", type_=LargeBinary))
    .order_by(ResidentBindingRow.subject)
    .limit(2),
)
_BIND = Statement(
    "platform.resident_bindings.bind",
    insert(ResidentBindingRow)
    .values(
        {
            "tenant_id": bindparam("tenant_id"),
            "subject": bindparam("subject"),
            "resident_id": bindparam("resident_id"),
            "grade": bindparam("grade"),
            "bound_at": bindparam("bound_at"),
            "attributes_hash": bindparam("attributes_hash", type_=LargeBinary),
            "evidence": bindparam("evidence", type_=Text),
            "bound_by": bindparam("bound_by", type_=Text),
            "second_by": bindparam("second_by", type_=Text),
        }
    )
    .on_conflict_do_nothing(),
)
_KEEP_ATTRIBUTES = Statement(
    "platform.resident_bindings.keep_attributes",
    update(ResidentBindingRow)
    .where(
        _HERE,
        ResidentBindingRow.subject == bindparam("person"),
        ResidentBindingRow.attributes_hash.is_distinct_from(bindparam("hash", type_=LargeBinary)),
    )
    .values(attributes_hash=bindparam("hash", type_=LargeBinary)),
)
_RELEASE = Statement(
    "platform.resident_bindings.release",
    delete(ResidentBindingRow)
    .where(_HERE, ResidentBindingRow.resident_id == bindparam("resident_id"))
    .returning(
        ResidentBindingRow.subject,
        ResidentBindingRow.resident_id,
        ResidentBindingRow.grade,
        ResidentBindingRow.bound_at,
    ),
)
_REMEMBER = Statement(
    "platform.past_bindings.add",
    insert(PastBindingRow)
    .values(
        {
            "tenant_id": bindparam("tenant_id"),
            "subject": bindparam("subject"),
            "resident_id": bindparam("resident_id"),
            "grade": bindparam("grade"),
            "bound_at": bindparam("bound_at"),
            "ended_at": bindparam("ended_at"),
            "ended_because": bindparam("ended_because"),
            "ended_by": bindparam("ended_by"),
            "reason_sealed": bindparam("reason_sealed", type_=LargeBinary),
        }
    )
    .inline(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """On what somebody is bound: the grade, what was on the card, and which officials saw what."""

    grade: str
    attributes: bytes | None = None
    evidence: str | None = None
    bound_by: str | None = None
    second_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a binding ends: superseded by another card of the same person, or released."""

    because: str
    by: str
    at: datetime
    reason_sealed: bytes | None = None


async def find(work: Transaction, person: str) -> UUID | None:
    """Return the record this person is bound to, if any."""
    row = await work.fetch_one(_FIND, person=person)
    return row["resident_id"] if row is not None else None


async def holder_of(work: Transaction, resident_id: UUID) -> Bound | None:
    """Return who is bound to a record."""
    row = await work.fetch_one(_OF_RECORD, resident_id=resident_id)
    return None if row is None else _bound(row)


async def alike(work: Transaction, attributes: bytes) -> Bound | None:
    """Return who was bound with these very attributes; two of them are as good as nobody."""
    rows = await work.fetch(_ALIKE, hash=attributes)
    return _bound(rows[0]) if len(rows) == 1 else None


async def bind(
    work: Transaction, person: str, *, resident_id: UUID, grounds: Grounds, at: datetime
) -> bool:
    """Bind a person to a record.

    Returns:
        False when the person or the record was bound meanwhile, which then stands.
    """
    added = await work.execute(
        _BIND,
        subject=person,
        resident_id=resident_id,
        grade=grounds.grade,
        bound_at=at,
        attributes_hash=grounds.attributes,
        evidence=grounds.evidence,
        bound_by=grounds.bound_by,
        second_by=grounds.second_by,
    )
    return added > 0


async def keep_attributes(work: Transaction, person: str, attributes: bytes) -> None:
    """Keep what the card of somebody already bound says today; people move and marry."""
    await work.execute(_KEEP_ATTRIBUTES, person=person, hash=attributes)


async def release(work: Transaction, resident_id: UUID, ending: Ending) -> str | None:
    """End the binding to a record, keep that it was, and return whose it was."""
    row = await work.fetch_one(_RELEASE, resident_id=resident_id)
    if row is None:
        return None
    await work.execute(
        _REMEMBER,
        **row,
        ended_at=ending.at,
        ended_because=ending.because,
        ended_by=ending.by,
        reason_sealed=ending.reason_sealed,
    )
    return row["subject"]


def _bound(row: Row) -> Bound:
    return Bound(
        person=row["subject"],
        resident_id=row["resident_id"],
        attributes=row["attributes_hash"],
    )
