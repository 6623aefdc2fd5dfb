"""A crowd that asks again as soon as it is answered, and notes how long each answer took."""

import asyncio
import time
from dataclasses import dataclass, field

from typing_extensions import override


@dataclass(frozen=True, slots=True)
class Seen:
    """One round: how many answers in how many seconds, and the slowest of a hundred (seconds)."""

    answers: int
    seconds: float
    p50: float
    p99: float

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds


@dataclass(slots=True)
class _Tally:
    until: float
    times: list[float] = field(default_factory=list[float])
    refused: int = 0


class _Asker(asyncio.Protocol):
    """One keep-alive connection; an answer is known by its announced length."""

    def __init__(self, question: bytes, tally: _Tally, done: asyncio.Future[None]) -> None:
        self._question = question
        self._tally = tally
        self._done = done
        self._received = b""
        self._asked_at = 0.0
        self._transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A stream transport is what create_connection promises for a Protocol.
        self._transport = transport  # pyright: ignore[reportAttributeAccessIssue]
        self._ask()

    @override
    def data_received(self, data: bytes) -> None:
        self._received += data
        head, mark, body = self._received.partition(b"\r\n\r\n")
        if not mark or len(body) < _announced(head):
            return
        now = time.perf_counter()
        self._tally.times.append(now - self._asked_at)
        if not head.startswith(b"HTTP/1.1 200"):
            self._tally.refused += 1
        self._received = b""
        if now < self._tally.until:
            self._ask()
        elif self._transport is not None:
            self._transport.close()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_result(None)

    def _ask(self) -> None:
        self._asked_at = time.perf_counter()
        if self._transport is not None:
            self._transport.write(self._question)


def _announced(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"content-length: ")
    return int(rest.split(b"\r\n", 1)[0])


async def press(port: int, question: bytes, *, connections: int, seconds: float) -> Seen:
    """Ask over so many connections for so long.

    Raises:
        RuntimeError: somebody was refused; a figure of refusals would flatter.
    """
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    tally = _Tally(until=started + seconds)
    ends = [loop.create_future() for _ in range(connections)]
    for end in ends:
        await loop.create_connection(
            lambda end=end: _Asker(question, tally, end), "127.0.0.1", port
        )
    await asyncio.gather(*ends)
    if tally.refused or not tally.times:
        raise RuntimeError(f"{tally.refused} of {len(tally.times)} answers were no 200 at {port}.")
    times = sorted(tally.times)
    return Seen(
        answers=len(times),
        seconds=time.perf_counter() - started,
        p50=times[len(times) // 2],
        p99=times[len(times) * 99 // 100],
    )
