"""A town is erased: nothing of it can be read, in last night's backups either; nobody else is hurt.

One story, told in the order of the tests.
"""

import json
from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from foundation.audit.merkle import Tree
from foundation.encryption import Keyring, KeyUnavailable
from operations.portability.backup import back_up, restore
from operations.portability.catalogue import read
from operations.portability.certificate import CertificateRefused, checked, public_key
from operations.portability.envelope import open_
from operations.portability.erasure import Ending, Order, erase, rows_left, sweep
from operations.portability.export import Folders
from operations.portability.ledger import Ledger
from operations.portability.places import place_of
from operations.portability.refusals import FileChanged, NotLeaving
from operations.portability.verdicts import LEFT
from tests.isolation.matrix.towns import Town
from tests.isolation.matrix.world import World
from tests.operations.portability.conftest import FreshHouse, folders_of, seal
from tests.services.benefits.town import load_banks
from tests.support.house import SERVICES, House

pytestmark = pytest.mark.asyncio(loop_scope="module")
KEPT_UNTIL = datetime(2026, 12, 1, tzinfo=UTC)
ORDER = Order(code="012084", by="総務課 佐藤", confirmed_by="情報課 鈴木", ground="退会")


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What was kept of the night before: closed backups, and a bare copy of the database."""

    backups: Path
    before: dict[str, list[str]]
    trail: list[bytes]


@pytest.fixture(scope="module")
def folders(house: House) -> Folders:
    return folders_of(house)


@pytest.fixture(scope="module")
def ending(house: House) -> Ending:
    return Ending(
        ledger=Ledger(house.folder / "erasures"),
        key=house.folder / "erasure.key",
        log_until=KEPT_UNTIL,
    )


async def rows_of(dsn: str, town: Town) -> dict[str, list[str]]:
    connection = await asyncpg.connect(dsn)
    try:
        return {
            table.name: [
                row[0]
                for row in await connection.fetch(
                    f"SELECT t::text FROM {table.name} t WHERE tenant_id = $1 ORDER BY 1",
                    int(town.tenancy.tenant_id),
                )
            ]
            for table in (await read(connection)).owned
            if table.owner == "tenant_id" and not table.name.startswith("audit.checkpoints")
        }
    finally:
        await connection.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def night(
    house: House,
    world: World,
    fresh: FreshHouse,
    folders: Folders,
    ending: Ending,
    tmp_path_factory: pytest.TempPathFactory,
) -> Night:
    """Keep a night's backups; `fresh` is a bare copy of the database of that night."""
    await seal(house, folders)
    files = await back_up(house.superuser_dsn(), tmp_path_factory.mktemp("b"), folders=folders)
    assert {int(file.stem) for file in files} == {
        int(town.tenancy.tenant_id) for town in world.towns
    }
    await load_banks(fresh)
    copied = await restore(
        fresh.superuser_dsn(),
        files[0].parent,
        folders=Folders(keys=folders.keys),
        ledger=ending.ledger,
    )
    assert copied.erased == []
    return Night(
        backups=files[0].parent,
        before=await rows_of(house.superuser_dsn(), world.towns[1]),
        trail=await _trail(house.superuser_dsn(), world.towns[0]),
    )


async def _trail(dsn: str, town: Town) -> list[bytes]:
    connection = await asyncpg.connect(dsn)
    try:
        leaves = await connection.fetch(
            "SELECT leaf FROM audit.entries WHERE tenant_id = $1 ORDER BY tx, id",
            int(town.tenancy.tenant_id),
        )
    finally:
        await connection.close()
    return [bytes(row["leaf"]) for row in leaves]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def certificate(
    house: House, world: World, town: Town, night: Night, folders: Folders, ending: Ending
) -> str:
    assert night.backups.is_dir()
    await world.run(
        "UPDATE platform.tenants SET status = 'leaving' WHERE tenant_id = $1",
        int(town.tenancy.tenant_id),
    )
    return await erase(house.superuser_dsn(), ORDER, folders=folders, ending=ending)


class TestErasing:
    async def test_is_refused_for_a_town_that_has_not_left(
        self, house: House, world: World, folders: Folders, ending: Ending
    ) -> None:
        town = world.towns[0]
        with pytest.raises(NotLeaving):
            await erase(house.superuser_dsn(), ORDER, folders=folders, ending=ending)
        assert (await rows_of(house.superuser_dsn(), town))["registry.residents"]
        assert ending.ledger.gone() == []

    async def test_leaves_not_a_row_in_any_table(
        self, house: House, certificate: str, town: Town
    ) -> None:
        connection = await asyncpg.connect(house.superuser_dsn())
        try:
            place = await place_of(connection, str(town.tenancy.code))
            assert await rows_left(connection, place) == {}
        finally:
            await connection.close()
        assert '"rows_left": 0' in certificate

    async def test_leaves_every_other_town_as_it_was(
        self, house: House, certificate: str, night: Night, world: World
    ) -> None:
        assert certificate
        assert await rows_of(house.superuser_dsn(), world.towns[1]) == night.before

    async def test_leaves_no_key_in_any_service(
        self, certificate: str, folders: Folders, town: Town
    ) -> None:
        assert certificate
        for service in (*SERVICES, "backup"):
            with pytest.raises(KeyUnavailable):
                Keyring(folders.keys / service).cipher(town.tenancy.tenant_id)

    async def test_does_not_stop_the_sealing_of_anybody(
        self, house: House, certificate: str, folders: Folders
    ) -> None:
        assert certificate
        await seal(house, folders)


