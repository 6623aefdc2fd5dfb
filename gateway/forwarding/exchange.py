"""One request carried to a service and its answer carried back: streamed, timed, never mixed up."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from enum import Enum, auto
from http import HTTPStatus
from math import inf
from typing import Any, Final

from .connection import UpstreamConnection
from .failures import (
    AnswerCut,
    BodyMisdeclared,
    BodyTooLarge,
    ClientGone,
    ConnectionLost,
    ForwardingFailure,
    MalformedAnswer,
    TooSlow,
)
from .headers import answer_headers, is_answerable
from .pool import Pool
from .refusals import LEAST_STATUS, slug_of
from .wire import AnswerHead, Headers

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

READING: Final = frozenset({"GET", "HEAD"})
WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})
_PATIENCE_SECONDS: Final = 0.05
_MOST_GATHERED_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Seconds: to the first byte of the answer, counted from the end of the request; and in all."""

    first_byte: float = 10.0
    total: float = 30.0


@dataclass(slots=True, kw_only=True)
class Order:
    """What is to be carried: `head` is complete but for the framing of the body."""

    method: str
    head: bytes
    content_length: int | None = None
    is_chunked: bool = False
    body_limit: int = 64 * 1024 * 1024
    deadlines: Deadlines = field(default_factory=Deadlines)
    added_headers: Headers = field(default_factory=Headers)
    knows_chunks: bool = True
    has_key: bool = False
    """Whether an Idempotency-Key goes along, by which a service recognises a repeat."""
    until: float = inf
    """The loop's time after which it is not said a second time: nobody waits for it any more."""
    was_said: bool = False
    """Whether it was sent once before, and may have taken effect unheard."""


def may_be_said_twice(method: str, *, has_key: bool) -> bool:
    """Whether a request may be sent again, although the first may have taken effect unheard.

    Reading may. A POST may that brings its key: the service then gives the first answer once more.
    PUT and DELETE are idempotent (RFC 9110 §9.2.2), and yet may not: ours name the version they
    change, so a repeat of what took effect would be told that somebody else was faster (412), or
    that there is nothing to delete (404).
    """
    return method in READING or (method == "POST" and has_key)


class _Stage(Enum):
    """Whom everybody is waiting for."""

    CLIENT = auto()
    SERVICE = auto()
    ANSWERING = auto()


