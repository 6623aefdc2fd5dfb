"""How a service's answers leave it: head and body of one answer in one piece.

uvicorn writes them one after the other, and the event loop sends each at once: two packets, and
two awakenings of whoever reads them.
"""

import asyncio
from typing import Any, Final

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_MOST_GATHERED_BYTES: Final = 64 * 1024


class Gathering:
    """A transport that sends what is written in one turn of the event loop together."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._pieces: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        """Send bytes before this turn ends; large ones at once."""
        if not self._pieces:
            self._loop.call_soon(self.flush)
        self._pieces.append(data)
        self._size += len(data)
        if self._size > _MOST_GATHERED_BYTES:
            self.flush()

    def flush(self) -> None:
        """Send what has been gathered."""
        if self._pieces:
            pieces, self._pieces, self._size = self._pieces, [], 0
            if self._transport.is_closing():
                return  # whoever asked has gone
            self._transport.write(pieces[0] if len(pieces) == 1 else b"".join(pieces))

    def close(self) -> None:
        """Send what has been gathered, and close."""
        self.flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        """Everything else is the transport's own."""
        return getattr(self._transport, name)


class ServiceProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 over such a transport."""

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:
        gathering: Any = Gathering(transport, self.loop)
        super().connection_made(gathering)
