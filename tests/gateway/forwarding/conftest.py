"""Every test of the data path runs on both event loops: asyncio's own and the one in production."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import uvloop

from tests.support.forwarding import Door, Manner, open_door

OpenDoor = Callable[..., Awaitable[Door]]


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncGenerator[OpenDoor]:
    """Return a function that opens a door with the manners a test wants."""
    async with AsyncExitStack() as stack:

        async def open_with(**manners: object) -> Door:
            manner = Manner(**manners)  # pyright: ignore[reportArgumentType] - named by each test
            return await stack.enter_async_context(open_door(tmp_path, manner))

        yield open_with
