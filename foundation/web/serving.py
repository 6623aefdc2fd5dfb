"""How a process takes a socket over, says that it is ready, and leaves without dropping anybody.

The socket is opened by whoever starts the process and outlives it: while one generation finishes
what it has begun, the next one already takes what comes. Nobody is ever refused in between.
"""

import gc
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

import uvicorn
from typing_extensions import override

from .server import ServiceProtocol

LINGER_SECONDS: Final = 5.0
"""How long an idle connection may still bring a request after we were asked to leave.

Longer than the gateway leaves a connection unused, so that it is always the gateway that lets go.
"""
_PREFIX: Final = "fd:"


@dataclass(frozen=True, slots=True)
class Inherited:
    """A listening socket and, if somebody waits for it, the descriptor to say `ready` on."""

    listener: int
    ready: int | None

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read `fd:LISTENER` or `fd:LISTENER:READY`; None if it is another kind of address."""
        numbers = text.removeprefix(_PREFIX).split(":")
        if not text.startswith(_PREFIX) or not all(one.isdigit() for one in numbers):
            return None
        ready = int(numbers[1]) if len(numbers) > 1 else None
        return cls(int(numbers[0]), ready)

    def sockets(self) -> list[socket.socket]:
        """Return the socket as this process's own."""
        return [socket.socket(fileno=self.listener)]

    def tell(self) -> None:
        """Say that requests are being taken; nobody listening is no misfortune."""
        if self.ready is not None:
            try:
                os.write(self.ready, b"ready\n")
                os.close(self.ready)
            except OSError:
                return


class ReadyServer(uvicorn.Server):
    """uvicorn's server, telling when it has opened.

    What is there by then stays for good, so nobody looks through it for garbage again.
    """

    def __init__(
        self, config: uvicorn.Config, *, on_ready: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            gc.collect()
            gc.freeze()
            self._on_ready()


class Lingering(ServiceProtocol):
    """A connection that is not cut while the other end may just be writing.

    Asked to leave, it says `Connection: close` with its next answer; only if none is asked for in
    a while does it close by itself.
    """

    _is_leaving = False

    @override
    def shutdown(self) -> None:
        if self._is_busy():
            super().shutdown()
        else:
            self._is_leaving = True
            self.loop.call_later(LINGER_SECONDS, self._leave)

    @override
    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        if self._is_leaving:
            self.cycle.keep_alive = False

    def _is_busy(self) -> bool:
        cycle = vars(self)["cycle"]
        return cycle is not None and not cycle.response_complete

    def _leave(self) -> None:
        if not self._is_busy() and not self.transport.is_closing():
            self.transport.close()


def serve(config: uvicorn.Config, inherited: Inherited | None) -> None:
    """Serve until told to stop, at an inherited socket or where the configuration says."""
    if inherited is None:
        ReadyServer(config).run()
    else:
        ReadyServer(config, on_ready=inherited.tell).run(sockets=inherited.sockets())
