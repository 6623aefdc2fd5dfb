"""A crowd that asks again as soon as it is answered: `wrk`, the same for every contender."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_LATENCY: Final = re.compile(r"\s(50|99)%\s+([0-9.]+)(us|ms|s)\b")
_COUNT: Final = re.compile(r"([0-9]+) requests in ([0-9.]+)(us|ms|s|m)")
_REFUSED: Final = re.compile(r"Non-2xx or 3xx responses: ([0-9]+)")
_SOCKET_ERRORS: Final = re.compile(
    r"Socket errors: connect ([0-9]+), read ([0-9]+), write ([0-9]+), timeout ([0-9]+)"
)
_SECONDS: Final = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


@dataclass(frozen=True, slots=True)
class Seen:
    """One round: answers, seconds it lasted, and two quantiles of the time to answer in seconds."""

    answers: int
    seconds: float
    p50: float
    p99: float

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds


def press(
    port: int,
    script: Path,
    *,
    connections: int,
    seconds: float,
    variables: Mapping[str, str],
) -> Seen:
    """Ask over so many keep-alive connections for so long; the Lua script says what.

    Raises:
        RuntimeError: wrk is missing, or somebody was refused: a figure of refusals would flatter.
    """
    binary = shutil.which("wrk")
    if binary is None:
        raise RuntimeError("wrk is not installed; benchmarks/README.md says how.")
    length = f"{max(1, round(seconds))}s"
    done = subprocess.run(  # noqa: S603 - tools found on the path, our own arguments
        [
            *("env", *(f"{name}={value}" for name, value in variables.items())),
            *(binary, "-t1", f"-c{connections}", f"-d{length}", "--timeout", "20s", "--latency"),
            *("-s", str(script), f"http://127.0.0.1:{port}/"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"wrk gave up: {done.stdout[-300:]}{done.stderr[-300:]}")
    return read(done.stdout)


def read(text: str) -> Seen:
    """Read what wrk printed.

    Raises:
        RuntimeError: an answer was no success, or a connection failed.
    """
    refused = _REFUSED.search(text)
    if refused is not None:
        raise RuntimeError(f"{refused[1]} answers were refusals.")
    broken = _SOCKET_ERRORS.search(text)
    if broken is not None:
        raise RuntimeError(f"Connections failed: {broken[0]}.")
    count = _COUNT.search(text)
    times = {found[1]: float(found[2]) * _SECONDS[found[3]] for found in _LATENCY.finditer(text)}
    if count is None or times.keys() != {"50", "99"}:
        raise RuntimeError("wrk said something else than it used to.")
    return Seen(
        int(count[1]), float(count[2]) * _SECONDS[count[3]], p50=times["50"], p99=times["99"]
    )
