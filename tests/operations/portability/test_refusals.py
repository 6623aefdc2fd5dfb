"""An archive that is not believed, or would mix with something, leaves nothing behind."""

import json
import shutil
from collections.abc import AsyncGenerator
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from operations.failures import Failure
from operations.portability.archive import KEYS, MANIFEST, Manifest, parsed, reading
from operations.portability.catalogue import read
from operations.portability.export import export
from operations.portability.importing import bring_in, place_in, tables_with_rows
from operations.portability.refusals import (
    DoesNotHold,
    FileChanged,
    HasData,
    NoSuchMunicipality,
    NotAnArchive,
    NumberTaken,
    OtherRevision,
    PassphraseTooShort,
    PlaceTaken,
    WrongPassphrase,
)
from operations.portability.wrapping import close, open_
from tests.isolation.matrix.towns import Town
from tests.operations.portability.conftest import PASSPHRASE, FreshHouse, folders_of
from tests.services.benefits.town import load_banks
from tests.support.house import House

pytestmark = pytest.mark.asyncio(loop_scope="module")
Exported = tuple[Path, Manifest]


@pytest_asyncio.fixture(loop_scope="module")
async def there(fresh: FreshHouse) -> AsyncGenerator["asyncpg.Connection[Any]"]:
    await load_banks(fresh)
    connection = await asyncpg.connect(fresh.superuser_dsn())
    yield connection
    await connection.close()


@pytest.fixture
def copy(exported: Exported, tmp_path: Path) -> Path:
    return Path(shutil.copytree(exported[0], tmp_path / "copy"))


async def refused(
    path: Path, fresh: FreshHouse, there: "asyncpg.Connection[Any]", *, passphrase: str = PASSPHRASE
) -> Failure:
    """Import what must be refused; return why, having seen that nothing is left of it."""
    with pytest.raises(Failure) as raised:
        await bring_in(
            fresh.superuser_dsn(), path, passphrase=passphrase, folders=folders_of(fresh)
        )
    assert not list((fresh.folder / "keys").glob("*/*")), "keys"
    for table in (await read(there)).owned:
        some = f"SELECT EXISTS (SELECT FROM {table.name})"
        assert not await there.fetchval(some), table.name
    return raised.value


def files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def put_ahead(file: Path, turn: str, *, by: int) -> None:
    rows = [json.loads(line) for line in file.read_bytes().splitlines()]
    lines = [json.dumps(row | {turn: row[turn] + by}, ensure_ascii=False) for row in rows]
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def ids_in(file: Path, turn: str) -> list[str]:
    rows = [json.loads(line) for line in file.read_bytes().splitlines()]
    return [row["id"] for row in sorted(rows, key=lambda row: (row[turn], row["id"]))]


def forge(path: Path, **changes: Any) -> None:
    """Write a manifest anew and vouch for it, as one can who knows the passphrase."""
    before = (path / MANIFEST).read_bytes()
    keys = open_((path / KEYS).read_bytes(), manifest=before, passphrase=PASSPHRASE)
    said = json.loads(before) | changes
    for part in said["files"]:
        content = (path / part["path"]).read_bytes()
        part["sha256"], part["bytes"] = sha256(content).hexdigest(), len(content)
        if part["rows"] is not None:
            part["rows"] = content.count(b"\n")
    after = parsed(json.dumps(said).encode(), path=path).as_bytes()
    (path / MANIFEST).write_bytes(after)
    (path / KEYS).write_bytes(close(keys, manifest=after, passphrase=PASSPHRASE))


