"""The order of events and of the trail, which hangs on numbers of another house's transactions.

A feed shows what is older than every open transaction. Numbers brought from a database that has
counted further would keep events hidden for months. They are told anew: as few numbers as keep
the very same order, all of them in the past of this database.
"""

from typing import Final

from .catalogue import Catalogue, Connection, Place, Table

_AHEAD: Final = """
SELECT coalesce(max({turn}), 0) >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint
FROM {table} WHERE {mine}
"""
# In the order of (turn, id) a new number is needed only where an id is lower than the one before.
_ANEW: Final = """
WITH stepped AS (
  SELECT id, {turn}, coalesce(id < lag(id) OVER turns, false)::integer AS back
  FROM {table} WHERE {mine} WINDOW turns AS (ORDER BY {turn}, id)
), told AS (
  SELECT id, 1 + sum(back) OVER (ORDER BY {turn}, id) AS number FROM stepped
)
UPDATE {table} SET {turn} = told.number FROM told WHERE {table}.id = told.id AND {owned}
"""
_SEALS: Final = """
UPDATE audit.checkpoints c SET last_tx = e.tx FROM audit.entries e
WHERE c.tenant_id = $1 AND e.tenant_id = $1 AND e.id = c.last_id
"""


async def renumber(connection: Connection, catalogue: Catalogue, place: Place) -> int:
    """Tell the turns anew where they lie in this database's future; return of how many rows."""
    changed = 0
    for table in catalogue.owned:
        if table.turn is None or not await _is_ahead(connection, table, place):
            continue
        done = await connection.execute(_filled(_ANEW, table, place))
        changed += int(done.rpartition(" ")[2])
        if table.name == "audit.entries":
            await connection.execute(_SEALS, place.tenant_id)
    return changed


async def _is_ahead(connection: Connection, table: Table, place: Place) -> bool:
    return bool(await connection.fetchval(_filled(_AHEAD, table, place)))


def _filled(query: str, table: Table, place: Place) -> str:
    mine = table.whose(place)
    return query.format(
        table=table.name, turn=f'"{table.turn}"', mine=mine, owned=f"{table.name}.{mine}"
    )
