"""Providers, what their groups carry, and who could get in by them, as the database keeps it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    LargeBinary,
    Uuid,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from foundation.database import Row, Statement, Transaction, tenant_is
from foundation.encryption import Cipher, Field
from foundation.identity import Role
from gateway.duties.domain import GrantState
from gateway.duties.models import (
    IdentityProviderRow,
    OfficialAccountRow,
    ProviderRoleRow,
    RoleGrantRow,
)
from gateway.models import SessionRow

from .domain import Claims, IdentityProvider, MappedRole, ProviderState

CLIENT_SECRET = Field("platform.identity_providers.client_secret")
_MOST = 100
_ROLES = {role.value: role for role in Role}
NOBODY = UUID(int=0)

_COLUMNS = tuple(IdentityProviderRow.__table__.c)
_OURS = tenant_is(IdentityProviderRow)
_THIS = (_OURS, IdentityProviderRow.id == bindparam("provider_id", type_=Uuid))
_ADD = Statement(
    "platform.identity_providers.add",
    insert(IdentityProviderRow).values(
        {column.key: bindparam(column.key, type_=column.type) for column in _COLUMNS}
    ),
)
_ALL = Statement(
    "platform.identity_providers.all",
    select(*_COLUMNS).where(_OURS).order_by(IdentityProviderRow.id.desc()).limit(_MOST),
)
_ACTIVE = Statement(
    "platform.identity_providers.active",
    select(*_COLUMNS)
    .where(_OURS, IdentityProviderRow.state == ProviderState.ACTIVE.value)
    .order_by(IdentityProviderRow.id)
    .limit(_MOST),
)
_GET = Statement("platform.identity_providers.by_id", select(*_COLUMNS).where(*_THIS))
_LOCKED = Statement(
    "platform.identity_providers.locked", select(*_COLUMNS).where(*_THIS).with_for_update()
)
_KEEP = Statement(
    "platform.identity_providers.keep",
    update(IdentityProviderRow)
    .where(*_THIS)
    .values(
        {
            column.key: bindparam(column.key, type_=column.type)
            for column in _COLUMNS
            if column.key not in {"tenant_id", "id"}
        }
    ),
)
_MAPPING = Statement(
    "platform.provider_roles.of_provider",
    select(ProviderRoleRow.claim_value, ProviderRoleRow.role)
    .where(tenant_is(ProviderRoleRow), ProviderRoleRow.provider_id == bindparam("provider_id"))
    .order_by(ProviderRoleRow.claim_value, ProviderRoleRow.role),
)
_CLEAR = Statement(
    "platform.provider_roles.clear",
    delete(ProviderRoleRow).where(
        tenant_is(ProviderRoleRow), ProviderRoleRow.provider_id == bindparam("provider_id")
    ),
)
_MAP = Statement(
    "platform.provider_roles.add",
    insert(ProviderRoleRow).values(
        tenant_id=bindparam("tenant_id"),
        provider_id=bindparam("provider_id"),
        claim_value=bindparam("claim_value"),
        role=bindparam("role"),
    ),
)
_BY_GROUP = Statement(
    "platform.official_accounts.administrators_by_group",
    select(OfficialAccountRow.subject, OfficialAccountRow.provider_id, ProviderRoleRow.claim_value)
    .select_from(ProviderRoleRow)
    .join(
        IdentityProviderRow,
        and_(
            IdentityProviderRow.tenant_id == ProviderRoleRow.tenant_id,
            IdentityProviderRow.id == ProviderRoleRow.provider_id,
        ),
    )
    .join(
        OfficialAccountRow,
        and_(
            OfficialAccountRow.tenant_id == ProviderRoleRow.tenant_id,
            OfficialAccountRow.provider_id == ProviderRoleRow.provider_id,
        ),
    )
    .where(
        tenant_is(ProviderRoleRow),
        tenant_is(IdentityProviderRow),
        tenant_is(OfficialAccountRow),
        ProviderRoleRow.role == Role.ADMINISTRATOR.value,
        IdentityProviderRow.state == ProviderState.ACTIVE.value,
        ProviderRoleRow.claim_value == func.any(OfficialAccountRow.groups),
    ),
)
_BY_NAME = Statement(
    "platform.role_grants.administrators_by_name",
    select(OfficialAccountRow.subject, OfficialAccountRow.provider_id, RoleGrantRow.id)
    .select_from(RoleGrantRow)
    .join(
        OfficialAccountRow,
        and_(
            OfficialAccountRow.tenant_id == RoleGrantRow.tenant_id,
            OfficialAccountRow.subject == RoleGrantRow.subject,
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
        tenant_is(RoleGrantRow),
        tenant_is(OfficialAccountRow),
        tenant_is(IdentityProviderRow),
        RoleGrantRow.role == Role.ADMINISTRATOR.value,
        RoleGrantRow.state == GrantState.GRANTED.value,
        RoleGrantRow.starts_at <= bindparam("now"),
        or_(RoleGrantRow.ends_at.is_(None), RoleGrantRow.ends_at > bindparam("lasting")),
        IdentityProviderRow.state == ProviderState.ACTIVE.value,
    ),
)
_AHEAD = Statement(
    "platform.role_grants.ahead",
    select(RoleGrantRow.name_hash, RoleGrantRow.role).where(
        tenant_is(RoleGrantRow),
        RoleGrantRow.name_hash == func.any(bindparam("names", type_=ARRAY(LargeBinary))),
        RoleGrantRow.state == GrantState.GRANTED.value,
        RoleGrantRow.starts_at <= bindparam("now"),
        or_(RoleGrantRow.ends_at.is_(None), RoleGrantRow.ends_at > bindparam("now")),
    ),
)
_SESSIONS = Statement(
    "platform.sessions.open_of_provider",
    select(SessionRow.id)
    .select_from(OfficialAccountRow)
    .join(
        SessionRow,
        and_(
            SessionRow.tenant_id == OfficialAccountRow.tenant_id,
            SessionRow.person == OfficialAccountRow.person,
        ),
    )
    .where(
        tenant_is(OfficialAccountRow),
        tenant_is(SessionRow),
        OfficialAccountRow.provider_id == bindparam("provider_id", type_=Uuid),
        SessionRow.expires_at > bindparam("now"),
        SessionRow.ended_at.is_(None),
    ),
)


async def add(work: Transaction, cipher: Cipher, provider: IdentityProvider) -> None:
    """Enter a draft."""
    await work.execute(_ADD, id=provider.id, **_cells(cipher, provider))


async def keep(work: Transaction, cipher: Cipher, provider: IdentityProvider) -> None:
    """Write what has changed of a provider."""
    await work.execute(_KEEP, provider_id=provider.id, **_cells(cipher, provider))


async def everyone(work: Transaction, cipher: Cipher) -> list[IdentityProvider]:
    """Return all providers of the municipality, the last registered first."""
    return [_provider(cipher, row) for row in await work.fetch(_ALL)]


async def active(work: Transaction, cipher: Cipher) -> list[IdentityProvider]:
    """Return the providers a sign-in can begin with, the oldest first."""
    return [_provider(cipher, row) for row in await work.fetch(_ACTIVE)]


async def get(
    work: Transaction, cipher: Cipher, provider_id: UUID, *, to_change: bool = False
) -> IdentityProvider | None:
    """Return one provider; to change it, one that nobody else changes meanwhile."""
    row = await work.fetch_one(_LOCKED if to_change else _GET, provider_id=provider_id)
    return None if row is None else _provider(cipher, row)


async def mapping_of(work: Transaction, provider_id: UUID) -> list[MappedRole]:
    """Return which group carries which duty; a duty this house does not know is left out."""
    rows = await work.fetch(_MAPPING, provider_id=provider_id)
    return [
        MappedRole(row["claim_value"], _ROLES[row["role"]]) for row in rows if row["role"] in _ROLES
    ]


async def map_roles(work: Transaction, provider_id: UUID, mapping: Iterable[MappedRole]) -> None:
    """Replace what a provider's groups carry."""
    await work.execute(_CLEAR, provider_id=provider_id)
    rows = [
        {"provider_id": provider_id, "claim_value": one.group, "role": one.role.value}
        for one in dict.fromkeys(mapping)
    ]
    await work.execute_many(_MAP, rows)


