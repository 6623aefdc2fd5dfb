"""What is done once a night beside the running house: the sandbox as it was on its first day.

A process of its own: the house is watched meanwhile, and whatever becomes of it stays in its log.
"""

import subprocess
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final

from foundation import clock

AT: Final = time(3, 0, tzinfo=clock.JST)
"""When nobody tries anything, and before the first developer is up."""


class Nightly:
    """One command, started every night at three in Japan, once; and now, too, if it is due."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        now: Callable[[], datetime] = clock.now,
        due: bool = False,
    ) -> None:
        self._command, self._log, self._now = tuple(command), log, now
        self._due = now() if due else following(now())
        self._running: subprocess.Popen[bytes] | None = None

    def look(self) -> None:
        """Start it if it is time; one that still runs is left to end."""
        if self.is_running or self._now() < self._due:
            return
        self._due = following(self._now())
        with self._log.open("ab") as log:
            self._running = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    @property
    def is_running(self) -> bool:
        return self._running is not None and self._running.poll() is None

    def stop(self) -> None:
        """End it, if it runs; what it did not do is done the next night."""
        if self._running is not None:
            self._running.terminate()
            self._running.wait()
            self._running = None


def following(now: datetime) -> datetime:
    """Return the next instant it is three at night in Japan."""
    today = datetime.combine(now.astimezone(clock.JST).date(), AT)
    return today if now < today else today + timedelta(days=1)
