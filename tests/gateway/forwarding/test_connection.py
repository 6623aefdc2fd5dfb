"""A connection tells nothing of its last exchange to whoever has the next one."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.forwarding.connection import UpstreamConnection
from gateway.forwarding.plain_answer import PlainAnswer
from tests.support.forwarding import Service
from tests.support.wire import Asked, politely

QUESTION = b"GET /x HTTP/1.1\r\nhost: a\r\n\r\n"


class Listener:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.answers: list[PlainAnswer] = []
        self.moves = 0
        self.told = asyncio.Event()

    def answered(self, answer: PlainAnswer) -> None:
        self.answers.append(answer)
        self.told.set()

    def moved(self) -> None:
        self.moves += 1
        self.told.set()

    def failed(self, error: Exception) -> None:
        del error
        self.told.set()


@asynccontextmanager
async def connected(folder: Path) -> AsyncGenerator[UpstreamConnection]:
    async def script(asked: Asked) -> None:
        await asked.head()
        # In pieces, so that the thorough reader knows a head; then whole; then nothing.
        await asked.say(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfi")
        await asyncio.sleep(0.05)
        await asked.say(b"rs")
        await politely(asked)

    service = Service(folder / "s.sock", script)
    await service.open()
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_unix_connection(
        lambda: UpstreamConnection(lambda _: None), str(service.path)
    )
    try:
        yield connection
    finally:
        connection.abort()
        await service.close()


async def asked_in_pieces(connection: UpstreamConnection) -> None:
    """Have one exchange that the thorough reader had to read, and rest."""
    first = Listener()
    connection.ask(QUESTION, first, head_only=False)
    while not (connection.peek() is not None and connection.is_reusable):
        await asyncio.sleep(0.01)
        if connection.peek() is not None:
            connection.take()
    assert connection.rest()


class TestAsk:
    async def test_the_last_head_is_not_this_ones(self, tmp_path: Path) -> None:
        async with connected(tmp_path) as connection:
            await asked_in_pieces(connection)
            connection.ask(QUESTION, Listener(), head_only=False)
            assert connection.peek() is None

    async def test_a_question_without_an_answer_is_not_reusable(self, tmp_path: Path) -> None:
        async with connected(tmp_path) as connection:
            await asked_in_pieces(connection)
            connection.ask(QUESTION, Listener(), head_only=False)
            assert not connection.is_reusable
            assert not connection.rest()

    async def test_is_reusable_once_the_answer_came_whole(self, tmp_path: Path) -> None:
        async with connected(tmp_path) as connection:
            await asked_in_pieces(connection)
            listener = Listener()
            connection.ask(QUESTION, listener, head_only=False)
            async with asyncio.timeout(5):
                await listener.told.wait()
            assert [answer.status for answer in listener.answers] == [200]
            assert connection.rest()
