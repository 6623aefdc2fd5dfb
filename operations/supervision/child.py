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

from .listening import PLACE, Bell, Listener

_POLL_S = 0.02
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
_LAST_ORDERS_S = 30.0
_HEALTHY_AFTER_S = 60.0  # a process that stood this long has earned a short pause again


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """What to run, under which variables: all of them, nothing is inherited from us."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    listen: str = ""
    """The address of a socket that is opened for it and outlives it; empty: it opens its own."""


class Child:
    """A running programme, in a session of its own so that Ctrl-C reaches it through us only."""

    def __init__(
        self, programme: Programme, *, log: Path, listener: Listener | None = None
    ) -> None:
        self.programme = programme
        self.listener = listener
        self._bell: Bell | None = None
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._began = 0.0
        self._pause_s = _FIRST_PAUSE_S
        self._due = 0.0
        self._asked_at = 0.0

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
        self._hang_bell()
        with self.log.open("ab") as record:
            self._process = subprocess.Popen(
                # Not asked but killed: work is done in transactions, and an orphan would serve on.
                tethered(
                    [self._placed(word) for word in self.programme.command],
                    on_orphaned=signal.SIGKILL,
                ),
                env={
                    name: self._placed(value) for name, value in self.programme.environment.items()
                },
                pass_fds=self._handed(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=record,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        if self._bell is not None:
            self._bell.started()
        self._began = time.monotonic()

    def successor(self) -> "Child":
        """Return the next generation, not started yet, for the same socket."""
        return Child(self.programme, log=self.log, listener=self.listener)

    def takes_requests(self) -> bool:
        """Whether it has said that it is ready; asked until it is true once."""
        return self._bell is not None and self._bell.has_rung()

    def _hang_bell(self) -> None:
        if self._bell is not None:
            self._bell.close()
        self._bell = None if self.listener is None else Bell.hung()

    def _handed(self) -> tuple[int, ...]:
        if self.listener is None or self._bell is None:
            return ()
        return self.listener.number, self._bell.told

    def _placed(self, text: str) -> str:
        if PLACE not in text or self.listener is None or self._bell is None:
            return text
        return text.replace(PLACE, f"fd:{self.listener.number}:{self._bell.told}")

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

    @property
    def is_overdue(self) -> bool:
        """Whether it was asked to stop long ago and has not."""
        return bool(self._asked_at) and time.monotonic() - self._asked_at > _LAST_ORDERS_S

    def ask_to_stop(self) -> None:
        self._asked_at = time.monotonic()
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
