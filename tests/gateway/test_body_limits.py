"""What is too large is refused at the door; what an operation says it takes goes through."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from foundation.problems import PayloadTooLarge, ServiceUnavailable
from foundation.web.documents import DEFAULT_BODY_BYTES
from gateway.body_limits import BodyLimits, Publication
from gateway.routes import route_of
from tests.support.forwarding import Door, Manner, open_door
from tests.support.wire import request

COMMAND, IMPORT, TINY = "/benefits/v1/commands", "/benefits/v1/imports", "/benefits/v1/x/tiny"
KIB = 1024


@dataclass
class Published:
    document: Mapping[str, Any]


def published(**limits: int) -> Published:
    """Return an interface of three operations with these limits."""
    paths = {COMMAND: "command", IMPORT: "import_", "/benefits/v1/{id}/tiny": "tiny"}
    return Published(
        {
            "paths": {
                path: {
                    "post": {
                        "operationId": name,
                        "x-max-body-bytes": limits.get(name, DEFAULT_BODY_BYTES),
                    },
                    "parameters": [],
                }
                for path, name in paths.items()
            }
        }
    )


@pytest.fixture
def limits() -> BodyLimits:
    learnt = BodyLimits()
    learnt.learn(published(import_=200 * KIB, tiny=100))
    return learnt


@pytest.fixture
async def door(tmp_path: Path, limits: BodyLimits) -> AsyncGenerator[Door]:
    async with open_door(tmp_path, Manner(limits=limits)) as opened:
        assert (await opened.ask()).status == 200
        yield opened


def heard(door: Door) -> int:
    """Return how many requests the service was sent."""
    return sum(bytes(one.heard).count(b" HTTP/1.1\r\n") for one in door.service.connections)


async def sent(door: Door, path: str, size: int) -> int:
    reply = await door.ask("POST", path, body=b"x" * size)
    if reply.status == 413:
        assert reply.json["type"] == "/problems/platform/payload-too-large"
    return reply.status


class TestAnnounced:
    @pytest.mark.parametrize(
        ("path", "size", "status"),
        [
            (COMMAND, 64 * KIB, 200),
            (COMMAND, 64 * KIB + 1, 413),
            (IMPORT, 200 * KIB, 200),
            (IMPORT, 200 * KIB + 1, 413),
            (TINY, 100, 200),
            (TINY, 101, 413),
            ("/benefits/v1/nowhere", 65 * KIB, 413),
        ],
    )
    async def test_is_held_against_the_operation(
        self, door: Door, path: str, size: int, status: int
    ) -> None:
        before = heard(door)
        assert await sent(door, path, size) == status
        assert heard(door) - before == (status == 200)

    async def test_is_refused_before_the_body_has_come(self, door: Door) -> None:
        visitor = await door.visit()
        whole = request("POST", COMMAND, body=b"x" * (100 * KIB))
        await visitor.send(whole[: whole.index(b"\r\n\r\n") + 4])
        reply = await asyncio.wait_for(visitor.reply(), 5)
        assert (reply.status, reply.json["limit_bytes"]) == (413, 64 * KIB)


class TestChunks:
    @pytest.mark.parametrize(("path", "status"), [(COMMAND, 413), (IMPORT, 200)])
    async def test_are_counted_as_they_come(self, door: Door, path: str, status: int) -> None:
        visitor = await door.visit()
        head = request("POST", path, headers=("Transfer-Encoding: chunked",))
        piece = b"x" * (32 * KIB)
        chunk = b"%x\r\n%b\r\n" % (len(piece), piece)
        await visitor.send(head + chunk)
        for _ in range(2):
            await visitor.send(chunk)
            await asyncio.sleep(0.02)
        await visitor.send(b"0\r\n\r\n")
        assert (await visitor.reply()).status == status


class TestLearning:
    def test_holds_the_prefix_as_long_as_nothing_is_known(self) -> None:
        route = route_of(COMMAND.encode())
        assert route is not None
        assert BodyLimits().of(b"POST", COMMAND.encode(), route) == route.body_limit

    async def test_goes_on_when_something_else_is_published(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("_LOOKS_EVERY_SECONDS", "_ASKS_AGAIN_SECONDS"):
            monkeypatch.setattr(f"gateway.body_limits.{name}", 0.01)
        limits, route = BodyLimits(), route_of(COMMAND.encode())
        assert route is not None
        current: list[Publication] = []

        async def interface() -> Publication:
            if not current:
                raise ServiceUnavailable
            return current[0]

        following = asyncio.create_task(limits.follow(interface))
        await asyncio.sleep(0.05)
        assert limits.of(b"POST", COMMAND.encode(), route) == route.body_limit
        for size in (10, 20):
            current[:] = [published(command=size)]
            await asyncio.sleep(0.1)
            assert limits.of(b"POST", COMMAND.encode(), route) == size
            with pytest.raises(PayloadTooLarge):
                limits.require(b"POST", COMMAND.encode(), route, size=size + 1)
        following.cancel()
