"""Whether the trail of the running house is still what was sealed."""

import asyncio
from pathlib import Path

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
    reports = asyncio.run(
        verify_all(
            database_of(folder, instance).dsn("audit_worker"),
            key=sealing_key(folder),
            witness_directory=witness(folder),
        )
    )
    for tenant, report in reports.items():
        found = ", ".join(f"{fault.kind} {fault.where}" for fault in report.faults)
        voice.note(
            f"自治体番号 {tenant}: {report.entries} 件、封印ずみ {report.sealed} 件、"
            + (found or "改ざんなし"),
            f"tenant {tenant}: {report.entries} entries, {report.sealed} sealed, "
            + (found or "nothing was changed"),
        )
    return not any(report.faults for report in reports.values())
