"""The way to the gateway's own desk, where people sign in: bounded, timed, and nobody's say-so."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from foundation.problems import PayloadTooLarge
from gateway.forwarding.exchange import Message, Receive, Send
from gateway.forwarding.problems import LengthRequired, RequestTimeout
from gateway.forwarding.wire import Headers

from .desk_limits import DeskLimits
from .proxy import CLIENT_CLOSED_REQUEST, Arrival
from .replies import ALWAYS

Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_LARGEST_BODY_BYTES: Final = 256 * 1024
_SECONDS: Final = 30.0
_CLAIMS_ABOUT_A_PEER: Final = frozenset(
    {b"forwarded", b"via", b"x-request-id", b"x-real-ip", b"x-client-cert", b"remote-user"}
)
_CLAIMING_PREFIXES: Final = (b"x-forwarded", b"x-tamaire", b"tamaire-internal")


class DeskPath:
    """Leads a request to the desk with what it needs, without what anybody could have made up."""

    def __init__(self, desk: Application, limits: DeskLimits | None = None) -> None:
        self._desk = desk
        self._limits = limits

    async def carry(self, arrival: Arrival) -> int:
        """Let the desk answer; return the status.

        Raises:
            PayloadTooLarge, LengthRequired: forms are small and say how long they are.
            RequestTimeout: nothing was answered in time.
            TooManyRequests: the address or the municipality asked too often.
        """
        client = self._admitted(arrival)
        if arrival.intake.is_chunked:
            raise LengthRequired
        if (arrival.intake.content_length or 0) > _LARGEST_BODY_BYTES:
            raise PayloadTooLarge(limit_bytes=_LARGEST_BODY_BYTES)
        scope = {**arrival.scope, "client": client}
        if arrival.method == "HEAD":
            # The server leaves the body out; the desk answers what it would to GET.
            scope["method"] = "GET"
        number = arrival.numbered()
        scope["headers"] = [*_without_claims(arrival.scope["headers"]), *number]
        answering = _Answering(arrival.send, number)
        try:
            async with asyncio.timeout(_SECONDS):
                await self._desk(scope, arrival.receive, answering.send)
        except TimeoutError as error:
            if not answering.status:
                raise RequestTimeout(headers={"Connection": "close"}) from error
        return answering.status or CLIENT_CLOSED_REQUEST

    def _admitted(self, arrival: Arrival) -> tuple[str, int] | None:
        """Count a request; return where it comes from, as was judged here and nowhere else.

        What claims it are left out before the desk reads them, so the desk takes this for the peer.
        """
        client: tuple[str, int] | None = arrival.scope.get("client")
        if self._limits is None:
            return client
        peer = client[0] if client else None
        headers = arrival.scope["headers"]
        judged = self._limits.check(peer, arrival.path, arrival.query, headers)
        return (judged, client[1]) if judged is not None and client else client


class _Answering:
    """Adds to the desk's answer what every answer carries."""

    def __init__(self, send: Send, number: Headers) -> None:
        self._send = send
        self._added = [*number, *ALWAYS]
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own: Headers = list(message.get("headers", []))
            present = {name.lower() for name, _ in own}
            added = [pair for pair in self._added if pair[0] not in present]
            message = {**message, "headers": own + added}
        await self._send(message)


def _without_claims(headers: Headers) -> Headers:
    return [(name, value) for name, value in headers if not _is_claim(name)]


def _is_claim(name: bytes) -> bool:
    """Whether a field says something about the sender that only a token may say."""
    plain = name.replace(b"_", b"-")
    return plain in _CLAIMS_ABOUT_A_PEER or plain.startswith(_CLAIMING_PREFIXES)
