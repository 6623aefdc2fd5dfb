"""Processes that a proof may kill: started as the house starts them, and killed as a crash does."""

import asyncio
import http.client
import os
import signal
import socket
import sys
import time
from collections.abc import Coroutine, Generator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import uvloop
from typing_extensions import override

from operations.postgres import Cluster
from operations.supervision.child import Child, Programme

ROOT = Path(__file__).parents[2]
_ANSWER_SECONDS = 1.0
_START_SECONDS = 90.0
_POLL_SECONDS = 0.02
_OK = 200


class Replica:
    """One of several processes that serve the same; start it from the thread that outlives it."""

    def __init__(
        self,
        name: str,
        *,
        command: tuple[str, ...],
        variables: Mapping[str, str],
        address: str,
        log: Path,
    ) -> None:
        environment = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}
        programme = Programme(
            name=name,
            command=(sys.executable, "-m", *command),
            environment={**environment, **variables},
        )
        self.programme = programme
        self._child = Child(programme, log=log)
        self.name = name
        self.address = address
        self.log = log

    @classmethod
    def of_service(
        cls, service: str, number: int, *, variables: Mapping[str, str], folder: Path
    ) -> "Replica":
        """Return the n-th process of a service, on a socket of its own in `folder`."""
        address = f"unix:{folder / f'{service}-{number}.sock'}"
        return cls(
            f"{service} {number}",
            command=("operations.serve", service),
            variables={**variables, "TAMAIRE_LISTEN": address},
            address=address,
            log=folder / f"{service}-{number}.log",
        )

    @property
    def is_running(self) -> bool:
        return self._child.is_running

    def start(self) -> None:
        self._child.start()

    def is_ready(self) -> bool:
        """Tell whether it lives and answers."""
        return self._child.is_running and _answers(self.address)

    def wait_until_ready(self) -> None:
        """Wait, for a minute and a half at most; a process that ended by itself is a failure."""
        deadline = time.monotonic() + _START_SECONDS
        while not self.is_ready():
            assert self._child.is_running, self.log.read_text("utf-8")[-2000:]
            assert time.monotonic() < deadline, f"{self.name} did not become ready"
            time.sleep(_POLL_SECONDS)

    def wait_until_it_answers(self) -> None:
        """Wait for whoever serves at this address, also if somebody else started it."""
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(self.address):
            assert time.monotonic() < deadline, f"{self.name} did not become ready"
            time.sleep(_POLL_SECONDS)

    def kill(self) -> None:
        """End it by SIGKILL, in the middle of whatever it is doing."""
        self._child.stop(patience_s=0)

    def errors(self) -> list[str]:
        """Return what it logged as an unforeseen failure; a start without a database is none."""
        if not self.log.exists():
            return []
        lines = self.log.read_text("utf-8", errors="replace").splitlines()
        return [line for line in lines if "unexpected failure" in line]


def kill_database(cluster: Cluster) -> None:
    """SIGKILL the server and every one of its processes at once, as a dying machine would.

    Stopped first, so that it cannot start another process between the look and the blow.
    """
    assert cluster.pid is not None
    postmaster = psutil.Process(cluster.pid)
    postmaster.suspend()
    everyone = [postmaster, *postmaster.children(recursive=True)]
    for process in everyone:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + _START_SECONDS
    while cluster.is_running or any(_lives(process) for process in everyone[1:]):
        assert time.monotonic() < deadline
        time.sleep(_POLL_SECONDS / 4)


@contextmanager
def meanwhile(work: Coroutine[Any, Any, Any]) -> Generator["Future[Any]"]:
    """Let clients work in a thread of their own; the main thread starts processes and kills them.

    Leaving the block waits for them; leaving it by an error sends them home first.
    """
    alive = _Cancellable(work)
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(alive.run)
        try:
            yield future
        except BaseException:
            alive.cancel()
            raise


class _Cancellable:
    """A coroutine run in another thread that can be called off from this one."""

    def __init__(self, work: Coroutine[Any, Any, Any]) -> None:
        self._work = work
        self._task: asyncio.Task[Any] | None = None
        self._runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)

    def run(self) -> Any:
        with self._runner as runner:
            return runner.run(self._remembered())

    def cancel(self) -> None:
        if self._task is not None:
            self._task.get_loop().call_soon_threadsafe(self._task.cancel)

    async def _remembered(self) -> Any:
        self._task = asyncio.current_task()
        return await self._work


class _UnixConnection(http.client.HTTPConnection):
    """http.client over a unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_ANSWER_SECONDS)
        self._path = path

    @override
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_ANSWER_SECONDS)
        self.sock.connect(self._path)


def _answers(address: str) -> bool:
    kind, _, place = address.partition(":")
    connection = (
        _UnixConnection(place)
        if kind == "unix"
        else http.client.HTTPConnection(place, timeout=_ANSWER_SECONDS)
    )
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status == _OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False
