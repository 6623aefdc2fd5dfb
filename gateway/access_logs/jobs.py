"""The access log forgets by itself, beside the office's other work."""

import asyncio
from typing import Final

from foundation.telemetry import logger
from foundation.web import AppState, Background

from .service import forget_old

_EVERY_SECONDS: Final = 3_600.0
_log = logger(__name__)


def forgetting(days: int) -> Background:
    """Return the work of removing, once an hour, what is older than so many days."""

    async def keep_forgetting(state: AppState) -> None:
        while True:
            removed = await forget_old(state.database, days=days)
            if removed:
                _log.info("access log forgotten", lines=removed)
            await asyncio.sleep(_EVERY_SECONDS)

    return keep_forgetting
