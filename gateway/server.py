"""The first thing a stranger meets: a server that bounds what it reads before anything is known.

uvicorn's own protocol refuses what is malformed. It does not bound the size of a request's head,
the time a head may take, or what is poured in after a refusal; and it forgets the host named in an
absolute-form target, which would hide a second municipality from us.
"""

import asyncio
import gc
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Final, cast
from weakref import WeakKeyDictionary

import httptools
import uvicorn
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from foundation.web.serving import LINGER_SECONDS, Inherited, serve

from .express import Express
from .journey import Journey
from .screening import PASSAGE, Passage

LARGEST_HEAD_BYTES: Final = 48 * 1024
HEAD_SECONDS: Final = 10.0
MOST_DISCARDED_BYTES: Final = 1024 * 1024
MOST_HELD_BYTES: Final = 64 * 1024
ROUND_SECONDS: Final = 0.25

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
    """uvicorn's HTTP/1.1 on httptools, with bounds on what precedes the application.

    Between two requests the gateway's short way is asked first (`gateway.express`): what it takes
    never reaches the parser, and what it does not take the parser reads from the first byte.
    """

    _head_timer: asyncio.TimerHandle | None = None
    _in_head = True
    _head_bytes = 0
    _discarded_bytes = 0
    _is_between = True
    _journey: Journey | None = None
    _passage: Passage | None = None
    _early = b""
    _idle_since = 0.0
    _refusal: "_Refusal | None" = None
    keeps_alive = True

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)
        self._watchman = Watchman.over(self.server_state, self.loop)
        self._watchman.meet()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        journey, self._journey = self._journey, None
        if journey is not None:
            journey.abandon()
        refusal, self._refusal = self._refusal, None
        if refusal is not None:
            refusal.drop()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        if self._journey is not None or self._refusal is not None:
            self._hold(data)
        elif not (self._is_between and self._is_taken(data)):
            self._read(data)

    def _is_taken(self, data: bytes) -> bool:
        """Offer a request to the short way; True if the thorough one need not read it."""
        express = self._express()
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if express is None or (cycle is not None and not cycle.response_complete):
            return False
        journey = express.take(self, data)
        if journey is None:
            return False
        if self._head_timer is not None:
            self._stop_timer()
        if journey.connection is not None or journey.ticket is not None:
            self._journey = journey
            if self.timeout_keep_alive_task is not None:
                self._unset_keepalive_if_required()
        return True

    def _express(self) -> "Express | None":
        """Return the short way of the application we serve, while it has one."""
        return getattr(vars(self)["app"], "express", None)

    def _read(self, data: bytes) -> None:
        self._idle_since = 0.0
        super().data_received(data)
        if self._in_head:
            # Most heads come in one piece and never need a timer.
            if self._head_timer is None:
                self._head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)
            self._head_bytes += len(data)
            if self._head_bytes > LARGEST_HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response("The header section is too large.")

    def _hold(self, data: bytes) -> None:
        """Keep what comes before the answer to the last request has been given."""
        self._early += data
        if len(self._early) > MOST_HELD_BYTES:
            self.transport.pause_reading()

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._is_between = False
        self._head_bytes = 0
        self._discarded_bytes = 0
        if self._passage is not None:
            self.scope[PASSAGE] = self._passage  # pyright: ignore[reportGeneralTypeIssues]
            self._passage = None

    @override
    def on_message_complete(self) -> None:
        self._is_between = True
        super().on_message_complete()

    @override
    def on_headers_complete(self) -> None:
        self._in_head = False
        if self._head_timer is not None:
            self._stop_timer()
        # RFC 9112 §3.2: of the four forms of a target only the origin form names no other host.
        if not self.url.startswith(b"/") or b"#" in self.url:
            raise httptools.HttpParserInvalidURLError("only the origin form is served")
        super().on_headers_complete()
        if not self.keeps_alive:
            self.cycle.keep_alive = False

    @override
    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        if self.cycle.response_complete:
            # Reading on for a while lets the refusal reach a client that is still sending.
            self._discarded_bytes += len(body)
            if self._discarded_bytes > MOST_DISCARDED_BYTES:
                self.transport.close()

    @override
    def resume_writing(self) -> None:
        super().resume_writing()
        if self._journey is not None:
            self._journey.moved()

    @override
    def shutdown(self) -> None:
        if self._journey is not None:
            self.keeps_alive = False
        elif self._refusal is not None:
            self.keeps_alive = False
            self._refuse()
        else:
            self._leave_soon()

    def _leave_soon(self) -> None:
        """Say `Connection: close` with the next answer; leave by ourselves if none is asked for."""
        self.keeps_alive = False
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is not None and not cycle.response_complete:
            cycle.keep_alive = False
        else:
            self.loop.call_later(LINGER_SECONDS, self._leave_if_idle)

    def _leave_if_idle(self) -> None:
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if self._journey is None and (cycle is None or cycle.response_complete):
            self._give_up()

    # What a journey calls.

    @property
    def peer(self) -> str:
        return self.client[0] if self.client else ""

    @property
    def is_clogged(self) -> bool:
        """Whether the client takes less than it is sent."""
        return self.flow.write_paused

    @property
    def dated(self) -> bytes:
        return self._watchman.dated()

    def say(self, data: bytes) -> None:
        self.transport.write(data)

    def conclude(self, data: bytes) -> None:
        self._journey = None
        self.transport.write(data)
        self.server_state.total_requests += 1
        if not self.keeps_alive:
            self.transport.close()
            return
        self._idle_since = time.monotonic()
        if self._early:
            self._go_on()

    def conclude_after(self, seconds: float, data: bytes, said: Callable[[], None]) -> None:
        timer = self.loop.call_later(seconds, self._refuse)
        self._refusal = _Refusal(timer, data, said)

    def _refuse(self) -> None:
        """Say a refusal that was held back."""
        refusal, self._refusal = self._refusal, None
        if refusal is not None:
            refusal.drop()
            self.conclude(refusal.data)

    def break_off(self) -> None:
        self._journey = None
        self.transport.close()

    def hand_over(self, data: bytes, passage: Passage | None) -> None:
        self._journey, self._passage = None, passage
        self._read(data)
        self._passage = None
        self._go_on()

    def look(self, now: float) -> None:
        """Be reminded of the time, `now` on the monotonic clock."""
        if self._journey is not None:
            self._journey.look(now)
        elif self._idle_since and now - self._idle_since > self.timeout_keep_alive:
            self._give_up()

    def _go_on(self) -> None:
        """Read what came too early."""
        early, self._early = self._early, b""
        if early:
            self.transport.resume_reading()
            self.data_received(early)

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


