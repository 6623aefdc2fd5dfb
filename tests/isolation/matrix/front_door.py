"""The same questions, asked at the gateway's own door with tokens that it signed."""

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from foundation import clock
from foundation.identifiers import new_id
from foundation.identity import (
    Caller,
    InternalTokenIssuer,
    Machine,
    Official,
    Purpose,
    Resident,
    Role,
    SigningKey,
)
from gateway.app import Gateway
from gateway.authorization.domain import Session
from gateway.authorization.issuing import Holder, for_machine, for_person
from gateway.desk import create_front_desk, describe_front_desk
from gateway.forwarding.pool import Address
from gateway.house import furnished
from gateway.state import GatewayState, assemble
from gateway.tenants import Municipality
from gateway.traffic import TrafficSettings
from tests.isolation.matrix.carrying_out import Counter
from tests.isolation.matrix.examples.platform import PUBLIC
from tests.isolation.matrix.operations import Operation
from tests.isolation.matrix.towns import Town
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
                self._state, principal.client_id, code=code, scopes=principal.scopes
            )
            return token
        holder = Holder(
            session=_session_of(principal),
            code=code,
            roles=principal.roles if isinstance(principal, Official) else frozenset[Role](),
            resident_id=principal.resident_id if isinstance(principal, Resident) else None,
        )
        token, _ = for_person(self._state, holder, scopes=principal.scopes)
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
    desk: tuple[Operation, ...]


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
        desk = tuple(_of_desk(describe_front_desk(create_front_desk(state))))
        papers = AccessPapers(state, house.pen)
        services = (*world.clients, "platform")
        for town in world.towns:
            await _furnish(world, town)
            town.things["access_log_cursor"] = await _second_page(http, papers, town)
        await world.learn()
        counter = Counter(dict.fromkeys(services, http), dict.fromkeys(services, papers))
        yield FrontDoor(counter, papers, desk)


async def _furnish(world: World, town: Town) -> None:
    """Give a town a session that somebody opened, and a vendor's system it gave leave to."""
    session, client = new_id(), f"vendor-of-{town.tenancy.code}"
    tenant = town.tenancy.tenant_id
    await world.run(
        "INSERT INTO platform.sessions (tenant_id, id, kind, person, subject, client_id, acr,"
        " auth_time, binding, created_at, expires_at)"
        " VALUES ($1, $2, 'official', $3, $4, 'demo-desk', 'aal2', now(), 'none', now(),"
        " now() + interval '1 hour')",
        tenant,
        session,
        town.canaries.text("人"),
        f"subject-{session}",
    )
    await world.run(
        "INSERT INTO platform.clients (client_id, name, kinds, scopes, sector)"
        " VALUES ($1, $1, '{official}', '{}', $1) ON CONFLICT DO NOTHING",
        client,
    )
    await world.run(
        "INSERT INTO platform.client_grants (tenant_id, client_id, scopes) VALUES ($1, $2, '{}')",
        tenant,
        client,
    )
    town.things |= {"session": str(session), "client": client}


async def _second_page(http: httpx.AsyncClient, papers: AccessPapers, town: Town) -> str:
    shown = papers.true(town.caller("resident", Purpose.AUDIT))
    answer = await http.get("/platform/v1/access-log", params={"limit": "1"}, headers=shown)
    return str(answer.json()["next_cursor"])


def _of_desk(description: Mapping[str, Any]) -> Iterator[Operation]:
    """Yield the desk's own operations that one must be signed in for."""
    for path, methods in description["paths"].items():
        for method, described in methods.items():
            is_public = described["operationId"] in PUBLIC
            assert is_public is not bool(described.get("security")), described["operationId"]
            if is_public:
                continue
            yield Operation(
                id=described["operationId"],
                service="platform",
                method=method.upper(),
                path=path,
                callers=frozenset(described.get("x-callers", _EVERYBODY)),
                roles=frozenset(described.get("x-roles", [role.value for role in Role])),
                clients=frozenset(),
                purposes=tuple(map(Purpose, described.get("x-purposes", ["operation"]))),
                is_personal=described.get("x-personal-data", False),
                reads_json="requestBody" in described,
                needs_key=False,
            )


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


def _session_of(principal: Resident | Official) -> Session:
    now = clock.now()
    return Session(
        id=new_id(),
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
