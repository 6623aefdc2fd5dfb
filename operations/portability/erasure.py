"""The end of a municipality's data here: rows, keys and backups; and a certificate of it.

The order is the point. First the list outside the database says so, and whatever is restored from
then on is swept by it. Then the door closes. Rows go in batches, so that no other town waits. Then
the keys of every service, and of the backups, are destroyed: what old copies hold is noise. Last,
what is left is counted, and only nothing is certified. Interrupted, it is simply run again.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import asyncpg

from foundation import clock
from foundation.audit import Witness
from foundation.encryption import Keyring
from foundation.identifiers import TenantId

from .catalogue import Catalogue, Connection, Place, Table, read
from .certificate import signed
from .export import SERVICES, Folders
from .ledger import Ledger
from .places import place_of, totals_of
from .refusals import NotLeaving, StillWritten
from .remains import Remains, kept_leaves

BATCH_ROWS: Final = 10_000
BACKUP: Final = "backup"
PUBLIC: Final = frozenset({"platform.membership_notices"})
"""What was announced in public and stays so: that a municipality took part, and left."""
_MAY_END: Final = ("leaving", "closed")
_CLOSE: Final = "UPDATE platform.tenants SET status = 'closed', notice = NULL WHERE tenant_id = $1"
_COUNT_UP: Final = "UPDATE platform.bulletin SET revision = revision + 1"
_ROUNDS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Who wants which municipality erased, who agreed, and on what ground."""

    code: str
    by: str
    confirmed_by: str
    ground: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Where the list of erasures is, and the key that signs certificates."""

    ledger: Ledger
    key: Path
    log_until: datetime | None = None
    """Until when the database's log of changes is kept, where it is: it holds names in clear."""


async def erase(dsn: str, order: Order, *, folders: Folders, ending: Ending) -> str:
    """Erase a municipality; return its certificate, which also lies beside the list.

    Raises:
        NoSuchMunicipality: the code is nobody's.
        NotLeaving: it has not said that it leaves.
        StillWritten: something goes on writing; nothing is certified, and it is run again.
    """
    connection = await asyncpg.connect(dsn)
    try:
        place = await place_of(connection, order.code)
        await _see_that_it_leaves(connection, place)
        began = clock.now().isoformat()
        ending.ledger.add(
            tenant_id=place.tenant_id, code=place.code, codes=place.codes, state="begun"
        )
        await _shut_the_door(connection, place)
        totals = await totals_of(connection, place.tenant_id)
        remains = await kept_leaves(connection, place, folder=ending.ledger.folder)
        key_ids = _key_ids(folders, place)
        removed = await _remove(connection, place)
        _destroy(folders, place)
        await _sweep_until_nothing(connection, place, removed)
        set_aside_seals(folders, TenantId(place.tenant_id), into=ending.ledger.folder)
        certificate = signed(
            _facts(order, place, began=began, remains=remains)
            | {"rows": dict(sorted(removed.items())), "keys": key_ids, "totals": totals}
            | _of_the_log(ending),
            key=ending.key,
        )
    finally:
        await connection.close()
    path = ending.ledger.folder / f"{place.code}-{place.tenant_id}.certificate.txt"
    path.write_text(certificate, encoding="utf-8")
    ending.ledger.add(tenant_id=place.tenant_id, code=place.code, codes=place.codes, state="erased")
    return certificate


async def sweep(dsn: str, ledger: Ledger) -> dict[str, int]:
    """Remove from a restored database whoever was erased since; return how many rows of each code.

    To be called before anything is opened on it.
    """
    connection = await asyncpg.connect(dsn)
    swept: dict[str, int] = {}
    try:
        for line in ledger.gone():
            place = Place(tenant_id=line.tenant_id, code=line.code, codes=line.codes)
            await _shut_the_door(connection, place)
            removed = await _remove(connection, place)
            await _sweep_until_nothing(connection, place, removed)
            swept[line.code] = sum(removed.values())
    finally:
        await connection.close()
    return swept


async def rows_left(connection: Connection, place: Place) -> dict[str, int]:
    """Return how many rows of a municipality there are in each table that has any."""
    found: dict[str, int] = {}
    for table in _erasable(await read(connection)):
        count = f"SELECT count(*) FROM {table.name} WHERE {table.whose(place)}"  # noqa: S608 - names from the catalogue
        if rows := int(await connection.fetchval(count)):
            found[table.name] = rows
    return found


