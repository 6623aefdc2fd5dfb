"""Two towns on a server that keeps its history, for tests that look back."""

import asyncio
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from foundation import clock
from foundation.identifiers import new_id
from migrations.run import upgrade
from operations.portability.differences import Difference
from operations.portability.export import Folders
from operations.portability.ledger import Ledger
from operations.portability.restoring import (
    Looked,
    Site,
    Wish,
    look_back,
)
from operations.portability.taking import chosen
from operations.postgres import Cluster

DATABASE = "tamaire"
KITAMI, KINOKAWA = "012084", "302082"
OURS = ("総務課 佐藤", "情報課 鈴木")
_TENANT = """
INSERT INTO platform.tenants (kind, name, name_kana, prefecture_name, status)
VALUES ('municipality', $1, '', '', 'live') RETURNING tenant_id
"""
_CODE = """
INSERT INTO platform.tenant_codes (municipality_code, valid_from, tenant_id)
VALUES ($1, '1889-04-01', $2)
"""
_HOUSEHOLD = """
INSERT INTO registry.households (tenant_id, household_number) VALUES ($1, $2) RETURNING id
"""
_RESIDENT = """
INSERT INTO registry.residents (tenant_id, resident_number, household_id, relationship,
  is_householder, name_formal, name_display, name_kana, name_kana_verified, birth_text, birth_on,
  birth_precision, gender, nationality_kind, address, resident_from, tax_status, name_search,
  kana_search, content_digest)
VALUES ($1, $2, $3, '世帯主', true, '山田花子', '山田花子', 'ヤマダハナコ', true, '1950-01-01',
  '1950-01-01', 'day', '2', 'japanese', '清い住所 1-1', '2000-01-01', 'exempt', '山田花子',
  'ヤマダハナコ', '\\x00') RETURNING id
"""
_WINDOW = "INSERT INTO window_dx.windows VALUES ($1, $2, $3, '窓口', 1)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Towns:
    """Two towns on a server that keeps its history."""

    site: Site
    ours: int
    others: int

    def ask(self, query: str, *values: object) -> Any:
        return asyncio.run(self._ask(query, *values))

    async def _ask(self, query: str, *values: object) -> Any:
        connection = await asyncpg.connect(self.site.cluster.superuser_dsn(DATABASE))
        try:
            return await connection.fetchval(query, *values)
        finally:
            await connection.close()

    def resident(self, tenant_id: int | None = None) -> UUID:
        """Register somebody, in a household of their own."""
        number = str(new_id())
        household = self.ask(_HOUSEHOLD, tenant_id or self.ours, number)
        return self.ask(_RESIDENT, tenant_id or self.ours, number, household)

    def window(self, code: str) -> UUID:
        self.ask(_WINDOW, self.ours, window := new_id(), code)
        return window

    def now(self) -> datetime:
        return clock.now()

    def rows_of(self, tenant_id: int) -> list[str]:
        """Return every resident of a town, as text."""
        return self.ask(
            "SELECT array_agg(r::text ORDER BY id) FROM registry.residents r WHERE tenant_id = $1",
            tenant_id,
        )

    def look(self, at: datetime, *, take: str = "") -> Looked:
        wish = Wish(
            code=KITAMI,
            at=at,
            by=OURS[0],
            confirmed_by=OURS[1],
            tables=chosen(take) if take else (),
        )
        return look_back(self.site, wish)


def of(looked: Looked, table: str) -> Difference | None:
    return next((one for one in looked.differences if one.table == table), None)


def found(looked: Looked) -> dict[str, dict[str, list[str]]]:
    """Return what differs, but for the trail, which every look adds to."""
    return {
        one.table: {kind: list(rows) for kind, rows in one.rows.items()}
        for one in looked.differences
        if not one.table.startswith("audit.")
    }


async def _towns(cluster: Cluster) -> tuple[int, int]:
    connection = await asyncpg.connect(cluster.superuser_dsn(DATABASE))
    try:
        numbers: list[int] = []
        for code in (KITAMI, KINOKAWA):
            numbers.append(await connection.fetchval(_TENANT, code))
            await connection.execute(_CODE, code, numbers[-1])
        return numbers[0], numbers[1]
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Generator[Towns]:
    cluster = Cluster.create(tmp_path_factory.mktemp("history"), for_tests=True)
    cluster.history.keep(7)
    cluster.start()
    try:
        cluster.bootstrap_roles(DATABASE)
        upgrade(lambda schema: cluster.dsn(f"{schema}_owner", DATABASE))
        ours, others = asyncio.run(_towns(cluster))
        cluster.history.take_base()
        folder = tmp_path_factory.mktemp("house")
        site = Site(
            cluster=cluster,
            database=DATABASE,
            dsn=lambda role: cluster.dsn(role, DATABASE),
            folders=Folders(keys=folder / "keys"),
            ledger=Ledger(folder / "erasures"),
            log=folder / "past.log",
        )
        yield Towns(site=site, ours=ours, others=others)
    finally:
        cluster.stop()


@pytest.fixture(scope="class", autouse=True)
def fresh_base(towns: Towns) -> None:
    """Spare each look the log of the classes before."""
    towns.site.cluster.history.take_base()
