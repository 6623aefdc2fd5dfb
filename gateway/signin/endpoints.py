"""The way in over HTTP: `authorize` sends somebody off, `callback` receives them."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from foundation.problems import MalformedRequest, TenantMismatch
from gateway.authorization import pushed
from gateway.authorization.errors import OAuthError
from gateway.authorization.pushed import PushedRequestNotFound
from gateway.authorization.requests import (
    RedirectNotRegistered,
    UnknownClient,
    destination,
    provider_named,
    read,
    refusal_at,
    singles,
)
from gateway.clients import repository as clients
from gateway.clients.domain import Client
from gateway.consent import cookies as questions
from gateway.dependencies import Door
from gateway.descriptions import refusals, with_query
from gateway.handles import Handle
from gateway.officials.providers.desk import is_trial
from gateway.officials.providers.front import end_trial
from gateway.pages import language_of, page
from gateway.state import GatewayState
from gateway.tenants import (
    HEADER,
    Municipality,
    MunicipalityNotFound,
    MunicipalityRequired,
    code_before_sign_in,
)

from . import arrival, choosing, cookies, departure
from .departure import Ticket
from .problems import SignInNotFound

router = APIRouter(tags=["oauth"])

_MOST_PARAMETERS = 40
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


@router.get(
    "/oauth/authorize",
    summary="サインインを開始する",
    operation_id="platform_authorize",
    status_code=303,
    responses=refusals(
        UnknownClient,
        RedirectNotRegistered,
        MunicipalityRequired,
        MunicipalityNotFound,
        PushedRequestNotFound,
        TenantMismatch,
        MalformedRequest,
    ),
    openapi_extra=with_query(
        ["client_id"],
        [
            "request_uri",
            "response_type",
            "redirect_uri",
            "scope",
            "code_challenge",
            "code_challenge_method",
            "dpop_jkt",
            "state",
            "nonce",
            "identity_provider",
            "acr_values",
            "max_age",
            "prompt",
        ],
    ),
)
async def authorize(request: Request, door: Door) -> Response:
    """Send somebody to prove who they are (OAuth 2.1 §4.1.1).

    Until the client and its address are known to be real, a refusal is shown here; from then on
    it is sent to that address.
    """
    asked = await _asked(door, request)
    client = await _client(door, asked.parameters.get("client_id"))
    redirect_uri = destination(asked.parameters, client)
    try:
        ticket = await departure.depart(
            door,
            asked.place,
            read(asked.parameters, _known(client), is_pushed=asked.is_pushed),
            at_home=request.headers.get("host") == urlsplit(door.settings.issuer).netloc,
        )
    except OAuthError as error:
        state = asked.parameters.get("state")
        return _see(refusal_at(redirect_uri, error, issuer=door.settings.issuer, state=state))
    return _sent(door, ticket)


@router.get(
    "/oauth/continue",
    summary="サインインを続ける",
    operation_id="platform_continue",
    status_code=303,
    responses=refusals(SignInNotFound, MalformedRequest),
    openapi_extra=with_query(["state"], ["identity_provider"]),
)
async def go_on(request: Request, door: Door) -> Response:
    """Go on with a sign-in begun at a municipality's own address, or with the provider chosen."""
    parameters = _parameters(request)
    state, named = Handle.parse(parameters.get("state")), parameters.get("identity_provider")
    return _sent(door, await departure.go_on(door, state, named=provider_named(named)))


@router.get(
    "/oauth/providers",
    summary="サインイン先を選ぶ",
    operation_id="platform_choose_provider",
    response_class=HTMLResponse,
    responses=refusals(SignInNotFound, MalformedRequest),
    openapi_extra=with_query(["state"]),
)
async def choose_provider(request: Request, door: Door) -> Response:
    """Ask an official which of the town's directories they sign in with."""
    state = Handle.parse(_parameters(request).get("state"))
    offered = await departure.offered(door, state)
    if state is None:
        raise SignInNotFound
    language = language_of(request)
    content = choosing.content_of(offered, state, language)
    return page(choosing.title_of(language), content, language=language)


@router.get(
    "/oauth/callback",
    summary="認証基盤から戻る",
    operation_id="platform_callback",
    status_code=303,
    responses=refusals(SignInNotFound, MalformedRequest),
    openapi_extra=with_query(["state"], ["code", "iss", "error", "session_state"]),
)
async def callback(request: Request, door: Door) -> Response:
    """Receive somebody from their identity provider (OpenID Connect Core §3.1.2.5)."""
    return await _received(request, door, at=None)


@router.get(
    "/oauth/callback/{provider_id}",
    summary="自治体の認証基盤から戻る",
    operation_id="platform_own_callback",
    status_code=303,
    responses=refusals(SignInNotFound, MalformedRequest),
    openapi_extra=with_query(["state"], ["code", "iss", "error", "session_state"]),
)
async def own_callback(request: Request, door: Door, provider_id: str) -> Response:
    """Receive an official at the address that is their provider's alone (RFC 9700 §4.4.2)."""
    at = provider_named(provider_id)
    if at is None:
        raise SignInNotFound
    return await _received(request, door, at=at)


async def _received(request: Request, door: GatewayState, *, at: UUID | None) -> Response:
    parameters = _parameters(request)
    if is_trial(parameters):
        return await end_trial(request, door, parameters, at)
    state = Handle.parse(parameters.get("state"))
    is_https = door.settings.is_https
    browser = cookies.read(request, state, is_https=is_https)
    landing = await arrival.arrive(door, parameters, browser=browser, at=at)
    answer = _see(landing.location)
    if state is not None:
        cookies.take_away(answer, state, is_https=is_https)
    if landing.question is not None:
        questions.give(answer, landing.question, is_https=is_https)
    return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a browser brings: a whole request, or the name of one its client left here."""

    place: Municipality
    parameters: Mapping[str, str]
    is_pushed: bool


async def _asked(door: GatewayState, request: Request) -> _Asked:
    """Return the request to carry out; beside a name nothing else counts (RFC 9126 §4)."""
    parameters = _parameters(request)
    named = request.headers.getlist(HEADER)
    host, domain = request.headers.get("host"), door.settings.tenant_domain
    if "request_uri" not in parameters:
        place = door.tenants.participant(code_before_sign_in(host, named, domain=domain))
        return _Asked(place=place, parameters=parameters, is_pushed=False)
    handle = pushed.handle_of(parameters["request_uri"])
    code = code_before_sign_in(host, [*named, str(handle.code)], domain=domain)
    place = door.tenants.participant(code)
    async with door.database.transaction(place.tenancy) as work:
        left = await pushed.take(work, handle, client_id=parameters.get("client_id", ""))
    return _Asked(place=place, parameters=left, is_pushed=True)


def _parameters(request: Request) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            request.url.query,
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_PARAMETERS,
        )
    except ValueError as error:
        raise MalformedRequest from error
    if any("\0" in value for _, value in pairs):
        raise MalformedRequest
    return singles(pairs)


async def _client(door: GatewayState, client_id: str | None) -> Client | None:
    if client_id is None:
        return None
    async with door.database.unbound() as work:
        return await clients.find(work, client_id)


def _known(client: Client | None) -> Client:
    if client is None:
        raise TypeError("The destination was settled without a client.")
    return client


def _sent(door: GatewayState, ticket: Ticket) -> Response:
    answer = _see(ticket.location)
    cookies.give(answer, ticket, is_https=door.settings.is_https)
    return answer


def _see(location: str) -> RedirectResponse:
    return RedirectResponse(location, status_code=303, headers=_HEADERS)
