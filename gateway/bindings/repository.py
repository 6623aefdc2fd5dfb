"""Which record of the register each person is bound to, in one municipality."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from foundation.database import Statement, Transaction, tenant_is
from gateway.models import ResidentBindingRow

_FIND = Statement(
    "platform.resident_bindings.by_subject",
    select(ResidentBindingRow.resident_id).where(
        tenant_is(ResidentBindingRow), ResidentBindingRow.subject == bindparam("person")
    ),
)
_BIND = Statement(
    "platform.resident_bindings.bind",
    insert(ResidentBindingRow)
    .values(
        {
            name: bindparam(name)
            for name in ("tenant_id", "subject", "resident_id", "grade", "bound_at")
        }
    )
    .on_conflict_do_nothing(),
)


async def find(work: Transaction, person: str) -> UUID | None:
    """Return the record this person is bound to, if any."""
    row = await work.fetch_one(_FIND, person=person)
    return row["resident_id"] if row is not None else None


async def bind(
    work: Transaction, person: str, *, resident_id: UUID, grade: str, at: datetime
) -> bool:
    """Bind a person to a record; False when they were bound meanwhile, which then stands."""
    return (
        await work.execute(_BIND, subject=person, resident_id=resident_id, grade=grade, bound_at=at)
        > 0
    )
