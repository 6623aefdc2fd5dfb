"""What a service does between requests: jobs, seals, sweeps; started with it and ended with it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

from foundation.telemetry import logger

from .state import AppState

Background = Callable[[AppState], Coroutine[Any, Any, None]]

_FIRST_REST_SECONDS = 0.5
_LONGEST_REST_SECONDS = 30.0
_log = logger(__name__)


@asynccontextmanager
async def running(background: Sequence[Background], state: AppState) -> AsyncGenerator[None]:
    """Keep each piece of work going while the service serves; at the end, cancel and await it."""
    tasks = [asyncio.create_task(_kept_going(work, state)) for work in background]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _kept_going(work: Background, state: AppState) -> None:
    """Run it, and when it fails, say so, rest, and run it again; when it returns, it is done."""
    rest = _FIRST_REST_SECONDS
    while True:
        try:
            await work(state)
        except Exception as error:  # noqa: BLE001 - background work that dies silently is lost work
            _log.error("background work failed", work=_called(work), exc_info=error)
        else:
            return
        await asyncio.sleep(rest)
        rest = min(rest * 2, _LONGEST_REST_SECONDS)


def _called(work: Background) -> str:
    return getattr(work, "__qualname__", type(work).__qualname__)
