"""The whole gateway and its office over a real database, and people who come to it."""

import hashlib
import secrets
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import asyncpg
import httpx
import pytest

from foundation import clock
from foundation.identifiers import new_id
from foundation.identity import SigningKey
from foundation.tenancy import Tenancy
from gateway.app import Gateway
from gateway.bindings.matching import CardFace, Match, RegisterUnavailable
from gateway.forwarding.pool import Address
from gateway.house import furnished
from gateway.officials.providers.enquiry import Enquiries
from gateway.pseudonyms import base64url
from gateway.routes import ROUTES
from gateway.settings import GatewaySettings
from gateway.state import GatewayState, assemble
from gateway.tenants import Municipality
from gateway.traffic import TrafficSettings
from operations.seeding import Demonstration, register
from tests.support.applications import application_of
from tests.support.forwarding import living, served
from tests.support.house import NAMES, House, Tenancies
from tests.support.provider import StubProvider, StubWorld

ISSUER = "http://127.0.0.1:8200"
PROVIDERS = "http://127.0.0.1:8201"
CALLBACK = f"{ISSUER}/demo/callback"
_UNHURRIED = TrafficSettings(tenant_rate_per_second=1e6, tenant_burst=1_000_000)
VERIFIER = secrets.token_urlsafe(48)
RESIDENT_SCOPE = "openid platform:read registry:read benefits:read benefits:write"
CARD = {
    "name": "北見　花子",
    "address": "北海道北見市栄町１丁目",
    "birthdate": "19920415",
    "gender": "2",
}


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier."""
    return base64url(hashlib.sha256(verifier.encode()).digest())


def query_of(location: str) -> dict[str, str]:
    """Return the parameters of an address."""
    return dict(parse_qsl(urlsplit(location).query))


@dataclass(slots=True)
class FakeRegister:
    """Our own port of the register: finds whom it was told of."""

    residents: dict[str, UUID] = field(default_factory=dict[str, UUID])
    is_down: bool = False
    asked: list[tuple[Tenancy, CardFace]] = field(default_factory=list[tuple[Tenancy, CardFace]])

    async def match(self, tenancy: Tenancy, card: CardFace) -> Match | None:
        self.asked.append((tenancy, card))
        if self.is_down:
            raise RegisterUnavailable
        found = self.residents.get(card.name)
        return None if found is None else Match(resident_id=found, grade="exact")


@dataclass(slots=True, kw_only=True)
class FrontDoor:
    """One gateway of one test. `again` opens a second one over the same database."""

    state: GatewayState
    world: StubWorld
    register: FakeRegister
    tenancies: Tenancies
    house: House
    keys: Path
    http: httpx.AsyncClient

    def resident_provider(self) -> StubProvider:
        return self.world.provider(f"{PROVIDERS}/resident")

    def official_provider(self, tenancy: Tenancy) -> StubProvider:
        return self.world.provider(f"{PROVIDERS}/officials/{tenancy.code}")

    def request(self, **changes: Any) -> dict[str, str]:
        """Return the parameters of a correct authorization request; None leaves one out."""
        given: dict[str, str | None] = {
            "response_type": "code",
            "client_id": "demo-portal",
            "redirect_uri": CALLBACK,
            "scope": RESIDENT_SCOPE,
            "state": "client-state",
            "nonce": "client-nonce",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (given | changes).items() if value is not None}

    async def authorize(
        self,
        tenancy: Tenancy | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **changes: Any,
    ) -> httpx.Response:
        """Ask to sign in, at Kitami unless another municipality is given."""
        place = str((tenancy or self.tenancies.kitami).code)
        sent = {"Tamaire-Municipality": place} if headers is None else dict(headers)
        return await self.http.get("/oauth/authorize", params=self.request(**changes), headers=sent)

    async def callback(self, **parameters: str) -> httpx.Response:
        return await self.http.get("/oauth/callback", params=parameters)

    async def code(
        self,
        tenancy: Tenancy | None = None,
        *,
        subject: str = "hanako",
        says: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> str:
        """Sign a resident in and return the code their front end receives."""
        left = await self.authorize(tenancy, **changes)
        assert left.status_code == 303, left.text
        answer = self.resident_provider().approve(
            left.headers["location"], subject=subject, says=CARD if says is None else says
        )
        back = await self.callback(**answer)
        assert back.status_code == 303, back.text
        return query_of(back.headers["location"])["code"]

    async def official_code(
        self,
        *groups: str,
        tenancy: Tenancy | None = None,
        username: str = "clerk1",
        **changes: Any,
    ) -> str:
        """Sign an official in and return the code their front end receives."""
        place = tenancy or self.tenancies.kitami
        asked: dict[str, Any] = {
            "client_id": "demo-desk",
            "scope": "openid platform:read platform:write benefits:read benefits:pay",
        }
        left = await self.authorize(place, **(asked | changes))
        assert left.status_code == 303, left.text
        answer = self.official_provider(place).approve(
            left.headers["location"], subject=username, says={"groups": list(groups)}
        )
        back = await self.callback(**answer)
        return query_of(back.headers["location"])["code"]

    async def token(self, **form: str | None) -> httpx.Response:
        """Send a form to the token endpoint; None leaves a field out."""
        sent = {name: value for name, value in form.items() if value is not None}
        return await self.http.post("/oauth/token", data=sent)

    async def redeem(self, code: str, **changes: Any) -> httpx.Response:
        """Redeem a code as the front end that asked for it."""
        given: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "client_id": "demo-portal",
            "code_verifier": VERIFIER,
        }
        return await self.token(**(given | changes))

    async def refresh(self, token: str, **changes: Any) -> httpx.Response:
        given: dict[str, str | None] = {
            "grant_type": "refresh_token",
            "refresh_token": token,
            "client_id": "demo-portal",
        }
        return await self.token(**(given | changes))

    async def resident_tokens(self, tenancy: Tenancy | None = None, **given: Any) -> dict[str, Any]:
        answer = await self.redeem(await self.code(tenancy, **given))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def official_tokens(self, *groups: str, **given: Any) -> dict[str, Any]:
        code = await self.official_code(*groups, **given)
        answer = await self.redeem(code, client_id="demo-desk")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def client_key(self, client_id: str = "demo-vendor") -> SigningKey:
        return SigningKey.load(self.keys / "clients" / f"{client_id}.pem")

    def assertion(
        self,
        client_id: str = "demo-vendor",
        *,
        key: SigningKey | None = None,
        typ: str = "JWT",
        **changes: Any,
    ) -> str:
        """Return a machine's proof of itself; None leaves a claim out."""
        now = int(clock.now().timestamp())
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": ISSUER,
            "iat": now,
            "exp": now + 60,
            "jti": str(new_id()),
        } | changes
        kept = {name: value for name, value in claims.items() if value is not None}
        return (key or self.client_key(client_id)).sign(kept, typ=typ)

    async def machine(
        self,
        assertion: str | None = None,
        *,
        tenancy: Tenancy | None = None,
        headers: Mapping[str, str] | None = None,
        **changes: Any,
    ) -> httpx.Response:
        """Ask for a machine's token, at Kitami unless another municipality is given."""
        given: dict[str, str | None] = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion or self.assertion(),
        }
        form = {name: value for name, value in (given | changes).items() if value is not None}
        place = str((tenancy or self.tenancies.kitami).code)
        sent = {"Tamaire-Municipality": place} if headers is None else dict(headers)
        return await self.http.post("/oauth/token", data=form, headers=sent)

    async def as_owner(self, sql: str, *values: object) -> None:
        """Change something behind the gateway's back, as the owner of its tables."""
        connection = await asyncpg.connect(self.house.dsn("platform_owner"))
        try:
            await connection.execute(sql, *values)
        finally:
            await connection.close()

    async def value(self, sql: str, *values: object) -> Any:
        """Return one value behind the gateway's back, as the owner of its tables."""
        connection = await asyncpg.connect(self.house.dsn("platform_owner"))
        try:
            return await connection.fetchval(sql, *values)
        finally:
            await connection.close()

    async def revoke(self, token: str, **body: Any) -> httpx.Response:
        """Take something back as whoever holds the token."""
        return await self.http.post(
            "/platform/v1/revocations",
            json=body,
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": str(new_id())},
        )

    async def me(self, token: str, **headers: str) -> httpx.Response:
        return await self.http.get(
            "/platform/v1/me", headers={"Authorization": f"Bearer {token}", **headers}
        )


