"""A door without a house: the real front server and the real forwarding, the rest played.

The service behind it is a script over a raw socket, so that it can misbehave in ways no framework
would; the client is a raw socket too, for the same reason.
"""

import asyncio
import json
import re
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn

from foundation.identifiers import MunicipalityCode, TenantId
from foundation.identity import Caller, InvalidToken, Official, Role
from foundation.telemetry import Metrics
from foundation.tenancy import Tenancy
from gateway.access import VerifiedAccess
from gateway.admission import Admission
from gateway.app import Gateway
from gateway.call import Upstream
from gateway.desk_path import DeskPath
from gateway.documentation import Library
from gateway.forwarding.exchange import Deadlines, Receive, Send
from gateway.forwarding.pool import Address, Pool, PoolLimits
from gateway.health import Readiness, service_check
from gateway.house import House
from gateway.limits import ConcurrencyLimits, Rate, RateLimits
from gateway.openapi import Description
from gateway.proxy import Proxy
from gateway.server import configuration
from gateway.token_cache import InternalTokens, TokenCache

KITAMI, CHIYODA = "012084", "131016"
_TENANTS = {KITAMI: 1, CHIYODA: 2}
_EXPIRES_IN = timedelta(minutes=5)

Script = Callable[["Asked"], Awaitable[None]]


def access_for(code: str, *, subject: str = "clerk", expires_at: float = 0.0) -> VerifiedAccess:
    """Return the access of an official of one municipality."""
    now = datetime.now(UTC)  # noqa: TID251 - a token of the outside world carries its own clock
    official = Official(
        subject=subject,
        client_id="demo-desk",
        scopes=frozenset({"benefits:read"}),
        roles=frozenset({Role.CLERK}),
        acr="aal2",
        auth_time=now,
        session_id=f"session-of-{subject}",
    )
    tenancy = Tenancy(TenantId(_TENANTS[code]), MunicipalityCode.parse(code))
    return VerifiedAccess(
        Caller(principal=official, tenancy=tenancy),
        f"token-of-{subject}-{code}",
        expires_at or (now + _EXPIRES_IN).timestamp(),
    )


@dataclass(slots=True)
class PlayedTokens:
    """Believes tokens that read `<code>` or `<code>.<subject>`; counts how often it was asked."""

    asked: int = 0

    def verify(self, token: str) -> VerifiedAccess:
        self.asked += 1
        code, _, subject = token.partition(".")
        if code not in _TENANTS:
            raise InvalidToken("none of ours")
        return access_for(code, subject=subject or "clerk")


@dataclass(slots=True)
class PlayedRevocations:
    """Revokes whatever is put into `subjects`."""

    subjects: set[str] = field(default_factory=set[str])

    def is_revoked(self, access: VerifiedAccess) -> bool:
        return access.caller.principal.subject in self.subjects


class PlayedPen:
    """Writes internal tokens that can be read at sight."""

    def __init__(self) -> None:
        self.minted = 0

    def mint(self, caller: Caller, *, audience: str) -> str:
        self.minted += 1
        purpose = caller.purpose.value if caller.purpose else "none"
        tenant, subject = caller.tenancy.code, caller.principal.subject
        return f"{audience}.{tenant}.{subject}.{purpose}.{self.minted}"


