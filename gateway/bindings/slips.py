"""Slips as the database keeps them: the code as a keyed hash to be found by, and sealed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    DateTime,
    LargeBinary,
    Text,
    Uuid,
    bindparam,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from foundation.database import Row, Statement, Transaction, tenant_is

from .domain import OPEN, Slip, SlipState
from .models import CounterSlipRow

_HERE = tenant_is(CounterSlipRow)
_COLUMNS = (
    CounterSlipRow.id,
    CounterSlipRow.person,
    CounterSlipRow.state,
    CounterSlipRow.candidate_id,
    CounterSlipRow.attributes_hash,
    CounterSlipRow.code_sealed,
    CounterSlipRow.resident_id,
    CounterSlipRow.evidence,
    CounterSlipRow.first_by,
    CounterSlipRow.created_at,
    CounterSlipRow.expires_at,
    CounterSlipRow.version,
)
_IS_OPEN = or_(*(CounterSlipRow.state == literal_column(f"'{state}'") for state in OPEN))
_OF_PERSON = Statement(
    "platform.counter_slips.of_person",
    select(*_COLUMNS)
    .where(_HERE, CounterSlipRow.person == bindparam("person"), _IS_OPEN)
    .with_for_update(),
)
_BY_CODE = Statement(
    "platform.counter_slips.by_code",
    select(*_COLUMNS)
    .where(_HERE, CounterSlipRow.code_hash == bindparam("code_hash", type_=LargeBinary))
    .with_for_update(),
)
_BY_ID = Statement(
    "platform.counter_slips.by_id",
    select(*_COLUMNS).where(_HERE, CounterSlipRow.id == bindparam("id")).with_for_update(),
)
_ADD = Statement(
    "platform.counter_slips.add",
    insert(CounterSlipRow)
    .values(
        {
            "tenant_id": bindparam("tenant_id"),
            "id": bindparam("id"),
            "person": bindparam("person"),
            "state": bindparam("state"),
            "candidate_id": bindparam("candidate_id", type_=Uuid),
            "attributes_hash": bindparam("attributes_hash", type_=LargeBinary),
            "created_at": bindparam("now", type_=DateTime(timezone=True)),
            "changed_at": bindparam("now", type_=DateTime(timezone=True)),
            "expires_at": bindparam("expires_at", type_=DateTime(timezone=True)),
        }
    )
    .on_conflict_do_nothing(),
)
_SHOW = Statement(
    "platform.counter_slips.show",
    update(CounterSlipRow)
    .where(_HERE, CounterSlipRow.id == bindparam("slip_id"))
    .values(
        state="shown",
        code_hash=bindparam("code_hash", type_=LargeBinary),
        code_sealed=bindparam("code_sealed", type_=LargeBinary),
        expires_at=bindparam("until", type_=DateTime(timezone=True)),
        changed_at=bindparam("now", type_=DateTime(timezone=True)),
        version=CounterSlipRow.version + 1,
    ),
)
_MOVE = Statement(
    "platform.counter_slips.move",
    update(CounterSlipRow)
    .where(_HERE, CounterSlipRow.id == bindparam("slip_id"))
    .values(
        state=bindparam("new_state"),
        resident_id=bindparam("record", type_=Uuid),
        evidence=bindparam("seen", type_=Text),
        first_by=bindparam("proposed_by", type_=Text),
        decided_by=bindparam("by", type_=Text),
        changed_at=bindparam("now", type_=DateTime(timezone=True)),
        version=CounterSlipRow.version + 1,
    ),
)


async def open_of(work: Transaction, person: str) -> Slip | None:
    """Return a person's open slip, held for this transaction; whether it expired is not asked."""
    row = await work.fetch_one(_OF_PERSON, person=person)
    return None if row is None else _slip(row)


async def by_code(work: Transaction, code_hash: bytes) -> Slip | None:
    """Return the slip with a code, held for this transaction."""
    row = await work.fetch_one(_BY_CODE, code_hash=code_hash)
    return None if row is None else _slip(row)


async def by_id(work: Transaction, slip_id: UUID) -> Slip | None:
    """Return a slip, held for this transaction."""
    row = await work.fetch_one(_BY_ID, id=slip_id)
    return None if row is None else _slip(row)


async def add(work: Transaction, slip: Slip) -> bool:
    """Keep a new slip; False when the person has an open one."""
    added = await work.execute(
        _ADD,
        id=slip.id,
        person=slip.person,
        state=slip.state.value,
        candidate_id=slip.candidate_id,
        attributes_hash=slip.attributes,
        now=slip.created_at,
        expires_at=slip.expires_at,
    )
    return added > 0


async def show(
    work: Transaction, slip_id: UUID, *, code: tuple[bytes, bytes], now: datetime, until: datetime
) -> None:
    """Give a slip a new code, as its keyed hash and its sealed text."""
    await work.execute(
        _SHOW, slip_id=slip_id, code_hash=code[0], code_sealed=code[1], now=now, until=until
    )


async def move(
    work: Transaction, slip: Slip, state: SlipState, *, by: str | None, now: datetime
) -> None:
    """Keep where a slip stands now, with what was proposed of it."""
    await work.execute(
        _MOVE,
        slip_id=slip.id,
        new_state=state.value,
        record=slip.resident_id,
        seen=slip.evidence,
        proposed_by=slip.first_by,
        by=by,
        now=now,
    )


def _slip(row: Row) -> Slip:
    values: dict[str, Any] = {**row, "state": SlipState(row["state"])}
    values["attributes"] = values.pop("attributes_hash")
    return Slip(**values)
