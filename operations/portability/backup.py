"""Last night's backups: of each municipality one archive, closed with a key of its own.

A backup of all in one file could not forget one of them. Here each has its own key, outside the
database and outside the backup: erasing a municipality destroys it, and yesterday's backup of it,
names and all, is noise, while every other one is restored as ever (ADR 0020).
"""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from foundation import clock
from foundation.encryption import Keyring, KeyUnavailable
from foundation.identifiers import TenantId

from . import envelope
from .archive import MANIFEST, reading, writing
from .catalogue import Connection
from .erasure import BACKUP, set_aside_seals
from .export import Folders, write
from .importing import Arrived, take_in
from .ledger import Ledger
from .places import place_of
from .refusals import ErasedBefore

_SUFFIX: Final = ".backup"
_ON_BOARD: Final = """
SELECT municipality_code FROM platform.tenants JOIN platform.tenant_codes USING (tenant_id)
WHERE valid_until IS NULL AND status IN ('trial', 'live', 'paused', 'leaving') ORDER BY 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What came back of a folder of backups, and what could not, because it was erased."""

    arrived: list[Arrived]
    erased: list[str]


async def back_up(dsn: str, into: Path, *, folders: Folders) -> list[Path]:
    """Write a backup of every municipality on board into a new folder; return the files."""
    connection = await asyncpg.connect(dsn)
    try:
        codes = [row["municipality_code"] for row in await connection.fetch(_ON_BOARD)]
        folder = into / f"{clock.now():%Y%m%dT%H%M%S}"
        folder.mkdir(mode=0o700, parents=True)
        return [
            await back_up_one(connection, code, folder=folder, folders=folders) for code in codes
        ]
    finally:
        await connection.close()


async def back_up_one(connection: Connection, code: str, *, folder: Path, folders: Folders) -> Path:
    """Write the backup of one municipality."""
    place = await place_of(connection, code)
    tenant_id = TenantId(place.tenant_id)
    keyring = Keyring(folders.keys / BACKUP)
    keyring.create(tenant_id)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        clear = Path(scratch) / "clear.tar"
        with writing(clear) as archive:
            manifest = await write(connection, place, archive, seals="", folders=folders)
            archive.put(MANIFEST, manifest.as_bytes())
        target = folder / f"{tenant_id}{_SUFFIX}"
        envelope.close(clear, target, cipher=keyring.cipher(tenant_id))
    return target


async def restore(dsn: str, source: Path, *, folders: Folders, ledger: Ledger) -> Restored:
    """Bring a folder of backups into an empty installation that has the keys, but of the erased."""
    arrived, erased = list[Arrived](), list[str]()
    for path in files_in(source):
        try:
            arrived.append(await restore_one(dsn, path, folders=folders, ledger=ledger))
        except ErasedBefore:
            erased.append(path.stem)
    return Restored(arrived=arrived, erased=erased)


def expire(folder: Path, *, keep: int) -> None:
    """Remove the oldest nights; only folders that hold nothing but backups are ever touched."""
    nights = [
        night
        for night in sorted(folder.iterdir())
        if night.is_dir() and all(file.suffix == _SUFFIX for file in night.iterdir())
    ]
    for night in nights[:-keep]:
        shutil.rmtree(night)


def files_in(folder: Path) -> list[Path]:
    """Return the backups of one night."""
    return sorted(folder.glob(f"*{_SUFFIX}"))


async def restore_one(dsn: str, path: Path, *, folders: Folders, ledger: Ledger) -> Arrived:
    """Bring one municipality back.

    Raises:
        ErasedBefore: it was erased, and nothing can open this any more.
        FileChanged, OtherRevision, HasData, NumberTaken, DoesNotHold: as an import.
    """
    tenant_id = TenantId(int(path.stem))
    try:
        cipher = Keyring(folders.keys / BACKUP).cipher(tenant_id)
    except KeyUnavailable as error:
        raise ErasedBefore(path.stem) from error
    if ledger.is_gone(tenant_id):
        raise ErasedBefore(path.stem)
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        clear = Path(scratch) / "clear.tar"
        envelope.open_(path, clear, cipher=cipher)
        with reading(clear) as archive:
            # The trail is sealed anew: what was written and sealed since that night is lost.
            set_aside_seals(folders, tenant_id, into=path.parent)
            return await take_in(dsn, archive, folders=folders, keys={})
