"""What is read while more and more municipalities come on board: one resident, and a page."""

from collections.abc import Sequence
from typing import Any, Final

import asyncpg
from sqlalchemy import bindparam, select

from foundation.database import Statement, tenant_is
from services.registry.residents.models import ResidentRow

_ROW: Final = (ResidentRow.id, ResidentRow.name_display, ResidentRow.name_kana)
POINT: Final = Statement(
    "benchmark.residents.one",
    select(*_ROW).where(
        tenant_is(ResidentRow), ResidentRow.resident_number == bindparam("resident_number")
    ),
)
LIST: Final = Statement(
    "benchmark.residents.page",
    select(*_ROW)
    .where(tenant_is(ResidentRow), ResidentRow.resident_number > bindparam("after"))
    .order_by(ResidentRow.resident_number)
    .limit(50),
)
_EMPTY: Final[dict[str, str]] = {
    "text": "''",
    "boolean": "false",
    "bytea": "'\\x'::bytea",
    "integer": "1",
    "uuid": "uuidv7()",
    "date": "date '1980-04-01'",
    "smallint": "1",
    "timestamp with time zone": "now()",
}


async def residents_for(dsn: str, tenants: Sequence[int], each: int) -> None:
    """Give each municipality as many residents, with what a row must have."""
    connection: Any = await asyncpg.connect(dsn)
    try:
        needed = await connection.fetch(
            "SELECT attname, format_type(atttypid, NULL) AS type FROM pg_attribute WHERE attrelid"
            " = 'registry.residents'::regclass AND attnum > 0 AND attnotnull AND NOT atthasdef"
            " AND NOT attisdropped"
        )
        row = {column["attname"]: _EMPTY.get(column["type"], "''") for column in needed}
        row |= {
            "tenant_id": "t.tenant_id",
            "resident_number": "lpad(n::text, 10, '0')",
            "name_display": "'住民' || n",
            "birth_precision": "'day'",
            "gender": "'9'",
            "nationality_kind": "'japanese'",
            "tax_status": "'unknown'",
        }
        # Their households are not what is read here.
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(
            f"INSERT INTO registry.residents ({', '.join(row)}) SELECT {', '.join(row.values())}"  # noqa: S608 - the columns are the table's own
            " FROM unnest($1::int[]) AS t(tenant_id), generate_series(0, $2::int - 1) AS n",
            list(tenants),
            each,
        )
        await connection.execute("ANALYZE registry.residents")
    finally:
        await connection.close()
