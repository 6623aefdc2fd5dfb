"""A search is answered by its index as the service asks it, however many rows there are."""

import asyncio
import json
import re
from collections.abc import Generator
from typing import Any

import asyncpg
import pytest

from foundation.database import STATEMENTS
from services.registry.changes.repository import Changes
from services.registry.searches.repository import Searches
from tests.isolation.matrix.walls import OtherHouse, rebuilt
from tests.support.house import House

FILL = """
    INSERT INTO registry.residents (tenant_id, household_id, resident_number, relationship,
      is_householder, name_formal, name_display, name_kana, name_kana_verified, birth_text,
      birth_on, birth_precision, gender, nationality_kind, resident_from, tax_status,
      name_search, kana_search, content_digest, address)
    SELECT 1 + n % $3, md5((n / 2)::text)::uuid, n::text, '子', false, '', '', '', true, '',
      '1930-01-01'::date + n % 30000, 'day', '1', 'japanese', '2000-01-01', 'unknown',
      left(md5(n::text), 4), left(md5('k' || n), 6), '', '町' || n % 90
    FROM generate_series($1::int, $2::int) n
"""
SERVED = {
    "registry.searches.with_letters": "residents_by_grams",
    "registry.searches.along_name": "residents_by_name_search",
    "registry.searches.along_kana": "residents_by_kana_search",
    "registry.searches.born_on": "residents_by_birth_on",
    "registry.searches.of_number": "residents_tenant_id_resident_number_key",
    "registry.searches.among_by_name": "residents_pkey",
    "registry.searches.among_by_kana": "residents_pkey",
    "registry.searches.formerly": "resident_history_by_grams",
    "registry.changes.after": "residents_feed",
}
"""Which index answers which question of these two."""
ASKED_BY = (Searches, Changes)


KEEP = """
    INSERT INTO registry.resident_history (tenant_id, resident_number, history_number, resident_id,
      household_id, relationship, is_householder, name_formal, name_display, name_kana,
      name_kana_verified, birth_text, birth_on, birth_precision, gender, nationality_kind,
      resident_from, tax_status, protection, address)
    SELECT tenant_id, resident_number, 1, id, household_id, relationship, is_householder,
      name_formal, name_search, kana_search, name_kana_verified, birth_text, birth_on,
      birth_precision, gender, nationality_kind, resident_from, tax_status, protection, address
    FROM registry.residents ON CONFLICT DO NOTHING
"""


@pytest.fixture(scope="module")
def populous(house: House) -> Generator[OtherHouse]:
    """Give a house with a town that is about to grow, and twenty others, sixty thousand in all."""
    made = rebuilt(house, "search_plans")
    asyncio.run(_settle(made.superuser_dsn()))
    yield made
    house.cluster.drop_database("search_plans")


async def _settle(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(FILL, 1, 60_000, 20)
        await connection.execute(KEEP)
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "rows", [11, 1_001, 20_001, pytest.param(1_000_001, marks=pytest.mark.slow)]
)
async def test_the_index_is_the_same_at_any_size(populous: OtherHouse, rows: int) -> None:
    connection: Any = await asyncpg.connect(populous.superuser_dsn())
    try:
        await connection.execute("SET session_replication_role = replica")
        # The one town has grown by now to what the smaller sizes left; only the rest moves in.
        living = await connection.fetchval("SELECT count(*) FROM registry.residents")
        await connection.execute(FILL, living + 1, 60_000 + rows, 1)
        await connection.execute(KEEP)
        await connection.execute("ANALYZE registry.residents, registry.resident_history")
        used = {name: await _indexes(connection, STATEMENTS[name].sql) for name in SERVED}
    finally:
        await connection.close()
    assert {name: used[name] for name, index in SERVED.items() if index not in used[name]} == {}


async def _indexes(connection: Any, sql: str) -> set[str]:
    """Return the indexes of a statement as the service's role has it planned, once for all."""
    attempt = connection.transaction()
    await attempt.start()
    count = max(int(number) for number in re.findall(r"\$([0-9]+)", sql))
    try:
        await connection.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL ROLE registry_app;"
            "SET LOCAL app.tenant_id = '1'; SET LOCAL plan_cache_mode = force_generic_plan;"
            f"PREPARE explained AS {sql}"
        )
        values = ", ".join(["NULL"] * count)
        plan = await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE explained({values})")
    finally:
        await attempt.rollback()
        await connection.execute("DEALLOCATE explained")
    return set(_named(json.loads(plan)[0]["Plan"]))


def _named(node: Any) -> list[str]:
    below = [name for child in node.get("Plans", ()) for name in _named(child)]
    return [*below, *([node["Index Name"]] if "Index Name" in node else [])]
