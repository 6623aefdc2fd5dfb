"""The simulator as one process: the only place where its parts are joined.

Started as `uvicorn infra.identity.app:create --factory`; see README.md beside this file.
"""

import asyncio
import os
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from functools import partial
from http import HTTPStatus
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from .bodies import UnreadableRequest
from .business_register import BusinessRegister
from .businesses import BusinessDesk
from .cards import Wallet
from .clock import Clock, system_clock
from .jpki.authority import Authority
from .jpki.endpoints import jpki_routes
from .jpki.profile import Kind
from .oauth.client_keys import ClientKeys
from .oauth.errors import PersonRefused
from .oauth.provider import Provider
from .oauth.signing_key import SigningKey
from .officials import OfficialsDesk, officials_settings
from .pages import refusal_page, stylesheet
from .register import Register
from .resident import ResidentDesk, resident_settings
from .settings import SimulatorSettings
from .signing import SigningApi, SignTransactions
from .stores import Tallies, kept_secret

_FETCH_SECONDS = 5.0
_DISMISS_SECONDS = 0.5


def create() -> Starlette:
    """The simulator as the environment describes it.

    Raises:
        SimulatorRefused: outside development, or with unusable settings or files.
    """
    return build(SimulatorSettings.from_environment(os.environ))


def build(
    settings: SimulatorSettings,
    *,
    clock: Clock = system_clock,
    outbound: httpx.AsyncBaseTransport | None = None,
) -> Starlette:
    """The simulator with its clock and its way to the clients' keys given from outside."""
    register = Register(settings.directory)
    register.check()
    # No proxy, no redirect: a client's keys come from the address it registered, or not at all.
    http = httpx.AsyncClient(transport=outbound, timeout=_FETCH_SECONDS, trust_env=False)
    client_keys = ClientKeys(http, clock)
    authorities = _authorities(settings, clock)
    resident = _resident_desk(
        settings, register=register, client_keys=client_keys, authorities=authorities, clock=clock
    )
    officials = _officials_desk(settings, register=register, client_keys=client_keys, clock=clock)
    businesses = _business_desk(settings, clock)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        async with http, _dismissing(officials):
            yield

    return Starlette(
        routes=[
            Route("/livez", _alive),
            Route("/page.css", _style),
            *resident.routes(),
            *_signing(resident, client_keys).routes(),
            *officials.routes(),
            *businesses.routes(),
            *jpki_routes({authority.kind.slug: authority for authority in authorities.values()}),
        ],
        exception_handlers={
            PersonRefused: _person_refused,
            UnreadableRequest: _unreadable,
            HTTPStatus.NOT_FOUND: _not_here,
        },
        lifespan=lifespan,
    )


@asynccontextmanager
async def _dismissing(officials: OfficialsDesk) -> AsyncGenerator[None]:
    watching = asyncio.create_task(_dismiss(officials))
    try:
        yield
    finally:
        watching.cancel()


async def _dismiss(officials: OfficialsDesk) -> None:
    """Notice within half a second that an account was closed."""
    while True:
        await asyncio.sleep(_DISMISS_SECONDS)
        with suppress(OSError, ValueError):  # the list is being written; it is read again
            await officials.dismiss()


def _business_desk(settings: SimulatorSettings, clock: Clock) -> BusinessDesk:
    return BusinessDesk(
        base_url=settings.base_url,
        register=BusinessRegister(settings.directory),
        keys=settings.directory / "keys",
        tallies=Tallies(settings.directory / "state" / "businesses.json"),
        clock=clock,
    )


def _signing(resident: ResidentDesk, client_keys: ClientKeys) -> SigningApi:
    return SigningApi(
        provider=resident.provider, transactions=resident.transactions, client_keys=client_keys
    )


def _authorities(settings: SimulatorSettings, clock: Clock) -> dict[Kind, Authority]:
    return {
        kind: Authority(
            kind,
            directory=settings.directory / "jpki" / kind.slug,
            address=f"{settings.base_url}/jpki/{kind.slug}",
            clock=clock,
        )
        for kind in Kind
    }


def _resident_desk(
    settings: SimulatorSettings,
    *,
    register: Register,
    client_keys: ClientKeys,
    authorities: dict[Kind, Authority],
    clock: Clock,
) -> ResidentDesk:
    wallet = Wallet(
        settings.directory / "cards",
        authorities=authorities,
        # Says the same name as the real root and has another key: what a forger would do.
        impostor=Authority(
            Kind.AUTHENTICATION,
            directory=settings.directory / "jpki" / "impostor",
            address=f"{settings.base_url}/jpki/{Kind.AUTHENTICATION.slug}",
            clock=clock,
        ),
        tallies=Tallies(settings.directory / "state" / "cards.json"),
    )
    provider = Provider(
        resident_settings(settings.base_url),
        clients=register.resident_clients,
        key=SigningKey(settings.directory / "keys" / "resident.pem"),
        client_keys=client_keys,
        clock=clock,
    )
    return ResidentDesk(
        provider=provider,
        register=register,
        wallet=wallet,
        authorities=authorities,
        transactions=SignTransactions(clock),
        pseudonyms=_secret(settings.directory / "keys" / "resident.secret"),
        clock=clock,
    )


def _officials_desk(
    settings: SimulatorSettings, *, register: Register, client_keys: ClientKeys, clock: Clock
) -> OfficialsDesk:
    def make_provider(code: str) -> Provider:
        return Provider(
            officials_settings(settings.base_url, code),
            clients=partial(register.official_clients, code),
            key=SigningKey(settings.directory / "keys" / f"officials-{code}.pem"),
            client_keys=client_keys,
            clock=clock,
        )

    return OfficialsDesk(
        register,
        make_provider=make_provider,
        tallies=Tallies(settings.directory / "state" / "officials.json"),
        pseudonyms=_secret(settings.directory / "keys" / "officials.secret"),
    )


def _secret(path: Path) -> bytes:
    return kept_secret(path, lambda: secrets.token_bytes(32))


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("alive\n")


async def _style(_request: Request) -> Response:
    return stylesheet()


async def _person_refused(_request: Request, refused: Exception) -> Response:
    if not isinstance(refused, PersonRefused):
        raise refused
    return refusal_page(refused.message, remedy=refused.remedy, status=refused.status)


async def _not_here(_request: Request, _error: Exception) -> Response:
    return refusal_page(
        "ここには画面がありません。",
        remedy="本人確認は、手続きの画面でサインインを選ぶと始まります。",
        status=HTTPStatus.NOT_FOUND,
    )


async def _unreadable(_request: Request, _refused: Exception) -> Response:
    return await _person_refused(
        _request,
        PersonRefused(
            "送られた内容を読み取れません。",
            remedy="前の画面に戻り、もう一度入力してください。",
        ),
    )
