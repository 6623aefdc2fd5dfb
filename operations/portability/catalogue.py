"""Which tables hold something of a municipality: asked of the database, so that none is forgotten.

A table belongs to a municipality if it has its number, or, before any number is known, its code. A
table that it only points at (a vendor's client) is a companion: those rows of it travel along.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import asyncpg

from foundation.identifiers import MunicipalityCode

if TYPE_CHECKING:
    Connection = asyncpg.Connection[Any]
else:
    Connection = asyncpg.Connection  # generic in its stubs only

SCHEMAS: Final = ("platform", "audit", "registry", "benefits", "window_dx", "consultation")
DIRECTORY: Final = frozenset({"platform.tenants", "platform.tenant_codes"})
"""Which municipalities there are: public, and written into the manifest."""
_OWNERS: Final = ("tenant_id", "municipality_code")

_TABLES: Final = """
SELECT format('%I.%I', n.nspname, c.relname) AS name,
  array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '') AS columns,
  array_agg(a.attname::text ORDER BY a.attnum) FILTER (
    WHERE pg_get_expr(d.adbin, d.adrelid) LIKE '%pg_current_xact_id%') AS turns,
  (SELECT array_agg(k.attname::text ORDER BY array_position(i.indkey::int2[], k.attnum))
   FROM pg_index i JOIN pg_attribute k ON k.attrelid = i.indrelid AND k.attnum = ANY(i.indkey)
   WHERE i.indrelid = c.oid AND i.indisprimary) AS key
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated = ''
WHERE n.nspname = ANY($1) AND c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version'
GROUP BY c.oid, n.nspname, c.relname ORDER BY 1
"""
_LINKS: Final = """
SELECT f.conname::text AS name, f.convalidated AS holds,
  format('%I.%I', n.nspname, c.relname) AS source,
  format('%I.%I', m.nspname, t.relname) AS target,
  (SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(f.conkey) WITH ORDINALITY
   AS k(number, place) JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.number)
   AS columns,
  (SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(f.confkey) WITH ORDINALITY
   AS k(number, place) JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.number)
   AS keys
FROM pg_constraint f
JOIN pg_class c ON c.oid = f.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class t ON t.oid = f.confrelid JOIN pg_namespace m ON m.oid = t.relnamespace
WHERE f.contype = 'f' AND f.conparentid = 0 AND n.nspname = ANY($1) ORDER BY 2, 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A municipality as tables know it: by its number, and by every code it ever had."""

    tenant_id: int
    code: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table, as the catalogue knows it; `name` is quoted where it must be."""

    name: str
    columns: tuple[str, ...]
    """Those that can be written: a generated one follows from the others."""
    key: tuple[str, ...]
    turn: str | None
    """The column that holds the number of the writing transaction, where order hangs on it."""

    @property
    def owner(self) -> str | None:
        """Return the column that says whose a row is; None if nobody's."""
        return next((name for name in _OWNERS if name in self.columns), None)

    @property
    def order(self) -> tuple[str, ...]:
        """Return what rows are written in the order of."""
        return (self.turn, *self.key) if self.turn else self.key

    def whose(self, place: "Place") -> str:
        """Return the condition that a row is this municipality's."""
        if self.owner == "tenant_id":
            return f"tenant_id = {int(place.tenant_id)}"
        codes = ", ".join(f"'{MunicipalityCode.parse(code)}'" for code in place.codes)
        return f"municipality_code IN ({codes})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A foreign key."""

    name: str
    source: str
    target: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    holds: bool
    """Whether old rows were looked at, too, when it was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All tables of the house and what points at what, as of one look."""

    tables: Mapping[str, Table]
    links: Sequence[Link]
    revisions: Mapping[str, str]
    """Of each lineage, the revision its tables are at."""

    @property
    def owned(self) -> list[Table]:
        """Return the tables that hold something of a municipality, but for the directory."""
        return [
            table
            for name, table in self.tables.items()
            if table.owner is not None and name not in DIRECTORY
        ]


async def read(connection: Connection) -> Catalogue:
    """Ask the database what there is."""
    tables = {
        row["name"]: Table(
            name=row["name"],
            columns=tuple(row["columns"]),
            key=tuple(row["key"] or ()),
            turn=row["turns"][0] if row["turns"] else None,
        )
        for row in await connection.fetch(_TABLES, SCHEMAS)
    }
    links = [
        Link(
            name=row["name"],
            source=row["source"],
            target=row["target"],
            columns=tuple(row["columns"]),
            keys=tuple(row["keys"]),
            holds=row["holds"],
        )
        for row in await connection.fetch(_LINKS, SCHEMAS)
    ]
    revisions = {
        schema: str(await connection.fetchval(f"SELECT version_num FROM {schema}.alembic_version"))  # noqa: S608 - our own names
        for schema in SCHEMAS
    }
    return Catalogue(tables=tables, links=links, revisions=revisions)


def quoted(names: Sequence[str]) -> str:
    """Return column names as SQL has them."""
    return ", ".join('"' + name.replace('"', '""') + '"' for name in names)
