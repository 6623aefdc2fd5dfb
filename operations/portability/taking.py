"""A municipality's past rows, put back where they were lost or changed: all of it or nothing.

What has come since stays: somebody applied, and is not forgotten because a colleague erred. What
was done stays done (the trail, payments, messages), and whoever was protected since stays so.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import asyncpg

from .archive import Sink
from .catalogue import Connection, Place, Table, quoted, read
from .differences import Difference, Sides, key_of
from .export import Folders, pour
from .importing import batches, broken_link
from .refusals import (
    ChangedMeanwhile,
    KeysGone,
    MoneyBusy,
    MoneyMoved,
    NotTaken,
    WouldCollide,
    WouldPointAtNothing,
)

TAKEN: Final = (
    "registry.households",
    "registry.residents",
    "registry.resident_history",
    "benefits.programmes",
    "benefits.applications",
    "benefits.bank_accounts",
    "benefits.decisions",
    "benefits.correction_requests",
    "benefits.application_signatures",
    "consultation.cases",
    "consultation.progress_records",
    "window_dx.windows",
    "window_dx.receptions",
    "window_dx.reception_acts",
)
"""What is put back. A table that nobody judged is not."""
MONEY: Final = frozenset(
    {
        "benefits.transfers",
        "benefits.transfer_files",
        "benefits.transfer_proposals",
        "benefits.transfer_proposal_lines",
    }
)
GUARDS: Final = {
    ("consultation.cases", "confidentiality"): ("ordinary", "sensitive", "strict"),
}
"""Columns that keep something from somebody, from open to close: the stricter of both stays."""
WHY_NOT: Final = {
    "audit": ("証跡は巻き戻しません", "the trail is never wound back"),
    "platform": (
        "権限・サインイン・参加の状態は巻き戻しません",
        "rights, sign-ins and membership are not wound back",
    ),
}
_OTHERWISE: Final = (
    "支払い、保護、通知、採番、権限に関わる表は巻き戻しません",
    "what concerns payments, protection, messages, numbering or rights is not wound back",
)
_OF_PERSONS: Final = {
    "registry.residents": "id",
    "registry.resident_history": "resident_id",
}
_PROTECTED: Final = """
SELECT id FROM registry.residents WHERE tenant_id = $1 AND protection <> ''
UNION SELECT resident_id FROM registry.protected_persons WHERE tenant_id = $1
UNION SELECT resident_id FROM registry.protected_addresses WHERE tenant_id = $1
"""
_WITHHELD: Final = "CREATE TEMPORARY TABLE withheld (id uuid PRIMARY KEY)"
_KEPT_BACK: Final = "SELECT id FROM withheld"
_KEY_NUMBER: Final = "('x' || encode(substring({} FROM 2 FOR 4), 'hex'))::bit(32)::bigint"
"""Of a sealed cell, which of the municipality's data keys closed it (foundation.encryption)."""
_PATIENCE: Final = "SET LOCAL lock_timeout = '5s'"
"""Payments of every town wait while their tables are held: so we wait for nobody longer."""
_VERSIONS: Final = """
SELECT count(*), sum(hashtextextended(ctid::text || xmin::text, 0)) FROM {} WHERE {}
"""
"""Another answer on another snapshot means that a row was written, changed or deleted between."""
_WRITTEN_MEANWHILE: Final = (
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
)
_NEXT_TURN: Final = "pg_current_xact_id()::text::bigint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What was put back."""

    rows: Mapping[str, int]
    """Of each table, how many rows."""
    withheld: int
    """Rows of protected persons, which are left as they are."""


def chosen(wanted: str) -> list[str]:
    """Return the tables that `all`, or a list with commas, means.

    Raises:
        NotTaken: one of them is not put back, and why.
    """
    if wanted == "all":
        return [*TAKEN]
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    for name in names:
        if name not in TAKEN:
            why_ja, why = WHY_NOT.get(name.partition(".")[0], _OTHERWISE)
            raise NotTaken(name, why_ja=why_ja, why=why, taken=TAKEN)
    return [name for name in TAKEN if name in names]


