"""All municipalities of Japan at once: set-based, in one transaction, after their keys are made.

Each has in its own trail who did it, as if it had been asked for alone.
"""

import asyncio
import json
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import asyncpg

from foundation import audit, clock
from foundation.encryption import Keyring
from foundation.identifiers import TenantId, new_id

if TYPE_CHECKING:
    Connection = asyncpg.Connection[Any]
else:
    Connection = asyncpg.Connection  # generic in its stubs only

SERVICES: Final = ("registry", "benefits", "window_dx", "consultation", "platform")
_MESSAGE: Final = ("試用を開始しました。", "The municipality came on board, on trial.")
_LISTED: Final = """
SELECT t.tenant_id, c.municipality_code AS code
FROM platform.tenants t JOIN platform.tenant_codes c USING (tenant_id)
WHERE t.status = 'listed' AND t.kind = 'municipality' AND t.environment = 'production'
  AND c.valid_until IS NULL
  AND ($1::text IS NULL OR left(c.municipality_code, 2) = $1)
ORDER BY c.municipality_code FOR UPDATE OF t
"""
_ONBOARD: Final = """
UPDATE platform.tenants SET status = 'trial', onboarded_at = $2, state_since = $2,
  membership_version = membership_version + 1
WHERE tenant_id = ANY ($1::int[])
"""
_LEAVE: Final = """
INSERT INTO platform.client_grants
  (tenant_id, client_id, scopes, environment, granted_at, granted_by)
SELECT t.tenant_id, c.client_id, c.scopes, c.environment, $2, 'operator'
FROM unnest($1::int[]) AS t(tenant_id) CROSS JOIN platform.clients c
WHERE c.profile = 'first_party' AND c.status = 'active' AND c.environment = 'production'
  AND cardinality(c.redirect_uris) > 0
ON CONFLICT DO NOTHING
"""
_NOTICES: Final = """
INSERT INTO platform.membership_notices
  (id, municipality_code, act, state_before, state, occurred_at, message_ja, message_en)
SELECT n.id, n.code, 'onboard', 'listed', 'trial', $3, $4, $5
FROM unnest($1::uuid[], $2::text[]) AS n(id, code)
"""
_EVENTS: Final = """
INSERT INTO platform.outbox (tenant_id, type, subject_id, data, occurred_at)
SELECT e.tenant_id, 'platform.membership.changed.v1', e.id, $3::jsonb, $4
FROM unnest($1::int[], $2::uuid[]) AS e(tenant_id, id)
"""
_DATA: Final = json.dumps({"act": "onboard", "state_before": "listed", "state": "trial"})
_ACTION: Final = "platform.membership.onboard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """How many came, and what it took: seconds for keys, and for rows."""

    municipalities: int
    keys_s: float
    rows_s: float


async def onboard_all(
    administrator_dsn: str, keys: Path, *, by: str, prefecture: str | None = None
) -> Arrived:
    """Take on every municipality that is only listed; those on board stay as they are.

    Args:
        administrator_dsn: the database's administrator, who alone writes in every trail at once.
        keys: the folder with each service's keys.
        by: who does it, for the trails.
        prefecture: only those of one prefecture, by the first two digits of its code.
    """
    connection = await asyncpg.connect(administrator_dsn)
    try:
        async with connection.transaction():
            found = await connection.fetch(_LISTED, prefecture)
            tenants = [TenantId(row["tenant_id"]) for row in found]
            began = time.monotonic()
            # First: keys that no row refers to harm nobody.
            await asyncio.to_thread(_make_keys, keys, tenants)
            made = time.monotonic()
            await _write(connection, tenants, [row["code"] for row in found], by=by)
        done = time.monotonic()
    finally:
        await connection.close()
    return Arrived(municipalities=len(tenants), keys_s=made - began, rows_s=done - made)


def _make_keys(keys: Path, tenants: Sequence[TenantId]) -> None:
    """Make keys that a power cut takes from nobody; each service fills its folders by and by."""

    def make(service: str) -> None:
        Keyring(keys / service).create_all(tenants)

    with ThreadPoolExecutor(len(SERVICES)) as pool:
        list(pool.map(make, SERVICES))


async def _write(
    connection: Connection, tenants: Sequence[TenantId], codes: Sequence[str], *, by: str
) -> None:
    at, numbers = clock.now(), [int(tenant) for tenant in tenants]
    notices = [new_id() for _ in tenants]
    await connection.execute(_ONBOARD, numbers, at)
    await connection.execute(_LEAVE, numbers, at)
    await connection.execute(_NOTICES, notices, list(codes), at, *_MESSAGE)
    await connection.execute(_EVENTS, numbers, notices, _DATA, at)
    await _note(connection, zip(tenants, codes, strict=True), by=by)
    await connection.execute("UPDATE platform.bulletin SET revision = revision + 1")


async def _note(connection: Connection, places: Iterable[tuple[TenantId, str]], *, by: str) -> None:
    """Write one entry into each trail."""
    rows: list[dict[str, Any]] = []
    for tenant_id, code in places:
        entry = audit.Entry(
            service="platform",
            action=_ACTION,
            actor_kind="machine",
            actor=by,
            client_id="operator",
            request_id=str(new_id()),
            object=code,
        )
        rows.append({"tenant_id": int(tenant_id), **entry.row(tenant_id)})
    if rows:
        columns = list(rows[0])
        await connection.set_type_codec(
            "jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads
        )
        places_of = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
        await connection.executemany(
            f"INSERT INTO audit.entries ({', '.join(columns)}) VALUES ({places_of})",  # noqa: S608 - the columns are the trail's own
            [tuple(row.values()) for row in rows],
        )
