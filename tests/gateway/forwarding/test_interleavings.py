"""However requests, cancellations and failures interleave, nobody is given another's answer.

The defect this looks for was real elsewhere: a cancelled request gave its connection back with the
answer still on its way, and the next municipality received it. Row-level security cannot see that.
"""

import asyncio
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import uvloop
from hypothesis import HealthCheck, given, settings, strategies as st

from gateway.forwarding.connection import UpstreamConnection
from gateway.forwarding.exchange import Deadlines, Exchange, Message, Order
from gateway.forwarding.failures import (
    AnswerCut,
    BodyMisdeclared,
    ClientGone,
    ForwardingFailure,
    TooSlow,
)
from gateway.forwarding.pool import Address, Pool, PoolLimits
from tests.support.wire import Asked, Service

LOOPS: Final = (
    pytest.param(asyncio.new_event_loop, id="asyncio"),
    pytest.param(uvloop.new_event_loop, id="uvloop"),
)
EXPECTED: Final = (
    AnswerCut,
    BodyMisdeclared,
    ClientGone,
    ForwardingFailure,
    TooSlow,
    asyncio.CancelledError,
)


@dataclass(frozen=True)
class Turn:
    """One request: how its client behaves and how the service does. Times in milliseconds."""

    starts_at: int
    method: str
    pieces: int
    client: str
    client_at: int
    service: str
    service_at: int


TURNS = st.builds(
    Turn,
    starts_at=st.integers(0, 12),
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT"]),
    pieces=st.integers(0, 3),
    client=st.sampled_from(["stays", "stays", "is cancelled", "hangs up", "sends too little"]),
    client_at=st.integers(0, 12),
    service=st.sampled_from(
        ["answers", "answers", "in pieces", "early", "twice", "dies", "dies midway", "closes"]
    ),
    service_at=st.integers(0, 8),
)


QUIET: Final = Turn(0, "GET", 0, "stays", 0, "answers", 0)


class MixedUp(AssertionError):
    """Somebody was given another's answer."""


class Client:
    """Sends its body in pieces, may leave, and looks at every byte it is given."""

    def __init__(self, number: int, turn: Turn, deadlines: Deadlines) -> None:
        self._mark = b"<%d>" % number
        self._turn = turn
        self._left = turn.pieces if turn.method in ("POST", "PUT") else 0
        self._length = self._left * 4
        self._is_served = False
        self._received = b""
        self.order = Order(
            method=turn.method,
            head=b"%b /%d/%b HTTP/1.1\r\nhost: x\r\n" % (turn.method.encode(), number, _told(turn)),
            content_length=self._length or None,
            deadlines=deadlines,
        )

    async def receive(self) -> Message:
        await asyncio.sleep(0.001)
        if self._left and not (self._turn.client == "sends too little" and self._left == 1):
            self._left -= 1
            return {"type": "http.request", "body": b"body", "more_body": self._left > 0}
        if self._turn.client == "sends too little" and self._left == 1:
            self._left = 0
            return {"type": "http.request", "body": b"", "more_body": False}
        if self._turn.client == "hangs up":
            await asyncio.sleep(self._turn.client_at / 1000)
            return {"type": "http.disconnect"}
        return await asyncio.get_running_loop().create_future()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if dict(message["headers"]).get(b"mark") != self._mark:
                raise MixedUp(f"{message} was not for {self._mark!r}")
            return
        self._received += message["body"]
        expected = self._mark * 8
        if self._turn.method == "HEAD":
            expected = b""
        if not expected.startswith(self._received):
            raise MixedUp(f"{self._received!r} was not for {self._mark!r}")
        if not message["more_body"] and self._received != expected:
            raise MixedUp(f"{self._received!r} was called whole for {self._mark!r}")


def _told(turn: Turn) -> bytes:
    return b"%b/%d/%d" % (
        turn.service.replace(" ", "-").encode(),
        turn.service_at,
        turn.pieces if turn.method in ("POST", "PUT") else 0,
    )


