"""What comes bit by bit is passed on bit by bit, and a service that misbehaves is the only one."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from gateway.breaker import BreakerLimits
from gateway.forwarding.exchange import Deadlines
from tests.support.forwarding import Door
from tests.support.wire import Asked, request

OpenDoor = Callable[..., Awaitable[Door]]
EVENT_STREAM = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
)
MISBEHAVING = {
    "garbage": b"\x00\x01\x02 nonsense\r\n\r\n",
    "no HTTP at all": b"SSH-2.0-OpenSSH\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx",
    "half a head": b"HTTP/1.1 200 OK\r\ncontent-",
    "an upgrade nobody asked for": b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n",
    "a body without a length": b"HTTP/1.1 200 OK\r\n\r\nhello",
    "nothing, and a reset": b"",
}


class TestStreams:
    async def test_pass_each_event_on_before_the_next_is_written(self, opened: OpenDoor) -> None:
        told = asyncio.Event()

        async def script(asked: Asked) -> None:
            await asked.head()
            await asked.say(EVENT_STREAM)
            for number in range(5):
                event = b"data: %d\n\n" % number
                await asked.say(b"%x\r\n%b\r\n" % (len(event), event))
                await told.wait()
                told.clear()
            await asked.say(b"0\r\n\r\n")

        door = await opened(script=script)
        visitor = await door.visit()
        await visitor.send(request("GET", "/benefits/v1/events"))
        head = await visitor.take_until(b"\r\n\r\n")
        assert b"text/event-stream" in head
        for number in range(5):
            async with asyncio.timeout(2):
                assert b"data: %d" % number in await visitor.take_until(b"\n\n\r\n")
            told.set()
        assert await visitor.take_until(b"0\r\n\r\n")

    async def test_are_ended_when_nobody_listens_any_more(self, opened: OpenDoor) -> None:
        gone = asyncio.Event()

        async def script(asked: Asked) -> None:
            await asked.head()
            await asked.say(EVENT_STREAM + b"2\r\nx\n\r\n")
            if not await asked.reader.read(1):
                gone.set()

        door = await opened(script=script)
        visitor = await door.visit()
        await visitor.send(request("GET", "/benefits/v1/events"))
        await visitor.take_until(b"x\n\r\n")
        visitor.leave()
        async with asyncio.timeout(2):
            await gone.wait()


class TestAMisbehavingService:
    @pytest.mark.parametrize("said", MISBEHAVING.values(), ids=MISBEHAVING.keys())
    async def test_is_answered_for_with_a_problem(self, opened: OpenDoor, said: bytes) -> None:
        async def script(asked: Asked) -> None:
            await asked.head()
            await asked.say(said)
            asked.reset()

        door = await opened(script=script)
        answer = await door.ask("POST", body=b"x")
        assert answer.status == 502
        assert answer.json["type"] == "/problems/platform/upstream-failed"

    async def test_is_given_up_when_it_says_nothing(self, opened: OpenDoor) -> None:
        async def script(asked: Asked) -> None:
            await asked.head()
            await asyncio.sleep(30)

        door = await opened(script=script, deadlines=Deadlines(first_byte=0.3, total=1.0))
        answer = await door.ask()
        assert answer.status == 504

    async def test_is_spared_after_a_while_and_tried_by_one(self, opened: OpenDoor) -> None:
        async def script(asked: Asked) -> None:
            await asked.head()
            asked.reset()

        door = await opened(script=script, breaker=BreakerLimits())
        statuses = [(await door.ask("POST", body=b"x")).status for _ in range(8)]
        assert statuses[:5] == [502] * 5
        assert set(statuses[5:]) == {503}
