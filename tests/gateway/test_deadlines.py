"""How long somebody waits: said once, kept in every queue, and told to the service by us alone."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from gateway.forwarding.exchange import Deadlines
from tests.support.forwarding import Door, Manner, open_door
from tests.support.wire import Asked, Script

OpenDoor = Callable[..., Awaitable[Door]]
SHORT, THOROUGH = (), ("X-Unknown: 1",)
WAYS = pytest.mark.parametrize("way", [SHORT, THOROUGH], ids=["short", "thorough"])


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncGenerator[OpenDoor]:
    async with AsyncExitStack() as stack:

        async def open_with(**manner: Any) -> Door:
            door = await stack.enter_async_context(open_door(tmp_path, Manner(**manner)))
            assert (await door.ask()).status == 200  # a connection rests now
            return door

        yield open_with


def left_in(head: str) -> list[int]:
    """Return the milliseconds that a service was told."""
    return [int(one) for one in re.findall(r"(?i)\r\ntamaire-time-left: ([0-9]+)", head)]


def waiting(milliseconds: int | str) -> str:
    return f"Tamaire-Timeout-Ms: {milliseconds}"


class TestWhatAServiceHears:
    @WAYS
    async def test_is_what_the_caller_said(self, opened: OpenDoor, way: tuple[str, ...]) -> None:
        door = await opened()
        for stated in (1_500, 2_500, 30_000):
            head = (await door.ask(headers=(*way, waiting(stated)))).json["head"]
            (left,) = left_in(head)
            assert stated * 0.5 <= left <= stated
            assert "timeout-ms" not in head.lower()

    @WAYS
    async def test_is_the_usual_if_nothing_was_said(
        self, opened: OpenDoor, way: tuple[str, ...]
    ) -> None:
        door = await opened(deadlines=Deadlines(first_byte=7.0, total=9.0))
        (left,) = left_in((await door.ask(headers=way)).json["head"])
        assert 6_000 <= left <= 7_000

    @pytest.mark.parametrize(
        "name", ["Tamaire-Time-Left", "tamaire-time-left", "TAMAIRE-TIME-LEFT"]
    )
    @WAYS
    async def test_is_never_what_somebody_outside_wrote(
        self, opened: OpenDoor, way: tuple[str, ...], name: str
    ) -> None:
        door = await opened()
        for others in ((), ("Connection: keep-alive, tamaire-time-left",)):
            reply = await door.ask(headers=(*way, f"{name}: 9999999", *others))
            (left,) = left_in(reply.json["head"])
            assert left <= 10_000

    @WAYS
    async def test_goes_with_a_body_as_well(self, opened: OpenDoor, way: tuple[str, ...]) -> None:
        door = await opened()
        reply = await door.ask("POST", headers=(*way, waiting(900)), body=b"{}")
        assert left_in(reply.json["head"])[0] <= 900


class TestWhatIsSaid:
    @pytest.mark.parametrize("given", ["0", "30001", "-1", "1.5", "1e3", "soon", "１", "+5", "007"])
    @WAYS
    async def test_is_refused_if_it_is_no_time(
        self, opened: OpenDoor, way: tuple[str, ...], given: str
    ) -> None:
        door = await opened()
        line = waiting(given).encode().decode("latin-1")
        reply = await door.ask(headers=(*way, line))
        assert reply.status == 400
        assert reply.json["type"] == "/problems/platform/unreadable-timeout"

    async def test_is_refused_if_it_is_said_twice(self, opened: OpenDoor) -> None:
        door = await opened()
        reply = await door.ask(headers=(waiting(5), waiting(5)))
        assert reply.json["type"] == "/problems/platform/ambiguous-request"


class TestWaiting:
    @WAYS
    async def test_beyond_the_time_is_in_vain(self, opened: OpenDoor, way: tuple[str, ...]) -> None:
        """The service is silent: we give up a moment after it should have."""

        async def script(asked: Asked) -> None:
            while head := await asked.head():
                if b"/silent" in head:
                    await asyncio.Event().wait()
                await asked.answer(b"x")

        door = await opened(script=script)
        began = time.monotonic()
        reply = await door.ask(path="/benefits/silent", headers=(*way, waiting(200)))
        assert reply.status == 504
        assert 0.2 <= time.monotonic() - began < 1.5
        assert reply.json["type"] == "/problems/platform/upstream-timeout"

    @WAYS
    async def test_for_a_turn_ends_with_the_time_and_nothing_is_sent(
        self, opened: OpenDoor, way: tuple[str, ...]
    ) -> None:
        heard: list[bytes] = []
        arrived, leave = asyncio.Event(), asyncio.Event()

        async def script(asked: Asked) -> None:
            while head := await asked.head():
                heard.append(head.split(b" ")[1])
                if b"/long" in head:
                    arrived.set()
                    await leave.wait()
                await asked.answer(b"x")

        door = await opened(script=script, concurrency=1)
        first = asyncio.create_task(door.ask(path="/benefits/long"))
        await arrived.wait()
        began = time.monotonic()
        reply = await door.ask(path="/benefits/late", headers=(*way, waiting(100)))
        assert time.monotonic() - began < 0.4
        assert (reply.status, reply.json["type"]) == (504, "/problems/platform/deadline-exceeded")
        leave.set()
        assert (await first).status == 200
        assert (await door.ask(path="/benefits/next")).status == 200
        assert b"/benefits/late" not in heard
        assert (door.gate.queue.waiting, door.gate.queue.running(1)) == (0, 0)

    async def test_takes_from_what_the_service_is_left(self, opened: OpenDoor) -> None:
        heard: list[str] = []

        async def script(asked: Asked) -> None:
            while head := await asked.head():
                heard.append(head.decode("latin-1"))
                if b"/long" in head:
                    await asyncio.sleep(0.3)
                await asked.answer(b"x")

        door = await opened(script=script, concurrency=1)
        first = asyncio.create_task(door.ask(path="/benefits/long"))
        await asyncio.sleep(0.1)
        assert (await door.ask(path="/benefits/x", headers=(waiting(2_000),))).status == 200
        await first
        assert left_in(heard[-1])[0] <= 1_850


class TestWhatMayHaveBeenDone:
    """A service commits and dies before it answers: nobody may say that nothing was done."""

    @pytest.mark.parametrize("late", [0.31, 0.4, 0.5])
    @WAYS
    async def test_is_never_said_not_to_be(
        self, opened: OpenDoor, way: tuple[str, ...], late: float
    ) -> None:
        committed: list[bytes] = []
        door = await opened(script=dying(committed, late))
        reply = await door.ask(
            "POST", headers=(*way, "Idempotency-Key: k", waiting(300)), body=b"{}"
        )
        assert committed == [b"{}"]
        assert (reply.status, reply.json["type"]) == (504, "/problems/platform/upstream-timeout")

    @WAYS
    async def test_holds_for_the_usual_time_too(
        self, opened: OpenDoor, way: tuple[str, ...]
    ) -> None:
        usual = Deadlines(first_byte=0.3, total=1.0)
        door = await opened(script=dying([], 0.4), deadlines=usual)
        reply = await door.ask("POST", headers=(*way, "Idempotency-Key: k"), body=b"{}")
        assert (reply.status, reply.json["type"]) == (504, "/problems/platform/upstream-timeout")

    @WAYS
    async def test_is_asked_for_again_while_there_is_time(
        self, opened: OpenDoor, way: tuple[str, ...]
    ) -> None:
        committed: list[bytes] = []
        door = await opened(script=dying(committed, 0.05))
        reply = await door.ask(
            "POST", headers=(*way, "Idempotency-Key: k", waiting(5_000)), body=b"{}"
        )
        assert (reply.status, reply.body, committed) == (200, b"again", [b"{}"])

    async def test_is_left_open_if_there_is_no_second_turn_in_time(self, opened: OpenDoor) -> None:
        """It dies in time, but somebody who waited has taken the only turn."""
        door = await opened(script=dying([], 0.1), concurrency=1)
        asking = asyncio.create_task(
            door.ask("POST", headers=("Idempotency-Key: k", waiting(300)), body=b"{}")
        )
        await asyncio.sleep(0.05)
        door.gate.queue_up(1, lambda _: None)
        reply = await asking
        assert (reply.status, reply.json["type"]) == (504, "/problems/platform/upstream-timeout")

    @pytest.mark.parametrize(
        ("said", "told"),
        [
            (b"504 Gateway Timeout", (504, "/problems/platform/upstream-timeout")),
            (b"500 Internal Server Error", (502, "/problems/platform/upstream-failed")),
            (b"503 Service Unavailable", (502, "/problems/platform/upstream-failed")),
        ],
    )
    @WAYS
    async def test_is_not_denied_by_a_service_that_hears_it_again(
        self, opened: OpenDoor, way: tuple[str, ...], said: bytes, told: tuple[int, str]
    ) -> None:
        door = await opened(script=dying([], 0.05, then=said))
        reply = await door.ask("POST", headers=(*way, "Idempotency-Key: k"), body=b"{}")
        assert (reply.status, reply.json["type"]) == told

    @WAYS
    async def test_is_left_open_if_the_service_is_gone(
        self, opened: OpenDoor, way: tuple[str, ...]
    ) -> None:
        async def script(asked: Asked) -> None:
            await asked.head()
            await asked.answer(b"x")
            await asked.request()
            door.service.path.unlink()
            asked.reset()

        door = await opened(script=script)
        reply = await door.ask("POST", headers=(*way, "Idempotency-Key: k"), body=b"{}")
        assert (reply.status, reply.json["type"]) == (502, "/problems/platform/upstream-failed")


def dying(committed: list[bytes], late: float, *, then: bytes = b"200 OK") -> Script:
    """Return a service that does what it is told second, and dies `late` seconds later."""

    async def script(asked: Asked) -> None:
        if asked.number:
            await asked.request()
            await asked.answer(b"again", status=then)
            return
        await asked.head()
        await asked.answer(b"x")
        _, body = await asked.request()
        committed.append(body)
        await asyncio.sleep(late)
        asked.reset()

    return script