async def obedient(asked: Asked) -> None:
    """Do with each request what its path says."""
    while head := await asked.head():
        method, path, _ = head.split(b" ", 2)
        _, number, how, after, pieces = path.split(b"/")
        if how != b"early" and int(pieces):
            await asked.reader.readexactly(4 * int(pieces))
        await asyncio.sleep(int(after) / 1000)
        mark = b"<%b>" % number
        body = b"" if method == b"HEAD" else mark * 8
        answer = b"HTTP/1.1 200 OK\r\nmark: %b\r\ncontent-length: %d\r\n\r\n%b" % (
            mark,
            len(mark * 8),
            body,
        )
        if not await _behave(asked, how, answer):
            return


async def _behave(asked: Asked, how: bytes, answer: bytes) -> bool:
    """Give an answer in a manner; return whether the connection lives on."""
    half = len(answer) // 2
    match how:
        case b"dies":
            asked.reset()
        case b"dies-midway":
            await asked.say(answer[:half])
            asked.reset()
        case b"in-pieces":
            for start in range(0, len(answer), 7):
                await asked.say(answer[start : start + 7])
                await asyncio.sleep(0.0002)
            return True
        case b"twice":
            await asked.say(answer)
            await asked.say(answer)
            return True
        case b"closes":
            await asked.say(answer)
        case _:
            await asked.say(answer)
            return True
    return False


async def one(pool: Pool, number: int, turn: Turn) -> None:
    await asyncio.sleep(turn.starts_at / 1000)
    client = Client(number, turn, Deadlines(first_byte=0.03, total=0.05))
    exchange = Exchange(pool, client.order, client.receive, client.send)
    task = asyncio.create_task(exchange.run())
    if turn.client == "is cancelled":
        asyncio.get_running_loop().call_later(turn.client_at / 1000, task.cancel)
    with suppress(*EXPECTED):
        await task


async def play(turns: list[Turn]) -> None:
    """Play all turns at once over two connections, then see that nothing is left behind."""
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder) / "s.sock", obedient)
        await service.open()
        limits = PoolLimits(size=2, queue_seconds=0.03)
        pool = Pool(Address.parse(f"unix:{service.path}"), limits)
        try:
            await asyncio.gather(*(one(pool, number, turn) for number, turn in enumerate(turns)))
            assert pool.in_use == 0
            assert pool.waiting == 0
            assert pool.idle <= 2
            # Whatever happened, the house goes on: the next one is served as if nothing had been.
            for number in range(2):
                client = Client(1000 + number, QUIET, Deadlines())
                await Exchange(pool, client.order, client.receive, client.send).run()
        finally:
            pool.close()
            await service.close()


class TestInterleavings:
    @pytest.mark.parametrize("loop", LOOPS)
    @given(turns=st.lists(TURNS, min_size=2, max_size=12))
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_nobody_is_given_anothers_answer(
        self, loop: Callable[[], asyncio.AbstractEventLoop], turns: list[Turn]
    ) -> None:
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(play(turns))

    @pytest.mark.parametrize("loop", LOOPS)
    def test_would_notice_a_connection_given_back_too_early(
        self,
        loop: Callable[[], asyncio.AbstractEventLoop],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The test above is worth something only if it fails when the rule is broken."""
        monkeypatch.setattr(
            UpstreamConnection, "is_reusable", property(lambda self: not self.is_closed)
        )
        with asyncio.Runner(loop_factory=loop) as runner, pytest.raises(MixedUp):
            runner.run(leave_and_come())


async def leave_and_come() -> None:
    """Cancel one request that is being answered, and let the next come on its connection."""
    heard, go_on = asyncio.Event(), asyncio.Event()

    async def deliberate(asked: Asked) -> None:
        for _ in range(2):
            head = await asked.head()
            heard.set()
            await go_on.wait()
            mark = b"<%b>" % head.split(b"/")[1]
            await asked.answer(mark * 8, headers=b"mark: %b\r\n" % mark)

    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder) / "s.sock", deliberate)
        await service.open()
        pool = Pool(Address.parse(f"unix:{service.path}"), PoolLimits(size=1, connect_seconds=5))
        first, second = (Client(number, QUIET, Deadlines()) for number in (1, 2))
        try:
            leaving = Exchange(pool, first.order, first.receive, first.send)
            task = asyncio.create_task(leaving.run())
            await heard.wait()
            task.cancel()
            await asyncio.wait([task])
            go_on.set()
            await Exchange(pool, second.order, second.receive, second.send).run()
        finally:
            pool.close()
            await service.close()


class TestLeaveAndCome:
    async def test_gives_the_next_their_own(self) -> None:
        await leave_and_come()
