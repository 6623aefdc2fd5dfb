"""One plain request on its way to a service and its answer on the way back, without a task.

The service's connection calls `answered`, `moved` or `failed`; the client's calls `look`, `moved`
and `abandon`. Whatever happens first decides; afterwards the journey touches neither of them.
"""

import time
from collections.abc import Callable
from math import inf
from typing import Final, Protocol

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from gateway.forwarding.connection import UpstreamConnection
from gateway.forwarding.exchange import Deadlines
from gateway.forwarding.failures import ConnectionLost, MalformedAnswer, TooSlow
from gateway.forwarding.headers import answer_headers, is_answerable
from gateway.forwarding.plain_answer import PlainAnswer
from gateway.forwarding.refusals import LEAST_STATUS, slug_of
from gateway.forwarding.wire import AnswerHead

from .deadlines import GRACE_SECONDS
from .fairness import Ticket
from .plans import Plan
from .routes import Route
from .screening import Passage
from .ways import Way

CLIENT_CLOSED_REQUEST: Final = 499
"""What is counted when nobody is left to be answered; it is never sent."""
_LAST_CHUNK: Final = b"0\r\n\r\n"


class Door(Protocol):
    """The client's connection, as far as a journey needs it."""

    keeps_alive: bool

    @property
    def peer(self) -> str:
        """The address of the other end; empty where there is none."""
        ...

    @property
    def is_clogged(self) -> bool:
        """Whether the client takes less than it is sent."""
        ...

    @property
    def dated(self) -> bytes:
        """The lines every answer begins with, such as the date."""
        ...

    def say(self, data: bytes) -> None:
        """Send bytes of the answer."""
        ...

    def conclude(self, data: bytes) -> None:
        """Send the last bytes of the answer; the next request may be read."""
        ...

    def conclude_after(self, seconds: float, data: bytes, said: Callable[[], None]) -> None:
        """Send a refusal a while later, reading nothing meanwhile; `said` is called either way."""
        ...

    def break_off(self) -> None:
        """Close: the client must notice that this is not the end of the answer."""
        ...

    def hand_over(self, data: bytes, passage: Passage | None) -> None:
        """Read the request again the thorough way, with what is known of its caller by now."""
        ...


class Sponsor(Protocol):
    """Who sent the journey out and keeps account of it."""

    def ended(self, journey: "Journey", status: int) -> None:
        """Give back what the journey held, and count it under the status that was answered."""
        ...

    def called_off(self, journey: "Journey") -> None:
        """Give up waiting for a place."""
        ...

    def released(self, journey: "Journey") -> None:
        """Give back what the journey held; it is not over, somebody else goes on with it."""
        ...

    def refuse(self, journey: "Journey", error: Exception) -> None:
        """Answer what an error means; the journey is over."""
        ...


