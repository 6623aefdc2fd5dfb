"""Everything the gateway holds while it is open, made in one place and closed in one place."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import httpx

from foundation import clock
from foundation.database import Database, DatabaseProblem
from foundation.encryption import Keyring
from foundation.identifiers import MunicipalityCode
from foundation.identity import InternalTokenIssuer
from foundation.identity.outbound import GuardedTransport
from foundation.identity.relying_party import RelyingParty
from foundation.parameters import BROWSER_IDLE

from . import withdrawals
from .access import AccessTokens, Revocations
from .access_logs.book import AccessBook
from .agreements import Agreements
from .bindings.matching import Matcher, RegistryMatcher
from .bulletin import Bulletin
from .call import Upstream
from .clients import repository as clients
from .clients.published_keys import PublishedKeys
from .dpop import repository as used_proofs
from .dpop.proofs import Proofs
from .keys import GatewayKeys
from .memberships.doors import Doors
from .parameters.board import Board
from .pseudonyms import Pseudonyms
from .settings import GatewaySettings
from .signing_room import SigningRoom
from .switches.reading import Signs, take_down_old
from .switches.signs import Switches
from .tenants import TenantDirectory

_HOUSEKEEPING_SECONDS = 30.0
_KEYS_SECONDS = 0.4
_GRACE = timedelta(minutes=5)
_PROOF_GRACE = timedelta(seconds=20)  # one row per request of a bound token: they must not pile up


@dataclass(slots=True, kw_only=True)
class GatewayState:
    """What requests need. Of it all only caches live in memory; what counts is in PostgreSQL."""

    settings: GatewaySettings
    database: Database
    keys: GatewayKeys
    keyring: Keyring
    tenants: TenantDirectory
    access: AccessTokens
    revocations: Revocations
    doors: Doors
    switches: Switches
    agreements: Agreements
    board: Board
    bulletin: Bulletin
    book: AccessBook
    internal: InternalTokenIssuer
    pseudonyms: Pseudonyms
    proofs: Proofs
    published_keys: PublishedKeys
    relying_party: RelyingParty
    matcher: Matcher
    registry: Upstream
    transport: httpx.AsyncBaseTransport
    signing: SigningRoom | None = None
    when_keys_change: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
    """What remembers anything that was proven or signed by a key, and is to forget it then."""
    _beside: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]], init=False)

    @classmethod
    async def open(cls, settings: GatewaySettings) -> "GatewayState":
        """Open the pool and read keys, directory and revocations.

        Raises:
            DatabaseProblem: the database does not answer; the gateway does not open.
        """
        state = await assemble(settings)
        try:
            await state.start()
        except BaseException:
            await state.close()
            raise
        return state

    async def close(self) -> None:
        """Stop what runs beside the requests and let go of every connection."""
        for task in self._beside:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self.bulletin.stop()
        await self.book.stop()
        await self.revocations.stop()
        await self.tenants.stop()
        self.registry.close()
        await self.transport.aclose()
        await self.database.close()

    async def start(self) -> None:
        """Read directory and revocations, and keep reading them."""
        await self.tenants.start(self.database)
        await self.revocations.start()
        self.bulletin.follow(self.tenants.read)
        await self.bulletin.start()
        await self.book.start()
        self._beside = [
            asyncio.create_task(self._keep_house()),
            asyncio.create_task(self.watch_keys()),
        ]

    async def watch_keys(self) -> None:
        """Take up rotated keys while requests go on; a folder that cannot be read waits."""
        while True:
            await asyncio.sleep(_KEYS_SECONDS)
            with suppress(OSError, ValueError):
                self.look_at_keys()

    def look_at_keys(self) -> None:
        """Take up rotated keys, and forget what was proven by one that is believed no more.

        Raises:
            OSError, ValueError: as `GatewayKeys.reload`.
        """
        if self.keys.reload():
            for forget in self.when_keys_change:
                forget()

    def idle(self, code: MunicipalityCode) -> timedelta:
        """Return how long a browser may do nothing in a municipality."""
        return self.board.lasting(code, BROWSER_IDLE)

    async def _keep_house(self) -> None:
        """Forget what has expired; every gateway may do so at once."""
        while True:
            await asyncio.sleep(_HOUSEKEEPING_SECONDS)
            with suppress(DatabaseProblem):
                await forget_expired(self.database)


async def assemble(
    settings: GatewaySettings,
    *,
    matcher: Matcher | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> GatewayState:
    """Join the parts, over an open pool, without starting what runs beside the requests.

    Args:
        settings: what the gateway was told.
        matcher: the way to the register; the registry service, unless a test brings another.
        transport: the way to identity providers; the network, unless a test brings another.

    Raises:
        DatabaseProblem: the database does not answer.
    """
    keys = GatewayKeys(settings.key_directory, internal_public=settings.internal_public_keys)
    internal, tenants = InternalTokenIssuer(keys.internal), TenantDirectory()
    switches, agreements, doors = Switches(), Agreements(tenants.find), Doors(tenants)
    readers = [Signs(switches).read, agreements.read, doors.read, (board := Board()).read]
    registry = Upstream.at(settings.upstreams["registry"])
    at_home = settings.environment == "development"
    transport = transport or _network(allows_loopback=at_home)
    dsn = settings.database_url.get_secret_value()
    database = await Database.open(dsn, application_name="gateway", size=settings.pool_size)
    return GatewayState(
        settings=settings,
        database=database,
        keys=keys,
        keyring=Keyring(settings.tenant_keys),
        tenants=tenants,
        access=AccessTokens(keys.access_tokens, issuer=settings.issuer, tenants=tenants),
        revocations=Revocations(database),
        doors=doors,
        switches=switches,
        agreements=agreements,
        board=board,
        book=AccessBook(database),
        bulletin=Bulletin(database, readers),
        internal=internal,
        pseudonyms=Pseudonyms(keys.pseudonyms),
        proofs=Proofs(database, issuer=settings.issuer, tenant_domain=settings.tenant_domain),
        published_keys=PublishedKeys(transport, allow_loopback=at_home),
        relying_party=_relying_party(settings, keys, transport),
        matcher=matcher or RegistryMatcher(registry, internal=internal),
        registry=registry,
        transport=transport,
        signing=_signing_room(settings, keys, transport),
    )


def _network(*, allows_loopback: bool) -> httpx.AsyncBaseTransport:
    return GuardedTransport(httpx.AsyncHTTPTransport(retries=0), allows_loopback=allows_loopback)


def _relying_party(
    settings: GatewaySettings, keys: GatewayKeys, transport: httpx.AsyncBaseTransport
) -> RelyingParty:
    callback = f"{settings.issuer}/oauth/callback"
    return RelyingParty(keys.upstream_client, redirect_uri=callback, transport=transport)


def _signing_room(
    settings: GatewaySettings, keys: GatewayKeys, transport: httpx.AsyncBaseTransport
) -> SigningRoom | None:
    if settings.jpki is None:
        return None
    return SigningRoom.furnished(
        settings.jpki,
        keys=settings.key_directory,
        key=keys.upstream_client,
        transport=transport,
    )


async def forget_expired(database: Database) -> None:
    """Drop proofs and revocations whose time has passed; nothing can refer to them any more."""
    before = clock.now() - _GRACE
    async with database.unbound() as work:
        await clients.forget_assertions(work, before=before)
        await used_proofs.forget(work, before=clock.now() - _PROOF_GRACE)
        await take_down_old(work)
        await withdrawals.forget(work, before=before)
