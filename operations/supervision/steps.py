"""The steps that make an empty database into a house: three demonstrations, and the sandbox.

Each imports what it needs when it is done: a second start does none, and loads none of it.
"""

import asyncio

from .preparation import Ground, Step


def _roles(ground: Ground) -> None:
    ground.server.bootstrap_roles()


def _migrations(ground: Ground) -> None:
    from migrations.run import upgrade  # noqa: PLC0415

    upgrade(lambda schema: ground.server.dsn(f"{schema}_owner"))


def _reference(ground: Ground) -> None:
    from operations.reference import load  # noqa: PLC0415

    dsn = ground.server.dsn
    owners = {"platform_dsn": dsn("platform_owner"), "benefits_dsn": dsn("benefits_owner")}
    asyncio.run(load(**owners))


def _demonstration(ground: Ground) -> None:
    from foundation.identifiers import SANDBOX  # noqa: PLC0415
    from operations.population import DEMONSTRATIONS  # noqa: PLC0415
    from operations.seeding import seed  # noqa: PLC0415

    made = seed(
        ground.server.dsn("platform_owner"),
        base_url=ground.addresses.base_url,
        simulator_url=ground.addresses.simulator_url,
        data_directory=ground.folder,
        codes=(*DEMONSTRATIONS, SANDBOX),
    )
    asyncio.run(made)


def _residents(ground: Ground) -> None:
    from foundation.identifiers import SANDBOX  # noqa: PLC0415
    from operations.population import DEMONSTRATIONS, populate  # noqa: PLC0415

    codes = (*DEMONSTRATIONS, SANDBOX)
    asyncio.run(populate(ground.addresses.base_url, ground.folder, codes))


def _sandbox(ground: Ground) -> None:
    from operations.sandbox import furnish  # noqa: PLC0415

    asyncio.run(furnish(ground.addresses.base_url, ground.folder))


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

DEMONSTRATION = Step(
    name="demonstration",
    japanese="試し用の自治体 3つと試験市を開く",
    english="three demonstration municipalities and the sandbox",
    sources=("operations/seeding", "operations/population", "migrations"),
    run=_demonstration,
    depends_on_addresses=True,
)
RESIDENTS = Step(
    name="residents",
    japanese="試し用の住民を台帳に取り込む",
    english="invented residents, imported through the gateway",
    sources=("operations/population", "migrations/registry"),
    run=_residents,
)

SCHEMA = (ROLES, MIGRATIONS)
BEFORE_OPENING = (*SCHEMA, REFERENCE, DEMONSTRATION)
SANDBOX = Step(
    name="sandbox",
    japanese="事業者が試せる自治体を整える",
    english="the sandbox's programmes and windows, through the gateway",
    sources=("operations/sandbox", "operations/population", "migrations/benefits"),
    run=_sandbox,
)

AFTER_OPENING = (RESIDENTS, SANDBOX)
"""Needs the gateway: both come in by the way a municipality brings its own."""
