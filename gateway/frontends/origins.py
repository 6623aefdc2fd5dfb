"""Which pages of other origins may read our answers (CORS): those of registered front ends only.

The answer is the same whether or not a service is awake: a preflight is answered here and reaches
nobody. There is no `*`: every answer that varies names one origin, and says that it varies.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, Final

from sqlalchemy import DateTime, bindparam, func, or_, select

from foundation import clock
from foundation.database import Database, DatabaseProblem, Statement
from gateway.forwarding.wire import Headers
from gateway.models import ClientRow
from gateway.replies import ALWAYS
from gateway.routes import ROUTES

Message = Mapping[str, Any]
Send = Callable[[Any], Awaitable[None]]

_REFRESH_SECONDS: Final = 5.0
_MAX_AGE_SECONDS: Final = b"600"
_METHODS: Final = b"GET, HEAD, POST, PUT, PATCH, DELETE"
_ASKED: Final = (
    b"authorization, content-type, dpop, idempotency-key, if-match, if-none-match, prefer, range,"
    b" tamaire-csrf, tamaire-municipality, tamaire-purpose, tamaire-representation,"
    b" tamaire-timeout-ms, traceparent"
)
_TOLD: Final = (
    b"content-disposition, etag, location, ratelimit, ratelimit-policy, retry-after,"
    b" www-authenticate, x-request-id"
)
_SERVICES: Final = frozenset(route.prefix.encode() for route in ROUTES)
_OPEN: Final = frozenset(
    {
        b"/oauth/token",
        b"/oauth/revoke",
        b"/oauth/jwks.json",
        b"/session",
        b"/session/sign-out",
        b"/openapi.json",
        b"/.well-known/oauth-authorization-server",
        b"/.well-known/openid-configuration",
    }
)
"""What pages may read beside the services; the steps of a sign-in are for people, not for pages."""

GRANTED: Final = "gateway.granted"
"""Marks an answer to a preflight, which says everything about origins itself."""

_log = logging.getLogger(__name__)
_REGISTERED = Statement(
    "platform.clients.origins",
    select(func.unnest(ClientRow.origins).label("origin"))
    .where(
        ClientRow.status == "active",
        or_(
            ClientRow.expires_at.is_(None),
            ClientRow.expires_at > bindparam("now", type_=DateTime(timezone=True)),
        ),
    )
    .distinct(),
)


class Origins:
    """The origins of all front ends in force, as of a few seconds ago."""

    def __init__(self, database: Database | None = None, origins: Iterable[str] = ()) -> None:
        self._database = database
        self._known = frozenset(origin.encode() for origin in origins)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Read them, and again every five seconds; who is not known yet is not let in."""
        await self.refresh()
        self._task = asyncio.create_task(self._keep_reading())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def refresh(self) -> None:
        """Read them now."""
        if self._database is None:
            return
        async with self._database.unbound() as work:
            rows = await work.fetch(_REGISTERED, now=clock.now())
        self._known = frozenset(str(row["origin"]).encode() for row in rows)

    async def _keep_reading(self) -> None:
        while True:
            await asyncio.sleep(_REFRESH_SECONDS)
            try:
                await self.refresh()
            except DatabaseProblem:
                _log.warning("the origins of front ends could not be read")

    def preflight(self, path: bytes, headers: Headers) -> Headers | None:
        """Return the answer's fields to a preflight; None when it is none (Fetch §3.2.2).

        To an origin that is not registered it grants nothing, and does not say why.
        """
        origin = _field(headers, b"origin")
        if origin is None or _field(headers, b"access-control-request-method") is None:
            return None
        varies = (
            b"vary",
            b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        )
        if not self._may_read(path, origin):
            return [varies]
        return [
            varies,
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-allow-methods", _METHODS),
            (b"access-control-allow-headers", _ASKED),
            (b"access-control-max-age", _MAX_AGE_SECONDS),
        ]

    def accompany(self, path: bytes, headers: Headers, send: Send) -> Send:
        """Return a way to answer that adds what the asking page needs to be let read it.

        What a service says of it itself is left out; only `preflight` and this decide.
        """
        origin = _field(headers, b"origin")
        if origin is None:
            return send
        added: Headers = []
        if self._may_read(path, origin):
            added = [
                (b"access-control-allow-origin", origin),
                (b"access-control-allow-credentials", b"true"),
                (b"access-control-expose-headers", _TOLD),
            ]

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start" and GRANTED not in message:
                message = {**message, "headers": [*_varying(message.get("headers", [])), *added]}
            await send(message)

        return answer

    def _may_read(self, path: bytes, origin: bytes) -> bool:
        if origin not in self._known:
            return False
        first = path[1:].partition(b"/")[0]
        return first in _SERVICES or first == b"problems" or path in _OPEN


async def grant(send: Send, headers: Headers) -> int:
    """Send the answer to a preflight; 204 names no length of a body (RFC 9110 §8.6)."""
    start = {"type": "http.response.start", "status": 204, "headers": [*headers, *ALWAYS]}
    await send({**start, GRANTED: True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
    return 204


def _varying(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Return an answer's fields, which no cache may give to a page of another origin."""
    kept: Headers = []
    varies = [b"Origin"]
    for name, value in headers:
        if name.lower() == b"vary":
            varies.append(value)
        elif not name.lower().startswith(b"access-control-"):
            kept.append((name, value))
    return [*kept, (b"vary", b", ".join(varies))]


def _field(headers: Headers, name: bytes) -> bytes | None:
    """Return a field there can be one of; one that is there twice is of no registered origin."""
    found = [value for key, value in headers if key == name]
    return (found[0] if len(found) == 1 else b"") if found else None
