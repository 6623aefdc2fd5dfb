"""Rows of many towns in every table, so that the planner has something to weigh.

Their words mean nothing. What counts is that there are many of them and that they differ.
"""

from typing import Any

import asyncpg

TOWNS, ROWS = 20, 150

_COLUMNS = """
    SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
    WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped
    AND attgenerated = '' AND attidentity = '' AND attname <> 'tenant_id'
"""
_RULES = """
    SELECT conname FROM pg_constraint WHERE conrelid = $1::text::regclass AND contype IN ('c', 'f')
"""
_DIFFERENT = {
    "text": "md5(random()::text)",
    "uuid": "uuidv7()",
    "bytea": "decode(md5(random()::text), 'hex')",
    "jsonb": "jsonb_build_object('n', n)",
    "boolean": "n % 2 = 0",
    "date": "current_date - n",
    "timestamp with time zone": "now() - n * interval '1 hour'",
    "text[]": "ARRAY[n::text]",
    "uuid[]": "ARRAY[uuidv7()]",
    "bytea[]": "ARRAY[decode(md5(random()::text), 'hex')]",
    "integer": "n",
    "integer[]": "ARRAY[n]",
    "bigint": "n",
    "smallint": "n",
}


async def live_in(connection: "asyncpg.Connection[Any]", table: str) -> None:
    """Fill a tenant's table, whatever its rules ask of a row, and let the planner count it."""
    for rule in await connection.fetch(_RULES, table):
        await connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{rule["conname"]}"')
    columns = await connection.fetch(_COLUMNS, table)
    names = ", ".join(("tenant_id", *(column["name"] for column in columns)))
    values = ", ".join(("t", *(_DIFFERENT[column["type"]] for column in columns)))
    await connection.execute(
        f"INSERT INTO {table} ({names}) SELECT {values}"
        f" FROM generate_series(1, {TOWNS}) AS t, generate_series(1, {ROWS}) AS n"
        " ON CONFLICT DO NOTHING"
    )
    await connection.execute(f"ANALYZE {table}")
