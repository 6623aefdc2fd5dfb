"""Whether the house can be worked in; whoever starts it or watches it asks here."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from foundation.telemetry import logger

from .call import Upstream

_log = logger(__name__)

Check = Callable[[], Awaitable[None]]

_OK: Final = 200
_VALID_SECONDS: Final = 0.5
_PATIENCE_SECONDS: Final = 2.0


class NotReady(Exception):
    """A part of the house says that it cannot work yet."""


class Readiness:
    """All parts asked at once; an answer is good for half a second, however many ask for it."""

    def __init__(
        self, checks: Mapping[str, Check], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._checks = checks
        self._clock = clock
        self._asking = asyncio.Lock()
        self._failing: list[str] = []
        self._asked_at = float("-inf")

    async def failing(self) -> list[str]:
        """Return the names of the parts that are not ready; none means ready."""
        async with self._asking:
            if self._clock() - self._asked_at >= _VALID_SECONDS:
                results = await asyncio.gather(
                    *(self._passes(name, check) for name, check in self._checks.items())
                )
                self._failing = [
                    name for name, ok in zip(self._checks, results, strict=True) if not ok
                ]
                self._asked_at = self._clock()
            return self._failing

    async def _passes(self, name: str, check: Check) -> bool:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await check()
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a part, it is not ready
            _log.info("not ready", part=name, failure=type(error).__name__)
            return False
        return True


def service_check(upstream: Upstream) -> Check:
    """Return a check that a service answers 200 at `/readyz`."""

    async def check() -> None:
        answer = await upstream.request("GET", "/readyz")
        if answer.status != _OK:
            raise NotReady

    return check
