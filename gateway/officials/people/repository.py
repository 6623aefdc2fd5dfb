"""The directory of officials, as the database keeps it: names sealed, groups as last seen."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Text, and_, bindparam, func, select

from foundation.database import Row, Statement, Transaction, tenant_is
from foundation.encryption import Cipher
from foundation.identity import Role
from gateway.duties.models import (
    IdentityProviderRow,
    OfficialAccountRow,
    OfficialRow,
    ProviderRoleRow,
)
from gateway.duties.repository import DISPLAY_NAME, EMPLOYEE_ID, IN_USE

_ROLES = {role.value: role for role in Role}
_COLUMNS = (
    OfficialRow.subject,
    OfficialRow.display_name_sealed,
    OfficialRow.employee_id_sealed,
    OfficialRow.first_seen_at,
    OfficialRow.last_seen_at,
)
_LISTED = Statement(
    "platform.officials.listed",
    select(*_COLUMNS)
    .where(tenant_is(OfficialRow), OfficialRow.subject > bindparam("after"))
    .order_by(OfficialRow.subject)
    .limit(bindparam("limit", type_=Integer)),
)
_NAMED = Statement(
    "platform.officials.named",
    select(*_COLUMNS).where(
        tenant_is(OfficialRow),
        OfficialRow.subject == func.any(bindparam("subjects", type_=ARRAY(Text))),
    ),
)
_BY_GROUP = Statement(
    "platform.official_accounts.duties_by_group",
    select(
        OfficialAccountRow.subject,
        OfficialAccountRow.provider_id,
        ProviderRoleRow.claim_value,
        ProviderRoleRow.role,
    )
    .select_from(OfficialAccountRow)
    .join(
        ProviderRoleRow,
        and_(
            ProviderRoleRow.tenant_id == OfficialAccountRow.tenant_id,
            ProviderRoleRow.provider_id == OfficialAccountRow.provider_id,
            ProviderRoleRow.claim_value == func.any(OfficialAccountRow.groups),
        ),
    )
    .join(
        IdentityProviderRow,
        and_(
            IdentityProviderRow.tenant_id == OfficialAccountRow.tenant_id,
            IdentityProviderRow.id == OfficialAccountRow.provider_id,
        ),
    )
    .where(
        tenant_is(OfficialAccountRow),
        tenant_is(ProviderRoleRow),
        tenant_is(IdentityProviderRow),
        OfficialAccountRow.subject == func.any(bindparam("subjects", type_=ARRAY(Text))),
        IdentityProviderRow.state == func.any(bindparam("states", type_=ARRAY(Text))),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody who has signed in as an official of this municipality."""

    subject: str
    display_name: str | None = field(repr=False)
    employee_id: str | None = field(repr=False)
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ByGroup:
    """A duty somebody has because of a group their directory named when they last signed in."""

    subject: str
    provider_id: UUID
    group: str
    role: Role


async def listed(work: Transaction, cipher: Cipher, *, after: str, limit: int) -> list[Colleague]:
    """Return officials in the order of their subjects."""
    return [_colleague(cipher, row) for row in await work.fetch(_LISTED, after=after, limit=limit)]


async def named(work: Transaction, cipher: Cipher, subjects: Sequence[str]) -> list[Colleague]:
    """Return the officials with these subjects; whoever there is not is left out."""
    return [_colleague(cipher, row) for row in await work.fetch(_NAMED, subjects=list(subjects))]


async def by_group(work: Transaction, subjects: Sequence[str]) -> list[ByGroup]:
    """Return the duties these officials have by their groups, as last seen."""
    rows = await work.fetch(_BY_GROUP, subjects=list(subjects), states=list(IN_USE))
    return [
        ByGroup(
            subject=row["subject"],
            provider_id=row["provider_id"],
            group=row["claim_value"],
            role=_ROLES[row["role"]],
        )
        for row in rows
        if row["role"] in _ROLES
    ]


def _colleague(cipher: Cipher, row: Row) -> Colleague:
    name: bytes | None = row["display_name_sealed"]
    number: bytes | None = row["employee_id_sealed"]
    subject: str = row["subject"]
    return Colleague(
        subject=subject,
        display_name=cipher.decrypt(name, field=DISPLAY_NAME, row_id=subject) if name else None,
        employee_id=cipher.decrypt(number, field=EMPLOYEE_ID, row_id=subject) if number else None,
        first_seen_at=row["first_seen_at"],
        last_seen_at=row["last_seen_at"],
    )
