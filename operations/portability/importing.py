"""A municipality's archive into an installation where nothing of it is yet: all of it or nothing.

The municipality keeps its number: its cells are sealed to it and its trail is hashed with it (ADR
0019). One transaction writes every row. Foreign keys are looked at once, set by set, when all rows
are there: tables lean on one another in circles, and row by row no order of them would do.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from .archive import KEYS, SEALS, Archive, Manifest, Part, reading
from .catalogue import Catalogue, Connection, Link, Place, Table, quoted, read
from .directory import settle
from .export import SERVICES, Folders, travelling
from .keys import Keys, placed
from .offline import check_trail
from .places import totals_of
from .refusals import DoesNotHold, HasData, OtherRevision
from .turns import renumber
from .verdicts import COMPANIONS
from .wrapping import open_

_BATCH_ROWS: Final = 1_000
_BATCH_BYTES: Final = 4_000_000
_LOCK: Final = 0x7A11


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """What was imported."""

    manifest: Manifest
    rows: int
    renumbered: int
    """Rows whose turn was told anew, because this database counts transactions from elsewhere."""


async def bring_in(dsn: str, path: Path, *, passphrase: str, folders: Folders) -> Arrived:
    """Import an archive.

    Raises:
        NotAnArchive, FileChanged, WrongPassphrase: it is not believed.
        OtherRevision: the tables here are not those it was made of.
        HasData, NumberTaken: there is something here that it would mix with.
        DoesNotHold: it does not agree with itself.
    """
    with reading(path) as archive:
        keys = open_(archive.content(KEYS), manifest=archive.manifest_bytes, passphrase=passphrase)
        return await take_in(dsn, archive, folders=folders, keys=keys)


async def take_in(dsn: str, archive: Archive, *, folders: Folders, keys: Keys) -> Arrived:
    """Import an archive whose word is taken; its files and its trail are checked all the same.

    Without `keys` those that are here go on being used.
    """
    archive.check()
    await check_trail(archive)
    connection = await asyncpg.connect(dsn)
    try:
        arrived = await _import(connection, archive, folders=folders, keys=keys, dsn=dsn)
    finally:
        await connection.close()
    _keep_seals(archive, folders)
    return arrived


async def _import(
    connection: Connection, archive: Archive, *, folders: Folders, keys: Keys, dsn: str
) -> Arrived:
    manifest = archive.manifest
    place = place_in(manifest)
    if unknown := [service for service in keys if service not in SERVICES]:
        raise DoesNotHold(f"keys of {unknown[0]}")
    transaction = connection.transaction()
    await transaction.start()
    try:
        await _make_ready(connection)
        catalogue = await read(connection)
        await _refuse_what_would_mix(connection, catalogue, manifest)
        await settle(connection, catalogue, manifest)
        rows = await load(connection, catalogue, archive, place=place)
        await _check(connection, catalogue, archive)
        if manifest.audit_verifier != folders.verifier() or not keys:
            await _forget_seals(connection, place)
        renumbered = await renumber(connection, catalogue, place, dsn=dsn)
        # Every gateway and service looks at this number, and reads the directory when it moves.
        await connection.execute("UPDATE platform.bulletin SET revision = revision + 1")
        with placed(keys, folders.keys, tenant_id=manifest.tenant_id):
            await transaction.commit()
    except BaseException:
        with suppress(asyncpg.InterfaceError):  # it was ended by what went wrong
            await transaction.rollback()
        raise
    return Arrived(manifest=manifest, rows=rows, renumbered=renumbered)


async def _make_ready(connection: Connection) -> None:
    await connection.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
    # Every foreign key is checked once all rows are there; see the head of this file.
    await connection.execute("SET LOCAL session_replication_role = replica")
    await connection.execute("SET LOCAL timezone = 'UTC'")
    await connection.execute("SET LOCAL statement_timeout = 0")


async def _refuse_what_would_mix(
    connection: Connection, catalogue: Catalogue, manifest: Manifest
) -> None:
    if dict(catalogue.revisions) != manifest.revisions:
        raise OtherRevision(theirs=manifest.revisions, ours=dict(catalogue.revisions))
    place = place_in(manifest)
    if tables := await tables_with_rows(connection, catalogue, place):
        raise HasData(place.code, tables=tables)


async def _check(connection: Connection, catalogue: Catalogue, archive: Archive) -> None:
    place = place_in(archive.manifest)
    await check_links(connection, catalogue, place)
    if await totals_of(connection, place.tenant_id) != archive.manifest.totals:
        raise DoesNotHold("totals")


def place_in(manifest: Manifest) -> Place:
    """Return the municipality that an archive is of."""
    codes = [str(one["municipality_code"]) for one in manifest.municipality["codes"]]
    return Place(
        tenant_id=manifest.tenant_id, code=manifest.code, codes=tuple(dict.fromkeys(codes))
    )


async def tables_with_rows(connection: Connection, catalogue: Catalogue, place: Place) -> list[str]:
    """Return the tables in which there is anything of a municipality."""
    found: list[str] = []
    for table in catalogue.owned:
        some = f"SELECT EXISTS (SELECT FROM {table.name} WHERE {table.whose(place)})"  # noqa: S608 - names from the catalogue
        if await connection.fetchval(some):
            found.append(table.name)
    return found


async def load(
    connection: Connection, catalogue: Catalogue, archive: Archive, *, place: Place
) -> int:
    """Write every row of the archive; return how many.

    Raises:
        DoesNotHold: a table is missing, or has another number of rows than the manifest says.
    """
    rows = 0
    for name in COMPANIONS:
        if part := archive.manifest.table(name, folder="companions"):
            await _load(connection, archive, part, into=catalogue.tables[name], place=None)
    for table in travelling(catalogue):
        part = archive.manifest.table(table.name)
        if part is None:
            raise DoesNotHold(f"{table.name} is missing")
        rows += await _load(connection, archive, part, into=table, place=place)
    return rows


async def _load(
    connection: Connection, archive: Archive, part: Part, *, into: Table, place: Place | None
) -> int:
    """Write one file; rows of the municipality are its own, whatever the file says."""
    columns = quoted(into.columns)
    values = ", ".join(
        f"{place.tenant_id}" if place and name == "tenant_id" else quoted([name])
        for name in into.columns
    )
    owned = place is not None and into.owner == "municipality_code"
    where = f" WHERE {into.whose(place)}" if owned and place else ""
    again = "" if place else " ON CONFLICT DO NOTHING"
    insert = (
        f"INSERT INTO {into.name} ({columns}) OVERRIDING SYSTEM VALUE SELECT {values}"  # noqa: S608 - names from the catalogue
        f" FROM json_populate_recordset(NULL::{into.name}, $1::json){where}{again}"
    )
    written = count = 0
    for batch, size in batches(archive.lines(part)):
        done = await connection.execute(insert, batch)
        written += int(done.rpartition(" ")[2])
        count += size
    if count != part.rows or (place is not None and written != count):
        raise DoesNotHold(f"{part.path}: {written} of {part.rows}")
    return written


def batches(lines: Iterable[bytes]) -> Iterator[tuple[str, int]]:
    """Join rows into JSON arrays of a bounded size."""
    held: list[bytes] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if len(held) >= _BATCH_ROWS or size >= _BATCH_BYTES:
            yield _array(held), len(held)
            held, size = [], 0
    if held:
        yield _array(held), len(held)


def _array(rows: Iterable[bytes]) -> str:
    return (b"[" + b",".join(rows) + b"]").decode()


async def check_links(connection: Connection, catalogue: Catalogue, place: Place) -> None:
    """Look at every foreign key of the municipality's rows.

    Raises:
        DoesNotHold: one points at nothing.
    """
    if (broken := await broken_link(connection, catalogue, place)) is not None:
        raise DoesNotHold(f"{broken.source}: {broken.name}")


async def broken_link(connection: Connection, catalogue: Catalogue, place: Place) -> Link | None:
    """Return a foreign key by which a row of the municipality points at nothing."""
    carried = {table.name: table for table in travelling(catalogue)}
    for link in catalogue.links:
        if link.source not in carried or not link.holds:
            continue
        complete = " AND ".join(f"s.{quoted([name])} IS NOT NULL" for name in link.columns)
        same = " AND ".join(
            f"t.{quoted([key])} = s.{quoted([name])}"
            for name, key in zip(link.columns, link.keys, strict=True)
        )
        mine = f"(SELECT * FROM {link.source} WHERE {carried[link.source].whose(place)})"  # noqa: S608 - names from the catalogue
        lost = (
            f"SELECT EXISTS (SELECT FROM {mine} s WHERE {complete}"  # noqa: S608 - likewise
            f" AND NOT EXISTS (SELECT FROM {link.target} t WHERE {same}))"
        )
        if await connection.fetchval(lost):
            return link
    return None


async def _forget_seals(connection: Connection, place: Place) -> None:
    """Leave the sealing of the trail to this installation's own key, from the first entry on."""
    await connection.execute("DELETE FROM audit.checkpoints WHERE tenant_id = $1", place.tenant_id)


def _keep_seals(archive: Archive, folders: Folders) -> None:
    """Keep the old seals beside the new ones: they prove the past under the key of its time."""
    seals = archive.content(SEALS)
    if folders.witness is None or not seals:
        return
    manifest = archive.manifest
    carried = folders.witness / "carried"
    carried.mkdir(mode=0o700, parents=True, exist_ok=True)
    stamp = manifest.made_at.replace(":", "").replace("+", "_")
    name = f"{manifest.tenant_id}-{stamp}.txt"
    (carried / name).write_bytes(f"{manifest.audit_verifier}\n\n".encode() + seals)
