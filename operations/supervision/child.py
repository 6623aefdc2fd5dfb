"""One process of the house: started, watched, started again when it falls, stopped in order."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from operations.tether import tethered

_POLL_S = 0.02
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
_HEALTHY_AFTER_S = 60.0  # a process that stood this long has earned a short pause again


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """What to run, under which variables: all of them, nothing is inherited from us."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]


class Child:
    """A running programme, in a session of its own so that Ctrl-C reaches it through us only."""

    def __init__(self, programme: Programme, *, log: Path) -> None:
        self.programme = programme
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._began = 0.0
        self._pause_s = _FIRST_PAUSE_S
        self._due = 0.0

    @property
    def name(self) -> str:
        return self.programme.name

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def status(self) -> int | None:
        """The exit status, None while it runs."""
        return self._process.poll() if self._process else None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it; call from the main thread, whose end ends the child."""
        with self.log.open("ab") as record:
            self._process = subprocess.Popen(
                # Not asked but killed: work is done in transactions, and an orphan would serve on.
                tethered(self.programme.command, on_orphaned=signal.SIGKILL),
                env=dict(self.programme.environment),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=record,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._began = time.monotonic()

    def revive(self) -> bool:
        """Start it again if it has ended and its pause is over; tell whether that was done."""
        if self.is_running:
            return False
        moment = time.monotonic()
        if not self._due:
            if moment - self._began > _HEALTHY_AFTER_S:
                self._pause_s = _FIRST_PAUSE_S
            self._due = moment + self._pause_s
            self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)
        if moment < self._due:
            return False
        self._due = 0.0
        self.start()
        return True

    def ask_to_stop(self) -> None:
        self._signal(signal.SIGTERM)

    def stop(self, *, patience_s: float) -> None:
        """Wait for it to end as asked, then end it and everything it started."""
        if self._process is None or self._process.returncode is not None:
            return
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline and not self._has_ended():
            time.sleep(_POLL_S)
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _has_ended(self) -> bool:
        """Look without collecting: until it is collected, its number is nobody else's."""
        try:
            return psutil.Process(self.pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    def _signal(self, number: int) -> None:
        """Signal the whole process group: whatever it started belongs to it."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
