"""The newest minute of the history: what the server has written but not handed over yet."""

import asyncio
from datetime import timedelta
from typing import Final

import asyncpg

from .cluster import Cluster
from .failures import HistoryNotKept, HistoryOff

_PATIENCE: Final = timedelta(seconds=60)
_POLL_S: Final = 0.05
# What is read again up to a minute stops at the first thing that was done after it.
_DO_SOMETHING: Final = "SELECT pg_current_xact_id()"
_CLOSE_PIECE: Final = "SELECT pg_walfile_name(pg_switch_wal())"
_LAST_FAILURE: Final = (
    "SELECT coalesce('archive_command: ' || last_failed_wal, '') FROM pg_stat_archiver"
)


async def handed_over(cluster: Cluster) -> None:
    """Return when every minute until now can be brought back.

    Raises:
        HistoryOff: no history is kept.
        HistoryNotKept: the server does not hand its log over.
    """
    if cluster.history.days == 0:
        raise HistoryOff
    connection = await asyncpg.connect(cluster.superuser_dsn())
    try:
        await connection.execute(_DO_SOMETHING)
        piece = str(await connection.fetchval(_CLOSE_PIECE))
        for _ in range(round(_PATIENCE.total_seconds() / _POLL_S)):
            if cluster.history.has(piece):
                return
            await asyncio.sleep(_POLL_S)
        raise HistoryNotKept(str(await connection.fetchval(_LAST_FAILURE)))
    finally:
        await connection.close()
