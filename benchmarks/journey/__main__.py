"""`python -m benchmarks.journey`: a read and a write from the door to the rows and back.

Sign-in is not part of it. Everybody is asked for the same rows of the same database in the same
run, in turns; what counts is the processor time of all processes together for one request: ours of
gateway, service and PostgreSQL, a peer's of its own processes and PostgreSQL.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from benchmarks.gateway.contenders import public_pem
from benchmarks.processes import free_port, processor_seconds
from benchmarks.wrk import Seen, press

from .house import House, build, furnish, open_gateway, open_service, signing_key, token
from .peers import PeerMissing, let_in, open_django, open_postgraphile

_MICROSECONDS: Final = 1_000_000
_OFFICIALS: Final = 32
_DRAFTS, _STEP = 60_000, 7_000
_OURS, _POSTGRAPHILE, _DJANGO = "ours", "postgraphile", "django"
_GOALS: Final = (
    ("read", _POSTGRAPHILE, 1.8),
    ("read", _DJANGO, 6.0),
    ("write", _POSTGRAPHILE, 1.5),
    ("write", _DJANGO, 4.0),
)
"""Requests per processor second of ours, at least so many times a peer's."""
_LONGEST_TAIL: Final = 5.0


@dataclass(slots=True)
class Contender:
    """One stack: where it is asked, its processes, and what was seen of it, by kind of request."""

    name: str
    port: int
    processes: tuple[psutil.Process, ...]
    first_draft: int
    costs: dict[str, list[list[float]]] = field(default_factory=dict[str, list[list[float]]])
    seen: dict[str, list[Seen]] = field(default_factory=dict[str, list[Seen]])

    def cost(self, kind: str) -> float:
        """Processor time of all processes per request in microseconds, median of the rounds."""
        return statistics.median(sum(parts) for parts in self.costs[kind])

    def median(self, kind: str, figure: Callable[[Seen], float]) -> float:
        return statistics.median(figure(seen) for seen in self.seen[kind])


def contenders(stack: ExitStack, house: House, *, venv: Path | None) -> list[Contender]:
    """Start ours, and each peer that is installed."""
    database, port = house.postmaster, free_port()
    key = signing_key(house)
    (house.folder / "access.pem").write_bytes(key.pem())
    (house.folder / "access.public.pem").write_bytes(public_pem(house.folder / "access.pem"))
    service = open_service(stack, house)
    gateway = open_gateway(stack, house, port)
    issuer, now = f"http://127.0.0.1:{port}", int(time.time())
    tokens = [token(key, issuer=issuer, number=n, now=now) for n in range(_OFFICIALS)]
    (house.folder / "tokens").write_text("\n".join(tokens) + "\n", "ascii")
    (house.folder / "drafts").write_text("\n".join(map(str, house.drafts)) + "\n", "ascii")
    started = [Contender(_OURS, port, (gateway, service, database), 0)]
    try:
        asyncio.run(let_in(house))
        port = free_port()
        process = open_postgraphile(stack, house, port)
        started.append(Contender(_POSTGRAPHILE, port, (process, database), _DRAFTS // 2))
    except PeerMissing as missing:
        print(f"{_POSTGRAPHILE} is left out: {missing}.", file=sys.stderr)
    try:
        port = free_port()
        process = open_django(stack, house, port, venv=venv)
        started.append(Contender(_DJANGO, port, (process, database), 0))
    except PeerMissing as missing:
        print(f"{_DJANGO} is left out: {missing}.", file=sys.stderr)
    return started


def measure(
    everybody: list[Contender], house: House, kind: str, *, rounds: int, seconds: float
) -> None:
    """Press everybody in turn, once to warm up and then `rounds` times."""
    script = Path(__file__).with_name("asking.lua")
    for number in range(rounds + 1):
        for one in everybody:
            variables = {
                "TOKENS": str(house.folder / "tokens"),
                "DRAFTS": str(house.folder / "drafts"),
                "KIND": kind,
                "PEER": one.name,
                "SKIP": str(one.first_draft + number * _STEP),
            }
            before = [processor_seconds(process) for process in one.processes]
            seen = press(one.port, script, connections=32, seconds=seconds, variables=variables)
            after = [processor_seconds(process) for process in one.processes]
            if number:
                spent = [
                    (late - early) / seen.answers * _MICROSECONDS
                    for early, late in zip(before, after, strict=True)
                ]
                one.costs.setdefault(kind, []).append(spent)
                one.seen.setdefault(kind, []).append(seen)


def table(everybody: list[Contender], kind: str) -> str:
    """Return the medians; the parts are each process's own, PostgreSQL's last."""
    lines = [
        f"{kind:14} {'CPU µs':>8} {'/CPU s':>8} {'req/s':>8} {'p50 ms':>8} {'p99 ms':>8}  parts"
    ]
    for one in everybody:
        cost = one.cost(kind)
        parts = [statistics.median(part) for part in zip(*one.costs[kind], strict=True)]
        lines.append(
            f"{one.name:14} {cost:8.0f} {_MICROSECONDS / cost:8.0f}"
            f" {one.median(kind, lambda seen: seen.per_second):8.0f}"
            f" {one.median(kind, lambda seen: seen.p50) * 1000:8.2f}"
            f" {one.median(kind, lambda seen: seen.p99) * 1000:8.2f}"
            f"  {' + '.join(f'{part:.0f}' for part in parts)}"
        )
    return "\n".join(lines)


def verdicts(everybody: list[Contender]) -> list[tuple[str, bool]]:
    """Return each promise that can be judged in this run, and whether it was kept."""
    named = {one.name: one for one in everybody}
    ours = named[_OURS]
    judged: list[tuple[str, bool]] = []
    for kind, peer, least in _GOALS:
        if peer in named:
            times = named[peer].cost(kind) / ours.cost(kind)
            judged.append((f"{kind}: ours ≥ {least} × {peer}: {times:.2f}", times >= least))
    for kind in ("read", "write"):
        tail = ours.median(kind, lambda seen: seen.p99) / ours.median(kind, lambda seen: seen.p50)
        judged.append(
            (f"{kind}: p99 < {_LONGEST_TAIL:.0f} × p50: {tail:.1f}", tail < _LONGEST_TAIL)
        )
    return judged


def main() -> int:
    """Run, print, and return how many promises were not kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.journey", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--django-environment", type=Path, help="a venv that has its packages")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        cluster = build(stack, folder)
        house = asyncio.run(furnish(cluster, folder, drafts=_DRAFTS))
        everybody = contenders(stack, house, venv=chosen.django_environment)
        for kind in ("read", "write"):
            measure(everybody, house, kind, rounds=chosen.rounds, seconds=chosen.seconds)
            print(table(everybody, kind), end="\n\n")
    judged = verdicts(everybody)
    for text, kept in judged:
        print(f"{'kept  ' if kept else 'BROKEN'}  {text}")
    return sum(not kept for _, kept in judged)


if __name__ == "__main__":
    sys.exit(main())