async def take(
    sides: Sides,
    names: Sequence[str],
    *,
    found: Sequence[Difference],
    folders: Folders,
    beside: Connection,
) -> Taken:
    """Put back what `differences` found in the same transactions; the caller commits.

    `beside` is another connection to the running server, outside any transaction: it sees what was
    written since the comparison.

    Raises:
        MoneyBusy: payments are being written, and go on being.
        MoneyMoved: payments were proposed or made since, and these rows are what they rest on.
        KeysGone: sealed cells could not be opened any more.
        WouldCollide: something that came since has taken a row's place.
        WouldPointAtNothing: a row needs another one that is not put back with it.
        ChangedMeanwhile: somebody wrote one of these rows while we compared.
    """
    live, place = sides.live, sides.place
    _see_that_no_money_moved(names, found)
    catalogue = await read(live)
    await live.execute(_PATIENCE)
    if any(map(_rests_under_money, names)):
        await _hold_money(sides, [catalogue.tables[name] for name in sorted(MONEY)], beside=beside)
    await _withhold(sides)
    differing = {difference.table for difference in found}
    rows: dict[str, int] = {}
    withheld = 0
    # Tables lean on one another in circles: they are looked at once all rows are there.
    await live.execute("SET LOCAL session_replication_role = replica")
    for name in names:
        if name not in differing:
            continue
        table = catalogue.tables[name]
        await _see_that_keys_are_there(sides, table, folders=folders)
        withheld += await _withheld_of(sides, table)
        rows[name] = await _put_back(sides, table)
    if (broken := await broken_link(live, catalogue, place)) is not None:
        raise WouldPointAtNothing(broken.source, target=broken.target)
    return Taken(rows={name: count for name, count in rows.items() if count}, withheld=withheld)


def _see_that_no_money_moved(names: Sequence[str], found: Sequence[Difference]) -> None:
    """Money moves once: what a payment rests on is not what it was before that payment."""
    moved = sorted(MONEY & {difference.table for difference in found})
    if moved and any(map(_rests_under_money, names)):
        raise MoneyMoved(moved)


def _rests_under_money(name: str) -> bool:
    return name.startswith("benefits.")


async def _hold_money(sides: Sides, tables: Sequence[Table], *, beside: Connection) -> None:
    """Let no payment be written until the caller commits, and see that none was meanwhile.

    What was compared is as old as the comparison. Once the tables are held, whoever was writing has
    committed, and is seen beside it; whoever comes now waits, and finds the rows put back.
    """
    held = ", ".join(table.name for table in tables)
    try:
        await sides.live.execute(f"LOCK TABLE {held} IN SHARE ROW EXCLUSIVE MODE")
    except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError) as error:
        raise MoneyBusy from error
    moved: list[str] = []
    for table in tables:
        versions = _VERSIONS.format(table.name, table.whose(sides.place))
        if await sides.live.fetchrow(versions) != await beside.fetchrow(versions):
            moved.append(table.name)
    if moved:
        raise MoneyMoved(moved)


async def _withhold(sides: Sides) -> None:
    """Let the past know who is, or was then, protected: their address was in clear before."""
    known = {
        row[0]
        for connection in (sides.live, sides.past)
        for row in await connection.fetch(_PROTECTED, sides.place.tenant_id)
    }
    await sides.past.execute(_WITHHELD)
    await sides.past.copy_records_to_table("withheld", records=[(one,) for one in known])


async def _withheld_of(sides: Sides, table: Table) -> int:
    column = _OF_PERSONS.get(table.name)
    if column is None:
        return 0
    differing = _differing(table, sides.place)
    query = f"SELECT count(*) FROM {table.name} WHERE {differing} AND {column} IN ({_KEPT_BACK})"  # noqa: S608 - our own names
    return int(await sides.past.fetchval(query))


