"""Every lineage has one head, says what the models say, and holds up nobody while it runs."""

import asyncio
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Integer, MetaData, Table, Text

from migrations.lineages import SCHEMAS, folders
from migrations.run import as_sql, configuration, upgrade
from tests.architecture.drift import differences, models_of
from tests.isolation.matrix.walls import OtherHouse, rebuilt
from tests.support.house import House

ROOT = Path(__file__).parents[2]
DATED = re.compile(r"20[0-9]{2}_[01][0-9]_[0-3][0-9]_[a-z0-9_]+\.py")

DANGEROUS = {
    "adding-foreign-key-constraint": "ALTER TABLE benefits.applications ADD CONSTRAINT a"
    " FOREIGN KEY (tenant_id, id) REFERENCES benefits.programmes (tenant_id, id)",
    "constraint-missing-not-valid": "ALTER TABLE benefits.applications ADD CONSTRAINT a"
    " CHECK (version > 0)",
    "require-concurrent-index-creation": "CREATE INDEX a ON benefits.applications (tenant_id)",
    "changing-column-type": "ALTER TABLE benefits.applications ALTER version TYPE bigint",
    "renaming-column": "ALTER TABLE benefits.applications RENAME version TO revision",
    "ban-drop-column": "ALTER TABLE benefits.applications DROP COLUMN version",
    "adding-not-nullable-field": "ALTER TABLE benefits.applications ALTER COLUMN state"
    " SET NOT NULL",
    "ban-drop-table": "DROP TABLE benefits.applications",
}

SHAPE = (
    """SELECT table_schema, table_name, column_name, data_type, is_nullable, column_default
    FROM information_schema.columns WHERE table_schema = ANY($1) ORDER BY 1, 2, 3""",
    """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
    WHERE n.nspname = ANY($1) ORDER BY 1, 2""",
    """SELECT schemaname, indexname, indexdef FROM pg_indexes
    WHERE schemaname = ANY($1) ORDER BY 1, 2""",
    """SELECT * FROM pg_policies
    WHERE schemaname = ANY($1) ORDER BY schemaname, tablename, policyname""",
    """SELECT n.nspname, c.relname, c.relacl::text, c.relrowsecurity, c.relforcerowsecurity
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY($1) ORDER BY 1, 2""",
)
"""What a database is like, but for the rows in it."""

every_lineage = pytest.mark.parametrize("schema", SCHEMAS)


@pytest.fixture(scope="module")
def fresh_house(house: House) -> OtherHouse:
    return rebuilt(house, "migrations")


@pytest.fixture(scope="module")
def house_beside(house: House) -> OtherHouse:
    return rebuilt(house, "migrations_beside")


def scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(configuration(SCHEMAS[0]))


def judged(sql: str) -> tuple[int, str]:
    """Return what the linter of migrations says of an SQL script."""
    squawk = Path(sys.executable).with_name("squawk")
    command = [squawk, "--config", ROOT / ".squawk.toml", "--reporter", "gcc"]
    finished = subprocess.run(
        [*command, "--stdin-filepath", "migration.sql"],
        input=sql,
        capture_output=True,
        text=True,
        check=False,
    )
    return finished.returncode, finished.stdout + finished.stderr


class TestLineages:
    def test_each_has_begun_and_has_one_head(self) -> None:
        heads = [scripts().get_revision(head) for head in scripts().get_heads()]
        labels = sorted(label for head in heads for label in head.branch_labels)
        assert labels == sorted(SCHEMAS)
        assert [folder.name for folder in folders()] == list(SCHEMAS)

    def test_every_revision_is_dated_and_lies_in_its_lineage(self) -> None:
        for revision in scripts().walk_revisions():
            path = Path(revision.path)
            assert DATED.fullmatch(path.name), path.name
            assert revision.branch_labels == {path.parent.name}

    @every_lineage
    async def test_says_what_the_models_say(self, fresh_house: OtherHouse, schema: str) -> None:
        found = await differences(fresh_house.dsn(f"{schema}_owner"), schema, models_of(schema))
        assert found == []

    async def test_a_model_that_says_something_else_is_found_out(
        self, fresh_house: OtherHouse
    ) -> None:
        models = MetaData()
        Table(
            "windows",
            models,
            Column("tenant_id", Integer, primary_key=True),
            Column("colour", Text),
            schema="window_dx",
        )
        found = await differences(fresh_house.dsn("window_dx_owner"), "window_dx", models)
        assert any("add_column" in difference and "colour" in difference for difference in found)

    async def test_run_again_change_nothing(self, fresh_house: OtherHouse) -> None:
        before = await _shape(fresh_house.superuser_dsn())
        await asyncio.to_thread(upgrade, lambda schema: fresh_house.dsn(f"{schema}_owner"))
        assert await _shape(fresh_house.superuser_dsn()) == before

    async def test_make_the_same_of_two_databases(
        self, house: House, fresh_house: OtherHouse, house_beside: OtherHouse
    ) -> None:
        del house  # a third one on the same cluster, which other tests have added to
        beside = await _shape(house_beside.superuser_dsn())
        assert beside == await _shape(fresh_house.superuser_dsn())
        assert len(beside) > len(SCHEMAS)


class TestMigrationSql:
    @every_lineage
    def test_waits_for_no_lock_for_long(self, schema: str) -> None:
        sql = as_sql(schema)
        first = next(line for line in sql.splitlines() if line.startswith(("CREATE", "ALTER")))
        assert "SET lock_timeout = '5s'" in sql.partition(first)[0]

    @every_lineage
    def test_passes_the_linter(self, schema: str) -> None:
        assert judged(as_sql(schema)) == (0, "")

    @pytest.mark.parametrize("rule", DANGEROUS)
    def test_that_is_dangerous_is_caught(self, rule: str) -> None:
        sql = f"SET lock_timeout = '5s';\nSET statement_timeout = '60s';\n{DANGEROUS[rule]};\n"
        code, words = judged(sql)
        assert code != 0
        assert rule in words

    def test_without_a_limit_on_waiting_is_caught(self) -> None:
        code, words = judged("ALTER TABLE benefits.applications ADD COLUMN note text;\n")
        assert code != 0
        assert "require-lock-timeout" in words


async def _shape(dsn: str) -> list[Any]:
    """Return every column, constraint, index, policy and right of our schemas, in order."""
    connection = await asyncpg.connect(dsn)
    try:
        return [
            tuple(row) for query in SHAPE for row in await connection.fetch(query, list(SCHEMAS))
        ]
    finally:
        await connection.close()