class Exchange:
    """One order with one client; `run` returns when the answer has been passed on whole.

    A second try is made only on a new connection, after a resting one turned out to be closed:
    when nothing was written at all, or when not one byte came back and the method may be repeated.
    From then on whatever stands in the way of the second leaves open whether the first took effect,
    and no answer may say that it did not.
    """

    def __init__(self, pool: Pool, order: Order, receive: Receive, send: Send) -> None:
        self._pool = pool
        self._order = order
        self._receive = receive
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._has_more = order.is_chunked or bool(order.content_length)
        deadlines, now = order.deadlines, self._loop.time()
        self._ends_at = now + deadlines.total
        # Without a body the wait for the answer begins at once: one timer instead of three.
        first = deadlines.total if self._has_more else min(deadlines.first_byte, deadlines.total)
        self._timeout = asyncio.timeout_at(now + first)
        self._stage = _Stage.CLIENT
        self._connection: UpstreamConnection | None = None
        self._listener: asyncio.Task[None] | None = None
        self._impatience: asyncio.TimerHandle | None = None
        self._fault: Exception | None = None
        self._first = b""
        self._received_bytes = 0
        self._is_written = False
        self._was_said = order.was_said
        self.status = 0
        self.sent_bytes = 0
        self.refusal = ""

    async def run(self) -> None:
        """Carry the request and the answer.

        Raises:
            ForwardingFailure: the service could not be asked or did not answer properly.
            TooSlow: a deadline passed before the answer began.
            BodyTooLarge, BodyMisdeclared: the client's body cannot be passed on.
            AnswerCut: the answer broke off after it had begun; the connection must be closed.
            ClientGone: the client hung up.
        """
        try:
            async with self._timeout:
                if self._has_more:
                    await self._receive_first()
                await self._try_twice()
        except TimeoutError as error:
            if self._stage is _Stage.ANSWERING:
                raise AnswerCut("out of time") from error
            raise TooSlow("client" if self._stage is _Stage.CLIENT else "service") from error

    async def _receive_first(self) -> None:
        """Take the beginning of the body before a connection is occupied for it."""
        length = self._order.content_length
        if length is not None and length > self._order.body_limit:
            raise BodyTooLarge(self._order.body_limit)
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        self._first = self._accept(message)

    def _accept(self, message: Message) -> bytes:
        """Count a piece of the body against what was announced and what is allowed."""
        body: bytes = message.get("body", b"")
        self._has_more = bool(message.get("more_body", False))
        self._received_bytes += len(body)
        if self._received_bytes > self._order.body_limit:
            raise BodyTooLarge(self._order.body_limit)
        length = self._order.content_length
        if length is not None and (
            self._received_bytes > length or (not self._has_more and self._received_bytes < length)
        ):
            raise BodyMisdeclared
        return body

    async def _try_twice(self) -> None:
        self._stage = _Stage.SERVICE
        for is_last in (False, True):
            self._connection = connection = await self._acquire(fresh=is_last)
            try:
                await self._relay(connection, await self._ask(connection))
            except ForwardingFailure as error:
                if self._fault is not None:
                    raise self._fault from error
                is_stale = isinstance(error, ConnectionLost) and self._may_repeat(connection)
                if is_last or not is_stale:
                    raise
                if self._is_written:
                    self._note_said(error)
            else:
                return
            finally:
                self._let_go(connection)

    async def _acquire(self, *, fresh: bool) -> UpstreamConnection:
        try:
            return await self._pool.acquire(fresh=fresh)
        except ForwardingFailure as error:
            if self._was_said:
                raise ConnectionLost("no connection to say it again") from error
            raise

    def _note_said(self, lost: Exception) -> None:
        """Note that the service may have done it; past the time it is not asked once more."""
        if self._loop.time() >= self._order.until:
            raise TooSlow("service") from lost
        self._was_said = self._order.method not in READING

    def _require_news(self, status: int) -> None:
        """Keep back what a service says of the second hearing, if it may be untrue of the first.

        In trouble, or out of time, it says that nothing was changed; it knows of this hearing only.
        """
        if not self._was_said or status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return
        if status == HTTPStatus.GATEWAY_TIMEOUT:
            raise TooSlow("service")
        raise ConnectionLost(f"said twice, and the second was answered with {status}")

    def _may_repeat(self, connection: UpstreamConnection) -> bool:
        if not self._is_written:
            return True
        was_resting = connection.exchanges > 1
        is_whole = not self._has_more and self._received_bytes == len(self._first)
        return (
            was_resting
            and is_whole
            and not connection.heard_anything
            and may_be_said_twice(self._order.method, has_key=self._order.has_key)
        )

    def _let_go(self, connection: UpstreamConnection) -> None:
        """Give the connection up. Nothing of this exchange may touch it from here on."""
        self._connection = None
        if self._impatience is not None:
            self._impatience.cancel()
            self._impatience = None
        if self._listener is not None:
            self._listener.cancel()
            self._listener = None
        self._pool.release(connection)

    async def _ask(self, connection: UpstreamConnection) -> AnswerHead:
        connection.begin(head_only=self._order.method == "HEAD")
        connection.write(self._opening())
        self._is_written = True
        if self._has_more:
            self._listener = self._loop.create_task(self._pump(connection))
        else:
            self._note_sent(connection)
            self._impatience = self._loop.call_later(_PATIENCE_SECONDS, self._start_watching)
        return await connection.head()

    def _opening(self) -> bytes:
        """Return the head with its framing, and what is there of the body."""
        order, first = self._order, self._first
        if order.content_length is not None:
            framing = b"content-length: %d\r\n\r\n" % order.content_length
        elif not order.is_chunked:
            framing = b"content-length: 0\r\n\r\n" if order.method in WITH_BODY else b"\r\n"
        elif self._has_more:
            framing = b"transfer-encoding: chunked\r\n\r\n"
            first = _chunk(first, is_last=False)
        else:
            framing = b"content-length: %d\r\n\r\n" % len(first)
        return order.head + framing + first

    async def _pump(self, connection: UpstreamConnection) -> None:
        """Carry the rest of the body, then wait for a hang-up."""
        is_chunked = self._order.content_length is None
        try:
            while self._has_more:
                self._turn(_Stage.SERVICE)
                await connection.drain()
                self._turn(_Stage.CLIENT)
                message = await self._receive()
                if message["type"] == "http.disconnect":
                    self._break_off(ClientGone())
                    return
                body = self._accept(message)
                if is_chunked:
                    body = _chunk(body, is_last=not self._has_more)
                if body:
                    connection.write(body)
            self._note_sent(connection)
        except (BodyTooLarge, BodyMisdeclared) as error:
            self._break_off(error)
        except ConnectionLost:
            return  # whoever waits for the head has been told the same
        else:
            await self._watch()

    def _turn(self, stage: _Stage) -> None:
        if self._stage is not _Stage.ANSWERING:
            self._stage = stage

    def _note_sent(self, connection: UpstreamConnection) -> None:
        connection.finish_request()
        if not self._order.content_length and not self._order.is_chunked:
            return
        if self._stage is not _Stage.ANSWERING and not self._timeout.expired():
            self._stage = _Stage.SERVICE
            first_byte_at = self._loop.time() + self._order.deadlines.first_byte
            if first_byte_at < self._ends_at:
                self._timeout.reschedule(first_byte_at)

    def _start_watching(self) -> None:
        """Most answers come before anybody could hang up; only then is it worth listening."""
        if self._connection is not None:
            self._listener = self._loop.create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._break_off(ClientGone())

    def _break_off(self, fault: Exception) -> None:
        if self._connection is not None:
            self._fault = fault
            self._connection.abort()

    async def _relay(self, connection: UpstreamConnection, head: AnswerHead) -> None:
        headers = answer_headers(head)
        if not is_answerable(headers):
            raise MalformedAnswer("a header field with a control character")
        self._require_news(head.status)
        if head.has_body and head.content_length is None and not self._order.knows_chunks:
            self._timeout.reschedule(self._ends_at)
            body = await self._gather(connection)
            headers.append((b"content-length", b"%d" % len(body)))
            await self._answer(head, headers)
            await self._tell(body, is_last=True)
            return
        if not connection.is_at_hand:
            self._timeout.reschedule(self._ends_at)
        await self._answer(head, headers)
        try:
            is_last = False
            while not is_last:
                body, is_last = await connection.read()
                await self._tell(body, is_last=is_last)
        except ForwardingFailure as error:
            raise self._fault or AnswerCut(str(error)) from error

    async def _answer(self, head: AnswerHead, headers: Headers) -> None:
        self._stage = _Stage.ANSWERING
        self.status = head.status
        await self._pass_on(
            {
                "type": "http.response.start",
                "status": head.status,
                "headers": headers + self._order.added_headers,
            }
        )

    async def _tell(self, body: bytes, *, is_last: bool) -> None:
        if self.status >= LEAST_STATUS and not self.sent_bytes:
            self.refusal = slug_of(body)
        self.sent_bytes += len(body)
        await self._pass_on({"type": "http.response.body", "body": body, "more_body": not is_last})

    async def _pass_on(self, message: Message) -> None:
        try:
            await self._send(message)
        except OSError as error:
            raise ClientGone from error

    async def _gather(self, connection: UpstreamConnection) -> bytes:
        """Collect the answer for a client of HTTP/1.0, which knows no chunks."""
        pieces: list[bytes] = []
        size, is_last = 0, False
        while not is_last:
            piece, is_last = await connection.read()
            size += len(piece)
            if size > _MOST_GATHERED_BYTES:
                raise MalformedAnswer("too long for a client of HTTP/1.0")
            pieces.append(piece)
        return b"".join(pieces)


def _chunk(body: bytes, *, is_last: bool) -> bytes:
    """Frame a piece of a body (RFC 9112 §7.1); an empty piece would read as the end."""
    framed = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
    return framed + b"0\r\n\r\n" if is_last else framed
