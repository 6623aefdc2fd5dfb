"""Sockets that outlive the processes behind them, so that a restart refuses nobody."""

import os
import socket
from dataclasses import dataclass, field
from pathlib import Path

_BACKLOG = 1024
PLACE = "{socket}"
"""Where a programme's command or variables want to be told of its socket."""


@dataclass(frozen=True, slots=True)
class Listener:
    """One listening socket, opened for a programme and handed to each of its generations."""

    address: str
    _socket: socket.socket = field(repr=False)

    @classmethod
    def open(cls, address: str) -> "Listener":
        """Listen at `unix:/path`, with mode 0600, or `tcp:HOST:PORT`.

        Raises:
            OSError: the address cannot be had.
        """
        kind, _, place = address.partition(":")
        opened = _unix(Path(place)) if kind == "unix" else _tcp(place)
        opened.listen(_BACKLOG)
        opened.settimeout(0)
        return cls(address, opened)

    @property
    def number(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()


@dataclass(slots=True)
class Bell:
    """A pipe at whose one end we wait until a new process says that it is ready."""

    heard: int
    told: int

    @classmethod
    def hung(cls) -> "Bell":
        heard, told = os.pipe()
        os.set_blocking(heard, False)
        return cls(heard, told)

    def started(self) -> None:
        """Let go of the process's end, once the process has it."""
        os.close(self.told)

    def has_rung(self) -> bool:
        try:
            return bool(os.read(self.heard, 16))
        except BlockingIOError:
            return False

    def close(self) -> None:
        os.close(self.heard)


def _unix(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        opened.bind(str(path))
    finally:
        os.umask(before)
    return opened


def _tcp(place: str) -> socket.socket:
    host, _, port = place.rpartition(":")
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opened.bind((host, int(port)))
    return opened