class Journey:
    """One request being carried. `data` is the request as it came, should it be read again.

    What most journeys never come to know is a default of the class: one is made for each request.
    """

    connection: UpstreamConnection | None = None
    passage: Passage | None = None
    way: Way | None = None
    has_begun = is_chunked = is_cut = False
    status = size = 0
    request_id = refusal = ""
    ticket: Ticket | None = None
    waits_for: Way | None = None
    first_byte_at = ends_at = inf

    def __init__(self, sponsor: Sponsor, door: Door, data: bytes, plan: Plan) -> None:
        self.sponsor = sponsor
        self.door = door
        self.data = data
        self.plan = plan
        self.started_at = time.monotonic()

    @property
    def route(self) -> Route:
        """Which service it goes to, and under which limits."""
        return self.plan.route

    def depart(self, connection: UpstreamConnection, request: bytes) -> None:
        """Send the request over a connection that rested.

        Raises:
            ConnectionLost: the service has hung up meanwhile; nothing was sent.
        """
        connection.ask(request, self, head_only=self.plan.is_head)
        self.connection = connection

    def promise(self, deadlines: Deadlines) -> None:
        """Set when the first byte and the last must have come, unless the caller has said when."""
        if self.first_byte_at == inf:
            self.first_byte_at = self.started_at + deadlines.first_byte
        self.ends_at = self.started_at + deadlines.total

    # What the connection to the service calls.

    def answered(self, answer: PlainAnswer) -> None:
        """Pass on an answer that came whole."""
        if self._let_go() is None:
            return
        status, lines, body = answer
        door = self.door
        self.size = size = len(body)
        if status >= LEAST_STATUS:
            self.refusal = slug_of(body)
        self.sponsor.ended(self, status)
        added = self._added(f"content-length: {size}\r\n")
        door.conclude(b"".join((STATUS_LINE[status], door.dated, lines, added, body)))

    def moved(self) -> None:
        """Pass on what is there, as far as the client takes it."""
        connection = self.connection
        if connection is None:
            return
        begun = b""
        if not self.has_begun:
            head = connection.peek()
            if head is None:
                return
            begun = self._begin(head)
            if not begun:
                return
        elif self.door.is_clogged:
            return
        body, is_last = connection.take()
        body = self._told(body, is_last=is_last)
        if not is_last:
            self.door.say(begun + body)
            return
        self._let_go()
        self.sponsor.ended(self, self.status)
        self.door.conclude(begun + body)

    def _told(self, body: bytes, *, is_last: bool) -> bytes:
        """Take account of a piece of the answer, and return it framed as the client is told it."""
        if self.status >= LEAST_STATUS and not self.size:
            self.refusal = slug_of(body)
        self.size += len(body)
        if self.is_chunked:
            body = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            return body + _LAST_CHUNK if is_last else body
        return body

    def failed(self, error: Exception) -> None:
        """Try the thorough way where saying it twice does no harm, or say what went wrong."""
        connection = self._let_go()
        if connection is None:
            return
        if self.has_begun:
            self._cut()
        elif isinstance(error, ConnectionLost) and self._may_repeat(connection):
            self._repeat()
        else:
            self.sponsor.refuse(self, error)

    def _repeat(self) -> None:
        """Say it again the thorough way, unless nobody waits for it any more."""
        if time.monotonic() >= self.first_byte_at:
            self.sponsor.refuse(self, TooSlow("service"))
            return
        self.sponsor.released(self)
        if self.passage is not None:
            self.passage.until = self.first_byte_at
            self.passage.was_said = not self.plan.is_reading
        self.door.hand_over(self.data, self.passage)

    # What the connection to the client calls.

    def look(self, now: float) -> None:
        """Give up what takes too long; `now` on the monotonic clock."""
        if self.ticket is not None:
            return
        if now > self.ends_at and self.has_begun:
            self._let_go()
            self._cut()
        elif now > min(self.first_byte_at, self.ends_at) + GRACE_SECONDS and not self.has_begun:
            self._let_go()
            self.sponsor.refuse(self, TooSlow("service"))

    def abandon(self) -> None:
        """Nobody is left to be answered: what is on the way is thrown away with its connection."""
        if self.ticket is not None:
            self.sponsor.called_off(self)
            return
        if self._let_go() is not None:
            self.sponsor.ended(self, CLIENT_CLOSED_REQUEST)

    def _cut(self) -> None:
        """The answer broke off after it had begun; the client must notice."""
        self.is_cut = True
        self.sponsor.ended(self, self.status)
        self.door.break_off()

    def _let_go(self) -> UpstreamConnection | None:
        """Give the connection up, which ends it unless the answer was read to its end."""
        connection, self.connection = self.connection, None
        if connection is not None and self.way is not None:
            self.way.pool.release(connection)
        return connection

    def _may_repeat(self, connection: UpstreamConnection) -> bool:
        """Whether it rested until now and said nothing, and saying it twice does no harm."""
        is_fresh = connection.exchanges > 1 and not connection.heard_anything
        return self.plan.is_repeatable and is_fresh

    def _begin(self, head: AnswerHead) -> bytes:
        """Return the head of an answer that comes in pieces; empty if it may not be passed on."""
        headers = answer_headers(head)
        if not is_answerable(headers):
            self.failed(MalformedAnswer("a header field with a control character"))
            return b""
        self.has_begun, self.status = True, head.status
        self.is_chunked = head.has_body and head.content_length is None
        lines = [b"%b: %b\r\n" % pair for pair in headers]
        if self.is_chunked:
            lines.append(b"transfer-encoding: chunked\r\n")
        return b"".join((STATUS_LINE[head.status], self.door.dated, *lines, self.added()))

    def added(self) -> bytes:
        """Return what the door adds to every answer, with the end of the head."""
        return self._added("")

    def _added(self, before: str) -> bytes:
        passage = self.passage
        rate = "" if passage is None else passage.lines()
        end = "\r\n" if self.door.keeps_alive else "connection: close\r\n\r\n"
        return (
            f"{before}x-request-id: {self.request_id}\r\n"
            "x-content-type-options: nosniff\r\nreferrer-policy: no-referrer\r\n"
            f"{rate}{end}"
        ).encode()
