"""When a connection to a service may be used again, and when a request may be tried again."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from gateway.forwarding.exchange import Deadlines
from gateway.forwarding.pool import PoolLimits
from tests.support.forwarding import Door
from tests.support.wire import Asked, politely, request

OpenDoor = Callable[..., Awaitable[Door]]


class TestReuse:
    async def test_uses_one_connection_for_one_request_after_the_other(
        self, opened: OpenDoor
    ) -> None:
        door = await opened()
        for number in range(5):
            reply = await door.ask("GET", f"/benefits/{number}")
            assert f"GET /benefits/{number} " in reply.json["head"]
        assert len(door.service.connections) == 1

    @pytest.mark.parametrize(
        "surplus",
        [b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil", b"rubbish", b"\r\n\r\nx"],
    )
    async def test_never_gives_the_next_client_what_followed_an_answer(
        self, opened: OpenDoor, surplus: bytes
    ) -> None:
        async def script(asked: Asked) -> None:
            head = await asked.head()
            await asked.say(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n" + head[5:9] + surplus)
            await asyncio.sleep(5)

        door = await opened(script=script)
        for number in range(3):
            assert (await door.ask("GET", f"/benefits/{number}")).body == b"bene"
        assert len(door.service.connections) == 3

    async def test_never_gives_the_next_client_what_came_while_resting(
        self, opened: OpenDoor
    ) -> None:
        async def script(asked: Asked) -> None:
            await asked.head()
            await asked.answer(b"mine")
            await asyncio.sleep(0.02)
            await asked.say(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil")
            await asked.head()

        door = await opened(script=script)
        for _ in range(3):
            assert (await door.ask()).body == b"mine"
            await asyncio.sleep(0.05)
        assert len(door.service.connections) == 3

    async def test_heeds_connection_close(self, opened: OpenDoor) -> None:
        async def script(asked: Asked) -> None:
            while await asked.head():
                await asked.answer(b"x", headers=b"Connection: Close\r\n")

        door = await opened(script=script)
        for _ in range(2):
            reply = await door.ask()
            assert reply.body == b"x"
        assert len(door.service.connections) == 2

    async def test_uses_a_connection_again_that_had_been_paused(self, opened: OpenDoor) -> None:
        async def script(asked: Asked) -> None:
            while head := await asked.head():
                await asked.answer(b"x" * (2 * 1024 * 1024) if b"/large" in head else b"small")

        door = await opened(script=script, pool=PoolLimits(connect_seconds=5, size=1))
        for _ in range(3):
            visitor = await door.visit()
            await visitor.send(request("GET", "/benefits/large"))
            await visitor.take_until(b"\r\n\r\n")
            await asyncio.sleep(0.05)
            assert len(await visitor.take_exactly(2 * 1024 * 1024)) == 2 * 1024 * 1024
            assert (await door.ask("GET", "/benefits/small")).body == b"small"
        assert len(door.service.connections) == 1

    async def test_does_not_use_a_connection_that_rested_too_long(self, opened: OpenDoor) -> None:
        door = await opened(pool=PoolLimits(connect_seconds=5, idle_seconds=0.01))
        await door.ask()
        await asyncio.sleep(0.03)
        await door.ask()
        assert len(door.service.connections) == 2


class TestSecondTry:
    """The service closes each connection as soon as it hears the second request on it."""

    @staticmethod
    async def closing_on_the_second(asked: Asked) -> None:
        head, body = await asked.request()
        await asked.answer(head.split(b" ")[0] + body)
        await asked.head()

    async def test_tries_again_what_may_be_repeated(self, opened: OpenDoor) -> None:
        door = await opened(script=self.closing_on_the_second)
        for _ in range(3):
            assert (await door.ask("GET")).body == b"GET"

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
    async def test_repeats_no_change_that_names_a_version(
        self, opened: OpenDoor, method: str
    ) -> None:
        """It would be told that somebody else was faster: it was the first try itself."""
        door = await opened(script=self.closing_on_the_second)
        body = b"!" if method in {"PUT", "PATCH"} else None
        assert (await door.ask(method, body=body)).status == 200
        assert (await door.ask(method, body=body)).status == 502
        assert len(door.service.connections) == 1

    async def test_does_not_try_an_effect_again_that_was_written(self, opened: OpenDoor) -> None:
        door = await opened(script=self.closing_on_the_second)
        assert (await door.ask("POST", body=b"!")).status == 200
        assert (await door.ask("POST", body=b"!")).status == 502
        assert len(door.service.connections) == 1

    async def test_tries_an_effect_on_a_new_connection_when_the_old_was_seen_closing(
        self, opened: OpenDoor
    ) -> None:
        async def script(asked: Asked) -> None:
            await asked.request()
            await asked.answer(b"done")

        door = await opened(script=script)
        for _ in range(3):
            assert (await door.ask("POST", body=b"!")).body == b"done"
            await asyncio.sleep(0.02)

    async def test_does_not_try_again_when_something_was_heard(self, opened: OpenDoor) -> None:
        async def script(asked: Asked) -> None:
            await asked.request()
            await asked.answer(b"first")
            await asked.request()
            await asked.say(b"HTTP/1.1 2")

        door = await opened(script=script)
        assert (await door.ask()).status == 200
        assert (await door.ask()).status == 502

    async def test_does_not_try_a_streamed_body_again(self, opened: OpenDoor) -> None:
        door = await opened(script=self.closing_on_the_second)
        assert (await door.ask("PUT", body=b"!")).status == 200
        visitor = await door.visit()
        await visitor.send(request("PUT", headers=("Content-Length: 2",)) + b"a")
        await asyncio.sleep(0.05)
        await visitor.send(b"b")
        assert (await visitor.reply()).status == 502

    async def test_tries_a_fresh_connection_only_once(self, opened: OpenDoor) -> None:
        async def script(asked: Asked) -> None:
            await asked.head()
            if asked.number == 0:
                await asked.answer(b"x")
                await asked.head()

        door = await opened(script=script)
        assert (await door.ask()).status == 200
        assert (await door.ask()).status == 502
        assert len(door.service.connections) == 2


class TestCrowd:
    async def test_serves_who_waits_in_order_and_refuses_who_waits_too_long(
        self, opened: OpenDoor
    ) -> None:
        release = asyncio.Event()
        served: list[bytes] = []

        async def script(asked: Asked) -> None:
            while head := await asked.head():
                served.append(head.split(b" ")[1])
                await release.wait()
                await asked.answer(b"x")

        limits = PoolLimits(connect_seconds=5, size=1, queue=3, queue_seconds=10)
        door = await opened(script=script, pool=limits)
        visitors = [await door.visit() for _ in range(5)]
        for number, visitor in enumerate(visitors):
            await visitor.send(request("GET", f"/benefits/{number}"))
            await asyncio.sleep(0.02)
        refused = await visitors[4].reply()
        assert refused.status == 503
        assert refused.headers["retry-after"]
        release.set()
        assert [(await visitor.reply()).status for visitor in visitors[:4]] == [200] * 4
        assert served == [b"/benefits/%d" % number for number in range(4)]

    async def test_refuses_when_nothing_becomes_free_in_time(self, opened: OpenDoor) -> None:
        async def script(asked: Asked) -> None:
            await asked.head()
            await asyncio.sleep(5)

        limits = PoolLimits(connect_seconds=5, size=1, queue_seconds=0.05)
        door = await opened(script=script, pool=limits, deadlines=Deadlines(first_byte=1, total=1))
        first = await door.visit()
        await first.send(request())
        await asyncio.sleep(0.02)
        assert (await door.ask()).status == 503

    async def test_keeps_one_municipality_from_taking_every_connection(
        self, opened: OpenDoor
    ) -> None:
        release = asyncio.Event()

        async def script(asked: Asked) -> None:
            while head := await asked.head():
                if b"/slow" in head:
                    await release.wait()
                await asked.answer(b"x")

        door = await opened(script=script, concurrency=2)
        busy = [await door.visit() for _ in range(2)]
        for visitor in busy:
            await visitor.send(request("GET", "/benefits/slow"))
        await asyncio.sleep(0.05)
        refused = await door.ask()
        assert refused.status == 429
        assert refused.json["type"] == "/problems/platform/tenant-busy"
        assert (await door.ask(token="131016")).status == 200
        release.set()
        assert [(await visitor.reply()).status for visitor in busy] == [200, 200]
        assert (await door.ask()).status == 200

    async def test_answers_everybody_of_a_crowd_their_own(self, opened: OpenDoor) -> None:
        door = await opened(
            script=politely, pool=PoolLimits(connect_seconds=5, size=4, queue_seconds=10)
        )

        async def one(number: int) -> None:
            reply = await door.ask("POST", f"/benefits/{number}", body=b"%d" % number)
            assert f"POST /benefits/{number} " in reply.json["head"]
            assert reply.json["body"] == str(number)

        await asyncio.gather(*(one(number) for number in range(200)))
        assert len(door.service.connections) <= 4
