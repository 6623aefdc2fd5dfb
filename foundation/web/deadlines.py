"""How long the work of a request may take: what is left of the time its caller has.

The gateway says how much that is. What is not done by then is undone, so that nobody's row stays
locked, and no connection busy, for an answer nobody waits for.
"""

import asyncio
import re
from types import TracebackType
from typing import Final

from starlette.types import Scope

from foundation.database import DatabaseBusy
from foundation.problems import DeadlineExceeded

LEFT: Final = b"tamaire-time-left"
"""Milliseconds, from when the request is here whole. It is written by the gateway alone."""
USUAL_SECONDS: Final = 30.0

_MILLISECONDS: Final = re.compile(rb"[0-9]{1,7}")


class Deadline:
    """Used as `async with` around the work and within its transaction, so never around the commit.

    A commit that was sent may have happened, and must not be answered as if it had not.
    """

    __slots__ = ("_limit", "until")

    def __init__(self, scope: Scope, *, most: float) -> None:
        seconds = most
        for name, value in scope["headers"]:
            if name == LEFT:
                if _MILLISECONDS.fullmatch(value) is not None:
                    seconds = min(most, int(value) / 1_000)
                break
        self.until = asyncio.get_running_loop().time() + seconds
        """The loop's time at which it passes."""
        self._limit = asyncio.timeout_at(self.until)

    async def __aenter__(self) -> None:
        await self._limit.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Turn the passing of the deadline into what is answered.

        Raises:
            DeadlineExceeded: it passed here, or in the database, which knows it too.
        """
        try:
            await self._limit.__aexit__(kind, error, traceback)
        except TimeoutError as late:
            raise DeadlineExceeded from late
        if isinstance(error, DatabaseBusy) and self.has_passed:
            raise DeadlineExceeded from error

    @property
    def has_passed(self) -> bool:
        return asyncio.get_running_loop().time() >= self.until
