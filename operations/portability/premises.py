"""The installation a command works on: its database, and what lies beside it in the data folder."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from foundation.identifiers import new_id
from operations.files import make_private, write_private
from operations.folder import DataFolder
from operations.postgres import Cluster
from operations.postgres.external import ExternalServer
from operations.postgres.failures import HistoryElsewhere
from operations.postgres.history import History
from operations.postgres.passwords import Passwords
from operations.supervision.databases import database_of
from operations.supervision.programmes import sealing_key, witness
from operations.supervision.status import running

from .archive import Manifest, reading
from .backup import Restored, back_up, expire, restore
from .catalogue import Place
from .certificate import public_key
from .erasure import Ending, Order, erase, sweep
from .export import Folders, export
from .importing import Arrived, bring_in, place_in
from .ledger import Ledger
from .merging import Merger, Report, merge
from .offline import check_trail, trail_report
from .places import located
from .restoring import Site
from .trail import note, two_people

DATABASE = "tamaire"


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """Where everything of an installation is."""

    administrator: str
    """The database's address for its administrator, who alone writes into every schema at once."""
    dsn: Callable[[str], str]
    folders: Folders
    root: Path
    history: History | None = None
    """The database's own log of changes; None of somebody else's."""


def of(data: Path, *, url: str | None = None) -> Premises:
    """Return the running installation of a data folder.

    Raises:
        NotRunning: there is none.
    """
    folder = DataFolder(data.resolve())
    instance = running(data)
    server = (
        database_of(folder, instance)
        if url is None
        else ExternalServer(url, passwords=Passwords(folder.passwords))
    )
    return Premises(
        administrator=server.superuser_dsn(DATABASE),
        dsn=server.dsn,
        folders=Folders(keys=folder.keys, witness=witness(folder), seal_key=sealing_key(folder)),
        root=folder.root,
        history=server.history if isinstance(server, Cluster) else None,
    )


def own_database(data: Path) -> Cluster:
    """Return the database of a running installation, which is our own.

    Raises:
        NotRunning: there is none.
        HistoryElsewhere: it is somebody else's.
    """
    server = database_of(DataFolder(data.resolve()), running(data))
    if not isinstance(server, Cluster):
        raise HistoryElsewhere
    return server


def site_of(data: Path) -> Site:
    """Return where one looks back in a running installation."""
    cluster, house = own_database(data), of(data)
    return Site(
        cluster=cluster,
        database=DATABASE,
        dsn=house.dsn,
        folders=house.folders,
        ledger=ending(house).ledger,
        log=DataFolder(data.resolve()).log("past"),
    )


async def export_ordered(
    house: Premises, code: str, to: Path, *, passphrase: str, people: tuple[str, str]
) -> Manifest:
    """Export what two people agreed on; it is in the trail before the first row is read."""
    two_people(*people)

    async def before(place: Place) -> None:
        by, confirmed_by = people
        detail = {"confirmed_by": confirmed_by, "archive": to.name}
        await note(house.dsn, place, "platform.tenant.exported", by=by, detail=detail)

    return await export(
        house.administrator,
        code,
        to,
        passphrase=passphrase,
        folders=house.folders,
        before=before,
    )


async def import_ordered(house: Premises, archive: Path, *, passphrase: str, by: str) -> Arrived:
    """Import, and say so in the trail that came along."""
    arrived = await bring_in(
        house.administrator, archive, passphrase=passphrase, folders=house.folders
    )
    manifest = arrived.manifest
    detail: dict[str, str | int | bool] = {
        "rows": arrived.rows,
        "manifest": sha256(manifest.as_bytes()).hexdigest(),
    }
    place = place_in(manifest)
    if (ledger := ending(house).ledger).is_gone(place.tenant_id):
        ledger.add(tenant_id=place.tenant_id, code=place.code, codes=place.codes, state="returned")
    await note(house.dsn, place, "platform.tenant.imported", by=by, detail=detail)
    return arrived


def ending(house: Premises) -> Ending:
    """Return the installation's list of erasures and the key of its certificates."""
    return Ending(
        ledger=Ledger(house.root / "erasures"),
        key=house.folders.keys / "sealer" / "erasure.key",
        log_until=None if house.history is None else house.history.gone_by(),
    )


def certificate_key(house: Premises) -> str:
    """Return the public key under which certificates of this installation are checked."""
    return public_key(ending(house).key)


async def erasure_ordered(house: Premises, order: Order) -> str:
    """Erase what two people agreed on; return the certificate."""
    two_people(order.by, order.confirmed_by)
    return await erase(house.administrator, order, folders=house.folders, ending=ending(house))


async def merger_ordered(
    house: Premises, merger: Merger, *, people: tuple[str, str], rehearse: bool
) -> Report:
    """Merge what two people agreed on; the old and new numbers are kept beside the database."""
    two_people(*people)
    report = await merge(house.administrator, merger, folders=house.folders, rehearse=rehearse)
    if rehearse:
        return report
    folder = house.root / "mergers"
    make_private(folder)
    content = json.dumps(asdict(report), ensure_ascii=False, indent=2)
    write_private(folder / f"{merger.into}-{merger.on}-{new_id()}.json", content)
    place = await located(house.administrator, merger.into)
    detail = {"confirmed_by": people[1], "joining": " ".join(merger.joining)}
    await note(house.dsn, place, "platform.tenant.merged", by=people[0], detail=detail)
    return report


async def backed_up(house: Premises, into: Path | None, *, keep: int) -> list[Path]:
    """Back everybody up, and remove the oldest nights beyond `keep`."""
    folder = (into or house.root / "backups").resolve()
    files = await back_up(house.administrator, folder, folders=house.folders)
    expire(folder, keep=keep)
    return files


async def restored(house: Premises, source: Path) -> Restored:
    """Bring a night's backups back; whoever was erased stays gone."""
    return await restore(
        house.administrator, source, folders=house.folders, ledger=ending(house).ledger
    )


async def swept(house: Premises) -> dict[str, int]:
    """Remove from a restored database whoever was erased since."""
    return await sweep(house.administrator, ending(house).ledger)


async def verified(path: Path) -> tuple[Manifest, int]:
    """Check every file and the trail; return the manifest and how many entries are sealed.

    Raises:
        NotAnArchive, FileChanged, DoesNotHold: it is not what was written.
    """
    with reading(path) as archive:
        archive.check()
        await check_trail(archive)
        report = await trail_report(archive)
        return archive.manifest, 0 if report is None else report.sealed
