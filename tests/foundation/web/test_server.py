"""An answer leaves a service in one piece, and whole."""

import asyncio
from typing import Any

import pytest
from typing_extensions import override

from foundation.web.server import Gathering


class Wire(asyncio.Transport):
    """Notes what is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.is_over = False

    @override
    def write(self, data: Any) -> None:
        self.sent.append(bytes(data))

    @override
    def is_closing(self) -> bool:
        return self.is_over

    @override
    def close(self) -> None:
        self.is_over = True

    @override
    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return f"the {name}"


@pytest.fixture
async def wire() -> Wire:
    return Wire()


class TestGathering:
    async def test_sends_head_and_body_together(self, wire: Wire) -> None:
        gathering = Gathering(wire, asyncio.get_running_loop())
        gathering.write(b"head")
        gathering.write(b"body")
        assert wire.sent == []
        await asyncio.sleep(0)
        assert wire.sent == [b"headbody"]
        gathering.write(b"next")
        await asyncio.sleep(0)
        assert wire.sent == [b"headbody", b"next"]

    async def test_keeps_large_answers_moving(self, wire: Wire) -> None:
        gathering = Gathering(wire, asyncio.get_running_loop())
        gathering.write(b"head")
        gathering.write(b"x" * 100_000)
        assert wire.sent == [b"head" + b"x" * 100_000]
        await asyncio.sleep(0)
        assert len(wire.sent) == 1

    async def test_sends_what_is_left_before_it_closes(self, wire: Wire) -> None:
        gathering = Gathering(wire, asyncio.get_running_loop())
        gathering.write(b"last")
        gathering.close()
        assert wire.sent == [b"last"]
        assert wire.is_over

    async def test_says_nothing_to_who_has_gone(self, wire: Wire) -> None:
        gathering = Gathering(wire, asyncio.get_running_loop())
        gathering.write(b"late")
        wire.is_over = True
        await asyncio.sleep(0)
        assert wire.sent == []

    async def test_is_the_transport_in_everything_else(self, wire: Wire) -> None:
        gathering = Gathering(wire, asyncio.get_running_loop())
        assert gathering.get_extra_info("peername") == "the peername"