@dataclass(slots=True)
class Asked:
    """One connection as the service sees it."""

    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def head(self) -> bytes:
        """Return the next request's head; empty when the gateway has hung up."""
        try:
            return await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""

    async def request(self) -> tuple[bytes, bytes]:
        """Return the next request whole: head and decoded body."""
        head = await self.head()
        length = re.search(rb"content-length: ([0-9]+)", head)
        if b"transfer-encoding: chunked" in head:
            return head, await self._chunks()
        return head, await self.reader.readexactly(int(length[1])) if length else b""

    async def say(self, raw: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(raw)
        await self.writer.drain()

    async def answer(self, body: bytes, *, headers: bytes = b"", status: bytes = b"200 OK") -> None:
        """Send an orderly answer."""
        await self.say(
            b"HTTP/1.1 %b\r\ncontent-length: %d\r\n%b\r\n%b" % (status, len(body), headers, body)
        )

    def reset(self) -> None:
        """Die without a word."""
        self.writer.transport.abort()

    def pause(self) -> None:
        """Read no more."""
        transport = self.writer.transport
        if isinstance(transport, asyncio.ReadTransport):
            transport.pause_reading()

    async def _chunks(self) -> bytes:
        pieces: list[bytes] = []
        while True:
            size = int(await self.reader.readuntil(b"\r\n"), 16)
            piece = await self.reader.readexactly(size + 2)
            if size == 0:
                return b"".join(pieces)
            pieces.append(piece[:-2])


async def politely(asked: Asked) -> None:
    """Answer every request with what was asked, for as long as the connection lasts."""
    while True:
        head, body = await asked.request()
        if not head:
            return
        document = {"head": head.decode("latin-1"), "body": body.decode("latin-1")}
        await asked.answer(
            json.dumps(document).encode(), headers=b"content-type: application/json\r\n"
        )


class Service:
    """A scripted service on a unix socket."""

    def __init__(self, path: Path, script: Script) -> None:
        self.path = path
        self.script = script
        self.connections: list[Asked] = []
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_unix_server(self._accept, self.path)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for asked in self.connections:
            asked.writer.transport.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
        asked = Asked(len(self.connections), reader, writer)
        self.connections.append(asked)
        try:
            await self.script(asked)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


@dataclass(slots=True)
class Reply:
    """One answer as the client saw it; `is_whole` is false when the connection broke off."""

    status: int
    headers: dict[str, str]
    body: bytes
    is_whole: bool = True

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Visitor:
    """A client on a raw socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def send(self, raw: bytes) -> None:
        self.writer.write(raw)
        await self.writer.drain()

    async def reply(self, *, to: str = "GET") -> Reply:
        """Read one answer; raises IncompleteReadError when there is none at all."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        status_line, *lines = head.decode("latin-1").split("\r\n")[:-2]
        headers = {n.lower(): v for n, _, v in (line.partition(": ") for line in lines)}
        status = int(status_line.split(" ")[1])
        body, is_whole = await self._body(headers, to, status)
        return Reply(status, headers, body, is_whole)

    async def take_until(self, end: bytes) -> bytes:
        """Read raw bytes up to a mark."""
        return await self._reader.readuntil(end)

    async def take_exactly(self, size: int) -> bytes:
        """Read a number of raw bytes."""
        return await self._reader.readexactly(size)

    async def rest(self) -> bytes:
        """Read until the gateway hangs up."""
        try:
            return await self._reader.read()
        except ConnectionError:
            return b""

    def leave(self) -> None:
        self.writer.transport.abort()

    async def _body(self, headers: dict[str, str], to: str, status: int) -> tuple[bytes, bool]:
        if to == "HEAD" or status in (204, 304):
            return b"", True
        pieces: list[bytes] = []
        try:
            if "content-length" in headers:
                return await self._reader.readexactly(int(headers["content-length"])), True
            while size := int(await self._reader.readuntil(b"\r\n"), 16):
                pieces.append((await self._reader.readexactly(size + 2))[:-2])
            await self._reader.readexactly(2)
        except (asyncio.IncompleteReadError, ConnectionError, ValueError) as error:
            return getattr(error, "partial", b"".join(pieces)), False
        return b"".join(pieces), True


@dataclass(slots=True)
class Door:
    """An open door: where it is, and what stands behind it."""

    port: int
    gateway: Gateway
    pool: Pool
    service: Service
    revocations: PlayedRevocations
    concurrency: ConcurrencyLimits
    visitors: list[Visitor] = field(default_factory=list[Visitor])

    async def visit(self) -> Visitor:
        visitor = Visitor(*await asyncio.open_connection("127.0.0.1", self.port))
        self.visitors.append(visitor)
        return visitor

    async def ask(self, method: str = "GET", path: str = "/benefits/v1/x", **more: Any) -> Reply:
        """Send one request on a connection of its own."""
        visitor = await self.visit()
        await visitor.send(request(method, path, **more))
        return await visitor.reply(to=method)


def request(
    method: str = "GET",
    path: str = "/benefits/v1/x",
    *,
    token: str | None = KITAMI,
    headers: tuple[str, ...] = (),
    body: bytes | None = None,
) -> bytes:
    """Return the bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")


async def played_desk(scope: Any, receive: Receive, send: Send) -> None:
    """Say back which headers arrived."""
    del receive
    named = [[name.decode(), value.decode("latin-1")] for name, value in scope["headers"]]
    body = json.dumps({"path": scope["path"], "headers": named}).encode()
    start: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": []}
    await send(start)
    await send({"type": "http.response.body", "body": body})


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """What a test may set differently from the usual."""

    script: Script = politely
    pool: PoolLimits = field(default_factory=PoolLimits)
    deadlines: Deadlines = field(default_factory=Deadlines)
    rate: Rate = field(default_factory=lambda: Rate(per_second=10_000, burst=10_000))
    concurrency: int = 1_000


@asynccontextmanager
async def open_door(folder: Path, manner: Manner) -> AsyncGenerator[Door]:
    """Open the service, the gateway and the front server, and close them in the other order."""
    service = Service(folder / "benefits.sock", manner.script)
    await service.open()
    pool = Pool(Address.parse(f"unix:{service.path}"), manner.pool)
    revocations, concurrency = PlayedRevocations(), ConcurrencyLimits(manner.concurrency)
    proxy = Proxy(
        {"benefits": pool},
        Admission(TokenCache(PlayedTokens(), revocations), InternalTokens(PlayedPen())),
        RateLimits(manner.rate),
        concurrency,
        deadlines=manner.deadlines,
    )
    upstream = Upstream(pool)
    description = Description(
        {"benefits": ("benefits", upstream)}, dict, issuer="http://127.0.0.1:8200"
    )
    house = House(
        proxy=proxy,
        desk=DeskPath(played_desk),
        readiness=Readiness({"benefits": service_check(upstream)}),
        library=Library(description),
        metrics=Metrics("gateway"),
    )

    @asynccontextmanager
    async def open_house() -> AsyncGenerator[House]:
        yield house

    listening = socket.create_server(("127.0.0.1", 0))
    gateway = Gateway(open_house)
    server = uvicorn.Server(configuration(gateway))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:  # noqa: ASYNC110 - uvicorn tells of its start by this flag only
        await asyncio.sleep(0.001)
    door = Door(listening.getsockname()[1], gateway, pool, service, revocations, concurrency)
    try:
        yield door
    finally:
        for visitor in door.visitors:
            visitor.leave()
        server.should_exit = True
        await serving
        pool.close()
        await service.close()
