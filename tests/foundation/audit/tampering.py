"""An intruder who has become the database's superuser."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from tests.support.house import House

Tamper = Callable[..., Awaitable[str]]


@pytest.fixture
async def tamper(house: House) -> AsyncGenerator[Tamper]:
    """Run anything at all against the database."""
    connection: asyncpg.Connection[Any] = await asyncpg.connect(house.superuser_dsn())

    async def run(sql: str, *arguments: object) -> str:
        return await connection.execute(sql, *arguments)

    yield run
    await connection.close()
