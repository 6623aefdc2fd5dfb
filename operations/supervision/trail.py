"""Whether the trail of the running house is still what was sealed."""

import asyncio
from pathlib import Path

import asyncpg

from operations.folder import DataFolder
from operations.sealing import verify_all
from operations.voice import Voice

from .databases import database_of
from .programmes import sealing_key, witness
from .status import running


def verify(data: Path, voice: Voice) -> bool:
    """Say for every sealed municipality whether its trail fits its seals; return whether all do.

    Raises:
        NotRunning: there is no instance on the data folder.
    """
    instance = running(data)
    folder = DataFolder(data.resolve())
    database = database_of(folder, instance)
    names = asyncio.run(_names(database.dsn("platform_app")))
    reports = asyncio.run(
        verify_all(
            database.dsn("audit_worker"),
            key=sealing_key(folder),
            witness_directory=witness(folder),
        )
    )
    for tenant, report in reports.items():
        found = ", ".join(f"{fault.kind} {fault.where}" for fault in report.faults)
        name = names.get(tenant, str(tenant))
        voice.note(
            f"{name}: {report.entries} 件、封印ずみ {report.sealed} 件、{found or '改ざんなし'}",
            f"{report.entries} entries, {report.sealed} sealed, {found or 'nothing was changed'}",
        )
    return not any(report.faults for report in reports.values())


async def _names(dsn: str) -> dict[int, str]:
    """Return what people call each tenant: its code of today, and its name."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            "SELECT tenant_id, municipality_code || ' ' || name AS called"
            " FROM platform.tenants JOIN platform.tenant_codes USING (tenant_id)"
            " WHERE valid_until IS NULL"
        )
    finally:
        await connection.close()
    return {row["tenant_id"]: row["called"] for row in rows}