class TestTheCertificate:
    async def test_says_who_what_when_and_how_much(
        self, certificate: str, ending: Ending, town: Town
    ) -> None:
        said = checked(certificate, public=public_key(ending.key))
        assert (said["asked_by"], said["confirmed_by"]) == (ORDER.by, ORDER.confirmed_by)
        assert said["municipality_code"] == str(town.tenancy.code)
        assert said["log_of_changes_is_kept_until"] == "2026-12-01T00:00+00:00"
        assert said["rows"]["registry.residents"] == said["totals"]["residents_ever"]
        assert set(said["keys"]) == {*SERVICES, "backup"}

    async def test_names_the_trail_that_the_town_took_along(
        self, certificate: str, ending: Ending, night: Night
    ) -> None:
        trail = checked(certificate, public=public_key(ending.key))["kept"]["trail"]
        leaves = next(ending.ledger.folder.glob("*.leaves")).read_bytes()
        assert leaves == b"".join(night.trail)
        assert sha256(leaves).hexdigest() == trail["leaves_sha256"]
        tree = Tree()
        for leaf in night.trail:
            tree.add(leaf)
        assert tree.root.hex() == trail["root"]

    async def test_holds_no_word_of_the_town(
        self, certificate: str, world: World, town: Town, ending: Ending
    ) -> None:
        assert list(world.signs(town).found_in(certificate.encode())) == []
        for file in ending.ledger.folder.iterdir():
            assert list(world.signs(town).found_in(file.read_bytes())) == [], file.name

    async def test_that_was_changed_is_refused(self, certificate: str, ending: Ending) -> None:
        public = public_key(ending.key)
        with pytest.raises(CertificateRefused):
            checked(certificate.replace('"rows_left": 0', '"rows_left": 1'), public=public)
        with pytest.raises(CertificateRefused):
            checked(certificate, public=public_key(ending.key.with_name("another.key")))
        with pytest.raises(CertificateRefused):
            checked(json.dumps({"rows_left": 0}), public=public)


@pytest.mark.usefixtures("certificate")
class TestYesterdaysBackup:
    async def test_gives_every_other_town_back_and_this_one_to_nobody(
        self, night: Night, world: World, rebuilt: FreshHouse, folders: Folders, ending: Ending
    ) -> None:
        erased, other = world.towns
        await load_banks(rebuilt)
        dsn = rebuilt.superuser_dsn()
        restored = await restore(dsn, night.backups, folders=folders, ledger=ending.ledger)
        assert restored.erased == [str(int(erased.tenancy.tenant_id))]
        assert without(await rows_of(dsn, other), LEFT) == without(night.before, LEFT)
        assert not any((await rows_of(dsn, erased)).values())

    async def test_holds_no_word_of_any_town_that_can_be_read(
        self, night: Night, world: World
    ) -> None:
        """Names are plain in the tables, and closed like everything else in the backup."""
        for file in night.backups.iterdir():
            content = file.read_bytes()
            for town in world.towns:
                assert list(world.signs(town).found_in(content)) == []

    async def test_that_was_changed_is_not_believed(
        self, night: Night, world: World, folders: Folders, tmp_path: Path
    ) -> None:
        """A chunk cannot be altered, moved or cut off; the other town's key is still there."""
        other = world.towns[1].tenancy.tenant_id
        whole = (night.backups / f"{int(other)}.backup").read_bytes()
        cipher = Keyring(folders.keys / "backup").cipher(other)
        flipped = whole[:-1] + bytes([whole[-1] ^ 1])
        for number, content in enumerate((whole[:-1], flipped, b"?" + whole, b"")):
            changed = tmp_path / f"{number}.backup"
            changed.write_bytes(content)
            with pytest.raises(FileChanged):
                open_(changed, tmp_path / f"{number}.tar", cipher=cipher)


@pytest.mark.usefixtures("certificate")
class TestABareCopyOfTheDatabase:
    """Somebody had copied the disk of the server that night."""

    async def test_has_no_sealed_cell_that_can_be_read(
        self, fresh: FreshHouse, folders: Folders, town: Town
    ) -> None:
        rows = await rows_of(fresh.superuser_dsn(), town)
        assert rows["benefits.bank_accounts"]
        with pytest.raises(KeyUnavailable):
            Keyring(folders.keys / "benefits").cipher(town.tenancy.tenant_id)

    async def test_is_swept_by_the_list_before_it_is_opened(
        self, fresh: FreshHouse, night: Night, world: World, ending: Ending
    ) -> None:
        """Names are plain in there: until the copy expires, it is the list that ends them."""
        erased, other = world.towns
        dsn = fresh.superuser_dsn()
        swept = await sweep(dsn, ending.ledger)
        assert swept[str(erased.tenancy.code)] > 0
        assert not any((await rows_of(dsn, erased)).values())
        assert without(await rows_of(dsn, other), LEFT) == without(night.before, LEFT)


def without(rows: dict[str, list[str]], names: Container[str]) -> dict[str, list[str]]:
    return {name: found for name, found in rows.items() if name not in names}


class TestTheList:
    async def test_forgets_a_town_only_when_it_comes_back_itself(self, tmp_path: Path) -> None:
        ledger = Ledger(tmp_path)
        said: dict[str, Any] = {"tenant_id": 7, "code": "012084", "codes": ("012084",)}
        assert not ledger.is_gone(7)
        ledger.add(**said, state="begun")
        assert ledger.is_gone(7)
        ledger.add(**said, state="erased")
        assert [line.code for line in ledger.gone()] == ["012084"]
        ledger.add(**said, state="returned")
        assert ledger.gone() == []
