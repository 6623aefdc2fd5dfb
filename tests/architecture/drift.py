"""Whether the tables in the models are the tables in the database, as Alembic compares them."""

import warnings
from typing import Any

import asyncpg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData
from sqlalchemy.exc import SAWarning
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from foundation.database import Base
from foundation.events import inbox_table, jobs_table, outbox_table
from foundation.web.idempotency import idempotency_keys_table
from migrations.lineages import import_models
from tests.support.house import SERVICES


def models_of(schema: str) -> MetaData:
    """Return the tables that the code declares, those of a schema among them."""
    import_models(schema)
    if schema in SERVICES:
        for table in (inbox_table, jobs_table, outbox_table, idempotency_keys_table):
            table(schema)
    return Base.metadata


async def differences(dsn: str, schema: str, models: MetaData) -> list[str]:
    """Return what a migration would have to change for the database to be as the models say."""
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(dsn), poolclass=NullPool
    )
    async with engine.connect() as connection:
        found = await connection.run_sync(_compared, schema, models)
    await engine.dispose()
    return found


def _compared(connection: Connection, schema: str, models: MetaData) -> list[str]:
    of_tests = _declared_by_tests()

    def is_ours(thing: Any, _name: Any, kind: str, _reflected: Any, _compared: Any) -> bool:
        return kind != "table" or (thing.schema == schema and thing not in of_tests)

    def is_our_schema(name: str | None, kind: str, _parents: Any) -> bool:
        return kind != "schema" or name == schema

    options: dict[str, Any] = {
        "include_schemas": True,
        "include_object": is_ours,
        "include_name": is_our_schema,
        "version_table_schema": schema,
        "compare_type": True,
    }
    context = MigrationContext.configure(connection, opts=options)
    with warnings.catch_warnings():
        # Of a check that was added NOT VALID, SQLAlchemy reads a note it then warns of itself.
        warnings.filterwarnings("ignore", "Can't validate argument 'dialect_options'", SAWarning)
        return [str(difference) for difference in compare_metadata(context, models)]


def _declared_by_tests() -> set[Any]:
    """Return the tables that a test in this same process has for itself."""
    return {
        mapper.local_table
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.startswith("tests.")
    }
