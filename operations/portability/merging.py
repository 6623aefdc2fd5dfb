"""合併: one municipality's register, benefits, receptions and cases become another's.

Into one of them, or into a third that has come on board. Rehearsed first: everything is done, the
report is made, and nothing is kept. Rows keep their ids; what two towns both numbered is numbered
anew for the one that joins, and the list of old and new numbers is kept. Who signs in, with which
rights, and the trail stay with the old number: people sign in to the new town, and what they did
in the old one stays provable there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import asyncpg

from foundation import clock
from foundation.encryption import Keyring
from foundation.identifiers import TenantId
from operations.population.numbering import Numbering

from .catalogue import Catalogue, Connection, Place, Table, read
from .export import Folders
from .importing import check_links
from .places import place_of, totals_of
from .refusals import DoesNotHold, NotOnBoard, TransfersUnderWay
from .resealing import CELLS, PASSING, SERVICES, reseal, unnamed
from .verdicts import LEFT

_STAYS: Final = ("outbox", "inbox", "idempotency_keys", "import_layouts")
_SINGLE: Final = ("benefits.payers",)
"""One row for each town: the one that is joined keeps its own."""
_SUMS: Final = (
    "residents",
    "residents_ever",
    "households",
    "programmes",
    "open_benefits",
    "open_benefits_yen",
    "paid_yen",
    "cases",
    "open_cases",
    "consultation_records",
    "receptions",
)
_CODES: Final = (("benefits.programmes", "code"), ("window_dx.windows", "code"))
_UNDER_WAY: Final = """
SELECT count(*) FROM benefits.transfer_proposals
WHERE tenant_id = ANY($1) AND state IN ('proposed', 'approved', 'sealed')
"""
_NUMBERS: Final = {
    "resident_number": ("registry.residents", "registry.resident_history"),
    "household_number": ("registry.households",),
}
_END_CODE: Final = """
UPDATE platform.tenant_codes SET valid_until = $2 WHERE tenant_id = $1 AND valid_until IS NULL
"""
_CLOSE: Final = "UPDATE platform.tenants SET status = 'closed' WHERE tenant_id = $1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merger:
    """Which towns join which, and from what day on."""

    joining: Sequence[str]
    into: str
    on: date


@dataclass(slots=True, kw_only=True)
class Report:
    """What was done, or would be."""

    rehearsed: bool
    before: dict[str, dict[str, int]]
    after: dict[str, int] = field(default_factory=dict[str, int])
    moved: dict[str, int] = field(default_factory=dict[str, int])
    resealed: dict[str, int] = field(default_factory=dict[str, int])
    dropped: dict[str, int] = field(default_factory=dict[str, int])
    renamed: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    """Of each town, by kind, the old number or code and the new one."""


async def merge(dsn: str, merger: Merger, *, folders: Folders, rehearse: bool) -> Report:
    """Merge, or find out what would happen.

    Raises:
        NoSuchMunicipality, NotOnBoard: one of them is not here.
        TransfersUnderWay: money is on its way; it arrives first.
        DoesNotHold: two rows cannot both be, or the sums would not be preserved.
    """
    connection = await asyncpg.connect(dsn)
    transaction = connection.transaction()
    try:
        await transaction.start()
        report = await _merge(connection, merger, folders=folders)
        report.rehearsed = rehearse
        if rehearse:
            await transaction.rollback()
        else:
            await transaction.commit()
    except asyncpg.UniqueViolationError as error:
        raise DoesNotHold(str(getattr(error, "constraint_name", error))) from error
    finally:
        await connection.close()  # what was not committed is not kept
    return report


async def _merge(connection: Connection, merger: Merger, *, folders: Folders) -> Report:
    into = await place_of(connection, merger.into)
    joining = [await place_of(connection, code) for code in merger.joining]
    places = [into, *joining]
    if len({place.tenant_id for place in places}) != len(places) or merger.on > clock.today():
        raise DoesNotHold(f"{merger.into} {merger.on}")
    await _see_that_it_may_be(connection, into, places)
    await connection.execute("SET LOCAL session_replication_role = replica")
    await connection.execute("SET LOCAL statement_timeout = 0")
    catalogue = await read(connection)
    report = Report(
        rehearsed=True,
        before={one.code: await totals_of(connection, one.tenant_id) for one in places},
    )
    for place in joining:
        numbers = await _renumber(connection, place, into, report)
        await _reseal(connection, place, into, folders=folders, numbers=numbers, report=report)
        await _apply(connection, place, numbers)
        await _move(connection, catalogue, place, into, report)
        await _end(connection, catalogue, place, on=merger.on)
    await check_links(connection, catalogue, into)
    report.after = await totals_of(connection, into.tenant_id)
    for name in _SUMS:
        if report.after[name] != sum(totals[name] for totals in report.before.values()):
            raise DoesNotHold(name)
    await connection.execute("UPDATE platform.bulletin SET revision = revision + 1")
    return report


async def _see_that_it_may_be(connection: Connection, into: Place, places: Sequence[Place]) -> None:
    status = await connection.fetchval(
        "SELECT status FROM platform.tenants WHERE tenant_id = $1", into.tenant_id
    )
    if status not in {"trial", "live", "paused"}:
        raise NotOnBoard(into.code)
    if columns := await unnamed(connection):
        raise DoesNotHold(", ".join(sorted(columns)))
    numbers = [place.tenant_id for place in places]
    if count := int(await connection.fetchval(_UNDER_WAY, numbers)):
        raise TransfersUnderWay(count)


async def _renumber(
    connection: Connection, place: Place, into: Place, report: Report
) -> dict[str, dict[str, str]]:
    """Find what both towns numbered alike, and number it anew for the one that joins."""
    found: dict[str, dict[str, str]] = {}
    for kind, tables in _NUMBERS.items():
        theirs, ours = [
            {
                str(row[0])
                for table in tables
                for row in await connection.fetch(
                    f"SELECT DISTINCT {kind} FROM {table} WHERE tenant_id = $1",  # noqa: S608 - our own names
                    one.tenant_id,
                )
            }
            for one in (place, into)
        ]
        numbering = Numbering(1 + max((_serial(one) for one in theirs | ours), default=0))
        found[kind] = {old: numbering.take() for old in sorted(theirs & ours)}
    for table, column in _CODES:
        both = await connection.fetch(
            f"SELECT a.{column} FROM {table} a JOIN {table} b USING ({column})"  # noqa: S608 - likewise
            " WHERE a.tenant_id = $1 AND b.tenant_id = $2",
            place.tenant_id,
            into.tenant_id,
        )
        found[table] = {str(row[0]): f"{row[0]}-{place.code}" for row in both}
    report.renamed += [
        {"of": place.code, "kind": kind, "old": old, "new": new}
        for kind, pairs in found.items()
        for old, new in pairs.items()
    ]
    return found


def _serial(number: str) -> int:
    """Return the serial of a register number, without its check digit."""
    return int(number[:-1]) if number.isascii() and number.isdigit() and len(number) > 1 else 0


async def _reseal(
    connection: Connection,
    place: Place,
    into: Place,
    *,
    folders: Folders,
    numbers: Mapping[str, Mapping[str, str]],
    report: Report,
) -> None:
    for cells in CELLS:
        keyring = Keyring(folders.keys / cells.service)
        ciphers = (
            keyring.cipher(TenantId(place.tenant_id)),
            keyring.cipher(TenantId(into.tenant_id)),
        )
        rows = await reseal(
            connection,
            cells,
            tenant_id=place.tenant_id,
            ciphers=ciphers,
            numbers=numbers["resident_number"],
        )
        report.resealed[cells.table] = report.resealed.get(cells.table, 0) + rows


async def _apply(
    connection: Connection, place: Place, numbers: Mapping[str, Mapping[str, str]]
) -> None:
    """Write the new numbers and codes."""
    changes = [
        *((table, kind, kind) for kind, tables in _NUMBERS.items() for table in tables),
        *((table, column, table) for table, column in _CODES),
    ]
    for table, column, kind in changes:
        await connection.execute(
            f"UPDATE {table} t SET {column} = n.new FROM unnest($2::text[], $3::text[])"  # noqa: S608 - our own names
            f" AS n(old, new) WHERE t.tenant_id = $1 AND t.{column} = n.old",
            place.tenant_id,
            list(numbers[kind]),
            list(numbers[kind].values()),
        )


async def _move(
    connection: Connection, catalogue: Catalogue, place: Place, into: Place, report: Report
) -> None:
    for table in moving(catalogue):
        if table.name in _SINGLE:
            gone = (
                f"DELETE FROM {table.name} WHERE tenant_id = $1 AND EXISTS"  # noqa: S608 - names from the catalogue
                f" (SELECT FROM {table.name} WHERE tenant_id = $2)"
            )
            done = await connection.execute(gone, place.tenant_id, into.tenant_id)
            _count(report.dropped, table.name, done)
        changes = ["tenant_id = $2"]
        if table.turn:  # so that readers of the new town's feed see them come
            changes.append(f"{table.turn} = pg_current_xact_id()::text::bigint")
        if "municipality_code" in table.columns:
            changes.append(f"municipality_code = '{into.code}'")
        move = f"UPDATE {table.name} SET {', '.join(changes)} WHERE tenant_id = $1"  # noqa: S608 - likewise
        done = await connection.execute(move, place.tenant_id, into.tenant_id)
        _count(report.moved, table.name, done)


def moving(catalogue: Catalogue) -> list[Table]:
    """Return the tables whose rows change town: the services' own, but for feeds and keys."""
    return [
        table
        for table in catalogue.owned
        if table.owner == "tenant_id"
        and table.name.partition(".")[0] in SERVICES
        and table.name.partition(".")[2] not in _STAYS
        and table.name not in PASSING
    ]


async def _end(connection: Connection, catalogue: Catalogue, place: Place, *, on: date) -> None:
    """Let the old code end, and whoever is signed in to it with it."""
    await connection.execute(_END_CODE, place.tenant_id, on)
    await connection.execute(_CLOSE, place.tenant_id)
    for table in catalogue.owned:
        if table.name in LEFT or table.name in PASSING:
            await connection.execute(f"DELETE FROM {table.name} WHERE {table.whose(place)}")  # noqa: S608 - names from the catalogue


def _count(counts: dict[str, int], table: str, done: str) -> None:
    if rows := int(done.rpartition(" ")[2]):
        counts[table] = counts.get(table, 0) + rows
