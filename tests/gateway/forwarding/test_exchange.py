"""Requests and answers carried over real sockets, through the real front server."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from gateway.forwarding.exchange import Deadlines
from tests.support.forwarding import Door
from tests.support.wire import Asked, Script, request

OpenDoor = Callable[..., Awaitable[Door]]
MEBIBYTE = 1024 * 1024


def saying(raw: bytes, *, then: str = "stay") -> Script:
    """Return a service that reads one head, says these bytes and stays, closes or dies."""

    async def script(asked: Asked) -> None:
        while await asked.head():
            await asked.say(raw)
            if then == "close":
                return
            if then == "die":
                await asyncio.sleep(0.02)
                asked.reset()
                return

    return script


async def silent(asked: Asked) -> None:
    """Read everything and never answer."""
    while await asked.reader.read(65_536):
        pass


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another task is about to bring about."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.002)


class TestPassingOn:
    async def test_carries_head_and_body_to_the_service(self, opened: OpenDoor) -> None:
        door = await opened()
        reply = await door.ask("POST", "/benefits/v1/x?limit=2", body=b"hello")
        assert reply.status == 200
        assert reply.json["head"].startswith("POST /benefits/v1/x?limit=2 HTTP/1.1\r\n")
        assert reply.json["body"] == "hello"

    async def test_says_zero_for_an_effect_without_a_body(self, opened: OpenDoor) -> None:
        door = await opened()
        reply = await door.ask("POST")
        assert "content-length: 0\r\n" in reply.json["head"]

    async def test_carries_a_chunked_upload(self, opened: OpenDoor) -> None:
        door = await opened()
        visitor = await door.visit()
        await visitor.send(request("POST", headers=("Transfer-Encoding: chunked",)))
        for piece in (b"5\r\nhello\r\n", b"1\r\n", b" \r\n", b"5\r\nworld\r\n", b"0\r\n\r\n"):
            await asyncio.sleep(0.005)
            await visitor.send(piece)
        reply = await visitor.reply()
        assert reply.json["body"] == "hello world"

    async def test_streams_an_answer_while_it_is_being_written(self, opened: OpenDoor) -> None:
        go_on = asyncio.Event()

        async def script(asked: Asked) -> None:
            await asked.head()
            await asked.say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n")
            await go_on.wait()
            await asked.say(b"4\r\nlast\r\n0\r\n\r\n")

        door = await opened(script=script)
        visitor = await door.visit()
        await visitor.send(request())
        seen = await visitor.take_until(b"first")
        assert b"last" not in seen
        go_on.set()
        assert b"last" in await visitor.take_until(b"0\r\n\r\n")

    async def test_carries_large_bodies_both_ways_unharmed(self, opened: OpenDoor) -> None:
        async def script(asked: Asked) -> None:
            _, body = await asked.request()
            await asked.answer(body[::-1])

        door = await opened(script=script)
        body = bytes(range(256)) * (4 * MEBIBYTE // 256)
        reply = await door.ask("PUT", body=body)
        assert reply.is_whole
        assert reply.body == body[::-1]

    @pytest.mark.parametrize(
        ("method", "raw", "status"),
        [
            ("HEAD", b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n", 200),
            ("HEAD", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", 200),
            ("GET", b"HTTP/1.1 204 No Content\r\n\r\n", 204),
            ("GET", b"HTTP/1.1 304 Not Modified\r\netag: x\r\n\r\n", 304),
            ("GET", b"HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n", 304),
        ],
    )
    async def test_knows_where_an_answer_without_a_body_ends(
        self, opened: OpenDoor, method: str, raw: bytes, status: int
    ) -> None:
        door = await opened(script=saying(raw))
        visitor = await door.visit()
        for _ in range(3):
            await visitor.send(request(method))
            reply = await visitor.reply(to=method)
            assert reply.status == status
        assert len(door.service.connections) == 1

    async def test_gathers_chunks_for_a_client_of_http_1_0(self, opened: OpenDoor) -> None:
        raw = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
        door = await opened(script=saying(raw))
        visitor = await door.visit()
        await visitor.send(request().replace(b"HTTP/1.1", b"HTTP/1.0"))
        reply = await visitor.reply()
        assert reply.headers["content-length"] == "3"
        assert reply.body == b"abc"


class TestBackPressure:
    async def test_does_not_take_in_more_of_an_answer_than_the_client_reads(
        self, opened: OpenDoor
    ) -> None:
        written = 0
        total = 64 * MEBIBYTE

        async def script(asked: Asked) -> None:
            nonlocal written
            await asked.head()
            await asked.say(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % total)
            while written < total:
                await asked.say(b"x" * 65_536)
                written += 65_536

        door = await opened(script=script)
        visitor = await door.visit()
        await visitor.send(request())
        await visitor.take_until(b"\r\n\r\n")
        before = -1
        while before != written:
            before = written
            await asyncio.sleep(0.1)
        assert written < total // 2
        visitor.leave()
        await until(lambda: door.pool.in_use == 0)
        assert door.pool.idle == 0

    async def test_does_not_take_in_more_of_a_body_than_the_service_reads(
        self, opened: OpenDoor
    ) -> None:
        async def script(asked: Asked) -> None:
            await asked.head()
            asked.pause()
            await asyncio.sleep(60)

        door = await opened(script=script, deadlines=Deadlines(first_byte=1, total=1))
        visitor = await door.visit()
        total, sent = 64 * MEBIBYTE, 0
        await visitor.send(request("POST", headers=(f"Content-Length: {total}",)))
        with pytest.raises(TimeoutError):
            while sent < total:
                async with asyncio.timeout(0.3):
                    await visitor.send(b"x" * 65_536)
                sent += 65_536
        assert sent < total // 2


class TestFailures:
    async def test_says_503_when_the_service_is_down(self, opened: OpenDoor) -> None:
        door = await opened()
        await door.service.close()
        reply = await door.ask()
        assert reply.status == 503
        assert reply.headers["retry-after"]
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json["type"] == "/problems/platform/service-unavailable"
        assert reply.json["instance"].endswith(reply.headers["x-request-id"])

    @pytest.mark.parametrize("then", ["close", "die"])
    @pytest.mark.parametrize("raw", [b"", b"HTTP/1.1 200 O", b"HTTP/1.1 200 OK\r\nx: y\r\n"])
    async def test_says_502_when_the_service_dies_before_it_has_answered(
        self, opened: OpenDoor, raw: bytes, then: str
    ) -> None:
        door = await opened(script=saying(raw, then=then))
        reply = await door.ask()
        assert reply.status == 502
        assert reply.json["type"] == "/problems/platform/upstream-failed"
        assert len(door.service.connections) == 1

    @pytest.mark.parametrize("then", ["close", "die"])
    @pytest.mark.parametrize(
        "raw",
        [
            b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhalf",
        ],
    )
    async def test_lets_the_client_notice_an_answer_that_broke_off(
        self, opened: OpenDoor, raw: bytes, then: str
    ) -> None:
        door = await opened(script=saying(raw, then=then))
        reply = await door.ask()
        assert reply.status == 200
        assert not reply.is_whole
        await until(lambda: door.pool.in_use == 0)
        assert door.pool.idle == 0

    @pytest.mark.parametrize(
        "raw",
        [
            b"HTTP/1.1 200 OK\r\n\r\nuntil I close",
            b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
            b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nlocation: /x\rset-cookie: a=b\r\ncontent-length: 0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nx: a\x00b\r\ncontent-length: 0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nx: " + b"y" * 70_000 + b"\r\ncontent-length: 0\r\n\r\n",
            b"rubbish\r\n\r\n",
        ],
    )
    async def test_passes_nothing_on_of_an_answer_that_is_none(
        self, opened: OpenDoor, raw: bytes
    ) -> None:
        door = await opened(script=saying(raw))
        reply = await door.ask()
        assert reply.status == 502
        assert door.pool.idle == 0

    async def test_lets_the_client_notice_a_body_that_turned_into_rubbish(
        self, opened: OpenDoor
    ) -> None:
        async def script(asked: Asked) -> None:
            await asked.head()
            await asked.say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n")
            await asyncio.sleep(0.02)
            await asked.say(b"not a size\r\n")
            await asyncio.sleep(1)

        door = await opened(script=script)
        reply = await door.ask()
        assert not reply.is_whole


class TestDeadlines:
    async def test_says_504_when_the_first_byte_does_not_come(self, opened: OpenDoor) -> None:
        door = await opened(script=silent, deadlines=Deadlines(first_byte=0.05, total=5))
        reply = await door.ask()
        assert reply.status == 504
        assert reply.json["type"] == "/problems/platform/upstream-timeout"
        assert reply.headers["retry-after"]
        assert door.pool.in_use == door.pool.idle == 0

    async def test_does_not_count_the_upload_as_the_services_silence(
        self, opened: OpenDoor
    ) -> None:
        door = await opened(deadlines=Deadlines(first_byte=0.25, total=10))
        visitor = await door.visit()
        await visitor.send(request("POST", headers=("Content-Length: 4",)))
        for letter in (b"s", b"l", b"o", b"w"):
            await asyncio.sleep(0.1)
            await visitor.send(letter)
        reply = await visitor.reply()
        assert reply.json["body"] == "slow"

    async def test_says_408_when_the_body_does_not_come(self, opened: OpenDoor) -> None:
        door = await opened(deadlines=Deadlines(first_byte=1, total=0.1))
        visitor = await door.visit()
        await visitor.send(request("POST", headers=("Content-Length: 4",)) + b"sl")
        reply = await visitor.reply()
        assert reply.status == 408
        assert await visitor.rest() == b""

    async def test_cuts_an_answer_that_takes_too_long_in_all(self, opened: OpenDoor) -> None:
        async def script(asked: Asked) -> None:
            await asked.head()
            await asked.say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            while True:
                await asked.say(b"1\r\nx\r\n")
                await asyncio.sleep(0.02)

        door = await opened(script=script, deadlines=Deadlines(first_byte=1, total=0.15))
        reply = await door.ask()
        assert reply.status == 200
        assert not reply.is_whole
        await until(lambda: door.pool.in_use == 0)


class TestLeaving:
    @pytest.mark.parametrize("body", [None, b"hello"])
    async def test_closes_the_connection_when_the_client_has_hung_up(
        self, opened: OpenDoor, body: bytes | None
    ) -> None:
        door = await opened(script=silent)
        visitor = await door.visit()
        await visitor.send(request("POST" if body else "GET", body=body))
        await until(lambda: len(door.service.connections) == 1)
        visitor.leave()
        await until(lambda: door.pool.in_use == 0)
        assert door.pool.idle == 0
        await until(lambda: door.gate.queue.running(1) == 0)

    async def test_closes_the_connection_when_the_client_leaves_amid_the_body(
        self, opened: OpenDoor
    ) -> None:
        door = await opened(script=silent)
        visitor = await door.visit()
        await visitor.send(request("POST", headers=("Content-Length: 1000",)) + b"half")
        await until(lambda: len(door.service.connections) == 1)
        visitor.leave()
        await until(lambda: door.pool.in_use == 0)
        assert door.pool.idle == 0

    async def test_closes_the_connection_when_the_client_leaves_amid_the_answer(
        self, opened: OpenDoor
    ) -> None:
        raw = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"
        door = await opened(script=saying(raw))
        visitor = await door.visit()
        await visitor.send(request())
        await visitor.take_until(b"half")
        visitor.leave()
        await until(lambda: door.pool.in_use == 0)
        assert door.pool.idle == 0


class TestEarlyAnswer:
    async def test_passes_on_a_refusal_given_before_the_body_was_read(
        self, opened: OpenDoor
    ) -> None:
        async def script(asked: Asked) -> None:
            await asked.head()
            await asked.answer(b"no", status=b"403 Forbidden")

        door = await opened(script=script)
        visitor = await door.visit()
        await visitor.send(request("POST", headers=("Content-Length: 1000000",)) + b"x" * 1000)
        reply = await visitor.reply()
        assert (reply.status, reply.body) == (403, b"no")
        await until(lambda: door.pool.in_use == 0)
        assert door.pool.idle == 0

    async def test_serves_the_next_request_of_that_client_as_usual(self, opened: OpenDoor) -> None:
        async def script(asked: Asked) -> None:
            head = await asked.head()
            await asked.answer(head.split(b" ")[1])

        door = await opened(script=script)
        visitor = await door.visit()
        await visitor.send(request("POST", "/benefits/1", headers=("Content-Length: 10",)) + b"x")
        assert (await visitor.reply()).body == b"/benefits/1"
        await visitor.send(b"y" * 9 + request("GET", "/benefits/2"))
        assert (await visitor.reply()).body == b"/benefits/2"


class TestBodyLimits:
    async def test_refuses_an_announced_excess_without_asking_the_service(
        self, opened: OpenDoor
    ) -> None:
        door = await opened()
        visitor = await door.visit()
        await visitor.send(request("POST", headers=(f"Content-Length: {64 * MEBIBYTE + 1}",)))
        reply = await visitor.reply()
        assert reply.status == 413
        assert reply.json["limit_bytes"] == 64 * MEBIBYTE
        assert not door.service.connections

    async def test_refuses_an_unannounced_excess_when_it_comes(self, opened: OpenDoor) -> None:
        door = await opened(script=silent)
        visitor = await door.visit()
        await visitor.send(request("POST", headers=("Transfer-Encoding: chunked",)))
        piece = b"100000\r\n" + b"x" * MEBIBYTE + b"\r\n"

        async def pour() -> None:
            for _ in range(66):
                await visitor.send(piece)

        pouring = asyncio.create_task(pour())
        reply = await visitor.reply()
        assert reply.status == 413
        pouring.cancel()
        await until(lambda: door.pool.in_use == 0)
        assert door.pool.idle == 0
