"""The first thing a stranger meets: a server that bounds what it reads before anything is known.

uvicorn's own protocol refuses what is malformed. It does not bound the size of a request's head,
the time a head may take, or what is poured in after a refusal; and it forgets the host named in an
absolute-form target, which would hide a second municipality from us.
"""

import asyncio
import gc
from typing import Any, Final

import httptools
import uvicorn
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD_BYTES: Final = 48 * 1024
HEAD_SECONDS: Final = 10.0
MOST_DISCARDED_BYTES: Final = 1024 * 1024

OPTIONS: Final[dict[str, Any]] = {
    "ws": "none",
    "interface": "asgi3",
    "lifespan": "on",
    "proxy_headers": False,  # nobody's word on an address is taken
    "server_header": False,
    "log_config": None,  # ours leaves out the words of an error: they quote people
    "access_log": False,  # an address may hold what a log must not; figures are in /metrics
    "timeout_keep_alive": 30,
    "timeout_graceful_shutdown": 20,
    "backlog": 1024,
}
"""How the gateway is to be served; the command line's spelling is in the runbook."""


class FrontDoor(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 on httptools, with bounds on what precedes the application."""

    _head_timer: asyncio.TimerHandle | None = None
    _in_head = True
    _head_bytes = 0
    _discarded_bytes = 0

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head:
            # Most heads come in one piece and never need a timer.
            if self._head_timer is None:
                self._head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)
            self._head_bytes += len(data)
            if self._head_bytes > LARGEST_HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response("The header section is too large.")

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = 0
        self._discarded_bytes = 0

    @override
    def on_headers_complete(self) -> None:
        self._in_head = False
        if self._head_timer is not None:
            self._stop_timer()
        # RFC 9112 §3.2: of the four forms of a target only the origin form names no other host.
        if not self.url.startswith(b"/") or b"#" in self.url:
            raise httptools.HttpParserInvalidURLError("only the origin form is served")
        super().on_headers_complete()

    @override
    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        if self.cycle.response_complete:
            # Reading on for a while lets the refusal reach a client that is still sending.
            self._discarded_bytes += len(body)
            if self._discarded_bytes > MOST_DISCARDED_BYTES:
                self.transport.close()

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


def settle() -> None:
    """Tell the garbage collector that what stands now stays, so it does not look at it again.

    The gateway's own objects number half a million and never change; without this every few
    thousand requests one waits for all of them to be looked through.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 50, 100)


def configuration(application: Any, **address: Any) -> uvicorn.Config:
    """Return how to serve the gateway at an address (`host` and `port`, `fd` or `uds`)."""
    return uvicorn.Config(application, http=FrontDoor, **OPTIONS, **address)


def main(arguments: list[str]) -> None:
    """Serve the gateway: `python -m gateway [HOST] [PORT]`."""
    host = arguments[0] if arguments else "127.0.0.1"
    port = int(arguments[1]) if len(arguments) > 1 else 8200
    settings = configuration("gateway.app:create", factory=True, host=host, port=port)
    uvicorn.Server(settings).run()