def settings_in(house: House, folder: Path) -> GatewaySettings:
    """Return settings of a gateway in the test's house."""
    return GatewaySettings.model_validate(
        {
            "environment": "development",
            "issuer": ISSUER,
            "database_url": house.dsn("platform_app"),
            "key_directory": folder / "gateway",
            "tenant_key_directory": house.keys_of("platform"),
            "internal_public_keys": folder / "internal" / "jwks.json",
            "upstreams": {"registry": "unix:/nowhere/registry.sock"},
            "pool_size": 4,
        }
    )


def municipalities(tenancies: Tenancies) -> list[Municipality]:
    """Return the directory as this test's municipalities have it."""
    return [
        Municipality(
            tenancy=tenancy,
            kind="municipality",
            name=NAMES[tenancy.code],
            name_kana="",
            prefecture_name="",
            status="live",
        )
        for tenancy in tenancies
    ]


@pytest.fixture(scope="session")
def gateway_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gateway-keys")


@pytest.fixture
async def door(house: House, tenancies: Tenancies, gateway_keys: Path) -> AsyncGenerator[FrontDoor]:
    """A gateway at which this test's three municipalities can be signed in to."""
    connection = await asyncpg.connect(house.dsn("platform_owner"))
    try:
        place = Demonstration(base_url=ISSUER, simulator_url=PROVIDERS, keys=gateway_keys)
        await register(connection, list(tenancies), place)
    finally:
        await connection.close()
    world, fake = StubWorld(), FakeRegister()
    state = await assemble(settings_in(house, gateway_keys), matcher=fake, transport=world)
    state.tenants.replace(municipalities(tenancies))
    await state.revocations.start()
    async with AsyncExitStack() as open_until_the_end:
        open_until_the_end.push_async_callback(state.close)
        http = await open_until_the_end.enter_async_context(whole(state, house))
        made = FrontDoor(
            state=state,
            world=world,
            register=fake,
            tenancies=tenancies,
            house=house,
            keys=gateway_keys,
            http=http,
        )
        for tenancy in tenancies:
            made.official_provider(tenancy)
        made.resident_provider()
        yield made


@asynccontextmanager
async def whole(state: GatewayState, house: House) -> AsyncGenerator[httpx.AsyncClient]:
    """Open the gateway with only the office behind it; the other services are away."""
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(_office(state, house))
        addresses = {
            route.service: Address(host="127.0.0.1", port=port)
            if route.service == "platform"
            else Address.parse("unix:/nowhere/service.sock")
            for route in ROUTES
        }
        gateway = Gateway(lambda: furnished(state, _UNHURRIED, addresses))
        await stack.enter_async_context(living(gateway))
        yield await stack.enter_async_context(
            httpx.AsyncClient(transport=httpx.ASGITransport(app=gateway), base_url=ISSUER)
        )


@asynccontextmanager
async def _office(state: GatewayState, house: House) -> AsyncGenerator[int]:
    """Open the platform's office, which believes this gateway's word; yield its port."""
    environment = house.environment_of("platform") | {
        "TAMAIRE_INTERNAL_PUBLIC_KEYS": str(state.settings.internal_public_keys)
    }
    office = application_of("platform", environment)
    office.state.enquiries = Enquiries(transport=state.transport, plain_allowed=True)
    async with office.router.lifespan_context(office), served(office) as port:
        yield port