class TestAnArchive:
    async def test_with_another_passphrase_is_refused(
        self, copy: Path, fresh: FreshHouse, there: "asyncpg.Connection[Any]"
    ) -> None:
        why = await refused(copy, fresh, there, passphrase="this is some other passphrase")
        assert isinstance(why, WrongPassphrase)

    async def test_with_a_changed_file_is_refused(
        self, copy: Path, fresh: FreshHouse, there: "asyncpg.Connection[Any]"
    ) -> None:
        file = copy / "tables" / "registry.residents.jsonl"
        content = file.read_bytes()
        file.write_bytes(content.replace(b'"2"', b'"1"', 1) + b"\n")
        assert isinstance(await refused(copy, fresh, there), FileChanged)

    async def test_without_one_of_its_files_is_refused(
        self, copy: Path, fresh: FreshHouse, there: "asyncpg.Connection[Any]"
    ) -> None:
        (copy / "tables" / "registry.residents.jsonl").unlink()
        assert isinstance(await refused(copy, fresh, there), FileChanged)

    async def test_with_a_changed_manifest_is_refused(
        self, copy: Path, fresh: FreshHouse, there: "asyncpg.Connection[Any]"
    ) -> None:
        manifest = copy / MANIFEST
        manifest.write_bytes(manifest.read_bytes().replace(b'"residents": ', b'"residents": 1'))
        assert isinstance(await refused(copy, fresh, there), FileChanged)

    async def test_that_points_at_nothing_is_refused(
        self, copy: Path, fresh: FreshHouse, there: "asyncpg.Connection[Any]"
    ) -> None:
        """A household is missing, and whoever took it out knew the passphrase."""
        file = copy / "tables" / "registry.households.jsonl"
        file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[1:]))
        forge(copy)
        why = await refused(copy, fresh, there)
        assert isinstance(why, DoesNotHold)
        assert "registry." in why.english

    async def test_whose_trail_was_edited_is_refused(
        self, copy: Path, fresh: FreshHouse, there: "asyncpg.Connection[Any]"
    ) -> None:
        file = copy / "tables" / "audit.entries.jsonl"
        file.write_bytes(file.read_bytes().replace(b'"allowed"', b'"denied"', 1))
        forge(copy)
        why = await refused(copy, fresh, there)
        assert isinstance(why, DoesNotHold)
        assert "entry_edited" in why.english

    async def test_of_another_revision_is_refused(
        self, copy: Path, fresh: FreshHouse, there: "asyncpg.Connection[Any]"
    ) -> None:
        revisions = json.loads((copy / MANIFEST).read_bytes())["revisions"]
        forge(copy, revisions=revisions | {"registry": "registry_of_next_year"})
        why = await refused(copy, fresh, there)
        assert isinstance(why, OtherRevision)
        assert "registry_of_next_year" in why.english

    async def test_of_a_later_format_is_refused(
        self, copy: Path, fresh: FreshHouse, there: "asyncpg.Connection[Any]"
    ) -> None:
        said = json.loads((copy / MANIFEST).read_bytes())
        (copy / MANIFEST).write_text(json.dumps(said | {"version": 2}), encoding="utf-8")
        assert isinstance(await refused(copy, fresh, there), NotAnArchive)

    async def test_that_is_none_is_refused(
        self, tmp_path: Path, fresh: FreshHouse, there: "asyncpg.Connection[Any]"
    ) -> None:
        (tmp_path / "x.tar").write_text("玉入れ", encoding="utf-8")
        assert isinstance(await refused(tmp_path / "x.tar", fresh, there), NotAnArchive)
        assert isinstance(await refused(tmp_path, fresh, there), NotAnArchive)

    async def test_whose_number_another_town_lives_under_is_refused(
        self, exported: Exported, fresh: FreshHouse, there: "asyncpg.Connection[Any]"
    ) -> None:
        number = exported[1].tenant_id
        add = (
            "INSERT INTO platform.tenants (tenant_id, kind, name, name_kana, prefecture_name)"
            " OVERRIDING SYSTEM VALUE VALUES ($1, 'municipality', '別の町', '', '')"
        )
        await there.execute(add, number)
        try:
            assert isinstance(await refused(exported[0], fresh, there), NumberTaken)
        finally:
            await there.execute("DELETE FROM platform.tenants WHERE tenant_id = $1", number)


