"""The server process itself: our own child, waited for, and told apart from the dead of old."""

import signal
import subprocess
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psutil

from operations.failures import DiskFull
from operations.files import last_lines
from operations.tether import tethered

from .failures import DatabaseDidNotStart, DatabaseInUse
from .place import Place

_PID_FILE = "postmaster.pid"
_STATUS_LINE = 7  # miscadmin.h: LOCK_FILE_LINE_PM_STATUS, counted from nought
_POLL_S = 0.02
_LEAVING = timedelta(seconds=20)  # a server whose starter was killed is already shutting down
_QUIET = timedelta(seconds=3)  # after this long we say that recovery is under way
_RECOVERY = timedelta(minutes=30)
_FAST, _IMMEDIATE = timedelta(seconds=60), timedelta(seconds=10)

# The least a server needs; nothing of our own environment (proxies, tokens) reaches it.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


class Postmaster:
    """A running server. Its life ends with `stop`, or with the thread that called `start`."""

    def __init__(self, process: subprocess.Popen[bytes], data: Path, log: Path) -> None:
        self._process = process
        self._data = data
        self._log = log

    @classmethod
    def start(cls, place: Place, programs: Path, log: Path) -> "Postmaster":
        """Start the server on `place`; it is not yet ready when this returns.

        Raises:
            DatabaseInUse: another server serves the same data and does not go away.
        """
        clear_leftover(place.data)
        account = place.account
        command = [str(programs / "postgres"), "-D", str(place.data)]
        with log.open("ab") as record:
            process = subprocess.Popen(
                tethered(command, on_orphaned=signal.SIGINT, uid=account.uid, gid=account.gid),
                env=ENVIRONMENT,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=record,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C at the terminal is for us; we stop it in order
            )
        return cls(process, place.data, log)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def wait_until_ready(self, *, on_wait: Callable[[], None]) -> None:
        """Wait while the server recovers what a crash left; call `on_wait` once if it takes long.

        Raises:
            DiskFull: the server ended because nothing more could be written.
            DatabaseDidNotStart: the server ended, or recovery took more than half an hour.
        """
        began = time.monotonic()
        said = False
        while not self._is_ready():
            elapsed = timedelta(seconds=time.monotonic() - began)
            if not self.is_running or elapsed > _RECOVERY:
                self.stop()
                raise self._explanation()
            if elapsed > _QUIET and not said:
                on_wait()
                said = True
            time.sleep(_POLL_S)

    def stop(self) -> None:
        """Shut down without waiting for clients; insist if the server does not listen."""
        insistence = ((signal.SIGINT, _FAST), (signal.SIGQUIT, _IMMEDIATE), (signal.SIGKILL, None))
        for number, patience in insistence:
            if self.is_running:
                self._process.send_signal(number)
            try:
                self._process.wait(None if patience is None else patience.total_seconds())
            except subprocess.TimeoutExpired:
                continue
            return

    def _is_ready(self) -> bool:
        lines = _pid_file(self._data)
        written = len(lines) > _STATUS_LINE and lines[0] == str(self.pid)
        return written and lines[_STATUS_LINE].strip() == "ready"

    def _explanation(self) -> DiskFull | DatabaseDidNotStart:
        words = last_lines(self._log)
        if "No space left on device" in words:
            return DiskFull(self._data)
        return DatabaseDidNotStart(self._log, last_lines=words)


def clear_leftover(data: Path) -> None:
    """Remove the pid file of a server that no longer is.

    PostgreSQL itself refuses to start when the number in the file belongs to any living process
    of the same account: after a reboot, or in a container, that is often a stranger.

    Raises:
        DatabaseInUse: the number belongs to a living server of this very folder.
    """
    deadline = time.monotonic() + _LEAVING.total_seconds()
    while (pid := serving_pid(data)) is not None:
        if time.monotonic() > deadline:
            raise DatabaseInUse(data, pid=pid)
        time.sleep(_POLL_S * 5)
    (data / _PID_FILE).unlink(missing_ok=True)


def serving_pid(data: Path) -> int | None:
    """Return the process number of the server that has `data` as its own, if one lives."""
    lines = _pid_file(data)
    if not lines or not lines[0].lstrip("-").isdigit():
        return None
    try:
        process = psutil.Process(abs(int(lines[0])))
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return process.pid if Path(process.cwd()) == data else None
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return None
    except psutil.AccessDenied:
        return abs(int(lines[0]))


def _pid_file(data: Path) -> list[str]:
    try:
        return (data / _PID_FILE).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
