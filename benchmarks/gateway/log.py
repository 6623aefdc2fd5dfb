"""The access log of the benchmark: PostgreSQL as the product configures it, and one municipality.

Only the gateway's own processor time counts there, so writing the log is in its figure as far as
it is the gateway's work, and the database's is not.
"""

import asyncio
from contextlib import ExitStack
from pathlib import Path

import asyncpg

from benchmarks.journey.house import build
from operations.postgres import DATABASE

_DSN = "access-log.dsn"


def open_log(stack: ExitStack, folder: Path) -> None:
    """Start the database, enter municipality 1, and leave word of where it is."""
    cluster = build(stack, folder)
    asyncio.run(_enter(cluster.dsn("platform_owner", DATABASE)))
    (folder / _DSN).write_text(cluster.dsn("platform_app", DATABASE), encoding="utf-8")


def log_of(folder: Path) -> str:
    """Return where the gateway finds its database."""
    return (folder / _DSN).read_text("utf-8")


async def _enter(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(
            "INSERT INTO platform.tenants"
            " (tenant_id, kind, name, name_kana, prefecture_name, status)"
            " OVERRIDING SYSTEM VALUE VALUES (1, 'municipality', '北見市', '', '', 'live')"
        )
    finally:
        await connection.close()
