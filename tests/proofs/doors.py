"""A client that never gives up: it repeats a request, under one key, until somebody answers it.

This is what the platform asks of every front end. The proofs are about what then stands in the
database, so the client must not be cleverer than that: any door will do for the next attempt.
"""

import asyncio
import itertools
import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from foundation.identifiers import new_id
from foundation.identity import Principal
from foundation.tenancy import Tenancy
from tests.proofs.papers import Papers
from tests.support.wire import Reply, Visitor, request

_ATTEMPT_SECONDS = 15.0
_PATIENCE_SECONDS = 240.0
_LONGEST_PAUSE = 0.5
_TRY_AGAIN = frozenset({429, 500, 502, 503, 504})
_CONFLICT = 409
_IN_FLIGHT = b"platform/request-in-flight"
_REFUSED_FROM = 400


class NobodyAnswered(AssertionError):
    """A request was repeated for minutes in vain: the house did not recover."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What one person wants once, however often it has to be said."""

    method: str
    path: str
    principal: Principal
    tenancy: Tenancy
    body: dict[str, Any] | None = None
    headers: tuple[str, ...] = ()
    key: str = field(default_factory=lambda: str(new_id()))

    def written(self, papers: Papers) -> bytes:
        """Return the bytes of the request, with a paper that is valid now."""
        lines = [f"Authorization: {papers.of(self.principal, self.tenancy)}", *self.headers]
        body = None
        if self.method == "POST":
            lines.append(f"Idempotency-Key: {self.key}")
        if self.body is not None:
            lines.append("Content-Type: application/json")
            body = json.dumps(self.body).encode()
        elif self.method == "POST":
            body = b""
        return request(self.method, self.path, token=None, headers=tuple(lines), body=body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An answer, when it was first asked for and when it came (seconds, monotonic)."""

    reply: Reply
    asked_at: float
    answered_at: float
    attempts: int

    @property
    def status(self) -> int:
        return self.reply.status

    @property
    def seconds(self) -> float:
        return self.answered_at - self.asked_at

    @property
    def slug(self) -> str:
        """The type of a problem, without its prefix; empty for a success."""
        if self.status < _REFUSED_FROM:
            return ""
        return str(self.reply.json["type"]).removeprefix("/problems/")

    @property
    def document(self) -> dict[str, Any]:
        """The body of a success."""
        assert self.status < _REFUSED_FROM, (self.status, self.reply.body)
        return self.reply.json


class Door:
    """The way to one process, with connections kept open between requests."""

    def __init__(self, address: str) -> None:
        self._kind, _, self._place = address.partition(":")
        self._idle: list[Visitor] = []

    async def ask(self, raw: bytes) -> Reply:
        """Send a request and return its whole answer.

        Raises:
            ConnectionError, OSError, IncompleteReadError, TimeoutError: there was none.
        """
        visitor = self._idle.pop() if self._idle else await self._connect()
        try:
            async with asyncio.timeout(_ATTEMPT_SECONDS):
                await visitor.send(raw)
                reply = await visitor.reply()
        except BaseException:
            visitor.leave()
            raise
        if not reply.is_whole:
            visitor.leave()
            raise ConnectionError("the answer broke off")
        if reply.headers.get("connection") == "close":
            visitor.leave()
        else:
            self._idle.append(visitor)
        return reply

    def close(self) -> None:
        for visitor in self._idle:
            visitor.leave()
        self._idle.clear()

    async def _connect(self) -> Visitor:
        if self._kind == "unix":
            return Visitor(*await asyncio.open_unix_connection(self._place))
        host, _, port = self._place.rpartition(":")
        return Visitor(*await asyncio.open_connection(host, int(port)))


class Doors:
    """Several processes that serve the same, used in turn; whoever falls silent is left."""

    def __init__(self, addresses: Sequence[str], papers: Papers) -> None:
        self._doors = [Door(address) for address in addresses]
        self._turn = itertools.cycle(self._doors)
        self._papers = papers
        self.refusals: Counter[str] = Counter()
        """Why attempts had to be repeated: a status, `in flight` or `no answer`."""

    def close(self) -> None:
        for door in self._doors:
            door.close()

    async def once(self, wish: Wish) -> Reply:
        """Ask a single time; raises what `Door.ask` does."""
        return await next(self._turn).ask(wish.written(self._papers))

    async def ask(self, wish: Wish) -> Given:
        """Ask until there is an answer to what was asked, rather than to the moment.

        Raises:
            NobodyAnswered: not within four minutes.
        """
        asked_at, pause = time.monotonic(), 0.005
        for attempt in itertools.count(1):
            reply = await self._attempt(wish)
            now = time.monotonic()
            if reply is not None:
                return Given(reply=reply, asked_at=asked_at, answered_at=now, attempts=attempt)
            if now - asked_at > _PATIENCE_SECONDS:
                break
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - spread, no secret
            pause = min(pause * 2, _LONGEST_PAUSE)
        raise NobodyAnswered(f"{wish.method} {wish.path}: {dict(self.refusals)}")

    async def _attempt(self, wish: Wish) -> Reply | None:
        try:
            reply = await self.once(wish)
        except (OSError, asyncio.IncompleteReadError):  # a TimeoutError is an OSError
            self.refusals["no answer"] += 1
            return None
        if reply.status in _TRY_AGAIN:
            self.refusals[str(reply.status)] += 1
            return None
        if reply.status == _CONFLICT and _IN_FLIGHT in reply.body:
            self.refusals["in flight"] += 1
            return None
        return reply