async def administrators(
    work: Transaction,
    *,
    now: datetime,
    lasting: datetime,
    without_provider: UUID = NOBODY,
    without_grant: UUID = NOBODY,
    without_groups: Sequence[tuple[UUID, str]] = (),
) -> frozenset[str]:
    """Return who can sign in as an administrator, and still can after something is taken away.

    Args:
        work: the municipality's.
        now: a duty given by name counts once it has begun.
        lasting: and only if it does not end before this.
        without_provider: as if this provider were gone.
        without_grant: as if this grant were gone.
        without_groups: as if these groups, each of a provider, carried nothing.
    """
    by_group = await work.fetch(_BY_GROUP)
    by_name = await work.fetch(_BY_NAME, now=now, lasting=lasting)
    gone = set(without_groups)
    return frozenset(
        row["subject"]
        for row in by_group
        if row["provider_id"] != without_provider
        and (row["provider_id"], row["claim_value"]) not in gone
    ) | frozenset(
        row["subject"]
        for row in by_name
        if row["provider_id"] != without_provider and row["id"] != without_grant
    )


async def ahead(
    work: Transaction, names: Iterable[bytes], *, now: datetime
) -> dict[bytes, frozenset[Role]]:
    """Return the duties given by name, by the hash of the name."""
    found: dict[bytes, frozenset[Role]] = {}
    for row in await work.fetch(_AHEAD, names=list(names), now=now):
        if row["role"] in _ROLES:
            found[row["name_hash"]] = found.get(row["name_hash"], frozenset()) | {
                _ROLES[row["role"]]
            }
    return found


