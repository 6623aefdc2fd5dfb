"""While records change, are undone and commit late, a reader misses none and is told none twice."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from foundation.database import Database
from foundation.identifiers import new_id
from services.registry.changes.domain import START, Position
from services.registry.changes.repository import Changes
from tests.support.house import House, Tenancies

WRITERS, TURNS = 6, 25
ADD_HOUSEHOLD = (
    "INSERT INTO registry.households (tenant_id, id, household_number) VALUES ($1, $2, 'H')"
)
ADD = """
    INSERT INTO registry.residents (tenant_id, id, household_id, resident_number, relationship,
      is_householder, name_formal, name_display, name_kana, name_kana_verified, birth_text,
      birth_on, birth_precision, gender, nationality_kind, resident_from, tax_status,
      name_search, kana_search, content_digest)
    VALUES ($1, $2, $3, $4, '世帯主', true, '北見', '北見', 'キタミ', true, '2000-01-01',
      '2000-01-01', 'day', '1', 'japanese', '2000-01-01', 'unknown', '北見', 'キタミ', '')
"""
_STATE = """tenant_id, resident_number, history_number, household_id, relationship,
    is_householder, name_formal, name_display, name_kana, name_kana_verified, birth_text,
    birth_on, birth_precision, gender, nationality_kind, resident_from, tax_status, protection,
    changed_tx"""
KEEP = f"""
    INSERT INTO registry.resident_history ({_STATE}, resident_id)
    SELECT {_STATE}, id FROM registry.residents WHERE tenant_id = $1 AND id = $2
"""
CHANGE = """
    UPDATE registry.residents SET history_number = history_number + 1,
      changed_tx = pg_current_xact_id()::text::bigint
    WHERE tenant_id = $1 AND id = $2 RETURNING history_number
"""
State = tuple[UUID, int]


class Writer:
    """Adds people and changes them, and remembers what of it was kept."""

    def __init__(self, dsn: str, tenant_id: int, household: UUID, lot: random.Random) -> None:
        self._dsn, self._tenant_id, self._household, self._lot = dsn, tenant_id, household, lot
        self.kept: list[State] = []

    async def write(self) -> None:
        """Work in transactions that end well, late, badly, or because the line is cut."""
        connection: Any = await asyncpg.connect(self._dsn)
        for _ in range(TURNS):
            await connection.execute(f"BEGIN; SET LOCAL app.tenant_id = '{self._tenant_id}'")
            done = [await self._act(connection) for _ in range(self._lot.randint(1, 3))]
            await asyncio.sleep(self._lot.choice((0, 0, 0.01, 0.05)))
            ending = self._lot.random()
            if ending < 0.15:
                await connection.execute("ROLLBACK")
            elif ending < 0.25:
                connection.terminate()
                connection = await asyncpg.connect(self._dsn)
            else:
                await connection.execute("COMMIT")
                self.kept += done
        await connection.close()

    async def _act(self, connection: Any) -> State:
        known = sorted({one for one, _ in self.kept})
        if len(known) < 3:
            one = new_id()
            await connection.execute(ADD, self._tenant_id, one, self._household, str(one))
            return one, 1
        one = self._lot.choice(known)
        await connection.execute(KEEP, self._tenant_id, one)
        return one, await connection.fetchval(CHANGE, self._tenant_id, one)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_change_that_was_kept_is_read_once_and_in_order(
    house: House,
    tenancies: Tenancies,
    database_of: Callable[[str], Awaitable[Database]],
    seed: int,
) -> None:
    tenancy = tenancies.kitami
    database = await database_of("registry")
    household = new_id()
    owner = await asyncpg.connect(house.dsn("registry_owner"))
    await owner.execute(ADD_HOUSEHOLD, tenancy.tenant_id, household)
    await owner.close()
    writers = [
        Writer(house.dsn("registry_app"), tenancy.tenant_id, household, random.Random(f"{seed}{n}"))  # noqa: S311 - a lot that can be drawn again
        for n in range(WRITERS)
    ]
    told: list[Position] = []

    async def read_on(limit: int) -> bool:
        async with database.transaction(tenancy) as tx:
            found = await Changes(tx).after(told[-1] if told else START, limit=limit)
        told.extend(change.position for change in found)
        return bool(found)

    async def follow(lot: random.Random) -> None:
        while True:
            await read_on(lot.randint(1, 7))
            await asyncio.sleep(0.001)

    follower = asyncio.create_task(follow(random.Random(seed)))  # noqa: S311 - likewise
    await asyncio.gather(*(writer.write() for writer in writers))
    await asyncio.sleep(0.2)
    told_meanwhile = len(told)
    follower.cancel()
    await asyncio.gather(follower, return_exceptions=True)
    while await read_on(100):
        pass
    kept = [state for writer in writers for state in writer.kept]
    assert told_meanwhile > 0
    assert told == sorted(told)
    assert sorted((one.resident_id, one.history_number) for one in told) == sorted(kept)
