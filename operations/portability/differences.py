"""Which rows of a municipality differ between a past minute and now; never what is in them.

Of the present only keys and digests are read, in one read-only pass over each table; they are held
against the past on the scratch server, so that the running one serves as ever.
"""

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .catalogue import Catalogue, Connection, Place, Table, quoted, read
from .export import travelling
from .refusals import OtherTables

SHOWN: Final = 1_000
"""How many rows of a table are named of each kind; all are counted."""
KINDS: Final = ("added", "removed", "changed")
_NAMES_NOBODY: Final = frozenset({"client_id", "kid", "role", "service", "act", "cause"})
"""Texts within a key that say nothing of a person; every other one is left out of what is shown."""
_OWNERS: Final = ("tenant_id", "municipality_code")
_PASSING: Final = """
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND c.relpersistence = 'u'
"""
_TYPES: Final = """
SELECT a.attname, format_type(a.atttypid, NULL) FROM pg_attribute a
WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped
"""
_PRESENT: Final = """
CREATE TEMPORARY TABLE IF NOT EXISTS present (key text, shown text, digest bytea);
TRUNCATE present;
CREATE TEMPORARY TABLE IF NOT EXISTS differing (source text, key text, shown text, kind text)
"""
_DIFFERING: Final = """
INSERT INTO differing (source, key, shown, kind)
SELECT $1, key, coalesce(now.shown, before.shown), CASE WHEN before.digest IS NULL THEN 'added'
  WHEN now.digest IS NULL THEN 'removed' ELSE 'changed' END
FROM present now FULL JOIN ({past}) before USING (key)
WHERE now.digest IS DISTINCT FROM before.digest
"""
_COUNTED: Final = "SELECT kind, count(*) FROM differing WHERE source = $1 GROUP BY kind"
_SHOWN: Final = """
SELECT key, shown FROM differing WHERE source = $1 AND kind = $2 ORDER BY shown LIMIT $3
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What became of a table's rows since the past minute."""

    table: str
    counts: Mapping[str, int]
    """Of each kind, how many rows: `added` since, `removed` since, `changed` since."""
    rows: Mapping[str, Sequence[str]]
    """Of each kind the first rows, by their ids."""
    columns: Mapping[str, int]
    """Of the changed ones among them, in how many rows each column differs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """A municipality now and then: two connections, each inside a transaction."""

    live: Connection
    past: Connection
    place: Place
    spool: Path
    """A folder for what goes from one to the other."""


async def differences(sides: Sides) -> list[Difference]:
    """Hold every table of a municipality against what it was; return those that differ.

    What differs stays in the past's temporary table
    `differing` for whoever puts it back.

    Raises:
        OtherTables: the tables were brought to another revision since.
    """
    live, past = sides.live, sides.past
    catalogue, before = await read(live), await read(past)
    if catalogue.revisions != before.revisions:
        raise OtherTables(theirs=dict(before.revisions), ours=dict(catalogue.revisions))
    for connection in (live, past):
        await connection.execute("SET LOCAL statement_timeout = 0; SET LOCAL timezone = 'UTC'")
    compared = [await _difference(sides, table) for table in await _lasting(live, catalogue)]
    return [difference for difference in compared if difference is not None]


def key_of(table: Table) -> str:
    """Return the expression by which a row is known on both sides."""
    return f"json_build_array({quoted(table.key or table.columns)})::text"


async def _lasting(live: Connection, catalogue: Catalogue) -> list[Table]:
    """Return the tables that travel, but for what no server brings back: unlogged ones."""
    passing = {row[0] for row in await live.fetch(_PASSING)}
    return [table for table in travelling(catalogue) if table.name not in passing]


async def _difference(sides: Sides, table: Table) -> Difference | None:
    past = sides.past
    query = await _digests(sides.live, table, sides.place)
    await past.execute(_PRESENT)
    with tempfile.NamedTemporaryFile(dir=sides.spool) as file:
        await sides.live.copy_from_query(query, output=Path(file.name), format="binary")
        await past.copy_to_table("present", source=Path(file.name), format="binary")
    await past.execute(_DIFFERING.format(past=query), table.name)
    counts = {kind: int(count) for kind, count in await past.fetch(_COUNTED, table.name)}
    if not counts:
        return None
    first = {
        kind: await past.fetch(_SHOWN, table.name, kind, SHOWN) for kind in KINDS if kind in counts
    }
    keys = [row["key"] for row in first.get("changed", [])]
    return Difference(
        table=table.name,
        counts=counts,
        rows={kind: [row["shown"] for row in rows] for kind, rows in first.items()},
        columns=await _columns(sides, table, keys) if keys else {},
    )


async def _columns(sides: Sides, table: Table, keys: Sequence[str]) -> dict[str, int]:
    """Return in which columns changed rows differ; digests are compared, and nothing is shown."""
    cells = ", ".join(f"md5({quoted([name])}::text)" for name in table.columns)
    query = (
        f"SELECT {key_of(table)} AS key, ARRAY[{cells}] AS cells FROM {table.name}"  # noqa: S608 - names from the catalogue
        f" WHERE {table.whose(sides.place)} AND {key_of(table)} = ANY($1)"
    )
    now: dict[str, list[str | None]]
    now, before = [
        {row["key"]: row["cells"] for row in await connection.fetch(query, keys)}
        for connection in (sides.live, sides.past)
    ]
    changed = Counter(
        name
        for key in keys
        for name, here, there in zip(table.columns, now[key], before[key], strict=True)
        if here != there
    )
    return dict(sorted(changed.items()))


async def _digests(live: Connection, table: Table, place: Place) -> str:
    """Return the query for each row's key, the name it is shown by, and the digest of the whole."""
    types = {row[0]: row[1] for row in await live.fetch(_TYPES, table.name)}
    parts = [f"{quoted([name])}::text" for name in _named_by(table, types) if name not in _OWNERS]
    shown = f"concat_ws('/', {', '.join(parts)})" if parts else "'-'"
    whole = f"sha256(convert_to(ROW({quoted(table.columns)})::text, 'UTF8'))"
    return (
        f"SELECT {key_of(table)} AS key, {shown} AS shown, {whole} AS digest"  # noqa: S608 - names from the catalogue
        f" FROM {table.name} WHERE {table.whose(place)}"
    )


def _named_by(table: Table, types: Mapping[str, str]) -> list[str]:
    """Return the columns a row is named by: of its key all but a person's texts."""
    harmless = [
        name for name in table.key if types[name] not in {"text", "bytea"} or name in _NAMES_NOBODY
    ]
    # A resident's number is theirs; the id of the record is ours.
    beside = "resident_id" in types and "resident_number" in table.key
    return ["resident_id", *harmless] if beside else harmless
