"""Gateway and service are replaced under load, and not one request fails: none is even repeated.

The short form runs with every check; the long one replaces each five times:
`.venv/bin/pytest tests/proofs/test_restart.py -m slow -s`
"""

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from foundation.identity import Role
from foundation.tenancy import Tenancy
from operations.supervision.child import Programme
from operations.supervision.house import House as Supervised
from operations.supervision.listening import PLACE
from operations.supervision.readiness import Readiness, ask
from tests.proofs.crowding import reading
from tests.proofs.doors import Door, Wish
from tests.proofs.doorway import Doorway, services
from tests.proofs.figures import milliseconds, say
from tests.proofs.premises import open_municipality
from tests.proofs.processes import Replica, meanwhile
from tests.support.callers import a_machine, an_official
from tests.support.house import House

READERS, WRITERS = 6, 3


@dataclass(slots=True)
class Clients:
    """People who ask and never ask twice."""

    doorway: Doorway
    tenancy: Tenancy
    seen: Counter[str] = field(default_factory=Counter[str])
    taken: list[float] = field(default_factory=list[float])
    is_over: bool = False

    async def live(self) -> None:
        readers = (self._read() for _ in range(READERS))
        writers = (self._write(number) for number in range(WRITERS))
        await asyncio.gather(*readers, *writers)

    async def _read(self) -> None:
        door = Door(self.doorway.addresses[0])
        while not self.is_over:
            paper = self.doorway.papers.of(a_machine(), self.tenancy)
            await self._ask(door, reading(paper), good=200)
        door.close()

    async def _write(self, number: int) -> None:
        door, count = Door(self.doorway.addresses[0]), 0
        chief = an_official(Role.ADMINISTRATOR, subject=f"chief-{number}")
        while not self.is_over:
            count += 1
            body: dict[str, Any] = {"code": f"W-{number}-{count}", "name": "窓口"}
            wish = Wish(
                method="POST",
                path="/window-dx/v1/windows",
                principal=chief,
                tenancy=self.tenancy,
                body=body,
            )
            await self._ask(door, wish.written(self.doorway.papers), good=201)
        door.close()

    async def _ask(self, door: Door, raw: bytes, *, good: int) -> None:
        began = time.monotonic()
        try:
            status = (await door.ask(raw)).status
        except (OSError, asyncio.IncompleteReadError) as error:
            self.seen[type(error).__name__] += 1
            return
        self.seen["good" if status == good else str(status)] += 1
        self.taken.append(time.monotonic() - began)
        await asyncio.sleep(0.01)


def with_a_socket(replica: Replica) -> Programme:
    """Return the programme of a replica on a socket that outlives it."""
    programme = replica.programme
    if "TAMAIRE_LISTEN" in programme.environment:
        environment = {**programme.environment, "TAMAIRE_LISTEN": PLACE}
        return replace(programme, environment=environment, listen=replica.address)
    return replace(programme, command=(*programme.command[:-2], PLACE), listen=replica.address)


async def town(house: House) -> Tenancy:
    return await open_municipality(house, number=601, listed=True)


def replaced_under_load(house: House, room: Path, *, times: int) -> Clients:
    (service,) = behind = services(house, room, service="window_dx", count=1)
    unlimited = {"TENANT_RATE_PER_SECOND": "100000", "TENANT_BURST": "100000"}
    doorway = Doorway(house, room, service="window_dx", behind=behind, traffic=unlimited)
    clients = Clients(doorway, asyncio.run(town(house)))
    (gateway,) = doorway.gateways
    port = int(gateway.address.rpartition(":")[2])
    supervised = Supervised(logs=room, readiness=lambda: Readiness(is_ready=True))
    try:
        for replica in (service, gateway):
            supervised.start(with_a_socket(replica))
            replica.wait_until_it_answers()
        assert ask(port) is not None
        with meanwhile(clients.live()):
            for _ in range(times):
                for name in (service.name, gateway.name):
                    time.sleep(1.0)
                    assert supervised.replace(name)
            time.sleep(7.0)
            clients.is_over = True
    finally:
        clients.is_over = True
        supervised.stop()
    logged = [path.read_text("utf-8", errors="replace") for path in room.glob("*.log")]
    assert not [line for text in logged for line in text.splitlines() if _is_error(line)]
    return clients


def _is_error(line: str) -> bool:
    try:
        return json.loads(line).get("level") in {"error", "critical"}
    except ValueError:
        return "Traceback" in line


class TestRestart:
    def test_fails_no_request(self, durable_house: House, room: Path) -> None:
        clients = replaced_under_load(durable_house, room, times=1)
        assert set(clients.seen) == {"good"}

    @pytest.mark.slow
    def test_fails_no_request_however_often(self, durable_house: House, room: Path) -> None:
        clients = replaced_under_load(durable_house, room, times=5)
        asked = clients.seen.total()
        say(
            requests=f"{asked:,}, failed {asked - clients.seen['good']}",
            replaced="10 processes",
            times=milliseconds(clients.taken),
        )
        assert set(clients.seen) == {"good"}
