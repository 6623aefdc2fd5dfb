"""Around every request: its number, its trace, its figures, its line in the log, its net."""

import re
import time
from collections.abc import Iterable
from uuid import UUID

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foundation.identifiers import new_id
from foundation.telemetry import (
    Metrics,
    Observation,
    RequestContext,
    TraceContext,
    in_request,
    write_line,
)

from .handlers import problem_of
from .responses import problem_response

_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_UNLESS_SAID = ((b"cache-control", b"no-store"),)
_OURS = frozenset({b"x-request-id", *(name for name, _ in _ALWAYS)})
_QUIET = frozenset({"livez", "readyz", "startupz", "figures"})
_UNMATCHED = "unmatched"
_NUMBER_LENGTHS = {32, 36}
_NUMBER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class RequestMiddleware:
    """Gives each request its context, and each answer the headers every answer has."""

    def __init__(self, app: ASGIApp, *, service: str, metrics: Metrics) -> None:
        self._app = app
        self._service = service
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        context = RequestContext(
            request_id=_number(_header(scope["headers"], b"x-request-id")),
            trace=TraceContext.continuing(_header(scope["headers"], b"traceparent")),
            service=self._service,
        )
        if scope["method"] == "HEAD":
            # What GET would answer; the server leaves the body out (RFC 9110 §9.3.2).
            scope = {**scope, "method": "GET"}
        answer = _Answer(context.request_id, send)
        started = time.perf_counter()
        self._metrics.begin()
        with in_request(context):
            try:
                await self._app(scope, receive, answer.send)
            finally:
                self._account(scope, context, answer, time.perf_counter() - started)

    def _account(
        self, scope: Scope, context: RequestContext, answer: "_Answer", seconds: float
    ) -> None:
        operation = _operation(scope)
        self._metrics.end(
            Observation(
                operation=operation, tenant=context.tenant, status=answer.status, seconds=seconds
            )
        )
        if operation in _QUIET:
            return
        # The path and the query are left out: they hold identifiers, and the operation says enough.
        write_line(
            "answered",
            {
                "method": scope["method"] if operation != _UNMATCHED else None,
                "operation": operation,
                "status": answer.status,
                "milliseconds": round(seconds * 1_000, 2),
                "size_bytes": answer.size,
            },
        )


class FailureMiddleware:
    """Turns what nobody foresaw into a problem; nothing reaches the server's own error page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            problem = problem_of(error)
            if started:
                raise  # half an answer is out: only a broken connection can still tell
            await problem_response(problem)(scope, receive, send)


class _Answer:
    """Watches an answer on its way out."""

    def __init__(self, request_id: str, send: Send) -> None:
        self._request_id = request_id
        self._send = send
        self.status = 500
        self.size = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            said: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
            named = {name for name, _ in said}
            if not named.isdisjoint(_OURS):
                said = [pair for pair in said if pair[0] not in _OURS]
            message["headers"] = [
                *said,
                (b"x-request-id", self._request_id.encode()),
                *_ALWAYS,
                *(pair for pair in _UNLESS_SAID if pair[0] not in named),
            ]
        elif message["type"] == "http.response.body":
            self.size += len(message.get("body", b""))
        await self._send(message)


def _operation(scope: Scope) -> str:
    """Return which of our own routes was reached; addresses that lead nowhere share one name."""
    named = getattr(scope.get("route"), "operation_id", None)
    return str(named or getattr(scope.get("endpoint"), "__name__", _UNMATCHED))


def _header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    """Return the value of a header given once; two traces or numbers are none."""
    found = [value for key, value in headers if key == name]
    return found[0].decode("latin-1") if len(found) == 1 else None


def _number(given: str | None) -> str:
    """Return the request's number: the caller's if it is a UUID, or a new one."""
    if given is not None and _NUMBER.fullmatch(given) is not None:
        return given  # as the gateway writes it
    if given is not None and len(given) in _NUMBER_LENGTHS and given.isascii():
        try:
            return str(UUID(given))
        except ValueError:
            pass
    return str(new_id())
