"""All 1,741 municipalities on board: how long it takes, and what the others notice of it.

Run as `.venv/bin/python -m benchmarks.tenants`. First a house of its own, where the municipalities
of three prefectures come on board by the API and all others by the command. Then a cluster of its
own with two databases: in one ten municipalities are on board, in the other everybody, each with as
many residents. Both are read from in turns; a migration is timed in both.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import asyncpg

from foundation.database import Database
from foundation.identifiers import MunicipalityCode, TenantId
from foundation.tenancy import Tenancy
from migrations.run import upgrade
from operations.postgres import Cluster
from operations.reference import load
from operations.tenants.everybody import Arrived, onboard_all

from .living import live
from .reading import LIST, POINT, residents_for
from .schemas import fifty_schemas

_DATABASE: Final = "house"
_SMALL: Final = "hamlet"
"""Where only ten are on board."""
_WARMING: Final = 200
_FEW: Final = 10
_READS: Final = 2_000
_MOST_SECONDS: Final = 15.0
_MOST_MS_BY_API: Final = 100.0
_MOST_AT_P50: Final = 1.15
_MOST_AT_P99: Final = 1.3
_HOKKAIDO: Final = "01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was measured with so many on board; times in milliseconds."""

    point: Sequence[float]
    listing: Sequence[float]
    migration_ms: float


