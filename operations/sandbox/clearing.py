"""Takes away what was tried in the sandbox, so that its people meet their fixed outcomes again.

Vendors share one sandbox, and an answer given by one is an answer given for all. What a vendor can
bring about there is removed: what people were offered and answered, tickets, cases, sign-ins,
bindings and consents. What it stands on stays: its register, which nobody there may write, its
directories, the leave of every client, all keys, and the trail, from which nothing is removed.
"""

from collections.abc import Callable, Sequence
from typing import Final

import asyncpg

from foundation import audit
from foundation.database import Database
from foundation.identifiers import SANDBOX, TenantId, new_id
from foundation.tenancy import Tenancy
from operations.failures import Failure

EMPTIED: Final = ("benefits", "window_dx", "consultation", "platform")
"""Schemas in which something of a vendor's tries can be."""
KEPT: Final = frozenset(
    {
        "platform.tenant_codes",
        "platform.tenants",
        "platform.client_grants",
        "platform.access_requests",
        "platform.resident_issuers",
        "platform.business_issuers",
        "platform.official_issuers",
        "platform.role_mappings",
        "platform.identity_providers",
        "platform.provider_roles",
    }
)
"""Tables on which the sandbox stands: whose word is taken there, and who may act there."""

_SANDBOX = """
SELECT tenant_id FROM platform.tenants JOIN platform.tenant_codes USING (tenant_id)
WHERE municipality_code = $1 AND valid_until IS NULL AND environment = 'sandbox'
"""
_TABLES = """
SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname = $1 AND EXISTS (
  SELECT FROM pg_attribute a
  WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
)
"""
_TAKE_DOWN = "DELETE FROM platform.parameter_publications WHERE municipality_code = $1"
_TELL = "UPDATE platform.bulletin SET revision = revision + 1"


class NoSandbox(Failure):
    """This instance has no municipality that is none; nothing was touched."""

    def __init__(self) -> None:
        super().__init__(
            f"試験市({SANDBOX})がありません。何も消していません。",
            f"There is no sandbox ({SANDBOX}) here. Nothing was removed.",
            remedy_ja="`./tamaire up` で試験市を用意してください。",
            remedy="Set it up with `./tamaire up`.",
        )


async def clear(dsn: Callable[[str], str]) -> int:
    """Remove what was tried in the sandbox; return how many rows that were.

    One statement for each schema: what is interrupted is done again from where it stands.

    Args:
        dsn: the address of the database for a role.

    Raises:
        NoSandbox: there is none; nothing of any other municipality is ever touched.
    """
    tenant_id = await _tenant_id(dsn("platform_owner"))
    removed = 0
    for schema in EMPTIED:
        removed += await _empty(dsn(f"{schema}_owner"), schema, tenant_id)
    await _take_down(dsn("platform_owner"))
    await _note(dsn("platform_app"), tenant_id, removed)
    return removed


async def _tenant_id(owner_dsn: str) -> int:
    connection = await asyncpg.connect(owner_dsn)
    try:
        found = await connection.fetchval(_SANDBOX, str(SANDBOX))
    finally:
        await connection.close()
    if found is None:
        raise NoSandbox
    return int(found)


async def _empty(owner_dsn: str, schema: str, tenant_id: int) -> int:
    connection = await asyncpg.connect(owner_dsn)
    try:
        tables = [row[0] for row in await connection.fetch(_TABLES, schema)]
        emptied = _emptying([table for table in tables if table not in KEPT])
        return int(await connection.fetchval(emptied, tenant_id))
    finally:
        await connection.close()


async def _take_down(owner_dsn: str) -> None:
    """Remove what the sandbox laid down in public, and have every gateway read again."""
    connection = await asyncpg.connect(owner_dsn)
    try:
        await connection.execute(_TAKE_DOWN, str(SANDBOX))
        await connection.execute(_TELL)
    finally:
        await connection.close()


def _emptying(tables: Sequence[str]) -> str:
    """Return one statement that empties tables which lean on one another, also in a circle.

    What leans on what is looked at when a statement has ended, and then nothing does any more.
    """
    parts = [
        f"gone{number} AS (DELETE FROM {table} WHERE tenant_id = $1 RETURNING 1),"  # noqa: S608 - quoted by format()
        f" counted{number} AS (SELECT count(*) FROM gone{number})"
        for number, table in enumerate(tables)
    ]
    counts = " + ".join(f"(TABLE counted{number})" for number in range(len(tables)))
    return f"WITH {', '.join(parts)} SELECT {counts}"


async def _note(app_dsn: str, tenant_id: int, removed: int) -> None:
    """Leave in the trail that it happened; a trail that breaks off would look like a loss."""
    database = await Database.open(app_dsn, application_name="sandbox-reset", size=1)
    try:
        async with database.transaction(Tenancy(TenantId(tenant_id), SANDBOX)) as work:
            entry = audit.Entry(
                service="platform",
                action="platform.sandbox.reset",
                actor_kind="machine",
                actor="operations",
                client_id="operations",
                request_id=str(new_id()),
                object=str(SANDBOX),
                detail={"rows": removed},
            )
            await audit.record(work, entry)
    finally:
        await database.close()
