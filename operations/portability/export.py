"""Everything of one municipality, as of one instant, into an open format.

One read-only REPEATABLE READ transaction reads every table, so what the files say fits together
however long it takes. Rows stream from the server into files; memory does not grow with the town.
Sealed cells stay sealed: their keys travel beside them, closed with the municipality's passphrase.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from foundation import clock
from foundation.audit import Witness
from foundation.identifiers import TenantId

from .archive import KEYS, MANIFEST, SEALS, Manifest, Sink, Writing, writing
from .catalogue import DIRECTORY, Catalogue, Connection, Place, Table, quoted, read
from .places import described, place_of, totals_of
from .readme import README
from .verdicts import COMPANIONS, LEFT
from .wrapping import LEAST_CHARACTERS, PassphraseTooShort, close

SERVICES: Final = ("registry", "benefits", "window_dx", "consultation", "platform")
# Row objects have no raw control characters, so with these two nothing is ever quoted: what
# arrives is one JSON object on each line.
_DELIMITER, _QUOTE = "\x02", "\x01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """What lies outside the database: every service's keys, the seals, and their public key."""

    keys: Path
    witness: Path | None = None
    seal_key: Path | None = None

    def verifier(self) -> str | None:
        """Return the public half of the key that seals the trail, as auditors are given it."""
        if self.seal_key is None:
            return None
        public = self.seal_key.with_name(f"{self.seal_key.name}.pub")
        return public.read_text(encoding="utf-8").strip() if public.is_file() else None

    def keys_of(self, tenant_id: int) -> dict[str, dict[str, bytes]]:
        """Return the key files of a municipality, by service."""
        return {
            service: {
                file.name: file.read_bytes() for file in sorted(home.iterdir()) if file.is_file()
            }
            for service in SERVICES
            if (home := self.keys / service / str(tenant_id)).is_dir()
        }


async def export(
    dsn: str,
    code: str,
    path: Path,
    *,
    passphrase: str,
    folders: Folders,
    before: Callable[[Place], Awaitable[None]] | None = None,
) -> Manifest:
    """Write the archive of the municipality that has this code today; return its manifest.

    Args:
        dsn: the address of the database for its administrator.
        code: the municipality's code.
        path: a folder to be made, or a name ending in `.tar`.
        passphrase: the municipality's; we keep it nowhere.
        folders: what lies outside the database.
        before: what is to be done before the first row is read.

    Raises:
        NoSuchMunicipality, PlaceTaken, PassphraseTooShort: nothing was written.
    """
    if len(passphrase) < LEAST_CHARACTERS:
        raise PassphraseTooShort(LEAST_CHARACTERS)
    connection = await asyncpg.connect(dsn)
    try:
        place = await place_of(connection, code)
        with writing(path) as archive:
            if before is not None:
                await before(place)
            # Before the snapshot: what a seal covers was committed when it was made.
            seals = _seals(folders, place)
            manifest = await write(connection, place, archive, seals=seals, folders=folders)
            archive.put(MANIFEST, manifest.as_bytes())
            keys = folders.keys_of(place.tenant_id)
            archive.put(KEYS, close(keys, manifest=manifest.as_bytes(), passphrase=passphrase))
    finally:
        await connection.close()
    return manifest


async def write(
    connection: Connection, place: Place, archive: Writing, *, seals: str, folders: Folders
) -> Manifest:
    """Write every file but the manifest and the keys, and return the manifest."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute("SET LOCAL statement_timeout = 0")
        await connection.execute("SET LOCAL timezone = 'UTC'")
        catalogue = await read(connection)
        for table in travelling(catalogue):
            with archive.part(f"tables/{table.name}.jsonl") as sink:
                await pour(connection, table, table.whose(place), sink)
        for name, condition in companions(catalogue, place).items():
            with archive.part(f"companions/{name}.jsonl") as sink:
                await pour(connection, catalogue.tables[name], condition, sink)
        with archive.part(SEALS, counting_lines=False) as sink:
            sink.write(seals.encode())
        with archive.part("README.txt", counting_lines=False) as sink:
            sink.write(README.encode())
        return Manifest(
            municipality=await described(connection, place),
            made_at=clock.now().isoformat(),
            revisions=dict(catalogue.revisions),
            totals=await totals_of(connection, place.tenant_id),
            files=archive.parts,
            left_behind={name: why for name, why in LEFT.items() if name in catalogue.tables},
            audit_verifier=folders.verifier(),
        )


def travelling(catalogue: Catalogue) -> Iterable[Table]:
    """Return the tables that travel: all that are not judged to stay."""
    return [table for table in catalogue.owned if table.name not in LEFT]


def companions(catalogue: Catalogue, place: Place) -> dict[str, str]:
    """Return which rows of nobody's tables the municipality's own point at, as conditions."""
    found: dict[str, list[str]] = {}
    carried = {table.name for table in travelling(catalogue)}
    for link in catalogue.links:
        target = catalogue.tables[link.target]
        if link.source in carried and target.owner is None and link.target not in DIRECTORY:
            mine = catalogue.tables[link.source].whose(place)
            _add(found, link.target, link.keys, of=link.source, where=mine, column=link.columns)
    for link in catalogue.links:  # what belongs to them: a client's keys
        if link.target in found and link.source in COMPANIONS and link.source not in found:
            where = " OR ".join(found[link.target])
            _add(found, link.source, link.columns, of=link.target, where=where, column=link.keys)
    for link in catalogue.links:  # and whom they belong to: its vendor
        if link.source in found and link.target in COMPANIONS and link.source != link.target:
            where = " OR ".join(found[link.source])
            _add(found, link.target, link.keys, of=link.source, where=where, column=link.columns)
    return {name: " OR ".join(dict.fromkeys(parts)) for name, parts in found.items()}


def _add(
    found: dict[str, list[str]],
    name: str,
    keys: Iterable[str],
    *,
    of: str,
    where: str,
    column: Iterable[str],
) -> None:
    condition = f"({quoted([*keys])}) IN (SELECT {quoted([*column])} FROM {of} WHERE {where})"  # noqa: S608 - names from the catalogue
    found.setdefault(name, []).append(condition)


async def pour(connection: Connection, table: Table, condition: str, sink: Sink) -> None:
    """Write the rows of a table for which `condition` holds, one JSON object on each line."""
    columns = quoted(table.columns)
    query = (
        f"SELECT row_to_json(r) FROM (SELECT {columns} FROM {table.name}"  # noqa: S608 - names from the catalogue
        f" WHERE {condition} ORDER BY {quoted(table.order)}) r"
    )
    await connection.copy_from_query(
        query, output=sink.take, format="csv", delimiter=_DELIMITER, quote=_QUOTE
    )


def _seals(folders: Folders, place: Place) -> str:
    if folders.witness is None:
        return ""
    return "\n".join(Witness(folders.witness).notes(TenantId(place.tenant_id)))
