"""Registrations nobody came back for are forgotten by themselves, beside the office's work."""

import asyncio
from typing import Final

from foundation import clock
from foundation.telemetry import logger
from foundation.web import AppState

from . import counts
from .endings import forget_silent

_EVERY_SECONDS: Final = 3_600.0
_log = logger(__name__)


async def forgetting_the_silent(state: AppState) -> None:
    """Delete, once an hour, the sandbox clients that were silent for 90 days."""
    while True:
        async with state.database.unbound() as work:
            forgotten = await forget_silent(work, now=clock.now())
            await counts.forget(work)
        if forgotten:
            _log.info("silent registrations forgotten", clients=forgotten)
        await asyncio.sleep(_EVERY_SECONDS)
