"""Signing as the browser sees it: it leaves here for the provider, and comes back here."""

from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from foundation.problems import MalformedRequest
from gateway.authorization.requests import singles
from gateway.dependencies import Door
from gateway.descriptions import refusals, with_query
from gateway.handles import Handle
from gateway.state import GatewayState

from . import signing
from .domain import LIFETIME
from .problems import SigningNotFound, SigningUnavailable

router = APIRouter(tags=["signatures"])

_MOST_PARAMETERS = 40
_BACK = "/oauth/signed"
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


@router.get(
    "/oauth/sign",
    summary="電子署名を開始する",
    operation_id="platform_sign",
    status_code=303,
    responses=refusals(SigningNotFound, SigningUnavailable, MalformedRequest),
    openapi_extra=with_query(["request"]),
)
async def sign(request: Request, door: Door) -> Response:
    """Send somebody off to sign with their card; `request` is what the office gave."""
    handle = Handle.parse(_parameters(request).get("request"))
    ticket = await signing.depart(door, handle)
    answer = _see(ticket.location)
    if ticket.state is not None and ticket.browser is not None:
        answer.set_cookie(
            _cookie_name(door, ticket.state),
            ticket.browser,
            max_age=int(LIFETIME.total_seconds()),
            path=_BACK,
            secure=door.settings.is_https,
            httponly=True,
            samesite="lax",  # the provider sends the browser back by a top-level navigation
        )
    return answer


@router.get(
    _BACK,
    summary="電子署名から戻る",
    operation_id="platform_signed",
    status_code=303,
    responses=refusals(SigningNotFound, SigningUnavailable, MalformedRequest),
    openapi_extra=with_query(["state"], ["code", "iss", "error", "session_state"]),
)
async def signed(request: Request, door: Door) -> Response:
    """Receive somebody from the provider at which they signed."""
    parameters = _parameters(request)
    state = Handle.parse(parameters.get("state"))
    cookie = _cookie_name(door, state) if state is not None else ""
    location = await signing.arrive(door, parameters, browser=request.cookies.get(cookie))
    answer = _see(location)
    answer.delete_cookie(cookie, path=_BACK)
    return answer


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


def _cookie_name(door: GatewayState, state: Handle) -> str:
    prefix = "__Secure-" if door.settings.is_https else ""
    return f"{prefix}tamaire-signing-{state.digest.hex()[:16]}"


def _see(location: str) -> RedirectResponse:
    return RedirectResponse(location, status_code=303, headers=_HEADERS)
