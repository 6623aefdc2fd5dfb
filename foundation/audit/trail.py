"""How an entry gets into the trail, and how those who may read it do."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    FetchedValue,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    bindparam,
    insert,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY

from foundation.database import Base, Row, Statement, Transaction, tenant_is

from .entry import Entry

ENTRIES: Final = Table(
    "entries",
    Base.metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("id", Uuid, FetchedValue(), primary_key=True),
    Column("tx", BigInteger, FetchedValue(), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("service", Text, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("purpose", Text),
    Column("action", Text, nullable=False),
    Column("object", Text),
    Column("subjects", ARRAY(Uuid), nullable=False),
    Column("decision", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Index("entries_sealing", "tenant_id", "tx", "id"),
    schema="audit",
)
SUBJECTS: Final = Table(
    "entry_subjects",
    Base.metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("subject_id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), primary_key=True),
    Column("entry_id", Uuid, primary_key=True),
    schema="audit",
)

_A_FEW: Final = 8
_LATEST: Final = datetime.max.replace(tzinfo=UTC)
_LAST_ID: Final = UUID(int=(1 << 128) - 1)
_LAST_TX: Final = (1 << 63) - 1

_ADD: Final = Statement(
    "audit.entries.add",
    insert(ENTRIES)
    .values(
        {
            column.name: bindparam(column.name, type_=column.type)
            for column in ENTRIES.c
            if column.name != "tx"
        }
    )
    .inline(),
)
_ADD_SUBJECT: Final = Statement(
    "audit.entry_subjects.add",
    insert(SUBJECTS)
    .values({column.name: bindparam(column.name, type_=column.type) for column in SUBJECTS.c})
    .inline(),
)

_SHOWN: Final = tuple(column for column in ENTRIES.c if column.name not in {"leaf", "tenant_id"})

READ_ENTRIES_ABOUT: Final = Statement(
    "audit.entries.about_subject",
    select(*_SHOWN)
    .select_from(
        SUBJECTS.join(
            ENTRIES,
            (ENTRIES.c.tenant_id == SUBJECTS.c.tenant_id) & (ENTRIES.c.id == SUBJECTS.c.entry_id),
        )
    )
    .where(
        tenant_is(SUBJECTS),
        tenant_is(ENTRIES),
        SUBJECTS.c.subject_id == bindparam("subject_id", type_=Uuid),
        tuple_(SUBJECTS.c.at, SUBJECTS.c.entry_id)
        < tuple_(
            bindparam("before_at", type_=DateTime(timezone=True)),
            bindparam("before_id", type_=Uuid),
        ),
    )
    .order_by(SUBJECTS.c.at.desc(), SUBJECTS.c.entry_id.desc())
    .limit(bindparam("limit", type_=Integer)),
)
READ_ENTRIES_OF_TENANT: Final = Statement(
    "audit.entries.of_tenant",
    select(*_SHOWN)
    .where(
        tenant_is(ENTRIES),
        tuple_(ENTRIES.c.tx, ENTRIES.c.id)
        < tuple_(bindparam("before_tx", type_=BigInteger), bindparam("before_id", type_=Uuid)),
    )
    .order_by(ENTRIES.c.tx.desc(), ENTRIES.c.id.desc())
    .limit(bindparam("limit", type_=Integer)),
)


async def record(tx: Transaction, entry: Entry) -> None:
    """Write an entry in the transaction of the deed: both stand or neither does.

    Raises:
        ValueError: the transaction belongs to no tenant, so nobody could ever read the entry.
    """
    if tx.tenancy is None:
        raise ValueError("An audit entry belongs to a tenant.")
    row = entry.row(tx.tenancy.tenant_id)
    await tx.later(_ADD, **row)
    subjects: Sequence[UUID] = row["subjects"]
    shared: dict[str, Any] = {"at": entry.at, "entry_id": entry.id}
    if len(subjects) <= _A_FEW:
        for subject in subjects:
            await tx.later(_ADD_SUBJECT, subject_id=subject, **shared)
    else:
        await tx.execute_many(
            _ADD_SUBJECT, [{**shared, "subject_id": subject} for subject in subjects]
        )


async def entries_about(
    tx: Transaction,
    subject_id: UUID,
    *,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Row]:
    """Return who touched one resident's data, newest first.

    Args:
        tx: a transaction of the resident's own municipality, as a role that may read the trail.
        subject_id: the resident.
        before: `at` and `id` of the last entry already shown.
        limit: how many, at most.
    """
    before_at, before_id = before or (_LATEST, _LAST_ID)
    return await tx.fetch(
        READ_ENTRIES_ABOUT,
        subject_id=subject_id,
        before_at=before_at,
        before_id=before_id,
        limit=limit,
    )


async def entries_of_tenant(
    tx: Transaction, *, before: tuple[int, UUID] | None = None, limit: int = 50
) -> list[Row]:
    """Return a municipality's trail, newest first; `before` is `tx` and `id` of the last shown."""
    before_tx, before_id = before or (_LAST_TX, _LAST_ID)
    return await tx.fetch(
        READ_ENTRIES_OF_TENANT, before_tx=before_tx, before_id=before_id, limit=limit
    )