class TestAnExport:
    async def test_is_never_written_over_another(
        self, exported: Exported, house: House, town: Town
    ) -> None:
        with pytest.raises(PlaceTaken):
            await export(
                house.superuser_dsn(),
                str(town.tenancy.code),
                exported[0],
                passphrase=PASSPHRASE,
                folders=folders_of(house),
            )

    @pytest.mark.parametrize(
        ("code", "passphrase", "why"),
        [
            ("999999", PASSPHRASE, NoSuchMunicipality),
            ("012084", "short", PassphraseTooShort),
        ],
    )
    async def test_that_is_refused_leaves_nothing(
        self, house: House, tmp_path: Path, code: str, passphrase: str, why: type[Failure]
    ) -> None:
        with pytest.raises(why):
            await export(
                house.superuser_dsn(),
                code,
                tmp_path / "archive",
                passphrase=passphrase,
                folders=folders_of(house),
            )
        assert files_in(tmp_path) == []


class TestAHouseThatHasCountedFurther:
    async def test_hands_over_its_events_in_their_order_and_in_the_past(
        self, exported: Exported, copy: Path, rebuilt: FreshHouse
    ) -> None:
        """Numbers of transactions from its future would keep the events hidden for months."""
        turns = {"registry.outbox": "tx", "registry.residents": "changed_tx", "audit.entries": "tx"}
        for name, turn in turns.items():
            put_ahead(copy / "tables" / f"{name}.jsonl", turn, by=10**12)
        forge(copy)
        dsn = rebuilt.superuser_dsn()
        await load_banks(rebuilt)
        await bring_in(dsn, copy, passphrase=PASSPHRASE, folders=folders_of(rebuilt))
        connection = await asyncpg.connect(dsn)
        try:
            ahead = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint <= "
            for name, turn in turns.items():
                order = f"SELECT id::text FROM {name} ORDER BY {turn}, id"
                found = [row[0] for row in await connection.fetch(order)]
                assert found == ids_in(exported[0] / "tables" / f"{name}.jsonl", turn)
                assert not await connection.fetchval(f"SELECT {ahead} max({turn}) FROM {name}")
        finally:
            await connection.close()


class TestAListedTown:
    """The last tests of the module: from here on there is data in the other house."""

    async def test_moves_in_from_one_tar_under_its_own_number(
        self,
        house: House,
        town: Town,
        fresh: FreshHouse,
        there: "asyncpg.Connection[Any]",
        tmp_path: Path,
    ) -> None:
        """The directory there gave the town another number, and its number to another town."""
        number, code = int(town.tenancy.tenant_id), str(town.tenancy.code)
        other = await self._listed(there, "別の町", "302082", number)
        await self._listed(there, "北見市", code, other)
        made = await export(
            house.superuser_dsn(),
            code,
            tmp_path / "kitami.tar",
            passphrase=PASSPHRASE,
            folders=folders_of(house),
        )
        arrived = await bring_in(
            fresh.superuser_dsn(),
            tmp_path / "kitami.tar",
            passphrase=PASSPHRASE,
            folders=folders_of(fresh),
        )
        assert arrived.manifest == made
        with reading(tmp_path / "kitami.tar") as archive:
            assert await tables_with_rows(there, await read(there), place_in(archive.manifest))
        codes = "SELECT tenant_id, municipality_code FROM platform.tenant_codes"
        assert {tuple(row) for row in await there.fetch(codes)} == {
            (number, code),
            (other, "302082"),
        }

    async def test_does_not_move_in_twice(self, exported: Exported, fresh: FreshHouse) -> None:
        with pytest.raises(HasData):
            await bring_in(
                fresh.superuser_dsn(),
                exported[0],
                passphrase=PASSPHRASE,
                folders=folders_of(fresh),
            )
        assert list((fresh.folder / "keys" / "registry").iterdir())

    async def _listed(
        self, there: "asyncpg.Connection[Any]", name: str, code: str, number: int
    ) -> int:
        await there.execute(
            "INSERT INTO platform.tenants (tenant_id, kind, name, name_kana, prefecture_name)"
            " OVERRIDING SYSTEM VALUE VALUES ($1, 'municipality', $2, '', '')",
            number,
            name,
        )
        await there.execute(
            "INSERT INTO platform.tenant_codes (municipality_code, valid_from, tenant_id)"
            " VALUES ($1, '1889-04-01', $2)",
            code,
            number,
        )
        return number + 1_000
