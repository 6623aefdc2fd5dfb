"""Taking down one wall, to see whether the other holds alone.

The first wall is the predicate that every statement carries; it is taken out of the SQL of every
registered statement. The second is row security; it is switched off in a database of its own.
"""

import re
import shutil
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import NoReturn

import pytest
from typing_extensions import override

from foundation.database import STATEMENTS, Transaction
from tests.isolation.matrix.world import TENANT_TABLES, World
from tests.support.house import BARE, House

_PREDICATE = re.compile(r"(?:\w+\.)*tenant_id = (\$[0-9]+)(?:::INTEGER)?(?![0-9])")


@dataclass(frozen=True, slots=True)
class OtherHouse(House):
    """The same cluster and pen, over a database and with keys that nothing else uses.

    Its municipalities have numbers that others in this process had, whose keys may be destroyed.
    """

    database: str = field(kw_only=True)

    @override
    def dsn(self, role: str) -> str:
        return self.cluster.dsn(role, self.database)

    @override
    def superuser_dsn(self) -> str:
        return self.cluster.superuser_dsn(self.database)


def rebuilt(house: House, database: str) -> OtherHouse:
    """Return a house like this one over a new database, as bare as after its migrations."""
    house.cluster.drop_database(database)
    house.cluster.copy_database(BARE, database)
    folder = house.folder / database
    folder.mkdir(exist_ok=True)
    shutil.copy(house.folder / "internal.jwks.json", folder)
    return OtherHouse(house.cluster, house.pen, folder, database=database)


def without_predicate(sql: str) -> str:
    """Return the SQL with every `tenant_id = $n` made true, and every parameter still in it."""
    return _PREDICATE.sub(r"(\1::integer IS NOT NULL)", sql)


@contextmanager
def no_predicates() -> Generator[int]:
    """Take the first wall down; yields how many statements lost their predicate."""

    async def no_session(_: Transaction) -> NoReturn:
        raise AssertionError("A unit of work is in use: this test must learn to bare its SQL too.")

    with pytest.MonkeyPatch.context() as patch:
        changed = 0
        for statement in STATEMENTS.values():
            bare = without_predicate(statement.sql)
            changed += bare != statement.sql
            patch.setattr(statement, "sql", bare)
        patch.setattr(Transaction, "session", no_session)
        yield changed


@asynccontextmanager
async def no_row_security(world: World) -> AsyncGenerator[None]:
    """Take the second wall down, and put it up again."""
    tables = [row[0] for row in await world.fetch(TENANT_TABLES)]
    await _alter(world, tables, "DISABLE")
    try:
        yield
    finally:
        await _alter(world, tables, "ENABLE")


async def _alter(world: World, tables: Sequence[str], act: str) -> None:
    for table in tables:
        await world.run(f"ALTER TABLE {table} {act} ROW LEVEL SECURITY")
