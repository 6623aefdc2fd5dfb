"""`python -m benchmarks.gateway`: what one request costs each way of guarding a service.

Rounds of all contenders alternate, so that a disturbance of the machine strikes them alike; the
figure to compare is the processor time of the contender's own processes for one request.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from benchmarks.processes import free_port, processor_seconds, running
from benchmarks.wrk import Seen, press
from foundation.identity.key_ring import ACCESS_TOKENS, KeyRing

from .contenders import own_command, write_tokens
from .log import open_log
from .peers import (
    catch_all_command,
    fastify_command,
    haproxy_command,
    nginx_command,
    service_command,
)

_MICROSECONDS: Final = 1_000_000
_KNOWN, _FRESH, _STEP = 64, 24_000, 6_000
_OURS, _UNCACHED = "gateway", "gateway, no cache"
_CONTENDERS: Final[tuple[tuple[str, str, Callable[[int, Path], list[str]]], ...]] = (
    (_OURS, "ours, with everything on", lambda port, folder: own_command("gateway", port, folder)),
    (
        _UNCACHED,
        "the same, every token verified anew",
        lambda port, folder: own_command("uncached", port, folder),
    ),
    ("nginx", "proxy_pass, no check at all", nginx_command),
    ("HAProxy", "jwt_verify ES256 and exp, no cache, nothing else", haproxy_command),
    ("Fastify", "http-proxy, ES256 verification cached, nothing else", fastify_command),
    ("FastAPI + httpx", "catch-all route, shared client, no check", catch_all_command),
)
_GOALS: Final = (
    (_OURS, "HAProxy", 0.5),
    (_OURS, "Fastify", 0.5),
    (_OURS, "nginx", 3.5),
    (_UNCACHED, "HAProxy", 1.6),
)
"""Processor time per request of the first, at most so many times that of the second."""


@dataclass(slots=True)
class Contender:
    """One way to the service, its process, and what was seen of it."""

    name: str
    note: str
    port: int
    process: psutil.Process
    seen: list[Seen] = field(default_factory=list[Seen])
    costs: list[float] = field(default_factory=list[float])

    @property
    def cost(self) -> float:
        """Processor time per request in microseconds, the median of the rounds."""
        return statistics.median(self.costs)

    @property
    def p99(self) -> float:
        """Milliseconds within which ninety-nine of a hundred were answered, median of rounds."""
        return statistics.median(seen.p99 for seen in self.seen) * 1_000


def contenders(stack: ExitStack, folder: Path, only: list[str]) -> list[Contender]:
    """Start the service and everybody who is installed."""
    stack.enter_context(running(service_command(folder), folder / "service.sock"))
    started: list[Contender] = []
    for name, note, command_for in _CONTENDERS:
        if only and name not in only:
            continue
        port = free_port()
        try:
            process = stack.enter_context(running(command_for(port, folder), port))
        except FileNotFoundError as missing:
            print(f"{name} is left out: {missing} is not installed.", file=sys.stderr)
            continue
        started.append(Contender(name, note, port, process))
    return started


def measure(everybody: list[Contender], folder: Path, *, rounds: int, seconds: float) -> None:
    """Press everybody in turn, once to warm up and then `rounds` times."""
    script = Path(__file__).with_name("asking.lua")
    for number in range(rounds + 1):
        variables = {
            "TOKENS": str(folder / "tokens"),
            "KNOWN": str(_KNOWN),
            "SKIP": str(number * _STEP % _FRESH),
        }
        for one in everybody:
            before = processor_seconds(one.process)
            seen = press(one.port, script, connections=32, seconds=seconds, variables=variables)
            used = processor_seconds(one.process) - before
            if number:
                one.seen.append(seen)
                one.costs.append(used / seen.answers * _MICROSECONDS)


def table(everybody: list[Contender]) -> str:
    """Return the medians, and the cost of each relative to ours."""
    base = next((one.cost for one in everybody if one.name == _OURS), everybody[0].cost)
    lines = [f"{'':18} {'CPU µs':>8} {'× ours':>7} {'req/s':>8} {'p50 ms':>8} {'p99 ms':>8}"]
    lines += [
        f"{one.name:18} {one.cost:8.1f} {one.cost / base:7.2f}"
        f" {statistics.median(s.per_second for s in one.seen):8.0f}"
        f" {statistics.median(s.p50 for s in one.seen) * 1000:8.2f}"
        f" {one.p99:8.2f}  {one.note}"
        for one in everybody
    ]
    return "\n".join(lines)


def verdicts(everybody: list[Contender]) -> list[tuple[str, bool]]:
    """Return each promise that can be judged in this run, and whether it was kept."""
    named = {one.name: one for one in everybody}
    judged = [
        (
            f"{ours} ≤ {most} × {peer}: {named[ours].cost / named[peer].cost:.2f}",
            named[ours].cost <= most * named[peer].cost,
        )
        for ours, peer, most in _GOALS
        if {ours, peer} <= named.keys()
    ]
    if {_OURS, "HAProxy"} <= named.keys():
        ours, theirs = named[_OURS].p99, named["HAProxy"].p99
        judged.append((f"p99 ≤ HAProxy's: {ours:.2f} ms, {theirs:.2f} ms", ours <= theirs))
    return judged


def main() -> int:
    """Run, print, and return how many promises were not kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateway", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--only", action="append", default=[], metavar="CONTENDER")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        key = KeyRing.load_or_create(folder, ACCESS_TOKENS).signing
        (folder / "access.pem").write_bytes(key.pem())
        write_tokens(key, folder, known=_KNOWN, fresh=_FRESH)
        open_log(stack, folder)
        everybody = contenders(stack, folder, chosen.only)
        measure(everybody, folder, rounds=chosen.rounds, seconds=chosen.seconds)
    print(table(everybody))
    judged = verdicts(everybody)
    for text, kept in judged:
        print(f"{'kept  ' if kept else 'BROKEN'}  {text}")
    return sum(not kept for _, kept in judged)


if __name__ == "__main__":
    sys.exit(main())
