"""The line of the directory that a municipality is, and what its data comes to in its own terms."""

import json
from typing import Any, Final

import asyncpg

from foundation import clock

from .catalogue import Connection, Place
from .refusals import NoSuchMunicipality

_OF_CODE: Final = """
SELECT tenant_id FROM platform.tenant_codes
WHERE municipality_code = $1 AND valid_from <= $2
  AND (valid_until IS NULL OR valid_until > $2)
"""
_LINE: Final = "SELECT to_jsonb(t)::text FROM platform.tenants t WHERE tenant_id = $1"
_CODES: Final = """
SELECT municipality_code, valid_from::text, valid_until::text FROM platform.tenant_codes
WHERE tenant_id = $1 ORDER BY valid_from, municipality_code
"""
_TOTALS: Final = {
    "residents": "SELECT count(*) FROM registry.residents"
    " WHERE tenant_id = $1 AND resident_until IS NULL",
    "residents_ever": "SELECT count(*) FROM registry.residents WHERE tenant_id = $1",
    "households": "SELECT count(*) FROM registry.households WHERE tenant_id = $1",
    "programmes": "SELECT count(*) FROM benefits.programmes WHERE tenant_id = $1",
    "open_benefits": "SELECT count(*) FROM benefits.applications WHERE tenant_id = $1"
    " AND state NOT IN ('declined', 'refused', 'paid')",
    "open_benefits_yen": "SELECT coalesce(sum(amount_yen), 0)::bigint FROM benefits.applications"
    " WHERE tenant_id = $1 AND state NOT IN ('declined', 'refused', 'paid')",
    "paid_yen": "SELECT coalesce(sum(amount_yen), 0)::bigint FROM benefits.transfers"
    " WHERE tenant_id = $1 AND state = 'paid'",
    "cases": "SELECT count(*) FROM consultation.cases WHERE tenant_id = $1",
    "open_cases": "SELECT count(*) FROM consultation.cases"
    " WHERE tenant_id = $1 AND state <> 'closed'",
    "consultation_records": "SELECT count(*) FROM consultation.progress_records"
    " WHERE tenant_id = $1",
    "receptions": "SELECT count(*) FROM window_dx.receptions WHERE tenant_id = $1",
    "trail_entries": "SELECT count(*) FROM audit.entries WHERE tenant_id = $1",
}


async def place_of(connection: Connection, code: str) -> Place:
    """Return the municipality whose code this is today.

    Raises:
        NoSuchMunicipality: it is nobody's.
    """
    tenant_id = await connection.fetchval(_OF_CODE, code, clock.today())
    if tenant_id is None:
        raise NoSuchMunicipality(code)
    codes = await connection.fetch(_CODES, tenant_id)
    return Place(
        tenant_id=int(tenant_id),
        code=code,
        codes=tuple(dict.fromkeys(row["municipality_code"] for row in codes)),
    )


async def located(dsn: str, code: str) -> Place:
    """Return the municipality, asking on a connection of its own."""
    connection = await asyncpg.connect(dsn)
    try:
        return await place_of(connection, code)
    finally:
        await connection.close()


async def described(connection: Connection, place: Place) -> dict[str, Any]:
    """Return what the manifest says of the municipality: public knowledge."""
    line = await connection.fetchval(_LINE, place.tenant_id)
    codes = await connection.fetch(_CODES, place.tenant_id)
    return {
        "tenant_id": place.tenant_id,
        "code": place.code,
        "line": json.loads(line),
        "codes": [dict(row) for row in codes],
    }


async def totals_of(connection: Connection, tenant_id: int) -> dict[str, int]:
    """Return the figures by which a town recognises its own data."""
    return {
        name: int(await connection.fetchval(query, tenant_id)) for name, query in _TOTALS.items()
    }