async def open_sessions(work: Transaction, provider_id: UUID, *, now: datetime) -> list[UUID]:
    """Return the sessions that began with a provider and have not ended."""
    return [row["id"] for row in await work.fetch(_SESSIONS, provider_id=provider_id, now=now)]


def _cells(cipher: Cipher, provider: IdentityProvider) -> dict[str, Any]:
    secret = provider.client_secret
    return {
        "name": provider.name,
        "issuer": provider.issuer,
        "client_id": provider.client_id,
        "client_authentication": provider.client_authentication,
        "client_secret_sealed": None
        if secret is None
        else cipher.encrypt(secret, field=CLIENT_SECRET, row_id=provider.id),
        "scope": provider.scope,
        "acr_values": provider.acr_values,
        "claims": {name: getattr(provider.claims, name) for name in Claims.__dataclass_fields__},
        "endpoints": None if provider.endpoints is None else dict(provider.endpoints),
        "algorithms": list(provider.algorithms),
        "own_callback": provider.own_callback,
        "state": str(provider.state),
        "discovered_at": provider.discovered_at,
        "tested_at": provider.tested_at,
        "activated_at": provider.activated_at,
        "retire_at": provider.retire_at,
        "retired_at": provider.retired_at,
        "drawn_by": provider.drawn_by,
        "written_by": sorted(provider.written_by),
        "changed_by": provider.changed_by,
        "changed_at": provider.changed_at,
        "version": provider.version,
    }


def _provider(cipher: Cipher, row: Row) -> IdentityProvider:
    sealed: bytes | None = row["client_secret_sealed"]
    given = {
        name: row[name]
        for name in IdentityProvider.__dataclass_fields__
        if name not in {"client_secret", "claims", "algorithms", "state", "written_by"}
    }
    return IdentityProvider(
        **given,
        client_secret=None
        if sealed is None
        else cipher.decrypt(sealed, field=CLIENT_SECRET, row_id=row["id"]),
        claims=Claims(**row["claims"]),
        algorithms=tuple(row["algorithms"]),
        written_by=frozenset(row["written_by"]),
        state=ProviderState(row["state"]),
    )
