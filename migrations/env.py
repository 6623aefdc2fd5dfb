"""What surrounds every migration: the owner's connection, and limits on how long it may wait.

A migration that cannot get its lock within five seconds fails and is tried again later; waiting
longer would queue every request of every municipality behind it.
"""

import asyncio
from typing import Any, cast

import asyncpg
from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from foundation.database import Base
from migrations.lineages import import_models

LIMITS = ("SET lock_timeout = '5s'", "SET statement_timeout = '60s'")

schema = cast("str", context.config.attributes["schema"])


def _only_ours(
    thing: object, _name: str | None, kind: str, _reflected: object, _compared: object
) -> bool:
    if kind == "table":
        return getattr(thing, "schema", None) == schema
    return True


def _only_our_schema(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "schema" or name == schema


def _configure(connection: Connection | None) -> None:
    options: dict[str, Any] = {
        "target_metadata": Base.metadata,
        "version_table": "alembic_version",
        "version_table_schema": schema,
        "include_schemas": True,
        "include_object": _only_ours,
        "include_name": _only_our_schema,
        "compare_type": True,
        "transactional_ddl": True,
    }
    if connection is None:
        context.configure(dialect_name="postgresql", literal_binds=True, **options)
    else:
        context.configure(connection=connection, **options)


def _run(connection: Connection) -> None:
    for limit in LIMITS:
        connection.exec_driver_sql(limit)
    connection.commit()
    _configure(connection)
    with context.begin_transaction():
        context.run_migrations()


async def _online(dsn: str) -> None:
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(dsn), poolclass=NullPool
    )
    async with engine.connect() as connection:
        await connection.run_sync(_run)
    await engine.dispose()


def _offline() -> None:
    _configure(None)
    with context.begin_transaction():
        for limit in LIMITS:
            context.execute(limit)
        context.run_migrations()


if getattr(context.config.cmd_opts, "autogenerate", False) or context.config.attributes.get(
    "compare"
):
    import_models(schema)
if context.is_offline_mode():
    _offline()
else:
    asyncio.run(_online(cast("str", context.config.attributes["dsn"])))
