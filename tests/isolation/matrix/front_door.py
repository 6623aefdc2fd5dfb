"""The same questions, asked at the gateway's own door with tokens that it signed."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from foundation import clock
from foundation.database import DatabaseProblem
from foundation.identity import (
    Caller,
    InternalTokenIssuer,
    Machine,
    Official,
    Person,
    Resident,
    Role,
    SigningKey,
)
from gateway.access import Revocations
from gateway.app import Gateway
from gateway.authorization.domain import Session
from gateway.authorization.issuing import Holder, for_machine, for_person
from gateway.clients.domain import Leave
from gateway.desk import create_front_desk, describe_front_desk
from gateway.forwarding.pool import Address
from gateway.house import furnished
from gateway.state import GatewayState, assemble
from gateway.tenants import Municipality
from gateway.traffic import TrafficSettings
from tests.isolation.matrix.carrying_out import Counter
from tests.isolation.matrix.world import World
from tests.support.forgery import altered, claims_of, forged
from tests.support.forwarding import living, served
from tests.support.front_door import ISSUER, settings_in
from tests.support.house import House

_UNLIMITED = TrafficSettings(tenant_rate_per_second=1e6, tenant_burst=1_000_000)
_TOWN = "131016"
_LIFETIME = timedelta(hours=1)
_EVERYBODY = frozenset({"resident", "official", "machine"})


class AccessPapers:
    """Access tokens signed by the gateway's own code, and what only looks like one."""

    def __init__(self, state: GatewayState, pen: SigningKey) -> None:
        self._state = state
        self._pen = pen
        self._stranger = SigningKey.generate("ES256")
        self.false: Mapping[str, Callable[[Caller], dict[str, str]]] = {
            "no token": lambda _: {},
            "the internal token as an access token": lambda one: _bearer(self._internal(one)),
            "the internal token": lambda one: {"Authorization": f"Internal {self._internal(one)}"},
            "another's signature": lambda one: _bearer(
                self._stranger.sign(claims_of(self._token(one)), typ="at+jwt")
            ),
            "another kind of token": lambda one: _bearer(self._signed(one, typ="JWT")),
            "from another issuer": lambda one: _bearer(self._signed(one, iss="https://elsewhere")),
            "expired": lambda one: _bearer(self._signed(one, iat=1, exp=2)),
            "moved to another town": lambda one: _bearer(
                altered(self._token(one), tenant="131016")
            ),
            "unsigned": lambda one: _bearer(self._forged(one, "none")),
            "the public key as a secret": lambda one: _bearer(self._forged(one, "HS256")),
        }

    def true(self, caller: Caller) -> dict[str, str]:
        """Return what a front end would send, its purpose included."""
        purpose = {} if caller.purpose is None else {"Tamaire-Purpose": caller.purpose.value}
        return _bearer(self._token(caller)) | purpose

    def _token(self, caller: Caller) -> str:
        principal, code = caller.principal, caller.tenancy.code
        if isinstance(principal, Machine):
            token, _ = for_machine(
                self._state,
                principal.client_id,
                code=code,
                scopes=principal.scopes,
                leave=_leave_of(principal),
            )
            return token
        holder = Holder(
            session=_session_of(principal),
            code=code,
            roles=principal.roles if isinstance(principal, Official) else frozenset[Role](),
            resident_id=principal.resident_id if isinstance(principal, Resident) else None,
        )
        token, _ = for_person(
            self._state, holder, scopes=principal.scopes, leave=_leave_of(principal)
        )
        return token

    def _signed(self, caller: Caller, *, typ: str = "at+jwt", **changes: Any) -> str:
        claims = claims_of(self._token(caller)) | changes
        return self._state.keys.access_tokens.signing.sign(claims, typ=typ)

    def _forged(self, caller: Caller, algorithm: str) -> str:
        key = self._state.keys.access_tokens.signing
        claims = claims_of(self._token(caller))
        return forged(claims, algorithm=algorithm, key=key, header={"typ": "at+jwt"})

    def _internal(self, caller: Caller) -> str:
        return InternalTokenIssuer(self._pen).mint(caller, audience="registry")


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """The gateway over the services of a world."""

    counter: Counter
    papers: AccessPapers
    desk: frozenset[str]
    """The operations of the desk, at which nobody shows a token."""
    _revocations: Revocations

    async def wake(self) -> None:
        """Let the gateway look again: between two tests nothing runs, and it trusts no old list."""
        for _ in range(20):
            with suppress(DatabaseProblem):  # its connection may have been ended meanwhile
                return await self._revocations.refresh()
            await asyncio.sleep(0.1)
        raise AssertionError("the gateway cannot read what was taken back")


@asynccontextmanager
async def front_door(house: House, world: World, folder: Path) -> AsyncGenerator[FrontDoor]:
    """Open the gateway before the services, and give each town what only the gateway keeps."""
    keys = folder / "gateway"
    keys.mkdir(parents=True)
    (keys / "internal.pem").write_bytes(house.pen.pem())
    async with AsyncExitStack() as open_until_the_end:
        enter = open_until_the_end.enter_async_context
        state = await assemble(settings_in(house, folder))
        open_until_the_end.push_async_callback(state.close)
        state.tenants.replace([_municipality(world, place) for place in range(2)])
        await state.revocations.start()
        ports = {
            service: await enter(served(client.application))
            for service, client in world.clients.items()
        }
        addresses = {name: Address(host="127.0.0.1", port=port) for name, port in ports.items()}
        gateway = Gateway(lambda: furnished(state, _UNLIMITED, addresses))
        await enter(living(gateway))
        http = await enter(
            httpx.AsyncClient(transport=httpx.ASGITransport(app=gateway), base_url=ISSUER)
        )
        described = describe_front_desk(create_front_desk(state))
        asked = {
            one["operationId"] for item in described["paths"].values() for one in item.values()
        }
        papers = AccessPapers(state, house.pen)
        counter = Counter(dict.fromkeys(world.clients, http), dict.fromkeys(world.clients, papers))
        yield FrontDoor(counter, papers, frozenset(asked), state.revocations)


def _municipality(world: World, place: int) -> Municipality:
    tenancy = world.towns[place].tenancy
    return Municipality(
        tenancy=tenancy,
        kind="municipality",
        name=str(tenancy.code),
        name_kana="",
        prefecture_name="",
        status="live",
    )


def _leave_of(principal: Machine | Person) -> Leave:
    now = int(clock.now().timestamp())
    return Leave(scopes=principal.scopes, until=None, issued_at=now, given_at=now)


def _session_of(principal: Person) -> Session:
    now = clock.now()
    return Session(
        id=UUID(principal.session_id),
        kind=principal.kind,
        person=principal.subject,
        subject=principal.subject,
        client_id=principal.client_id,
        groups=(),
        acr=principal.acr,
        auth_time=principal.auth_time,
        binding="none",
        created_at=now,
        expires_at=now + _LIFETIME,
    )


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
