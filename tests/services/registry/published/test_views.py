"""Every other service sees of the register the columns it was promised, and nothing else."""

from typing import Any

import asyncpg
import pytest

from tests.support.house import House

PUBLISHED = {
    "benefits_app": {
        "benefits_residents": "tenant_id resident_id household_id name_display name_kana birth_on"
        " relationship is_householder tax_status resident_from resident_until protected",
        "benefits_households": "tenant_id household_id householder_id member_count",
    },
    "window_dx_app": {
        "window_residents": "tenant_id resident_id household_id name_display name_kana birth_on"
        " protected",
    },
    "consultation_app": {
        "consultation_residents": "tenant_id resident_id household_id name_display name_kana"
        " birth_on protected",
    },
    "platform_app": {
        "platform_residents": "tenant_id resident_id household_id birth_text birth_on present"
        " protected",
        "platform_protections": "tenant_id represented_id barred_id",
    },
}
"""docs/registry.md says why."""

BEHIND = {
    "residents": {"id", "resident_until", "protection"},
    "protected_persons": {"tenant_id", "measure_id", "resident_id"},
    "protection_perpetrators": {"tenant_id", "measure_id", "resident_id"},
    "protection_measures": {"tenant_id", "id", "state"},
}
"""What a view needs of its tables beside what it shows: it asks with the rights of who asks."""

NEVER = {"address", "postal_code", "address_search", "grams", "name_formal", "alias", "gender"}
READABLE = """
    SELECT c.relname, a.attname FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE n.nspname = 'registry' AND c.relkind = ANY($2::text::"char"[])
    AND has_column_privilege($1, c.oid, a.attnum, 'SELECT')
"""


async def readable(house: House, role: str, kinds: str) -> dict[str, set[str]]:
    connection: Any = await asyncpg.connect(house.superuser_dsn())
    try:
        rows = await connection.fetch(READABLE, role, kinds)
    finally:
        await connection.close()
    seen: dict[str, set[str]] = {}
    for relation, column in rows:
        seen.setdefault(relation, set()).add(column)
    return seen


@pytest.mark.parametrize("role", PUBLISHED)
class TestAnotherService:
    async def test_reads_the_views_it_was_promised(self, house: House, role: str) -> None:
        promised = {view: set(columns.split()) for view, columns in PUBLISHED[role].items()}
        assert await readable(house, role, "{v,m}") == promised

    async def test_reads_of_the_tables_no_more_than_its_views_show(
        self, house: House, role: str
    ) -> None:
        tables = await readable(house, role, "{r,p}")
        shown = {column for view in PUBLISHED[role].values() for column in view.split()}
        beyond = {
            name: columns - shown - BEHIND.get(name, set()) for name, columns in tables.items()
        }
        assert not any(beyond.values()), beyond
        assert set(tables) <= set(BEHIND if role == "platform_app" else {"residents"})
        assert not set[str]().union(*tables.values()) & NEVER

    async def test_writes_nothing_there(self, house: House, role: str) -> None:
        connection: Any = await asyncpg.connect(house.superuser_dsn())
        try:
            writable = await connection.fetch(
                "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE n.nspname = 'registry' AND c.relkind IN ('r', 'v', 'p') AND ("
                " has_any_column_privilege($1, c.oid, 'INSERT, UPDATE')"
                " OR has_table_privilege($1, c.oid, 'DELETE'))",
                role,
            )
        finally:
            await connection.close()
        assert writable == []
