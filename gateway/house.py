"""What stands behind the door, opened in order and closed in the other order."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from sqlalchemy import literal, select

from foundation.database import Statement
from foundation.telemetry import Metrics
from gateway.documentation import Library
from gateway.forwarding.pool import Address, Pool
from gateway.frontends.origins import Origins
from gateway.frontends.passes import SessionPasses
from gateway.logout.messengers import on_the_road

from .admission import Admission
from .call import Upstream
from .desk import create_front_desk, describe_front_desk
from .desk_limits import DeskLimits
from .desk_path import DeskPath
from .express import Express
from .fairness import Gate
from .health import Check, NotReady, Readiness, service_check
from .limits import RateLimits
from .openapi import Description
from .proxy import Proxy
from .routes import ROUTES
from .screening import Screening
from .settings import GatewaySettings
from .shedding import feel_the_pulse
from .state import GatewayState
from .token_cache import InternalTokens, TokenCache
from .traffic import TrafficSettings
from .ways import Way

_ANSWERS = Statement("platform.gateway.answers", select(literal(1).label("one")))


@dataclass(slots=True, kw_only=True)
class House:
    """Everything behind the door, open."""

    proxy: Proxy
    express: Express
    desk: DeskPath
    readiness: Readiness
    library: Library
    metrics: Metrics
    gates: tuple[Gate, ...] = ()
    beside: tuple[Callable[[], Coroutine[Any, Any, None]], ...] = ()
    """What runs for ever while the house is open."""
    origins: Origins = field(default_factory=Origins)


@asynccontextmanager
async def open_house(settings: GatewaySettings, traffic: TrafficSettings) -> AsyncGenerator[House]:
    """Open the gateway's state and the ways to the services.

    Raises:
        DatabaseProblem: the database does not answer.
        ValueError: a service has no address, or one that is none.
    """
    addresses = {route.service: _address(settings, route.service) for route in ROUTES}
    state = await GatewayState.open(settings)
    try:
        messages = on_the_road(state, settings.worker_database_url)
        async with messages, furnished(state, traffic, addresses) as house:
            yield house
    finally:
        await state.close()


@asynccontextmanager
async def furnished(
    state: GatewayState, traffic: TrafficSettings, addresses: Mapping[str, Address]
) -> AsyncGenerator[House]:
    """Open the ways to the services over an open state."""
    pools = {name: Pool(address, traffic.pool) for name, address in addresses.items()}
    # Questions of our own wait behind nobody: they have connections of their own.
    asked = {name: Upstream(Pool(address, traffic.pool)) for name, address in addresses.items()}
    house = _furnish(state, traffic, pools, asked)
    await house.origins.start()
    beside = [asyncio.create_task(feel_the_pulse(house.gates))]
    beside += [asyncio.create_task(begin()) for begin in house.beside]
    try:
        yield house
    finally:
        for task in beside:
            task.cancel()
        await house.origins.stop()
        for upstream in asked.values():
            upstream.close()
        for pool in pools.values():
            pool.close()


def _address(settings: GatewaySettings, service: str) -> Address:
    if service not in settings.upstreams:
        raise ValueError(f"TAMAIRE_GATEWAY_UPSTREAMS names no address of {service}.")
    return Address.parse(settings.upstreams[service])


def _furnish(
    state: GatewayState,
    traffic: TrafficSettings,
    pools: dict[str, Pool],
    asked: dict[str, Upstream],
) -> House:
    desk = create_front_desk(state)
    tokens = TokenCache(state.access, state.revocations, capacity=traffic.token_cache_size)
    description = _description(desk, asked, issuer=state.settings.issuer)
    checks = {service: service_check(upstream) for service, upstream in asked.items()}
    ways = {name: Way(pool=pool, gate=Gate(traffic.gate)) for name, pool in pools.items()}
    metrics, screening = Metrics("gateway"), _screening(state, traffic, tokens, ways)
    desk.state.description = description
    state.book.follow(description.current)
    state.book.count_in(metrics.registry)
    return House(
        proxy=Proxy(
            ways,
            screening,
            deadlines=traffic.deadlines,
            proofs=state.proofs,
            book=state.book,
            passes=_passes(state, tokens),
        ),
        express=Express(ways, screening, metrics, deadlines=traffic.deadlines, book=state.book),
        beside=(lambda: screening.limits.follow(description.current),),
        desk=_desk_path(desk, state, traffic),
        readiness=Readiness(
            {"database": _database_check(state), "keys": _key_check(state), **checks}
        ),
        library=Library(description),
        metrics=metrics,
        gates=tuple(way.gate for way in ways.values()),
        origins=Origins(state.database),
    )


def _desk_path(desk: FastAPI, state: GatewayState, traffic: TrafficSettings) -> DeskPath:
    limits = DeskLimits(
        traffic.desk_address,
        traffic.desk_tenant,
        proxies=traffic.desk_proxies,
        domain=state.settings.tenant_domain,
    )
    return DeskPath(desk, limits)


def _description(desk: FastAPI, asked: Mapping[str, Upstream], *, issuer: str) -> Description:
    described = {one.service: (one.prefix, asked[one.service]) for one in ROUTES}
    return Description(described, lambda: describe_front_desk(desk), issuer=issuer)


def _passes(state: GatewayState, tokens: TokenCache) -> SessionPasses:
    """Return the passes of browsers; like those of tokens, they outlive no change of keys."""
    passes = SessionPasses(state)
    state.when_keys_change.extend([tokens.forget, passes.forget])
    return passes


def _screening(
    state: GatewayState, traffic: TrafficSettings, tokens: TokenCache, ways: Mapping[str, Way]
) -> Screening:
    """Put together what is asked of every request, and keep what was agreed with anybody."""
    rates = RateLimits(traffic.rate)
    state.agreements.govern(rates, [way.gate for way in ways.values()])
    admission = Admission(tokens, InternalTokens(state.internal))
    return Screening(admission, rates, doors=state.doors, switches=state.switches)


def _database_check(state: GatewayState) -> Check:
    async def check() -> None:
        async with state.database.unbound() as work:
            if await work.fetch_one(_ANSWERS) is None:
                raise NotReady

    return check


def _key_check(state: GatewayState) -> Check:
    async def check() -> None:
        """A gateway that cannot read its keys' folder will not take up the next rotation."""
        if not state.settings.key_directory.is_dir() or not state.keys.access_tokens.document():
            raise NotReady

    return check
