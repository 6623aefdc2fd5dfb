"""The short way answers as the thorough one does, and gives up nothing for being short."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from gateway.forwarding.exchange import Deadlines
from gateway.limits import Rate
from tests.support.forwarding import Door, Manner, open_door
from tests.support.wire import CHIYODA, KITAMI, Asked, request

OpenDoor = Callable[..., Awaitable[Door]]
KEY = ("Idempotency-Key: k-1",)


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncGenerator[OpenDoor]:
    async with AsyncExitStack() as stack:

        async def open_with(**manner: Any) -> Door:
            return await stack.enter_async_context(open_door(tmp_path, Manner(**manner)))

        yield open_with


async def warmed(door: Door) -> None:
    """Let a connection rest behind the door, so that the short way finds one."""
    assert (await door.ask()).status == 200


class TestAnswers:
    async def test_both_ways_say_the_same(self, opened: OpenDoor) -> None:
        door = await opened()
        first, second = await door.ask(), await door.ask()
        unusual = await door.ask(headers=("X-Unknown: 1",))
        names = [sorted(reply.headers) for reply in (first, second, unusual)]
        assert names[0] == names[1] == names[2]
        assert {reply.status for reply in (first, second, unusual)} == {200}

    async def test_refusals_are_the_same_documents(self, opened: OpenDoor) -> None:
        door = await opened(rate=Rate(per_second=0.5, burst=1))
        await warmed(door)
        short = await door.ask()
        thorough = await door.ask(headers=("X-Unknown: 1",))
        assert (short.status, thorough.status) == (429, 429)
        assert sorted(short.headers) == sorted(thorough.headers)
        assert short.json.keys() == thorough.json.keys()
        assert short.json["instance"].endswith(short.headers["x-request-id"])

    async def test_a_head_has_no_body(self, opened: OpenDoor) -> None:
        async def script(asked: Asked) -> None:
            while head := await asked.head():
                await asked.say(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n")
                if not head.startswith(b"HEAD"):
                    await asked.say(b"hello")

        door = await opened(script=script)
        await warmed(door)
        visitor = await door.visit()
        for _ in range(2):
            await visitor.send(request("HEAD"))
            reply = await visitor.reply(to="HEAD")
            assert (reply.status, reply.headers["content-length"]) == (200, "5")
        await visitor.send(request("GET"))
        assert (await visitor.reply()).body == b"hello"

    async def test_a_small_body_goes_along(self, opened: OpenDoor) -> None:
        door = await opened()
        await warmed(door)
        reply = await door.ask("POST", "/benefits/v1/x", body=b'{"a":1}')
        assert reply.json["body"] == '{"a":1}'
        assert "content-length: 7\r\n" in reply.json["head"]

    async def test_a_large_answer_comes_whole_to_a_slow_reader(self, opened: OpenDoor) -> None:
        body = bytes(range(256)) * 16_384

        async def script(asked: Asked) -> None:
            while await asked.head():
                await asked.answer(body)

        door = await opened(script=script)
        await warmed(door)
        visitor = await door.visit()
        await visitor.send(request())
        await asyncio.sleep(0.2)
        assert (await visitor.reply()).body == body

    async def test_chunks_stay_chunks(self, opened: OpenDoor) -> None:
        async def script(asked: Asked) -> None:
            while await asked.head():
                await asked.say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
                for piece in (b"3\r\nabc\r\n", b"2\r\nde\r\n", b"0\r\n\r\n"):
                    await asyncio.sleep(0.01)
                    await asked.say(piece)

        door = await opened(script=script)
        await warmed(door)
        assert (await door.ask()).body == b"abcde"


class TestOrder:
    async def test_what_comes_too_early_is_answered_in_its_turn(self, opened: OpenDoor) -> None:
        door = await opened()
        await warmed(door)
        visitor = await door.visit()
        for number in range(5):
            await visitor.send(request(path=f"/benefits/v1/{number}"))
            await asyncio.sleep(0.001 * number)
        heard = [(await visitor.reply()).json["head"].split(" ")[1] for _ in range(5)]
        assert heard == [f"/benefits/v1/{number}" for number in range(5)]

    async def test_two_in_one_piece_are_two(self, opened: OpenDoor) -> None:
        door = await opened()
        await warmed(door)
        visitor = await door.visit()
        both = request(path="/benefits/v1/a") + request(path="/benefits/v1/b", token=CHIYODA)
        await visitor.send(both)
        heads = [(await visitor.reply()).json["head"] for _ in range(2)]
        assert [head.split(" ")[1] for head in heads] == ["/benefits/v1/a", "/benefits/v1/b"]
        assert [code in head for head, code in zip(heads, (KITAMI, CHIYODA), strict=True)]


class TestTroubles:
    async def test_what_is_handed_over_is_counted_once(self, opened: OpenDoor) -> None:
        door = await opened(rate=Rate(per_second=0.001, burst=2))
        assert [(await door.ask()).status for _ in range(3)] == [200, 200, 429]

    async def test_a_service_that_says_nothing_is_given_up(self, opened: OpenDoor) -> None:
        silent = asyncio.Event()

        async def script(asked: Asked) -> None:
            while head := await asked.head():
                if b"/silent" in head:
                    await silent.wait()
                await asked.answer(b"x")

        door = await opened(script=script, deadlines=Deadlines(first_byte=0.3, total=1.0))
        await warmed(door)
        reply = await door.ask(path="/benefits/silent")
        assert reply.status == 504
        assert reply.json["type"] == "/problems/platform/upstream-timeout"
        assert door.pool.in_use == 0
        silent.set()

    async def test_what_may_not_be_said_twice_is_not(self, opened: OpenDoor) -> None:
        asked_for: list[bytes] = []

        async def script(asked: Asked) -> None:
            head, _ = await asked.request()
            asked_for.append(head[:5])
            await asked.answer(b"x")
            head, _ = await asked.request()
            asked_for.append(head[:5])
            asked.reset()

        door = await opened(script=script)
        await warmed(door)
        assert (await door.ask("POST", body=b"{}")).status == 502
        assert asked_for == [b"GET /", b"POST "]

    @pytest.mark.parametrize(
        ("method", "key", "status"),
        [
            ("POST", KEY, 200),
            ("POST", (), 502),
            ("PUT", KEY, 502),
            ("PATCH", KEY, 502),
            ("DELETE", (), 502),
        ],
    )
    @pytest.mark.parametrize("way", [(), ("X-Unknown: 1",)], ids=["short", "thorough"])
    async def test_what_brings_its_key_is_said_twice_and_no_other_change(
        self, opened: OpenDoor, method: str, key: tuple[str, ...], status: int, way: tuple[str, ...]
    ) -> None:
        async def script(asked: Asked) -> None:
            if asked.number:
                await asked.request()
                await asked.answer(b"again")
                return
            await asked.request()
            await asked.answer(b"x")
            await asked.request()
            asked.reset()

        door = await opened(script=script)
        await warmed(door)
        body = None if method == "DELETE" else b"{}"
        reply = await door.ask(method, headers=(*way, *key), body=body)
        assert reply.status == status

    async def test_what_may_be_said_twice_is(self, opened: OpenDoor) -> None:
        async def script(asked: Asked) -> None:
            await asked.head()
            await asked.answer(b"x")
            await asked.head()
            asked.reset()

        door = await opened(script=script)
        await warmed(door)
        assert (await door.ask()).status == 200

    async def test_who_hangs_up_leaves_no_connection_behind(self, opened: OpenDoor) -> None:
        heard, go_on = asyncio.Event(), asyncio.Event()

        async def script(asked: Asked) -> None:
            while head := await asked.head():
                if b"/slow" in head:
                    heard.set()
                    await go_on.wait()
                await asked.answer(head)

        door = await opened(script=script)
        await warmed(door)
        visitor = await door.visit()
        await visitor.send(request(path="/benefits/slow"))
        await heard.wait()
        visitor.leave()
        await asyncio.sleep(0.05)
        assert (door.pool.in_use, door.pool.idle) == (0, 0)
        assert door.gate.queue.running(1) == 0
        go_on.set()
        reply = await door.ask(token=CHIYODA)
        assert CHIYODA.encode() in reply.body
        assert b"/slow" not in reply.body
