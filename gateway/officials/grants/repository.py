"""Duties given by name, as the database keeps them: names hashed and sealed, reasons sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from foundation.database import Row, Statement, Transaction, tenant_is
from foundation.encryption import Cipher, Field
from foundation.identity import Role
from gateway.duties.domain import (
    Grant,
    GrantState,
    NamedBy,
    Period,
    email_of,
    employee_id_of,
)
from gateway.duties.models import OfficialRow, RoleGrantRow
from gateway.duties.repository import EMAIL, EMPLOYEE_ID

NAME = Field("platform.role_grants.name")
REASON = Field("platform.role_grants.reason")
_MOST_AT_ONCE = 5_000

_COLUMNS = tuple(RoleGrantRow.__table__.c)
_OURS = tenant_is(RoleGrantRow)
_THIS = (_OURS, RoleGrantRow.id == bindparam("grant_id", type_=Uuid))
_ADD = Statement(
    "platform.role_grants.add",
    insert(RoleGrantRow).values(
        {column.key: bindparam(column.key, type_=column.type) for column in _COLUMNS}
    ),
)
_GET = Statement("platform.role_grants.by_id", select(*_COLUMNS).where(*_THIS))
_LOCKED = Statement(
    "platform.role_grants.locked", select(*_COLUMNS).where(*_THIS).with_for_update()
)
_KEEP = Statement(
    "platform.role_grants.keep",
    update(RoleGrantRow)
    .where(*_THIS)
    .values(
        {
            column.key: bindparam(column.key, type_=column.type)
            for column in _COLUMNS
            if column.key not in {"tenant_id", "id"}
        }
    ),
)
_LISTED = Statement(
    "platform.role_grants.listed",
    select(*_COLUMNS)
    .where(
        _OURS,
        RoleGrantRow.id < bindparam("before", type_=Uuid),
        RoleGrantRow.state == func.any(bindparam("states", type_=ARRAY(Text))),
    )
    .order_by(RoleGrantRow.id.desc())
    .limit(bindparam("limit", type_=Integer)),
)
_IN_FORCE = Statement(
    "platform.role_grants.in_force",
    select(*_COLUMNS)
    .where(
        _OURS,
        RoleGrantRow.state == GrantState.GRANTED.value,
        RoleGrantRow.starts_at <= bindparam("moment"),
        or_(RoleGrantRow.ends_at.is_(None), RoleGrantRow.ends_at > bindparam("moment")),
    )
    .order_by(RoleGrantRow.id)
    .limit(_MOST_AT_ONCE),
)
_NOT_OVER = Statement(
    "platform.role_grants.not_over",
    select(*_COLUMNS)
    .where(
        _OURS,
        RoleGrantRow.state == GrantState.GRANTED.value,
        or_(RoleGrantRow.ends_at.is_(None), RoleGrantRow.ends_at > bindparam("moment")),
        or_(
            RoleGrantRow.subject == func.any(bindparam("subjects", type_=ARRAY(Text))),
            RoleGrantRow.name_hash == func.any(bindparam("hashes", type_=ARRAY(LargeBinary))),
        ),
    )
    .order_by(RoleGrantRow.id)
    .with_for_update(),
)
_WITH_NAME = {
    "employee_id": Statement(
        "platform.officials.named_by_employee_id",
        select(OfficialRow.subject).where(
            tenant_is(OfficialRow), OfficialRow.employee_hash == bindparam("hash")
        ),
    ),
    "email": Statement(
        "platform.officials.named_by_email",
        select(OfficialRow.subject).where(
            tenant_is(OfficialRow), OfficialRow.email_hash == bindparam("hash")
        ),
    ),
    "subject": Statement(
        "platform.officials.named_by_subject",
        select(OfficialRow.subject).where(
            tenant_is(OfficialRow), OfficialRow.subject == bindparam("hash")
        ),
    ),
}


def hash_of(cipher: Cipher, named_by: NamedBy, name: str) -> bytes | None:
    """Return what a name is compared by; a subject is compared as it is."""
    if named_by == "employee_id":
        return cipher.blind_index(employee_id_of(name), field=EMPLOYEE_ID)
    if named_by == "email":
        return cipher.blind_index(email_of(name), field=EMAIL)
    return None


async def known_as(work: Transaction, cipher: Cipher, named_by: NamedBy, name: str) -> str | None:
    """Return the official with this name; None if nobody has it yet, or more than one."""
    key = name if named_by == "subject" else hash_of(cipher, named_by, name)
    rows = await work.fetch(_WITH_NAME[named_by], hash=key)
    return str(rows[0]["subject"]) if len(rows) == 1 else None


async def add(work: Transaction, cipher: Cipher, grant: Grant) -> None:
    """Enter a grant."""
    await work.execute(_ADD, id=grant.id, **_cells(cipher, grant))


async def keep(work: Transaction, cipher: Cipher, grant: Grant) -> None:
    """Write what has changed of a grant."""
    await work.execute(_KEEP, grant_id=grant.id, **_cells(cipher, grant))


async def get(
    work: Transaction, cipher: Cipher, grant_id: UUID, *, to_change: bool = False
) -> Grant | None:
    """Return a grant; to change it, one that nobody else changes meanwhile."""
    row = await work.fetch_one(_LOCKED if to_change else _GET, grant_id=grant_id)
    return None if row is None else _grant(cipher, row)


async def listed(
    work: Transaction, cipher: Cipher, *, states: Sequence[GrantState], before: UUID, limit: int
) -> list[Grant]:
    """Return grants, the last first."""
    rows = await work.fetch(
        _LISTED, states=[str(state) for state in states], before=before, limit=limit
    )
    return [_grant(cipher, row) for row in rows]


async def in_force(work: Transaction, cipher: Cipher, moment: datetime) -> list[Grant]:
    """Return the duties given by name that hold at a moment."""
    return [_grant(cipher, row) for row in await work.fetch(_IN_FORCE, moment=moment)]


async def not_over(
    work: Transaction,
    cipher: Cipher,
    *,
    subjects: Sequence[str],
    hashes: Sequence[bytes],
    moment: datetime,
) -> list[Grant]:
    """Return the duties of some people that hold at a moment or later, to be changed."""
    rows = await work.fetch(_NOT_OVER, subjects=list(subjects), hashes=list(hashes), moment=moment)
    return [_grant(cipher, row) for row in rows]


def _cells(cipher: Cipher, grant: Grant) -> dict[str, Any]:
    return {
        "subject": grant.subject,
        "named_by": grant.named_by,
        "name_hash": grant.name_hash,
        "name_sealed": None
        if grant.name is None
        else cipher.encrypt(grant.name, field=NAME, row_id=grant.id),
        "role": grant.role.value,
        "starts_at": grant.period.starts_at,
        "ends_at": grant.period.ends_at,
        "reason_sealed": cipher.encrypt(grant.reason, field=REASON, row_id=grant.id),
        "state": str(grant.state),
        "reassignment_id": grant.reassignment_id,
        "proposed_by": grant.proposed_by,
        "proposed_at": grant.proposed_at,
        "decided_by": grant.decided_by,
        "decided_at": grant.decided_at,
        "ended_by": grant.ended_by,
        "changed_at": grant.changed_at,
        "version": grant.version,
    }


def _grant(cipher: Cipher, row: Row) -> Grant:
    sealed: bytes | None = row["name_sealed"]
    given = {
        name: row[name]
        for name in Grant.__dataclass_fields__
        if name not in {"name", "named_by", "role", "period", "reason", "state"}
    }
    return Grant(
        **given,
        named_by=cast("NamedBy", row["named_by"]),
        name=None if sealed is None else cipher.decrypt(sealed, field=NAME, row_id=row["id"]),
        role=Role(row["role"]),
        period=Period(starts_at=row["starts_at"], ends_at=row["ends_at"]),
        reason=cipher.decrypt(row["reason_sealed"], field=REASON, row_id=row["id"]),
        state=GrantState(row["state"]),
    )
