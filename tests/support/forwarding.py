"""A door without a house: the real front server and the real forwarding, the rest played.

The service behind it follows a script, and the visitor writes raw bytes; see `tests.support.wire`.
"""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from uvicorn.server import ServerState

from foundation.identifiers import MunicipalityCode, TenantId
from foundation.identity import Caller, InvalidToken, Official, Role
from foundation.problems import ServiceUnavailable
from foundation.telemetry import Metrics
from foundation.tenancy import Tenancy
from gateway.access import VerifiedAccess
from gateway.access_logs.book import AccessBook
from gateway.admission import Admission
from gateway.app import Gateway
from gateway.body_limits import BodyLimits
from gateway.breaker import Breaker, BreakerLimits
from gateway.call import Upstream
from gateway.desk_path import DeskPath
from gateway.documentation import Library
from gateway.express import Express
from gateway.fairness import Gate, GateLimits, Share
from gateway.forwarding.exchange import Deadlines, Receive, Send
from gateway.forwarding.pool import Address, Pool, PoolLimits
from gateway.health import Readiness, service_check
from gateway.house import House
from gateway.limits import Rate, RateLimits
from gateway.openapi import Description
from gateway.proxy import Proxy
from gateway.screening import Screening
from gateway.server import FrontDoor, configuration
from gateway.token_cache import InternalTokens, TokenCache
from gateway.ways import Way
from tests.support.wire import CHIYODA, KITAMI, Reply, Script, Service, Visitor, politely, request

_TENANTS = {KITAMI: 1, CHIYODA: 2}
_SIGNED_IN_AT = datetime(2026, 4, 1, tzinfo=UTC)
_FAR_SECONDS = 100 * 365 * 86_400


def access_for(code: str, *, subject: str = "clerk", expires_at: float = 0.0) -> VerifiedAccess:
    """Return the access of an official of one municipality."""
    official = Official(
        subject=subject,
        client_id="demo-desk",
        scopes=frozenset({"benefits:read"}),
        roles=frozenset({Role.CLERK}),
        acr="aal2",
        auth_time=_SIGNED_IN_AT,
        session_id=f"session-of-{subject}",
    )
    tenancy = Tenancy(TenantId(_TENANTS[code]), MunicipalityCode.parse(code))
    return VerifiedAccess(
        Caller(principal=official, tenancy=tenancy),
        f"token-of-{subject}-{code}",
        expires_at or _SIGNED_IN_AT.timestamp() + _FAR_SECONDS,
    )


@dataclass(slots=True)
class PlayedTokens:
    """Believes tokens that read `<code>` or `<code>.<subject>`; counts how often it was asked."""

    asked: int = 0
    expires_at: float = 0.0
    known: tuple[str, ...] = (KITAMI, CHIYODA)

    def verify(self, token: str) -> VerifiedAccess:
        self.asked += 1
        code, _, subject = token.partition(".")
        if code not in self.known:
            raise InvalidToken("none of ours")
        return access_for(code, subject=subject or "clerk", expires_at=self.expires_at)


@dataclass(slots=True)
class PlayedRevocations:
    """Revokes whatever is put into `subjects`; may be made not to know."""

    subjects: set[str] = field(default_factory=set[str])
    is_unknown: bool = False

    def is_revoked(self, access: VerifiedAccess) -> bool:
        if self.is_unknown:
            raise ServiceUnavailable
        return access.caller.principal.subject in self.subjects

    def as_of(self) -> int:
        if self.is_unknown:
            raise ServiceUnavailable
        return len(self.subjects)


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
class Door:
    """An open door: where it is, and what stands behind it."""

    port: int
    gateway: Gateway
    pool: Pool
    service: Service
    revocations: PlayedRevocations
    gate: Gate
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
    pool: PoolLimits = field(default_factory=lambda: PoolLimits(connect_seconds=5))
    deadlines: Deadlines = field(default_factory=Deadlines)
    rate: Rate = field(default_factory=lambda: Rate(per_second=10_000, burst=10_000))
    concurrency: int = 1_000
    waiting: int = 64
    limits: BodyLimits = field(default_factory=BodyLimits)
    book: AccessBook | None = None
    breaker: BreakerLimits = field(default_factory=lambda: BreakerLimits(failures=10_000))


@asynccontextmanager
async def open_door(folder: Path, manner: Manner) -> AsyncGenerator[Door]:
    """Open the service, the gateway and the front server, and close them in the other order."""
    service = Service(folder / "benefits.sock", manner.script)
    await service.open()
    pool = Pool(Address.parse(f"unix:{service.path}"), manner.pool)
    revocations, metrics = PlayedRevocations(), Metrics("gateway")
    share = Share(at_once=manner.concurrency)
    gate = Gate(GateLimits(slots=1_000, share=share, waiting_each=manner.waiting))
    ways = {"benefits": Way(pool=pool, gate=gate, breaker=Breaker(manner.breaker))}
    screening = Screening(
        Admission(TokenCache(PlayedTokens(), revocations), InternalTokens(PlayedPen())),
        RateLimits(manner.rate),
        limits=manner.limits,
    )
    upstream = Upstream(pool)
    description = Description(
        {"benefits": ("benefits", upstream)}, dict, issuer="http://127.0.0.1:8200"
    )
    house = House(
        proxy=Proxy(ways, screening, deadlines=manner.deadlines, book=manner.book),
        express=Express(ways, screening, metrics, deadlines=manner.deadlines, book=manner.book),
        desk=DeskPath(played_desk),
        readiness=Readiness({"benefits": service_check(upstream)}),
        library=Library(description),
        metrics=metrics,
    )

    @asynccontextmanager
    async def open_house() -> AsyncGenerator[House]:
        yield house

    gateway = Gateway(open_house)
    try:
        async with living(gateway), served(gateway) as port:
            door = Door(port, gateway, pool, service, revocations, gate)
            yield door
            for visitor in door.visitors:
                visitor.leave()
    finally:
        pool.close()
        await service.close()


@asynccontextmanager
async def living(gateway: Gateway) -> AsyncGenerator[None]:
    """Open the house behind a gateway and close it again, as a server would."""
    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    outbox: asyncio.Queue[Any] = asyncio.Queue()
    life = asyncio.create_task(gateway({"type": "lifespan"}, inbox.get, outbox.put))
    await inbox.put({"type": "lifespan.startup"})
    assert (await outbox.get())["type"] == "lifespan.startup.complete"
    try:
        yield
    finally:
        await inbox.put({"type": "lifespan.shutdown"})
        assert (await outbox.get())["type"] == "lifespan.shutdown.complete"
        await life


_TURNS_TO_ARRIVE = 8
"""Turns of the loop, and some more, after which what was accepted is a connection, or is gone."""


@asynccontextmanager
async def served(application: Any) -> AsyncGenerator[int]:
    """Serve at a free port through the front door's own protocol, without uvicorn's slow ticks."""
    config, state = configuration(application), ServerState()
    config.load()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: FrontDoor(config, state, {}), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        # asyncio loses a socket that is accepted in the very turn in which its server closes.
        for listening in server.sockets:
            loop.remove_reader(listening.fileno())
        await asyncio.sleep(0)
        server.close()
        for connection in list(state.connections):
            connection.shutdown()
        await asyncio.wait([*state.tasks, asyncio.create_task(asyncio.sleep(0))], timeout=2)
        # Who has not hung up by now would be waited for; a socket left over troubles a later test.
        for _ in range(_TURNS_TO_ARRIVE):
            for connection in list(state.connections):
                connection.transport.abort()
            await asyncio.sleep(0)
