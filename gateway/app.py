"""The door itself: every request is read once, strictly, and led to where it belongs."""

import ipaddress
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from http import HTTPMethod
from typing import Any, Final

from foundation.identifiers import new_id
from foundation.problems import (
    InternalError,
    MethodNotAllowed,
    NotFound,
    Problem,
    ServiceUnavailable,
)
from foundation.telemetry import (
    Observation,
    RequestContext,
    TraceContext,
    configure_logging,
    in_request,
    logger,
)
from gateway.forwarding.exchange import Message, Receive, Send
from gateway.forwarding.headers import Intake, OversizeHeaders, RefusedHeaders, read_headers
from gateway.forwarding.paths import AmbiguousPath, target_of
from gateway.forwarding.problems import AmbiguousRequest, ExpectationRefused, HeadersTooLarge
from gateway.forwarding.wire import Headers
from gateway.frontends.origins import grant

from .express import Express
from .house import House, open_house
from .proxy import Arrival
from .replies import refuse, reply, reply_json
from .routes import route_of
from .server import settle
from .settings import GatewaySettings
from .traffic import TrafficSettings

Scope = Mapping[str, Any]
OpenHouse = Callable[[], AbstractAsyncContextManager[House]]

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_READING: Final = frozenset({HTTPMethod.GET, HTTPMethod.HEAD})
_METRICS_TYPE: Final = b"text/plain; version=0.0.4; charset=utf-8"
_log = logger(__name__)


