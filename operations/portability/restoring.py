"""One municipality at a past minute, beside itself as it is now: compared, and put back if asked.

The order is the point. Whoever was erased does not come back. It is in the trail before the past is
opened, with both names if something will be put back. The scratch server is gone when this returns.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import asyncpg

from foundation import clock
from operations.postgres import Cluster
from operations.postgres.failures import HistoryOff
from operations.postgres.past import Past, past
from operations.postgres.presence import handed_over

from .catalogue import Connection, Place
from .differences import Difference, Sides, differences
from .export import Folders, export
from .ledger import Ledger
from .places import located
from .refusals import ErasedBefore, NotYet, ProtectedSince
from .taking import Taken, take
from .trail import Dsn, note, two_people

OPENED, TAKEN_BACK = "platform.tenant.past_opened", "platform.tenant.past_put_back"
_PROTECTED_NOW = """
SELECT id FROM registry.residents WHERE tenant_id = $1 AND protection <> ''
UNION SELECT resident_id FROM registry.protected_addresses WHERE tenant_id = $1
UNION SELECT p.resident_id FROM registry.protected_persons p
JOIN registry.protection_measures m ON m.tenant_id = p.tenant_id AND m.id = p.measure_id
WHERE p.tenant_id = $1 AND m.state <> 'released'
"""
_CLEAR_THEN = """
SELECT EXISTS (
  SELECT FROM registry.residents
  WHERE tenant_id = $1 AND id = ANY($2) AND (address <> '' OR postal_code <> '')
) OR EXISTS (
  SELECT FROM registry.resident_history
  WHERE tenant_id = $1 AND resident_id = ANY($2) AND (address <> '' OR postal_code <> '')
)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """Where an archive of the past is written to, and what closes its keys."""

    path: Path
    passphrase: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which municipality, at what minute, and what of it is wanted by whom, beside a comparison."""

    code: str
    at: datetime
    by: str
    confirmed_by: str = ""
    tables: Sequence[str] = ()
    """To be put back."""
    copy: Copy | None = None
    """To be written as an archive: the whole town as it was."""

    @property
    def moves_data(self) -> bool:
        return bool(self.tables) or self.copy is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The installation this is done in."""

    cluster: Cluster
    database: str
    dsn: Dsn
    """The address of its database for one of our roles."""
    folders: Folders
    ledger: Ledger
    log: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What became of the municipality since, and what was put back."""

    place: Place
    differences: Sequence[Difference]
    taken: Taken | None


def look_back(site: Site, wish: Wish, *, on_wait: Callable[[], None] = lambda: None) -> Looked:
    """Compare, and put back what is wished. From the main thread, outside any loop.

    Raises:
        NotYet, HistoryOff, NotThatFarBack, HistoryInterrupted: that minute is out of reach.
        NoSuchMunicipality, ErasedBefore: so is that municipality.
        SamePerson: putting back takes two, and so does an archive.
        PlaceTaken, PassphraseTooShort, ProtectedSince: the archive was not written.
        OtherTables, MoneyBusy, MoneyMoved, KeysGone, WouldCollide, WouldPointAtNothing,
            ChangedMeanwhile: nothing was put back.
    """
    if wish.at > clock.now():
        raise NotYet(wish.at)
    if site.cluster.history.days == 0:
        raise HistoryOff
    if wish.moves_data:
        two_people(wish.by, wish.confirmed_by)
    place = asyncio.run(_allowed(site, wish))
    with past(site.cluster, wish.at, database=site.database, log=site.log, on_wait=on_wait) as then:
        looked = asyncio.run(_looked(site, wish, place, then))
    if looked.taken is not None:
        asyncio.run(_note_taken(site, wish, place, looked.taken))
    return looked


async def _allowed(site: Site, wish: Wish) -> Place:
    place = await located(site.cluster.superuser_dsn(site.database), wish.code)
    ended = site.ledger.last_ended(place.tenant_id)
    if ended is not None and (site.ledger.is_gone(place.tenant_id) or wish.at <= ended):
        raise ErasedBefore(wish.code)
    detail = {"at": wish.at.isoformat(), "tables": " ".join(wish.tables)}
    if wish.confirmed_by:
        detail["confirmed_by"] = wish.confirmed_by
    if wish.copy is not None:
        detail["archive"] = wish.copy.path.name
    await note(site.dsn, place, OPENED, by=wish.by, detail=detail)
    await handed_over(site.cluster)
    return place


async def _looked(site: Site, wish: Wish, place: Place, then: Past) -> Looked:
    now = site.cluster.superuser_dsn(site.database)
    async with _connected(now) as live, _connected(then.dsn) as before:
        if wish.copy is not None:
            await _see_that_no_address_is_told(live, before, place)
            await _write(wish.copy, site, wish, then)
        sides = Sides(live=live, past=before, place=place, spool=then.place.home)
        async with (
            live.transaction(isolation="repeatable_read", readonly=not wish.tables),
            before.transaction(),
        ):
            found = await differences(sides)
            if not wish.tables:
                return Looked(place=place, differences=found, taken=None)
            async with _connected(now) as beside:
                taken = await take(
                    sides, wish.tables, found=found, folders=site.folders, beside=beside
                )
        return Looked(place=place, differences=found, taken=taken)


@asynccontextmanager
async def _connected(dsn: str) -> AsyncGenerator[Connection]:
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


async def _see_that_no_address_is_told(live: Connection, before: Connection, place: Place) -> None:
    """Refuse an archive in which somebody who is protected by now would still live in clear."""
    protected = [row[0] for row in await live.fetch(_PROTECTED_NOW, place.tenant_id)]
    if await before.fetchval(_CLEAR_THEN, place.tenant_id, protected):
        raise ProtectedSince


async def _write(copy: Copy, site: Site, wish: Wish, then: Past) -> None:
    # The seals outside the database are of today, and cover entries that were not there then.
    folders = Folders(keys=site.folders.keys, seal_key=site.folders.seal_key)
    await export(then.dsn, wish.code, copy.path, passphrase=copy.passphrase, folders=folders)


async def _note_taken(site: Site, wish: Wish, place: Place, taken: Taken) -> None:
    detail = {
        "at": wish.at.isoformat(),
        "confirmed_by": wish.confirmed_by,
        "rows": " ".join(f"{table}={count}" for table, count in taken.rows.items()),
        "withheld": taken.withheld,
    }
    await note(site.dsn, place, TAKEN_BACK, by=wish.by, detail=detail)
