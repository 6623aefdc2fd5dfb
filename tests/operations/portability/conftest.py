"""A town in which everything has happened, an archive of it, and an installation without it."""

import shutil
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from typing_extensions import override

from foundation.audit import Sealer, Signer, Witness
from foundation.database import Database
from operations.portability.archive import Manifest
from operations.portability.export import Folders, export
from tests.isolation.matrix.towns import Town
from tests.isolation.matrix.world import World, opened
from tests.support.house import House

PASSPHRASE = "玉入れ 秋の運動会 赤勝て白勝て 八時間"
_CODE = """
INSERT INTO platform.tenant_codes (municipality_code, valid_from, tenant_id)
VALUES ($1, '1889-04-01', $2)
"""
_KEPT = """
INSERT INTO platform.tenant_codes (municipality_code, valid_from, valid_until, tenant_id)
VALUES ($1, $2, $3, $4)
"""


@dataclass(frozen=True, slots=True)
class FreshHouse(House):
    """Another installation on the same server."""

    name: str

    @override
    def dsn(self, role: str) -> str:
        return self.cluster.dsn(role, self.name)

    @override
    def superuser_dsn(self) -> str:
        return self.cluster.superuser_dsn(self.name)


def folders_of(house: House) -> Folders:
    return Folders(
        keys=house.folder / "keys",
        witness=house.folder / "witness",
        seal_key=house.folder / "seal.key",
    )


@pytest.fixture(scope="module")
def fresh(
    house: House, bare_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Generator[FreshHouse]:
    """Give an installation in which no municipality has anything."""
    yield from built(house, bare_database, tmp_path_factory.mktemp("fresh"))


@pytest.fixture(scope="module")
def rebuilt(
    house: House, bare_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Generator[FreshHouse]:
    """Give another one."""
    yield from built(house, bare_database, tmp_path_factory.mktemp("rebuilt"))


def built(house: House, template: str, folder: Path) -> Generator[FreshHouse]:
    shutil.copy(house.folder / "internal.jwks.json", folder)
    Signer.at(folder / "seal.key")
    name = f"{folder.name.replace('-', '_')}"
    house.cluster.copy_database(template, name)
    yield FreshHouse(house.cluster, house.pen, folder, name=name)
    house.cluster.drop_database(name)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(house: House) -> AsyncGenerator[World]:
    async with opened(house) as world:
        kept = await world.fetch("DELETE FROM platform.tenant_codes RETURNING *")
        for town in world.towns:
            await world.run(_CODE, str(town.tenancy.code), int(town.tenancy.tenant_id))
        yield world
        await world.run("DELETE FROM platform.tenant_codes")
        for row in kept:
            await world.run(_KEPT, *row.values())


@pytest.fixture(scope="module")
def town(world: World) -> Town:
    return world.towns[0]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def exported(
    house: House, town: Town, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Manifest]:
    """Give the archive of the first town, its trail sealed."""
    folders = folders_of(house)
    await seal(house, folders)
    path = tmp_path_factory.mktemp("archives") / "kitami"
    made = await export(
        house.superuser_dsn(),
        str(town.tenancy.code),
        path,
        passphrase=PASSPHRASE,
        folders=folders,
    )
    return path, made


async def seal(house: House, folders: Folders) -> None:
    """Seal every trail once, as the sealer does."""
    assert folders.seal_key is not None
    assert folders.witness is not None
    database = await Database.open(house.dsn("audit_worker"), application_name="sealer", size=2)
    try:
        sealer = Sealer(
            database, signer=Signer.at(folders.seal_key), witness=Witness(folders.witness)
        )
        await sealer.seal_once()
    finally:
        await database.close()


async def count(connection: "asyncpg.Connection[Any]", table: str, tenant_id: int) -> int:
    return int(
        await connection.fetchval(
            f"SELECT count(*) FROM {table} WHERE tenant_id = $1", int(tenant_id)
        )
    )
