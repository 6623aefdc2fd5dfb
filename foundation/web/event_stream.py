"""Telling how something goes on, word by word, to whoever waits for its end.

Server-sent events (HTML Living Standard §9.2): a text that any client reads, and that says after a
break where it was. What is told is looked up anew each time in a transaction of its own, with the
municipality bound as ever; no transaction is held open for somebody who only listens.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import StreamingResponse

from foundation.database import Transaction
from foundation.problems import Problem
from foundation.work import Work

from .state import AppState, state_of
from .wire import Wire

MEDIA_TYPE: Final = "text/event-stream"
_SOON_MS: Final = 500
_LATER_MS: Final = 5_000
_NEVER_MIND_MS: Final = 60_000
"""When a client asks again: while something moves, where many listen, and when nothing moves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """How it stands. The same `id` is not told twice; after the last word nothing will change."""

    id: str
    event: str
    content: Wire
    is_last: bool

    @property
    def written(self) -> str:
        data = self.content.model_dump_json()
        return f"id: {self.id}\nevent: {self.event}\ndata: {data}\n\n"


Look = Callable[[Transaction], Awaitable[News]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often it is looked, how long silence may last, and when the listener has to ask again.

    All in seconds. A process that is asked to leave waits for its answers, so none may be long, and
    whoever lost their rights has lost them here, too, when they ask again.
    """

    look_s: float = 0.5
    silence_s: float = 5.0
    whole_s: float = 15.0


class Audience:
    """How many of one municipality listen in this process; the rest is told once and asks again.

    A listener occupies a place at the gateway's door that somebody at a counter may need.
    """

    def __init__(self, *, most: int = 4, pace: Pace | None = None) -> None:
        self._most = most
        self._pace = pace or Pace()
        self._present: Counter[int] = Counter()

    def stream(
        self, request: Request, work: Work, look: Look, *, heard: str | None
    ) -> "EventStream":
        """Return the answer to whoever wants to listen from after the word they last heard."""
        return EventStream(self._told(state_of(request), work, look, heard))

    async def _told(
        self, state: AppState, work: Work, look: Look, heard: str | None
    ) -> AsyncGenerator[str]:
        tenancy = work.tenancy
        is_full = self._present[tenancy.tenant_id] >= self._most
        self._present[tenancy.tenant_id] += 1
        loop, pace = asyncio.get_running_loop(), self._pace
        spoke = began = loop.time()
        try:
            yield _again(_LATER_MS if is_full else _SOON_MS)
            while True:
                async with state.database.transaction(tenancy) as tx:
                    news = await look(tx)
                now = loop.time()
                if news.id != heard:
                    yield news.written
                    heard, spoke = news.id, now
                if news.is_last:
                    yield _again(_NEVER_MIND_MS)
                    return
                if is_full or now - began >= pace.whole_s:
                    return
                if now - spoke >= pace.silence_s:
                    yield ": still at it\n\n"
                    spoke = now
                await asyncio.sleep(pace.look_s)
        except Problem:
            return  # the head is out; whoever asks again is told properly
        finally:
            self._present[tenancy.tenant_id] -= 1


class EventStream(StreamingResponse):
    """An answer that goes on after the transaction of its request, and reads nothing from it."""

    media_type = MEDIA_TYPE

    def __init__(self, told: AsyncGenerator[str]) -> None:
        super().__init__(told, headers={"X-Accel-Buffering": "no"})


def _again(milliseconds: int) -> str:
    return f"retry: {milliseconds}\n\n"
