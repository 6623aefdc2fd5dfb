"""The steps that make an empty database into a house with three demonstration municipalities."""

import asyncio

from .preparation import Ground, Step


def _roles(ground: Ground) -> None:
    ground.server.bootstrap_roles()


def _migrations(ground: Ground) -> None:
    # Imported where it is needed: a second start does without Alembic altogether.
    from migrations.run import upgrade  # noqa: PLC0415

    upgrade(lambda schema: ground.server.dsn(f"{schema}_owner"))


def _reference(ground: Ground) -> None:
    from operations.reference import load  # noqa: PLC0415

    dsn = ground.server.dsn
    owners = {"platform_dsn": dsn("platform_owner"), "benefits_dsn": dsn("benefits_owner")}
    asyncio.run(load(**owners))


ROLES = Step(
    name="roles",
    japanese="データベースの役割を定める",
    english="database roles",
    sources=("infra/postgres/roles.sql", "operations/postgres/roles.py"),
    run=_roles,
)
MIGRATIONS = Step(
    name="migrations",
    japanese="表を用意する(移行)",
    english="migrations",
    sources=("migrations",),
    run=_migrations,
)
REFERENCE = Step(
    name="reference",
    japanese="全国の自治体と銀行を載せる",
    english="municipalities and banks of Japan",
    sources=("operations/reference", "migrations"),
    run=_reference,
)

SCHEMA = (ROLES, MIGRATIONS)
EVERYTHING = (*SCHEMA, REFERENCE)