def _differing(table: Table, place: Place) -> str:
    """Return the condition that a past row is lost, or another one, now."""
    return (
        f"{table.whose(place)} AND {key_of(table)} IN (SELECT key FROM differing"  # noqa: S608 - names from the catalogue
        f" WHERE source = '{table.name}' AND kind <> 'added')"
    )


def _put_back_of(table: Table, place: Place) -> str:
    column = _OF_PERSONS.get(table.name)
    mine = _differing(table, place)
    return mine if column is None else f"{mine} AND {column} NOT IN ({_KEPT_BACK})"


async def _put_back(sides: Sides, table: Table) -> int:
    written = 0
    with tempfile.TemporaryFile(dir=sides.spool) as file:
        await pour(sides.past, table, _put_back_of(table, sides.place), Sink(file))
        file.seek(0)
        insert = _writing(table, sides.place)
        for batch, _ in batches(line.rstrip(b"\n") for line in file):
            try:
                done = await sides.live.execute(insert, batch)
            except asyncpg.UniqueViolationError as error:
                raise WouldCollide(table.name, key=error.constraint_name or "-") from error
            except _WRITTEN_MEANWHILE as error:
                raise ChangedMeanwhile(table.name) from error
            written += int(done.rpartition(" ")[2])
    return written


def _writing(table: Table, place: Place) -> str:
    """Return the statement that puts rows back under their keys.

    A version goes on counting, so that nobody's old ETag fits; a turn is told anew, so that a feed
    which has passed it tells of the row again. What guards a row is never loosened.
    """
    values = ", ".join(_value(table, name, place) for name in table.columns)
    fresh = {"version": "greatest(t.version, excluded.version) + 1"}
    fresh |= {
        name: _stricter(name, steps) for (of, name), steps in GUARDS.items() if of == table.name
    }
    assigned = ", ".join(
        f"{quoted([name])} = {fresh.get(name, f'excluded.{quoted([name])}')}"
        for name in table.columns
        if name not in table.key
    )
    return (
        f"INSERT INTO {table.name} AS t ({quoted(table.columns)}) OVERRIDING SYSTEM VALUE"  # noqa: S608 - names from the catalogue
        f" SELECT {values} FROM json_populate_recordset(NULL::{table.name}, $1::json)"
        f" ON CONFLICT ({quoted(table.key)}) DO UPDATE SET {assigned}"
    )


def _stricter(name: str, steps: Sequence[str]) -> str:
    """Return what is there, unless what was is known to be stricter."""
    order = "ARRAY[" + ", ".join(f"'{step}'" for step in steps) + "]::text[]"
    here, there = (
        f"array_position({order}, {side}.{quoted([name])})" for side in ("t", "excluded")
    )
    return f"CASE WHEN {here} < {there} THEN excluded.{quoted([name])} ELSE t.{quoted([name])} END"


def _value(table: Table, name: str, place: Place) -> str:
    if name == "tenant_id":
        return str(int(place.tenant_id))
    return _NEXT_TURN if name == table.turn else quoted([name])


async def _see_that_keys_are_there(sides: Sides, table: Table, *, folders: Folders) -> None:
    """Refuse cells sealed with a key that has been destroyed since."""
    service = table.name.partition(".")[0]
    here = folders.keys_of(sides.place.tenant_id).get(service, {})
    for column in (name for name in table.columns if name.endswith("_sealed")):
        used = await sides.past.fetch(
            f"SELECT DISTINCT {_KEY_NUMBER.format(column)} AS kid"  # noqa: S608 - names from the catalogue
            f" FROM {table.name} WHERE {_differing(table, sides.place)} AND {column} IS NOT NULL"
        )
        if gone := [row["kid"] for row in used if f"dek-{row['kid']}.wrapped" not in here]:
            raise KeysGone(table.name, number=int(gone[0]))
