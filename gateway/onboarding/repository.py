"""What a municipality has from its first day: front ends, a directory, administrators."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    Integer,
    Text,
    Uuid,
    bindparam,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from foundation.database import Statement, Transaction, tenant_is
from gateway.duties.models import IdentityProviderRow, ProviderRoleRow
from gateway.models import ClientGrantRow, ClientRow

_TENANT: Final = bindparam("tenant_id", type_=Integer)
_AT: Final = bindparam("at", type_=DateTime(timezone=True))
_NAME: Final = "設置時の認証基盤"
# The house's own front ends, and of its machines those that were named; vendors ask for leave.
_GIVE_LEAVE: Final = Statement(
    "platform.client_grants.first",
    insert(ClientGrantRow)
    .from_select(
        ["tenant_id", "client_id", "scopes", "environment", "granted_at", "granted_by"],
        select(
            _TENANT,
            ClientRow.client_id,
            ClientRow.scopes,
            ClientRow.environment,
            _AT,
            literal("operator", Text),
        ).where(
            ClientRow.profile == "first_party",
            ClientRow.status == "active",
            ClientRow.environment == "production",
            or_(
                func.cardinality(ClientRow.redirect_uris) > 0,
                ClientRow.client_id == func.any(bindparam("machines", type_=ARRAY(Text))),
            ),
        ),
    )
    .on_conflict_do_nothing(),
)
_HAS_DIRECTORY: Final = Statement(
    "platform.identity_providers.any",
    select(IdentityProviderRow.id).where(tenant_is(IdentityProviderRow)).limit(1),
)
_DIRECTORY: Final = Statement(
    "platform.identity_providers.first",
    insert(IdentityProviderRow).values(
        tenant_id=_TENANT,
        id=bindparam("id", type_=Uuid),
        name=literal(_NAME, Text),
        issuer=bindparam("issuer"),
        client_id=bindparam("client_id"),
        acr_values=bindparam("acr_values"),
        claims=bindparam("claims", type_=JSONB),
        state=literal("active", Text),
        activated_at=_AT,
        changed_by=literal("operations", Text),
        changed_at=_AT,
    ),
)
_ROLE: Final = Statement(
    "platform.provider_roles.first",
    insert(ProviderRoleRow)
    .values(
        tenant_id=_TENANT,
        provider_id=bindparam("provider_id", type_=Uuid),
        claim_value=bindparam("group"),
        role=bindparam("role"),
    )
    .on_conflict_do_nothing(),
)


async def give_leave(tx: Transaction, machines: list[str], *, at: datetime) -> int:
    """Let the house's own front ends act there, and the machines that are named.

    Return how many may that could not before.
    """
    return await tx.execute(_GIVE_LEAVE, machines=machines, at=at)


async def add_directory(
    tx: Transaction, directory: dict[str, Any], roles: dict[str, str], *, provider_id: UUID
) -> bool:
    """Register the directory officials first sign in with; False if there is one."""
    if await tx.fetch_one(_HAS_DIRECTORY) is not None:
        return False
    await tx.execute(_DIRECTORY, id=provider_id, **directory)
    for group, role in roles.items():
        await tx.execute(_ROLE, provider_id=provider_id, group=group, role=role)
    return True
