"""HTTP of the provider's machine-facing endpoints: token, userinfo, keys, discovery."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.identity.bodies import UnreadableRequest, read_form

from .errors import BearerRefused, TokenRefused
from .provider import Provider

ProviderOf = Callable[[Request], Provider | None]
"""Finds the provider a request is for; None when there is none."""

_NEVER_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}  # RFC 6749 §5.1
_PUBLIC = {"Cache-Control": "public, max-age=60"}


def provider_routes(prefix: str, provider_of: ProviderOf) -> list[Route]:
    """The five endpoints under one issuer's path, named as Keycloak names them."""
    protocol = f"{prefix}/protocol/openid-connect"

    def of(handler: Callable[[Provider, Request], Awaitable[Response]]) -> Callable[..., object]:
        async def endpoint(request: Request) -> Response:
            provider = provider_of(request)
            return await handler(provider, request) if provider else Response(status_code=404)

        return endpoint

    return [
        Route(f"{prefix}/.well-known/openid-configuration", of(_metadata)),
        Route(f"{protocol}/certs", of(_keys)),
        Route(f"{protocol}/token", of(_token), methods=["POST"]),
        Route(f"{protocol}/logout", of(_sign_out), methods=["POST"]),
        Route(f"{protocol}/userinfo", of(_userinfo), methods=["GET", "POST"]),
    ]


async def _metadata(provider: Provider, _request: Request) -> Response:
    return JSONResponse(provider.metadata(), headers=_PUBLIC)


async def _keys(provider: Provider, _request: Request) -> Response:
    return JSONResponse(provider.key.public(), headers=_PUBLIC)


async def _token(provider: Provider, request: Request) -> Response:
    """The client proves itself first: only then is anything said about its code."""
    authorization = request.headers.get("authorization")
    try:
        form = await read_form(request)
        client = await provider.client_authentication.authenticate(
            form, authorization=authorization
        )
        return JSONResponse(provider.answer(client, form), headers=_NEVER_STORED)
    except UnreadableRequest as refused:
        return _error(TokenRefused("invalid_request", str(refused)))
    except TokenRefused as refused:
        return _error(refused, challenged=authorization is not None)


def _error(refused: TokenRefused, *, challenged: bool = False) -> Response:
    """RFC 6749 §5.2: who tried the Authorization header is answered with a challenge."""
    headers = dict(_NEVER_STORED)
    if challenged and refused.error == "invalid_client":
        headers["WWW-Authenticate"] = 'Basic realm="private_key_jwt only"'
    return JSONResponse(
        {"error": refused.error, "error_description": refused.description},
        status_code=refused.status,
        headers=headers,
    )


async def _sign_out(provider: Provider, request: Request) -> Response:
    """A person signs out here; every client that wished to hear of it is told first."""
    try:
        form = await read_form(request)
    except UnreadableRequest as refused:
        return _error(TokenRefused("invalid_request", str(refused)))
    if not await provider.sign_out(form.get("id_token_hint", "")):
        return _error(TokenRefused("invalid_request", "id_token_hint names no open session"))
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=_NEVER_STORED)


async def _userinfo(provider: Provider, request: Request) -> Response:
    try:
        return JSONResponse(provider.userinfo(bearer(request)), headers=_NEVER_STORED)
    except BearerRefused as refused:
        return challenge(provider, refused)


def challenge(provider: Provider, refused: BearerRefused) -> Response:
    """RFC 6750 §3: the scheme, and what was wrong with the token if there was one."""
    said = f'Bearer realm="{provider.issuer}"'
    if refused.error:
        said += f', error="{refused.error}", error_description="{refused.description}"'
    headers = _NEVER_STORED | {"WWW-Authenticate": said}
    return Response(status_code=refused.status, headers=headers)


def bearer(request: Request) -> str:
    """RFC 6750 §2.1 only: a token in the address would end in a log (§2.3 warns of it)."""
    if "access_token" in request.query_params:
        raise BearerRefused(
            "invalid_request", "the token goes into the header", status=HTTPStatus.BAD_REQUEST
        )
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise BearerRefused
    return token