class Gateway:
    """The ASGI application. It holds nothing of a request after its answer."""

    def __init__(self, open_house: OpenHouse) -> None:
        self._open_house = open_house
        self._house: House | None = None
        self.express: Express | None = None
        """The short way, while the house is open; the server asks it first."""
        self._own: Mapping[bytes, Callable[[Arrival, House], Awaitable[int]]] = {
            b"livez": self._live,
            b"startupz": self._live,
            b"readyz": self._ready,
            b"metrics": self._figures,
            b"openapi.json": self._read_aloud,
            b"docs": self._read_aloud,
            b"problems": self._read_aloud,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of the ASGI kind; websockets are turned away."""
        match scope["type"]:
            case "http":
                await self._serve(scope, receive, send)
            case "lifespan":
                await self._live_through(receive, send)
            case _:
                await receive()
                await send({"type": "websocket.close", "code": 1008})

    async def _live_through(self, receive: Receive, send: Send) -> None:
        """Open the house, keep it, close it; a house that cannot be opened is not served."""
        await receive()
        try:
            async with self._open_house() as house:
                self._house, self.express = house, house.express
                await send({"type": "lifespan.startup.complete"})
                await receive()
                self._house = self.express = None
        except Exception as error:  # noqa: BLE001 - the server ends the process and needs to be told
            _log.error("the house could not be opened or closed", exc_info=error)
            ending = "startup" if self._house is None else "shutdown"
            await send({"type": f"lifespan.{ending}.failed", "message": type(error).__name__})
        else:
            await send({"type": "lifespan.shutdown.complete"})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        started_at = time.perf_counter()
        request_id = str(new_id())
        house = self._house
        if house is not None:
            send = house.origins.accompany(scope.get("raw_path") or b"", scope["headers"], send)
        envelope = _Envelope(send)
        observed = "gateway", None
        status = 0
        if house is not None:
            house.metrics.begin()
        try:
            arrival = _read(scope, receive, envelope.send, request_id)
            with in_request(arrival.context):
                status = await self._lead(arrival, house)
            observed = arrival.context.service, arrival.context.tenant
        except Problem as problem:
            status = int(problem.status)
            await _refuse_unread(envelope, problem, request_id)
        except Exception as error:  # noqa: BLE001 - nobody is left above us who could answer
            _log.error("a fault of ours", exc_info=error, request_id=request_id)
            status = int(InternalError.status)
            await _refuse_unread(envelope, InternalError(), request_id)
        finally:
            if house is not None:
                house.metrics.end(
                    Observation(
                        operation=observed[0],
                        tenant=observed[1],
                        status=status,
                        seconds=time.perf_counter() - started_at,
                    )
                )

    async def _lead(self, arrival: Arrival, house: House | None) -> int:
        if house is None:
            raise ServiceUnavailable
        if arrival.method == "OPTIONS":
            granted = house.origins.preflight(arrival.path, arrival.scope["headers"])
            if granted is not None:
                return await grant(arrival.send, [*granted, *arrival.numbered()])
        route = route_of(arrival.target)
        if route is not None:
            arrival.context.service = route.service
            return await house.proxy.carry(arrival, route)
        own = self._own.get(arrival.path[1:].partition(b"/")[0])
        if own is None:
            return await house.desk.carry(arrival)
        if arrival.method not in _READING:
            raise MethodNotAllowed(headers={"Allow": "GET, HEAD"})
        return await own(arrival, house)

    async def _live(self, arrival: Arrival, house: House) -> int:
        del house  # that the process answers is the answer
        await reply_json(arrival.send, 200, {"status": "alive"}, arrival.numbered())
        return 200

    async def _ready(self, arrival: Arrival, house: House) -> int:
        failing = await house.readiness.failing()
        if failing:
            raise ServiceUnavailable(headers={"Retry-After": "1"}, waiting_for=failing)
        await reply_json(arrival.send, 200, {"status": "ready"}, arrival.numbered())
        return 200

    async def _figures(self, arrival: Arrival, house: House) -> int:
        """Show the figures to neighbours: the machine itself or its private network, directly."""
        if not _is_neighbour(arrival):
            raise NotFound
        headers = [(b"content-type", _METRICS_TYPE), *arrival.numbered()]
        await reply(arrival.send, 200, headers, house.metrics.exposition())
        return 200

    async def _read_aloud(self, arrival: Arrival, house: House) -> int:
        page = await house.library.find(arrival.path, arrival.field(b"accept"))
        headers: Headers = [*page.headers, *arrival.numbered()]
        if page.etag and page.etag in _tags(arrival.field(b"if-none-match")):
            await reply(arrival.send, 304, headers, b"")
            return 304
        await reply(arrival.send, page.status, headers, page.body)
        return page.status


def create() -> Gateway:
    """Return the gateway as the environment describes it; it opens when the server starts.

    Raises:
        UnknownSettings, ValidationError: the environment is not what a gateway needs.
    """
    settings = GatewaySettings.from_environment()
    traffic = TrafficSettings.from_environment()
    configure_logging("gateway", level=settings.log_level)

    @asynccontextmanager
    async def opened() -> AsyncGenerator[House]:
        async with open_house(settings, traffic) as house:
            settle()
            yield house

    return Gateway(opened)


class _Envelope:
    """Knows whether an answer has begun, after which no other can be given."""

    __slots__ = ("_send", "has_begun")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_begun = False

    async def send(self, message: Message) -> None:
        self.has_begun = True
        await self._send(message)


def _read(scope: Scope, receive: Receive, send: Send, request_id: str) -> Arrival:
    """Read the head of a request, once, for everybody behind the door.

    Raises:
        MethodNotAllowed: TRACE, CONNECT, or a verb we do not know.
        AmbiguousRequest: path, query or headers that two readers could understand in two ways.
        HeadersTooLarge: more than any honest request needs.
        ExpectationRefused: `Expect: 100-continue`.
    """
    method: str = scope["method"]
    if method not in _METHODS:
        raise MethodNotAllowed(headers={"Allow": ", ".join(sorted(_METHODS))})
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    try:
        target = target_of(path, query)
        intake = read_headers(scope["headers"])
    except OversizeHeaders as error:
        raise HeadersTooLarge from error
    except (AmbiguousPath, RefusedHeaders) as error:
        raise AmbiguousRequest(str(error)) from error
    _check_manners(intake, http_version=scope["http_version"])
    return Arrival(
        method=method,
        path=path,
        target=target,
        query=query,
        scope=scope,
        intake=intake,
        context=RequestContext(request_id=request_id, trace=_trace_of(intake), service="gateway"),
        receive=receive,
        send=send,
    )


def _check_manners(intake: Intake, *, http_version: str) -> None:
    if b"expect" in intake.once:
        raise ExpectationRefused
    if b"upgrade" in intake.once or b"upgrade" in intake.connection_options:
        raise AmbiguousRequest("No other protocol is spoken here.", headers={"Connection": "close"})
    if intake.is_chunked and http_version == "1.0":
        # RFC 9112 §6.1: HTTP/1.0 knows no chunks, so somebody on the way has not read them.
        raise AmbiguousRequest("HTTP/1.0 has no chunks.", headers={"Connection": "close"})
    if b"host" not in intake.once and http_version != "1.0":
        raise AmbiguousRequest("The Host header is missing.")


def _trace_of(intake: Intake) -> TraceContext:
    given = intake.once.get(b"traceparent")
    return TraceContext.continuing(None if given is None else given.decode("latin-1"))


async def _refuse_unread(envelope: _Envelope, problem: Problem, request_id: str) -> None:
    if not envelope.has_begun:
        number = [(b"x-request-id", request_id.encode())]
        await refuse(envelope.send, problem, request_id=request_id, headers=number)


def _is_neighbour(arrival: Arrival) -> bool:
    """Whether the peer is on this machine or a private network, and speaks for itself."""
    client = arrival.scope.get("client")
    names = {name for name, _ in arrival.scope["headers"]}
    if client is None or any(b"forwarded" in name for name in names):
        return False
    try:
        address = ipaddress.ip_address(client[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_private


def _tags(given: bytes | None) -> set[bytes]:
    """Return the entity tags of `If-None-Match`; weak and strong ones compare alike on reading."""
    return {tag.strip().removeprefix(b"W/") for tag in (given or b"").split(b",")}
