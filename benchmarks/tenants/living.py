"""A running house: one municipality after another by the API, then all others by the command."""

import json
import signal
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.processes import environment
from foundation.identifiers import CodeKind
from operations.folder import DataFolder
from operations.reference import directory
from operations.tenants.everybody import SERVICES, Arrived
from operations.tenants.newcomer import take_all_on
from operations.tenants.operator import Operator

_TAMAIRE: Final = Path(__file__).resolve().parents[2] / "tamaire"
_PREFECTURES: Final = ("20", "40", "47")
"""Whose municipalities come one by one; none of the demonstrations is among them."""
_FILLED_WITHIN_S: Final = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What was seen: milliseconds for each by the API, and how the others came.

    `filled_s` is how long the services, while they serve, are busy with the newcomers' folders.
    """

    one_by_one_ms: list[float]
    all_at_once: Arrived
    filled_s: float


def live(folder: Path) -> Lived:
    """Start a house, take municipalities on in both ways, and stop it."""
    with _house(folder) as base_url:
        one_by_one = _one_by_one(base_url, folder)
        arrived = take_all_on(folder, by="benchmark")
        began = time.monotonic()
        keys = DataFolder(folder).keys
        while _waiting(keys):
            if time.monotonic() - began > _FILLED_WITHIN_S:
                raise TimeoutError("folders are not filled")
            time.sleep(0.05)
        return Lived(
            one_by_one_ms=one_by_one, all_at_once=arrived, filled_s=time.monotonic() - began
        )


def _waiting(keys: Path) -> bool:
    return any(list((keys / service).glob(".first-*")) for service in SERVICES)


def _one_by_one(base_url: str, folder: Path) -> list[float]:
    codes = [
        str(one.code)
        for one in directory()
        if one.kind is CodeKind.MUNICIPALITY and one.code[:2] in _PREFECTURES
    ]
    times: list[float] = []
    with Operator(base_url, folder) as operator:
        for code in codes:
            began = time.perf_counter()
            made = operator.onboard(code, {"administrators": [{"employee_id": "A-0012"}]})
            times.append((time.perf_counter() - began) * 1_000)
            if not made["is_new"]:
                raise ValueError(f"{code} was on board already")
    return times


@contextmanager
def _house(folder: Path) -> Generator[str]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    house = subprocess.Popen(  # noqa: S603 - our own command
        [str(_TAMAIRE), "up", "--json", "--data", str(folder), "--port", str(port)],
        env=environment({}),
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        said = json.loads(house.stdout.readline() if house.stdout else "{}")
        yield said["urls"]["gateway"]
    finally:
        with suppress(ProcessLookupError):
            house.send_signal(signal.SIGINT)
        house.communicate(timeout=60)
