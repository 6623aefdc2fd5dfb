"""What the door answers itself, and how it opens and closes."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from foundation.telemetry import Metrics
from gateway.app import Gateway
from gateway.forwarding.exchange import Message, Receive, Send
from gateway.house import House
from gateway.limits import Rate
from tests.support.forwarding import Door, Manner, living, open_door, served
from tests.support.wire import Asked, request

OpenDoor = Callable[..., Awaitable[Door]]


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncGenerator[OpenDoor]:
    async with AsyncExitStack() as stack:

        async def open_with(**manners: object) -> Door:
            manner = Manner(**manners)  # pyright: ignore[reportArgumentType] - named by each test
            return await stack.enter_async_context(open_door(tmp_path, manner))

        yield open_with


class TestHealth:
    @pytest.mark.parametrize("path", ["/livez", "/startupz", "/readyz"])
    async def test_is_told_to_anybody(self, opened: OpenDoor, path: str) -> None:
        door = await opened()
        reply = await door.ask("GET", path, token=None)
        assert reply.status == 200
        assert reply.headers["cache-control"] == "no-store"

    async def test_names_whom_the_house_waits_for(self, opened: OpenDoor) -> None:
        async def script(asked: Asked) -> None:
            while await asked.head():
                await asked.answer(b"", status=b"503 Service Unavailable")

        door = await opened(script=script)
        reply = await door.ask("GET", "/readyz", token=None)
        assert reply.status == 503
        assert reply.json["waiting_for"] == ["benefits"]
        assert (await door.ask("GET", "/livez")).status == 200

    @pytest.mark.parametrize("path", ["/livez", "/metrics", "/docs", "/openapi.json", "/problems"])
    async def test_is_only_read(self, opened: OpenDoor, path: str) -> None:
        door = await opened()
        reply = await door.ask("POST", path)
        assert reply.status == 405
        assert reply.headers["allow"] == "GET, HEAD"


class TestFigures:
    async def test_count_requests_by_municipality(self, opened: OpenDoor) -> None:
        door = await opened()
        await door.ask()
        await door.ask(token=None)
        figures = (await door.ask("GET", "/metrics")).body.decode()
        assert 'operation="benefits",service="gateway",status="2xx",tenant="012084"' in figures
        assert 'operation="benefits",service="gateway",status="4xx",tenant="none"' in figures

    @pytest.mark.parametrize("line", ["X-Forwarded-For: 127.0.0.1", "Forwarded: for=127.0.0.1"])
    async def test_are_not_shown_to_strangers(self, opened: OpenDoor, line: str) -> None:
        door = await opened()
        assert (await door.ask("GET", "/metrics", headers=(line,))).status == 404


class TestPages:
    async def test_are_not_sent_again_to_who_has_them(self, opened: OpenDoor) -> None:
        door = await opened()
        first = await door.ask("GET", "/docs", token=None)
        tag = first.headers["etag"]
        again = await door.ask("GET", "/docs", headers=(f'If-None-Match: "x", W/{tag}',))
        assert (first.status, again.status) == (200, 304)

    async def test_wait_for_a_service_that_is_missing(self, opened: OpenDoor) -> None:
        async def script(asked: Asked) -> None:
            asked.reset()

        door = await opened(script=script)
        reply = await door.ask("GET", "/openapi.json")
        assert reply.status == 503
        assert reply.json["waiting_for"] == ["benefits"]


class TestRate:
    async def test_is_told_and_kept(self, opened: OpenDoor) -> None:
        door = await opened(rate=Rate(per_second=0.5, burst=2))
        replies = [await door.ask() for _ in range(3)]
        assert [reply.status for reply in replies] == [200, 200, 429]
        assert [reply.headers["ratelimit"] for reply in replies] == [
            '"tenant";r=1;t=2',
            '"tenant";r=0;t=4',
            '"tenant";r=0;t=4',
        ]
        assert replies[0].headers["ratelimit-policy"] == '"tenant";q=2;w=4'
        assert replies[2].headers["retry-after"] == "2"
        assert replies[2].json["type"] == "/problems/platform/too-many-requests"
        assert (await door.ask(token="131016")).status == 200


class TestAnswers:
    @pytest.mark.parametrize("path", ["/benefits/v1/x", "/oauth/x", "/livez", "/docs", "/nothing"])
    async def test_all_carry_a_number_and_forbid_guessing(
        self, opened: OpenDoor, path: str
    ) -> None:
        door = await opened()
        reply = await door.ask("GET", path)
        assert len(reply.headers["x-request-id"]) == 36
        assert reply.headers["x-content-type-options"] == "nosniff"

    async def test_the_number_and_the_trace_reach_the_service(self, opened: OpenDoor) -> None:
        door = await opened()
        trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
        reply = await door.ask(headers=(f"traceparent: 00-{trace}-{parent}-01",))
        heard = reply.json["head"]
        assert f"x-request-id: {reply.headers['x-request-id']}\r\n" in heard
        assert f"traceparent: 00-{trace}-" in heard
        assert parent not in heard


class TestFaults:
    async def test_a_fault_of_ours_is_a_problem_too(self) -> None:
        missing: Any = None
        house = House(
            proxy=missing,
            express=missing,
            desk=missing,
            readiness=missing,
            library=missing,
            metrics=Metrics("gateway"),
        )

        @asynccontextmanager
        async def unfurnished() -> AsyncGenerator[House]:
            yield house

        gateway = Gateway(unfurnished)
        async with living(gateway), served(gateway) as port, httpx.AsyncClient() as client:
            answer = await client.get(f"http://127.0.0.1:{port}/benefits/v1/x")
        assert answer.status_code == 500
        assert answer.json()["type"] == "/problems/platform/internal-error"
        assert answer.json()["instance"].endswith(answer.headers["x-request-id"])
        assert "proxy" not in answer.text

    async def test_a_house_that_is_not_open_yet_asks_for_patience(self) -> None:
        @asynccontextmanager
        async def unused() -> AsyncGenerator[House]:
            raise AssertionError("never opened")
            yield  # a generator by its shape only

        async with served(Gateway(unused)) as port, httpx.AsyncClient() as client:
            answer = await client.get(f"http://127.0.0.1:{port}/livez")
        assert answer.status_code == 503
        assert answer.headers["retry-after"]

    async def test_a_house_that_cannot_be_opened_is_not_served(self) -> None:
        @asynccontextmanager
        async def locked() -> AsyncGenerator[House]:
            raise OSError("no database")
            yield  # a generator by its shape only

        sent: list[Message] = []
        await Gateway(locked)({"type": "lifespan"}, _events("startup"), _into(sent))
        assert [message["type"] for message in sent] == ["lifespan.startup.failed"]

    async def test_a_websocket_is_turned_away(self) -> None:
        @asynccontextmanager
        async def unused() -> AsyncGenerator[House]:
            raise AssertionError("never opened")
            yield  # a generator by its shape only

        sent: list[Message] = []
        await Gateway(unused)({"type": "websocket"}, _events("connect"), _into(sent))
        assert sent == [{"type": "websocket.close", "code": 1008}]


class TestDesk:
    async def test_takes_no_large_forms(self, opened: OpenDoor) -> None:
        door = await opened()
        visitor = await door.visit()
        await visitor.send(request("POST", "/oauth/token", headers=("Content-Length: 300000",)))
        assert (await visitor.reply()).status == 413

    async def test_takes_no_forms_of_unknown_length(self, opened: OpenDoor) -> None:
        door = await opened()
        visitor = await door.visit()
        await visitor.send(request("POST", "/oauth/token", headers=("Transfer-Encoding: chunked",)))
        assert (await visitor.reply()).status == 411


def _events(name: str) -> Receive:
    async def receive() -> Message:
        return {"type": f"lifespan.{name}"}

    return receive


def _into(sent: list[Message]) -> Send:
    async def send(message: Message) -> None:
        sent.append(message)

    return send
