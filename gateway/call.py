"""Ask a service something on the gateway's own behalf, over the same kind of connections."""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from gateway.forwarding.exchange import Deadlines, Exchange, Message, Order
from gateway.forwarding.failures import BodyTooLarge
from gateway.forwarding.headers import is_answerable
from gateway.forwarding.paths import target_of
from gateway.forwarding.pool import Address, Pool, PoolLimits
from gateway.forwarding.wire import Headers

_MOST_BYTES = 16 * 1024 * 1024


class Answer(NamedTuple):
    """What a service said; header names in lower case."""

    status: int
    headers: Headers
    body: bytes


class Upstream:
    """One service, asked in whole requests and answered in whole answers.

    The house's checks of callers do not apply here: who calls this speaks for the gateway and
    brings the internal token along.
    """

    def __init__(self, pool: Pool, deadlines: Deadlines | None = None) -> None:
        self._pool = pool
        self._deadlines = deadlines or Deadlines(first_byte=5.0, total=10.0)

    @classmethod
    def at(cls, address: str, deadlines: Deadlines | None = None) -> "Upstream":
        """Open the way to `unix:/…` or `tcp:host:port`, with a few connections of its own."""
        return cls(Pool(Address.parse(address), PoolLimits(size=8)), deadlines)

    async def request(
        self,
        method: str,
        path: str,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> Answer:
        """Return the answer, whatever its status.

        Raises:
            ForwardingFailure, TooSlow: the service could not be asked or did not answer.
            ValueError: the path or a header is not one that may be sent.
        """
        raw_path, _, query = path.encode("ascii").partition(b"?")
        fields = [(name.lower().encode("ascii"), value.encode("ascii")) for name, value in headers]
        if not is_answerable(fields):
            raise ValueError("A header field holds a control character.")
        lines = [b"%b: %b\r\n" % pair for pair in fields]
        opening = b"%b %b HTTP/1.1\r\nhost: gateway\r\n" % (
            method.encode("ascii"),
            target_of(raw_path, query),
        )
        sink = _Sink(body)
        order = Order(
            method=method,
            head=opening + b"".join(lines),
            content_length=len(body) or None,
            deadlines=self._deadlines,
        )
        await Exchange(self._pool, order, sink.receive, sink.send).run()
        return Answer(sink.status, sink.headers, b"".join(sink.pieces))

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()


class _Sink:
    """Plays the client of an exchange: one body to give, one answer to collect."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._size = 0
        self.status = 0
        self.headers: Headers = []
        self.pieces: list[bytes] = []

    async def receive(self) -> Message:
        body, self._body = self._body, None
        if body is None:
            # The gateway does not hang up on itself: the deadline ends what takes too long.
            await asyncio.get_running_loop().create_future()
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], message["headers"]
            return
        self._size += len(message["body"])
        if self._size > _MOST_BYTES:
            raise BodyTooLarge(_MOST_BYTES)
        self.pieces.append(message["body"])