async def _see_that_it_leaves(connection: Connection, place: Place) -> None:
    status = await connection.fetchval(
        "SELECT status FROM platform.tenants WHERE tenant_id = $1", place.tenant_id
    )
    if status not in _MAY_END:
        raise NotLeaving(place.code, status=str(status))


async def _shut_the_door(connection: Connection, place: Place) -> None:
    async with connection.transaction():
        await connection.execute(_CLOSE, place.tenant_id)
        await connection.execute(_COUNT_UP)


async def _remove(connection: Connection, place: Place) -> dict[str, int]:
    """Delete every row in batches; return how many of each table that had any.

    Tables lean on one another in circles; as nothing of the town remains, nothing leans any more.
    """
    removed: dict[str, int] = {}
    await connection.execute("SET statement_timeout = 0")
    await connection.execute("SET session_replication_role = replica")
    for table in _erasable(await read(connection)):
        batch = (
            f"DELETE FROM {table.name} WHERE ctid = ANY(ARRAY("  # noqa: S608 - names from the catalogue
            f"SELECT ctid FROM {table.name} WHERE {table.whose(place)} LIMIT {BATCH_ROWS}))"
        )
        while rows := int((await connection.execute(batch)).rpartition(" ")[2]):
            removed[table.name] = removed.get(table.name, 0) + rows
    return removed


async def _sweep_until_nothing(
    connection: Connection, place: Place, removed: dict[str, int]
) -> None:
    """Remove what was still being written while the door closed, and let the space be reused."""
    for _ in range(_ROUNDS):
        if not await rows_left(connection, place):
            break
        for table, rows in (await _remove(connection, place)).items():
            removed[table] = removed.get(table, 0) + rows
    if left := await rows_left(connection, place):
        raise StillWritten(place.code, tables=list(left))
    for table in removed:
        await connection.execute(f"VACUUM {table}")


def _erasable(catalogue: Catalogue) -> Iterator[Table]:
    return (table for table in catalogue.owned if table.name not in PUBLIC)


def _services(folders: Folders) -> Sequence[str]:
    return [name for name in (*SERVICES, BACKUP) if (folders.keys / name).is_dir()]


def _key_ids(folders: Folders, place: Place) -> dict[str, list[str]]:
    """Return which keys there were, by the digest of their wrapped form: it opens nothing."""
    return {
        service: [
            f"{file.name} sha256:{sha256(file.read_bytes()).hexdigest()[:16]}"
            for file in sorted(home.glob("*.wrapped"))
        ]
        for service in _services(folders)
        if (home := folders.keys / service / str(place.tenant_id)).is_dir()
    }


def _destroy(folders: Folders, place: Place) -> None:
    for service in _services(folders):
        Keyring(folders.keys / service).destroy(TenantId(place.tenant_id))


def set_aside_seals(folders: Folders, tenant_id: TenantId, *, into: Path) -> None:
    """Keep the seals, and take them from where they would call for entries that are gone."""
    if folders.witness is None:
        return
    path = Witness(folders.witness).path_of(tenant_id)
    if path.is_file():
        path.rename(into / f"{path.stem}-{clock.now():%Y%m%dT%H%M%S}.checkpoints.txt")


def _of_the_log(ending: Ending) -> dict[str, Any]:
    """Return what is honestly not gone yet: ADR 0021."""
    if ending.log_until is None:
        return {}
    return {"log_of_changes_is_kept_until": ending.log_until.isoformat(timespec="minutes")}


def _facts(order: Order, place: Place, *, began: str, remains: Remains) -> dict[str, Any]:
    return {
        "what": "すべてのデータの消去 / erasure of all data",
        "municipality_code": place.code,
        "former_codes": [code for code in place.codes if code != place.code],
        "tenant_id": place.tenant_id,
        "ground": order.ground,
        "asked_by": order.by,
        "confirmed_by": order.confirmed_by,
        "began_at": began,
        "ended_at": clock.now().isoformat(),
        "rows_left": 0,
        "kept": {
            "trail": json.loads(remains.as_json()),
            "public": sorted(PUBLIC | {"platform.tenants", "platform.tenant_codes"}),
        },
    }