@dataclass(slots=True)
class _Refusal:
    """What will be said when its time has come; `said` is told when that is, or will not be."""

    timer: asyncio.TimerHandle
    data: bytes
    said: Callable[[], None]

    def drop(self) -> None:
        self.timer.cancel()
        self.said()


class Watchman:
    """Goes the rounds of a server's connections: one timer for all instead of two for each."""

    _over: ClassVar["WeakKeyDictionary[ServerState, Watchman]"] = WeakKeyDictionary()

    def __init__(self, state: ServerState, loop: asyncio.AbstractEventLoop) -> None:
        self._state = weakref.ref(state)
        self._loop = loop
        self._is_walking = False
        self._headers: list[tuple[bytes, bytes]] = []
        self._lines = b""

    @classmethod
    def over(cls, state: ServerState, loop: asyncio.AbstractEventLoop) -> "Watchman":
        """Return the watchman of a server."""
        found = cls._over.get(state)
        if found is None:
            found = cls._over[state] = cls(state, loop)
        return found

    def meet(self) -> None:
        """Begin to walk, unless already on the way."""
        if not self._is_walking:
            self._is_walking = True
            self._loop.call_later(ROUND_SECONDS, self._walk)

    def dated(self) -> bytes:
        """Return the server's own lines, which change once a second."""
        state = self._state()
        if state is not None and state.default_headers is not self._headers:
            self._headers = state.default_headers
            self._lines = b"".join(b"%b: %b\r\n" % pair for pair in self._headers)
        return self._lines

    def _walk(self) -> None:
        self._is_walking = False
        state, now = self._state(), time.monotonic()
        if state is None:
            return
        doors: list[object] = list(state.connections)
        for door in doors:
            if isinstance(door, FrontDoor):
                door.look(now)
                self.meet()


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
    """Serve the gateway: `python -m gateway [HOST] [PORT]`, or `fd:LISTENER:READY`."""
    host = arguments[0] if arguments else "127.0.0.1"
    inherited = Inherited.parse(host)
    port = int(arguments[1]) if len(arguments) > 1 else 8200
    address = {} if inherited is not None else {"host": host, "port": port}
    serve(configuration("gateway.app:create", factory=True, **address), inherited)
