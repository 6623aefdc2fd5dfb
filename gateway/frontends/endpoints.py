"""A front end's session over HTTP: sign in, ask how it stands, sign out."""

from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from foundation import clock
from foundation.problems import MalformedRequest
from gateway.authorization.errors import OAuthError
from gateway.authorization.requests import UnknownClient, singles
from gateway.clients import repository as clients
from gateway.clients.domain import Client
from gateway.dependencies import Door
from gateway.descriptions import refusals
from gateway.forms import only, read_form
from gateway.handles import Handle
from gateway.pages import language_of, notice
from gateway.signin import cookies as sign_in_cookies
from gateway.signin.problems import SignInNotFound
from gateway.state import GatewayState
from gateway.tenants import (
    HEADER,
    Municipality,
    MunicipalityNotFound,
    MunicipalityRequired,
    code_before_sign_in,
)

from . import cookies, returns, service
from .cookies import session_cookie
from .presented import Presented
from .problems import CsrfTokenRefused, ForeignOrigin, ReturnNotRegistered, SessionOver
from .schemas import BrowserSessionRead

router = APIRouter(prefix="/session", tags=["session"])

_NO_STORE: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_PASSED_ON: Final = frozenset({"identity_provider", "scope", "acr_values", "max_age", "prompt"})
"""What a front end may say of a sign-in; everything else of the request is the gateway's."""
_SHAPES: Final = {
    "client_id": {"pattern": "^[0-9a-z-]{1,255}$", "examples": ["demo-portal"]},
    "return_to": {"format": "uri"},
    "municipality_code": {"pattern": "^[0-9]{6}$", "examples": ["012084"]},
    "identity_provider": {"enum": ["resident", "official", "business"]},
}


def _query(required: tuple[str, ...], optional: tuple[str, ...]) -> dict[str, object]:
    return {
        "parameters": [
            {
                "name": name,
                "in": "query",
                "required": name in required,
                "schema": {"type": "string", **_SHAPES.get(name, {})},
            }
            for name in (*required, *optional)
        ]
    }


@router.get(
    "/sign-in",
    summary="画面からサインインを始める",
    operation_id="platform_session_sign_in",
    status_code=303,
    response_class=Response,
    responses=refusals(
        UnknownClient,
        ReturnNotRegistered,
        MunicipalityRequired,
        MunicipalityNotFound,
        MalformedRequest,
    ),
    openapi_extra=_query(
        ("client_id", "return_to"),
        ("municipality_code", "identity_provider", "scope", "acr_values", "max_age", "prompt"),
    ),
)
async def sign_in(request: Request, door: Door) -> Response:
    """Send a browser to sign in for a front end, and back to one of its pages."""
    parameters = singles(request.query_params.multi_items())
    if any("\0" in value for value in parameters.values()):
        raise MalformedRequest
    place = _place(request, door, parameters)
    client = await _client(door, parameters.get("client_id"))
    return_to = returns.checked(parameters.get("return_to"), client.origins)
    if request.headers.get("host") != urlsplit(door.settings.issuer).netloc:
        # The cookie belongs to one host, so the sign-in is begun where it will be kept.
        query = urlencode({**parameters, "municipality_code": str(place.code)})
        return _see(f"{door.settings.issuer}/session/sign-in?{query}")
    try:
        asked = {name: parameters[name] for name in _PASSED_ON & parameters.keys()}
        leaving = await service.begin(door, place, client, asked, return_to=return_to)
    except OAuthError as error:
        return _see(service.refused(return_to, error))
    is_https = door.settings.is_https
    answer = _see(leaving.ticket.location)
    sign_in_cookies.give(answer, leaving.ticket, is_https=is_https)
    cookies.give_sign_in(
        answer, leaving.state, leaving.browser, lifetime=service.LIFETIME, is_https=is_https
    )
    return answer


