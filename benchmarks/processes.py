"""Processes of a benchmark: started together, stopped together, and asked what they have used."""

import os
import socket
import subprocess
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

_START_SECONDS = 30.0
_NANOSECONDS = 1_000_000_000


def free_port() -> int:
    """Return a port that nobody listened at a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return what a process is told, beside where programmes are found."""
    return {"PATH": os.defpath + ":/usr/local/bin", **variables}


@contextmanager
def running(
    command: list[str], port: int | Path, *, environment: Mapping[str, str] | None = None
) -> Generator[psutil.Process]:
    """Start a process, wait until its port or socket answers, and stop it at the end.

    Raises:
        RuntimeError: it does not answer within half a minute, or has ended.
    """
    process = subprocess.Popen(  # noqa: S603 - our own commands
        command, stdout=subprocess.DEVNULL, env=None if environment is None else {**environment}
    )
    try:
        _wait_for(port, process)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def processor_seconds(*heads: psutil.Process) -> float:
    """Return the processor time of processes and all their children so far.

    From `/proc/<pid>/task/*/schedstat`, which counts nanoseconds; the usual ticks of ten
    milliseconds would be a few hundred requests each.
    """
    family = {one.pid for head in heads for one in (head, *head.children(recursive=True))}
    return sum(_of(pid) for pid in family)


def _of(pid: int) -> float:
    total = 0
    for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(OSError):
            total += int(task.read_text("ascii").split()[0])
    return total / _NANOSECONDS


def _wait_for(port: int | Path, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _START_SECONDS
    while True:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args} ended with {process.returncode}.")
        try:
            _connect(port)
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def _connect(port: int | Path) -> None:
    if isinstance(port, int):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return
    with socket.socket(socket.AF_UNIX) as probe:
        probe.connect(str(port))
