"""The order of events and of the trail, which hangs on numbers of another house's transactions.

A feed shows what is older than every open transaction. Numbers brought from a database that has
counted further would keep events hidden for months. They are told anew, all tables together
because one feed may read several of them: the first is 1, the order is the very same, and this
database counts on until all of them lie in its past.
"""

from typing import Final

import asyncpg

from .catalogue import Catalogue, Connection, Place, Table
from .verdicts import LEFT

_NEXT: Final = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
_TOLD: Final = """
CREATE TEMPORARY TABLE told ON COMMIT DROP AS
SELECT turn, row_number() OVER (ORDER BY turn) AS number FROM ({turns}) turns
"""
_ANEW: Final = (
    "UPDATE {table} t SET {turn} = told.number FROM told WHERE t.{turn} = told.turn AND t.{mine}"
)
_SEALS: Final = """
UPDATE audit.checkpoints c SET last_tx = e.tx FROM audit.entries e
WHERE c.tenant_id = $1 AND e.tenant_id = $1 AND e.id = c.last_id
"""
# Not a loop of statements: each turn of it is a transaction of its own, and writes nothing.
_COUNT_ON: Final = """
DO $count$ BEGIN
  FOR step IN 1 .. {steps} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP;
END $count$
"""


async def renumber(connection: Connection, catalogue: Catalogue, place: Place, *, dsn: str) -> int:
    """Tell the turns anew if any lies in this database's future; return of how many rows."""
    tables = [one for one in catalogue.owned if one.turn is not None and one.name not in LEFT]
    turns = " UNION ".join(
        f'SELECT "{table.turn}" AS turn FROM {table.name} WHERE {table.whose(place)}'  # noqa: S608 - names from the catalogue
        for table in tables
    )
    highest = await connection.fetchval(f"SELECT max(turn) FROM ({turns}) turns")  # noqa: S608 - likewise
    if highest is None or int(highest) < await connection.fetchval(_NEXT):
        return 0
    await connection.execute(_TOLD.format(turns=turns))
    changed = 0
    for table in tables:
        done = await connection.execute(_filled(table, place))
        changed += int(done.rpartition(" ")[2])
    await connection.execute(_SEALS, place.tenant_id)
    await _count_on(dsn, beyond=int(await connection.fetchval("SELECT max(number) FROM told")))
    return changed


async def _count_on(dsn: str, *, beyond: int) -> None:
    """Let the database count its transactions until `beyond` lies in the past."""
    counting = await asyncpg.connect(dsn)
    try:
        await counting.execute("SET statement_timeout = 0")
        steps = beyond - int(await counting.fetchval(_NEXT)) + 1
        if steps > 0:
            await counting.execute(_COUNT_ON.format(steps=steps))
    finally:
        await counting.close()


def _filled(table: Table, place: Place) -> str:
    return _ANEW.format(table=table.name, turn=f'"{table.turn}"', mine=table.whose(place))