@router.get(
    "/callback",
    summary="サインインから画面に戻る",
    operation_id="platform_session_callback",
    status_code=303,
    response_class=Response,
    responses=refusals(SignInNotFound, MalformedRequest),
    openapi_extra=_query(("state",), ("code", "iss", "error", "error_description")),
)
async def callback(request: Request, door: Door) -> Response:
    """Take the code back, give the browser its session, and show it where it wanted to be."""
    parameters = singles(request.query_params.multi_items())
    if parameters.get("iss") != door.settings.issuer:
        raise SignInNotFound
    state, is_https = Handle.parse(parameters.get("state")), door.settings.is_https
    if state is None:
        raise SignInNotFound
    back = await service.finish(
        door,
        state,
        code=parameters.get("code"),
        error=parameters.get("error"),
        browser=request.cookies.get(cookies.sign_in_cookie(state, is_https=is_https), ""),
    )
    answer = _see(back.location)
    cookies.take_sign_in(answer, state, is_https=is_https)
    if back.secret is not None:
        await service.leave_behind(door, request.cookies.get(session_cookie(is_https=is_https)))
        cookies.give_session(answer, back.secret, is_https=is_https)
    return answer


@router.get(
    "",
    summary="自分のサインインの状態を見る",
    operation_id="platform_session",
    responses={200: {"model": BrowserSessionRead}, **refusals(SessionOver, ForeignOrigin)},
)
async def read(request: Request, door: Door) -> Response:
    """Say who is signed in, how to act, and how long it lasts. Asking does not prolong it."""
    presented, here = await _here(request, door)
    presented.require_page_of(here.client.origins, issuer=door.settings.issuer)
    document = BrowserSessionRead.of(here, clock.now()).model_dump(mode="json")
    answer = JSONResponse(document, headers=_NO_STORE | {"Vary": "Cookie"})
    following = await service.renewed(door, here, presented.cookie)
    if following is not None:
        cookies.give_session(answer, following, is_https=door.settings.is_https)
    return answer


@router.post(
    "/sign-out",
    summary="サインアウトする",
    operation_id="platform_session_sign_out",
    status_code=204,
    response_class=Response,
    responses=refusals(SessionOver, ForeignOrigin, CsrfTokenRefused, ReturnNotRegistered),
    openapi_extra={
        "parameters": [
            {
                "name": "Tamaire-CSRF",
                "in": "header",
                "required": False,
                "description": "GET /session の csrf_token。フォームでは csrf_token 欄でもよい。",
                "schema": {"type": "string"},
            }
        ]
    },
)
async def sign_out(request: Request, door: Door) -> Response:
    """End the session; a plain form may send the token as a field and name where to go next."""
    presented, here = await _here(request, door)
    presented.require_page_of(here.client.origins, issuer=door.settings.issuer)
    if presented.csrf is not None:
        presented.require_token(here.csrf)
        answer: Response = Response(status_code=HTTPStatus.NO_CONTENT, headers=_NO_STORE)
    else:
        answer = await _signed_out_by_form(request, here)
    await service.sign_out(door, here)
    cookies.take_session(answer, is_https=door.settings.is_https)
    return answer


async def _signed_out_by_form(request: Request, here: service.Present) -> Response:
    if not request.headers.get("content-type", ""):
        raise CsrfTokenRefused
    fields = await read_form(request)
    token = only(fields, "csrf_token") or ""
    Presented(method="POST", csrf=token.encode()).require_token(here.csrf)
    return_to = only(fields, "return_to")
    if return_to is not None:
        return _see(returns.checked(return_to, here.client.origins))
    language = language_of(request)
    title, text = (
        ("サインアウトしました", "この画面は閉じてかまいません。")
        if language == "ja"
        else ("You are signed out", "You can close this page.")
    )
    return notice(title, text, language=language)


async def _here(request: Request, door: GatewayState) -> tuple[Presented, service.Present]:
    name = session_cookie(is_https=door.settings.is_https)
    presented = Presented.of(request.method, request.headers.raw, cookie_name=name)
    return presented, await service.present(door, presented.cookie)


def _place(request: Request, door: GatewayState, parameters: dict[str, str]) -> Municipality:
    """Return the municipality; a page cannot send a header with a link, so the query may say it."""
    named = [*request.headers.getlist(HEADER)]
    if "municipality_code" in parameters:
        named.append(parameters["municipality_code"])
    code = code_before_sign_in(
        request.headers.get("host"), named, domain=door.settings.tenant_domain
    )
    return door.tenants.participant(code)


async def _client(door: GatewayState, client_id: str | None) -> Client:
    found = None
    if client_id is not None:
        async with door.database.unbound() as work:
            found = await clients.find(work, client_id)
    if found is None or not found.is_in_force(clock.now()) or not found.kinds - {"machine"}:
        raise UnknownClient
    return found


def _see(location: str) -> RedirectResponse:
    return RedirectResponse(location, status_code=303, headers=_NO_STORE)
