"""The two ends of a wire: a service that follows a script, and a visitor who writes raw bytes.

Both are raw sockets, so that they can misbehave in ways no framework would let them.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KITAMI, CHIYODA = "012084", "131016"

Script = Callable[["Asked"], Awaitable[None]]


@dataclass(slots=True)
class Asked:
    """One connection as the service sees it."""

    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    heard: bytearray = field(default_factory=bytearray)

    async def head(self) -> bytes:
        """Return the next request's head; empty when the gateway has hung up."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""
        self.heard += head
        return head

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
