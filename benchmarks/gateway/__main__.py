"""`python -m benchmarks.gateway`: the cost of each way to one service, in one run.

Rounds of all contenders alternate, so that a disturbance of the machine strikes them alike; the
figure to compare is the processor time of the contender's own processes for one request.
"""

import argparse
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import uvloop

from foundation.identity import SigningKey

from .contenders import access_token, nginx_command
from .load import Seen, press

_MICROSECONDS = 1_000_000
_START_SECONDS = 20.0


@dataclass(slots=True)
class Contender:
    """One way to the service, its process, and what was seen of it."""

    name: str
    note: str
    port: int
    process: psutil.Process
    seen: list[Seen] = field(default_factory=list[Seen])
    cpu: list[float] = field(default_factory=list[float])

    def processor_seconds(self) -> float:
        """Return the processor time of the process and its children so far."""
        family = [self.process, *self.process.children(recursive=True)]
        return sum(sum(one.cpu_times()[:2]) for one in family)


def free_port() -> int:
    """Return a port that nobody listened at a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], port: int) -> Generator[psutil.Process]:
    """Start a process, wait until its port answers, and stop it at the end."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own commands
    try:
        _wait_for(port)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(port: int) -> None:
    until = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def contenders(stack: ExitStack, folder: Path) -> list[Contender]:
    """Start everybody; nginx only where it is installed."""

    def own(name: str) -> tuple[list[str], int]:
        port = free_port()
        module = "benchmarks.gateway.contenders"
        return [sys.executable, "-m", module, name, str(port), str(folder)], port

    started: list[Contender] = []

    def start(name: str, note: str, command: list[str], port: int) -> None:
        process = stack.enter_context(running(command, port))
        started.append(Contender(name, note, port, process))

    start("direct", "nobody between", *own("service"))
    start("gateway", "ours: token, tenant, limits, headers, figures", *own("gateway"))
    port = free_port()
    command = nginx_command(port, folder)
    if command is not None:
        start("nginx", "proxy_pass, no check at all", command, port)
    start("FastAPI + httpx", "catch-all route, shared client, no check", *own("catch-all"))
    return started


async def measure(
    everybody: list[Contender], question: bytes, *, rounds: int, connections: int, seconds: float
) -> None:
    """Press everybody in turn, once to warm up and then `rounds` times."""
    for number in range(rounds + 1):
        for one in everybody:
            before = one.processor_seconds()
            seen = await press(one.port, question, connections=connections, seconds=seconds)
            if number:
                one.seen.append(seen)
                one.cpu.append((one.processor_seconds() - before) / seen.answers * _MICROSECONDS)


def table(everybody: list[Contender]) -> str:
    """Return the medians, and the cost of each relative to ours."""
    ours = next(one for one in everybody if one.name == "gateway")
    base = statistics.median(ours.cpu)
    lines = [
        f"{'':16} {'CPU µs':>8} {'× ours':>7} {'req/s':>8} {'p50 ms':>8} {'p99 ms':>8}",
    ]
    for one in everybody:
        cpu = statistics.median(one.cpu)
        lines.append(
            f"{one.name:16} {cpu:8.1f} {cpu / base:7.2f}"
            f" {statistics.median(s.per_second for s in one.seen):8.0f}"
            f" {statistics.median(s.p50 for s in one.seen) * 1000:8.2f}"
            f" {statistics.median(s.p99 for s in one.seen) * 1000:8.2f}  {one.note}"
        )
    return "\n".join(lines)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateway", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--connections", type=int, default=32)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        key = SigningKey.load_or_create(folder / "access.pem", "ES256")
        question = (
            "GET /benefits/v1/programmes?limit=20 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            "Accept: application/json\r\nUser-Agent: benchmark\r\n"
            f"Authorization: Bearer {access_token(key)}\r\n\r\n"
        ).encode()
        everybody = contenders(stack, folder)
        uvloop.run(
            measure(
                everybody,
                question,
                rounds=chosen.rounds,
                connections=chosen.connections,
                seconds=chosen.seconds,
            )
        )
        print(table(everybody))


if __name__ == "__main__":
    main()
