"""One connection to one service, which may be used again only when nothing is left in it."""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from typing_extensions import override

from .failures import ConnectionLost, MalformedAnswer
from .plain_answer import PlainAnswer, PlainAnswerReader
from .wire import AnswerHead, AnswerReader

_UNREAD_LIMIT_BYTES: Final = 256 * 1024
_SMALL_BYTES: Final = 32 * 1024
_PLAIN: Final = PlainAnswerReader()


class Asker(Protocol):
    """Who asked without waiting, and is called instead: exactly one of the first and the last."""

    def answered(self, answer: PlainAnswer) -> None:
        """Take the whole answer; the connection has nothing left in it."""
        ...

    def moved(self) -> None:
        """Look at `peek` and `take`: more of an answer has arrived than there was before."""
        ...

    def failed(self, error: Exception) -> None:
        """Give up: ConnectionLost or MalformedAnswer."""
        ...


class UpstreamConnection(asyncio.Protocol):
    """Carries one exchange at a time: `begin`, `write`, `finish_request`, `head`, `read`; or `ask`.

    The rule that keeps one municipality's answer from another: `is_reusable` is true only when
    the request was written to its end and the answer was read to its exact end, with not one byte
    after it. Everything else, above all a cancelled exchange, closes the connection.
    """

    def __init__(self, on_lost: Callable[["UpstreamConnection"], None]) -> None:
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._reader = AnswerReader()
        self._asker: Asker | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._failure: Exception | None = None
        self._busy = False
        self._request_sent = False
        self._is_unheard = False
        self._is_head_only = False
        self._unread_bytes = 0
        self._reading_paused = False
        self._write_paused = False
        self.exchanges = 0
        self.heard_anything = False
        self.idle_since = 0.0

    # What the exchange calls.

    def begin(self, *, head_only: bool) -> None:
        """Start an exchange. Raises ConnectionLost when the service has already hung up."""
        if self._busy:
            raise RuntimeError("A connection carries one exchange at a time.")
        if self.is_closed:
            raise ConnectionLost("closed before the request was written")
        self._busy = True
        self._request_sent = False
        self._unread_bytes = 0
        self.heard_anything = False
        self.exchanges += 1
        self._reader.expect(head_only=head_only)

    def write(self, data: bytes) -> None:
        """Send bytes of the request. Raises ConnectionLost when nobody would receive them."""
        transport = self._transport
        if transport is None or self._failure is not None or transport.is_closing():
            raise ConnectionLost("closed while the request was written")
        transport.write(data)

    def ask(self, request: bytes, asker: Asker, *, head_only: bool) -> None:
        """Send a whole request; its asker is called when there is something of the answer.

        Raises:
            ConnectionLost: the service has already hung up; the asker is not called.
        """
        transport = self._transport
        if self._busy:
            raise RuntimeError("A connection carries one exchange at a time.")
        if transport is None or self._failure is not None or transport.is_closing():
            raise ConnectionLost("closed before the request was written")
        # The reader is prepared when something comes that needs it; until then nothing of what it
        # remembers of the last exchange counts.
        self._busy = self._is_unheard = self._request_sent = True
        self._is_head_only = head_only
        self.heard_anything = False
        self.exchanges += 1
        self._asker = asker
        transport.write(request)

    def peek(self) -> AnswerHead | None:
        """Return the head of the final answer if it is known by now."""
        return None if self._is_unheard else self._reader.head

    def take(self) -> tuple[bytes, bool]:
        """Return what is here of the body, and whether that was its end, without waiting."""
        reader = self._reader
        body = reader.chunks[0] if len(reader.chunks) == 1 else b"".join(reader.chunks)
        reader.chunks = []
        self._unread_bytes = 0
        if self._reading_paused:
            self._resume_reading()
        return body, reader.complete

    async def drain(self) -> None:
        """Wait until the service has taken enough of what was written."""
        while self._write_paused and self._failure is None:
            if self._writable is None:
                self._writable = self._loop.create_future()
            await asyncio.shield(self._writable)
        if self._failure is not None:
            raise ConnectionLost("closed while the request was written") from self._failure

    def finish_request(self) -> None:
        """Note that the last byte of the request has been handed over."""
        self._request_sent = True

    async def head(self) -> AnswerHead:
        """Return the head of the final answer, as soon as it is known."""
        while self._reader.head is None:
            await self._wait()
        return self._reader.head

    async def read(self) -> tuple[bytes, bool]:
        """Return what has arrived of the body and whether it is whole.

        Raises:
            ConnectionLost: the service hung up before the end.
            MalformedAnswer: the rest of the body is no HTTP/1.1.
        """
        reader = self._reader
        while not reader.chunks and not reader.complete:
            await self._wait()
        return self.take()

    @property
    def is_at_hand(self) -> bool:
        """Whether the rest of the answer is here and small: passing it on waits for nobody."""
        return self._reader.complete and self._unread_bytes <= _SMALL_BYTES

    @property
    def is_closed(self) -> bool:
        """Whether the service can no longer be reached on this connection."""
        return self._failure is not None or self._transport is None or self._transport.is_closing()

    @property
    def is_reusable(self) -> bool:
        """Whether nothing of this exchange is left on the way, in either direction."""
        reader = self._reader
        return (
            reader.complete
            and not self._is_unheard
            and self._request_sent
            and not reader.surplus
            and not reader.chunks
            and not self._write_paused
            and not self.is_closed
            and reader.keeps_alive
        )

    def rest(self) -> bool:
        """Go back to the pool if nothing is left in it; otherwise stay as it is and say no."""
        if not self.is_reusable:
            return False
        self._busy = False
        self._asker = None
        if self._reading_paused:
            self._resume_reading()
        return True

    def abort(self) -> None:
        """Close at once; whatever is on the way is thrown away, and no asker is called."""
        self._asker = None
        self._fail(ConnectionLost("closed by the gateway"))
        if self._transport is not None:
            self._transport.abort()

    # What the event loop calls.

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A stream transport is what create_connection promises for a Protocol.
        self._transport = transport  # pyright: ignore[reportAttributeAccessIssue]

    @override
    def data_received(self, data: bytes) -> None:
        if not self._busy:
            # An answer nobody asked for: the end of the last one was not its end.
            self.abort()
            return
        if self._failure is not None:
            return
        asker = self._asker
        if self._is_unheard:
            self._is_unheard = False
            self.heard_anything = True
            answer = None if self._is_head_only else _PLAIN.read(data)
            if answer is not None and asker is not None:
                self._reader.conclude()
                asker.answered(answer)
                return
            self._unread_bytes = 0
            self._reader.expect(head_only=self._is_head_only)
        self.heard_anything = True
        try:
            self._reader.feed(data)
        except MalformedAnswer as error:
            self._fail(error)
            self.abort()
            return
        self._unread_bytes += len(data)
        if self._unread_bytes > _UNREAD_LIMIT_BYTES and not self._reading_paused:
            self._pause_reading()
        if asker is not None:
            asker.moved()
        else:
            self._wake()

    @override
    def eof_received(self) -> bool:
        # Half a connection is of no use; the transport closes and reports the loss.
        return False

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(ConnectionLost("the service closed the connection"))
        self._transport = None
        self._on_lost(self)

    @override
    def pause_writing(self) -> None:
        self._write_paused = True

    @override
    def resume_writing(self) -> None:
        self._write_paused = False
        self._let_write()

    def _fail(self, error: Exception) -> None:
        if self._failure is None:
            self._failure = error
        asker, self._asker = self._asker, None
        if asker is not None:
            asker.failed(error)
        self._wake()
        self._let_write()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _let_write(self) -> None:
        if self._writable is not None:
            if not self._writable.done():
                self._writable.set_result(None)
            self._writable = None

    async def _wait(self) -> None:
        if self._failure is not None:
            raise self._failure
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _pause_reading(self) -> None:
        if self._transport is not None:
            self._reading_paused = True
            self._transport.pause_reading()

    def _resume_reading(self) -> None:
        self._reading_paused = False
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()
