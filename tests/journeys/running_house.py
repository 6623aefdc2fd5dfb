"""A whole house in a folder of its own, as the first command starts it, for journeys through it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[2]
READY_WITHIN_S = 180.0
PLAYED_WITHIN_S = 120.0
TAMAIRE = str(ROOT / "tamaire")


def environment() -> dict[str, str]:
    """Return what a process of the house needs of ours: a way to an interpreter, nothing else."""
    return {"PATH": os.environ["PATH"]}  # noqa: TID251 - an interpreter has to be found


class RunningHouse:
    """One `tamaire up`, and what a bystander can do to it."""

    def __init__(self, data: Path, *, port: int) -> None:
        self.data = data
        self.port = port
        self._up = subprocess.Popen(
            [TAMAIRE, "up", "--json", "--data", str(data), "--port", str(port)],
            cwd="/",
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def wait(self) -> None:
        """Wait for the one JSON object that says the house is ready."""
        assert self._up.stdout is not None
        answer: dict[str, Any] = json.loads(self._up.stdout.readline())
        assert answer["ready"] is True, answer

    def demo(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Play, and give back what was said."""
        return subprocess.run(
            [TAMAIRE, "demo", *arguments, "--data", str(self.data)],
            cwd="/",
            env=environment(),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=PLAYED_WITHIN_S,
            check=False,
        )

    def begin_demo(self) -> subprocess.Popen[str]:
        """Begin to play everything and leave it running."""
        return subprocess.Popen(
            [TAMAIRE, "demo", "--data", str(self.data)],
            cwd="/",
            env=environment() | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def is_ready(self) -> bool:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as connection:
            try:
                connection.request("GET", "/readyz")
                return connection.getresponse().status == 200
            except OSError:
                return False

    def supervisor(self) -> psutil.Process:
        return psutil.Process(self._up.pid)

    def service(self, name: str) -> psutil.Process:
        """Return the process of a service."""
        (found,) = [one for one in self.supervisor().children() if name in one.cmdline()]
        return found

    def stop(self) -> int:
        """End the house as Ctrl-C does, and return its exit status."""
        with suppress(ProcessLookupError):
            self._up.send_signal(signal.SIGINT)
        self._up.communicate(timeout=60)
        return self._up.returncode

    def processes(self) -> list[str]:
        """Name every process that has to do with the data folder."""
        found: list[str] = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                words = [*process.cmdline(), *process.environ().values(), process.cwd()]
                ours = any(str(self.data) in word for word in words)
                if ours and process.pid != os.getpid() and process.status() != "zombie":
                    found.append(" ".join(process.cmdline()))
        return found

    def erase(self) -> None:
        """Remove everything it kept."""
        command = [TAMAIRE, "down", "--erase", "--json", "--data", str(self.data)]
        subprocess.run(command, check=False, capture_output=True, env=environment())


def free_pair() -> int:
    """Return a port that is free together with the next one, and that nobody else is given."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as first:
            port = int(first.getsockname()[1])
            with suppress(OSError), socket.create_server(("127.0.0.1", port + 1)):
                return port


def eventually(condition: Callable[[], bool], *, within_s: float) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