def main() -> int:
    """Measure, print, and return how many promises were broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--django-environment", type=Path, help="a venv that has its packages")
    parser.add_argument("--residents", type=int, default=100, help="residents of each")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tenants-") as folder:
        broken = _lived(Path(folder) / "house")
    with tempfile.TemporaryDirectory(prefix="tenants-") as folder:
        return broken + asyncio.run(_measure(Path(folder), given))


def _lived(folder: Path) -> int:
    """Measure at a running house: one by one, then everybody."""
    seen = live(folder)
    times, everybody = seen.one_by_one_ms, seen.all_at_once
    p95 = _percentile(times, 95)
    _say(
        f"one by the API: {len(times)} municipalities, p50 {_percentile(times, 50):.1f} ms,"
        f" p95 {p95:.1f} ms (≤ {_MOST_MS_BY_API:.0f})"
    )
    return int(p95 > _MOST_MS_BY_API) + _said_of(everybody, f", folders {seen.filled_s:.1f} s")


def _said_of(arrived: Arrived, more: str = "") -> int:
    total = arrived.keys_s + arrived.rows_s
    _say(
        f"onboard --all: {arrived.municipalities} municipalities, keys {arrived.keys_s:.2f} s,"
        f" rows {arrived.rows_s:.2f} s, in all {total:.2f} s (≤ {_MOST_SECONDS:.0f}){more}"
    )
    return int(total > _MOST_SECONDS)


async def _measure(folder: Path, given: argparse.Namespace) -> int:
    cluster = Cluster.create(folder / "postgres")
    await asyncio.to_thread(cluster.start)
    try:
        for name in (_SMALL, _DATABASE):
            await asyncio.to_thread(cluster.bootstrap_roles, name)
            await asyncio.to_thread(upgrade, partial(_owner, cluster, name))
            await load(
                platform_dsn=cluster.dsn("platform_owner", name),
                benefits_dsn=cluster.dsn("benefits_owner", name),
            )
        broken = await _all_of_it(cluster, folder, given.residents)
        if given.django_environment is not None:
            await asyncio.to_thread(fifty_schemas, cluster, folder, given.django_environment)
    finally:
        await asyncio.to_thread(cluster.stop)
    return broken


def _owner(cluster: Cluster, database: str, schema: str) -> str:
    return cluster.dsn(f"{schema}_owner", database)


async def _all_of_it(cluster: Cluster, folder: Path, residents: int) -> int:
    administrator = cluster.superuser_dsn(_DATABASE)
    places: dict[str, list[Tenancy]] = {}
    for name in (_SMALL, _DATABASE):
        dsn = cluster.superuser_dsn(name)
        places[name] = await _first(dsn)
        await residents_for(dsn, [int(one.tenant_id) for one in places[name]], residents)
    arrived = await onboard_all(administrator, folder / "keys", by="benchmark")
    await residents_for(administrator, await _others(administrator, places[_DATABASE]), residents)
    few, many = await _seen(cluster, places)
    broken = _said_of(arrived)
    for name, before, after in (
        ("point read", few.point, many.point),
        ("list page", few.listing, many.listing),
    ):
        for share, most in ((50, _MOST_AT_P50), (99, _MOST_AT_P99)):
            was, now = _percentile(before, share), _percentile(after, share)
            _say(f"{name} p{share}: {was:.3f} → {now:.3f} ms, {now / was:.2f} × (≤ {most})")
            broken += now / was > most
    was, now = few.migration_ms, many.migration_ms
    _say(f"ADD COLUMN + index: {was:.0f} ms with 10, {now:.0f} ms with all")
    return broken


async def _others(dsn: str, first: Sequence[Tenancy]) -> list[int]:
    connection = await asyncpg.connect(dsn)
    try:
        everyone = await connection.fetch(
            "SELECT tenant_id FROM platform.tenants WHERE status <> 'listed'"
        )
    finally:
        await connection.close()
    known = {int(one.tenant_id) for one in first}
    return [row["tenant_id"] for row in everyone if row["tenant_id"] not in known]


async def _first(administrator: str) -> list[Tenancy]:
    """Return ten municipalities and make them the only ones on board."""
    connection = await asyncpg.connect(administrator)
    try:
        rows = await connection.fetch(
            "SELECT tenant_id, municipality_code FROM platform.tenants"
            " JOIN platform.tenant_codes USING (tenant_id)"
            " WHERE kind = 'municipality' AND municipality_code ^@ $1 ORDER BY 2 LIMIT $2",
            _HOKKAIDO,
            _FEW,
        )
        await connection.execute(
            "UPDATE platform.tenants SET status = 'trial' WHERE tenant_id = ANY ($1)",
            [row["tenant_id"] for row in rows],
        )
    finally:
        await connection.close()
    return [
        Tenancy(TenantId(row["tenant_id"]), MunicipalityCode.parse(row["municipality_code"]))
        for row in rows
    ]


async def _seen(cluster: Cluster, places: Mapping[str, Sequence[Tenancy]]) -> list[Seen]:
    """Read from both databases in turns, so that whatever else happens befalls both alike."""
    doors = {
        name: await Database.open(
            cluster.dsn("registry_app", name), application_name="benchmark", size=1
        )
        for name in places
    }
    point: dict[str, list[float]] = {name: [] for name in places}
    listing: dict[str, list[float]] = {name: [] for name in places}
    for number in range(_READS + _WARMING):
        for name, door in doors.items():
            times = await _read(door, places[name][number % _FEW], number)
            if number >= _WARMING:
                point[name].append(times[0])
                listing[name].append(times[1])
    for door in doors.values():
        await door.close()
    return [
        Seen(point=point[name], listing=listing[name], migration_ms=await _migrated(cluster, name))
        for name in places
    ]


async def _read(door: Database, place: Tenancy, number: int) -> tuple[float, float]:
    """Read one resident and one page; return how many milliseconds each took."""
    began = time.perf_counter()
    async with door.transaction(place) as work:
        await work.fetch(POINT, resident_number=f"{number % 50:010d}")
    middle = time.perf_counter()
    async with door.transaction(place) as work:
        await work.fetch(LIST, after="0000000010")
    return (middle - began) * 1_000, (time.perf_counter() - middle) * 1_000


async def _migrated(cluster: Cluster, database: str) -> float:
    """Add a column and an index to a table every tenant has, as a migration does; then undo it."""
    connection = await asyncpg.connect(cluster.dsn("platform_owner", database))
    try:
        began = time.perf_counter()
        await connection.execute("ALTER TABLE platform.membership_papers ADD COLUMN extra text")
        await connection.execute(
            "CREATE INDEX extra ON platform.membership_papers (tenant_id, extra)"
        )
        took = (time.perf_counter() - began) * 1_000
        await connection.execute("ALTER TABLE platform.membership_papers DROP COLUMN extra")
    finally:
        await connection.close()
    return took


def _percentile(found: Sequence[float], share: int) -> float:
    return statistics.quantiles(found, n=100)[share - 1]


def _say(text: Any) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
