"""The token desk over HTTP: tokens, their end, and the keys to check them with."""

import logging
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from foundation.database import DatabaseProblem
from foundation.problems import Problem
from gateway.clients.domain import Client
from gateway.dependencies import Door
from gateway.descriptions import with_form
from gateway.handles import Handle
from gateway.state import GatewayState
from gateway.tenants import HEADER, Municipality, code_before_sign_in, code_of_host

from . import metadata, service
from .client_authentication import authenticate
from .errors import (
    InvalidGrant,
    InvalidRequest,
    OAuthError,
    TemporarilyUnavailable,
    UnauthorizedClient,
    UnsupportedGrantType,
)
from .issuing import Tokens
from .requests import scopes_of
from .schemas import AuthorizationServerRead, KeySetRead, OpenIdProviderRead, TokensRead

router = APIRouter(tags=["oauth"])
_log = logging.getLogger(__name__)

_FORM = "application/x-www-form-urlencoded"
_LONGEST_BODY = 16_384
_MOST_FIELDS = 30
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_PUBLISHED = {"Cache-Control": "public, max-age=60"}


@router.post(
    "/oauth/token",
    summary="トークンを発行する",
    operation_id="platform_token",
    responses={200: {"model": TokensRead}},
    openapi_extra=with_form(
        ["grant_type"],
        [
            "code",
            "redirect_uri",
            "code_verifier",
            "refresh_token",
            "scope",
            "client_id",
            "client_assertion_type",
            "client_assertion",
        ],
    ),
)
async def token(request: Request, door: Door) -> Response:
    """Exchange a code, a refresh token or a client's own proof for tokens (RFC 6749 §3.2)."""
    try:
        form = await _form(request)
        client = await authenticate(door, form, credentials=request.headers.get("authorization"))
        tokens = await _grant(door, request, client, form)
    except OAuthError as error:
        return refusal(error)
    except DatabaseProblem:
        return refusal(TemporarilyUnavailable())
    return JSONResponse(tokens.document(), headers=_NO_STORE)


@router.post(
    "/oauth/revoke",
    summary="トークンを失効させる",
    operation_id="platform_revoke",
    openapi_extra=with_form(
        ["token"], ["token_type_hint", "client_id", "client_assertion_type", "client_assertion"]
    ),
)
async def revoke(request: Request, door: Door) -> Response:
    """End a token of the client that asks; the answer is the same whatever it was (RFC 7009)."""
    try:
        form = await _form(request)
        client = await authenticate(door, form, credentials=request.headers.get("authorization"))
        if "token" not in form:
            raise InvalidRequest("token is missing.")
        await service.revoke(door, client, form["token"])
    except OAuthError as error:
        return refusal(error)
    except DatabaseProblem:
        return refusal(TemporarilyUnavailable())
    return Response(status_code=200, headers=_NO_STORE)


@router.get(
    "/oauth/jwks.json",
    summary="署名検証用の公開鍵",
    operation_id="platform_jwks",
    responses={200: {"model": KeySetRead}},
)
async def jwks(door: Door) -> Response:
    """Return the keys of access tokens: the one that signs, and the one that will."""
    return JSONResponse(door.keys.access_tokens.document(), headers=_PUBLISHED)


@router.get(
    "/oauth/client-jwks.json",
    summary="上流の認証基盤に対する自己証明用の公開鍵",
    operation_id="platform_client_jwks",
    responses={200: {"model": KeySetRead}},
)
async def client_jwks(door: Door) -> Response:
    """Return the key we prove ourselves with to identity providers."""
    return JSONResponse({"keys": [door.keys.upstream_client.public()]}, headers=_PUBLISHED)


@router.get(
    "/.well-known/oauth-authorization-server",
    summary="認可サーバーの構成情報",
    operation_id="platform_oauth_metadata",
    responses={200: {"model": AuthorizationServerRead}},
)
async def oauth_metadata(door: Door) -> Response:
    """Return what this authorization server offers (RFC 8414)."""
    return JSONResponse(metadata.authorization_server(door.settings.issuer), headers=_PUBLISHED)


@router.get(
    "/.well-known/openid-configuration",
    summary="OpenID の構成情報",
    operation_id="platform_openid_metadata",
    responses={200: {"model": OpenIdProviderRead}},
)
async def openid_metadata(door: Door) -> Response:
    """Return the same for OpenID clients."""
    return JSONResponse(metadata.openid(door.settings.issuer), headers=_PUBLISHED)


def refusal(error: OAuthError) -> Response:
    """Return a refusal in the words of RFC 6749 §5.2; the reason stays in the log."""
    _log.info("oauth refusal %s: %s", error.code, error)
    document: dict[str, str] = {"error": error.code}
    if error.description:
        document["error_description"] = error.description
    headers = dict(_NO_STORE)
    if error.status == 503:  # noqa: PLR2004 - the one status that says when to come back
        headers["Retry-After"] = "5"
    return JSONResponse(document, status_code=error.status, headers=headers)


async def _grant(
    door: GatewayState, request: Request, client: Client, form: dict[str, str]
) -> Tokens:
    kind = form.get("grant_type")
    if kind is None:
        raise InvalidRequest("grant_type is missing.")
    if kind not in ("authorization_code", "refresh_token", "client_credentials"):
        raise UnsupportedGrantType
    if kind not in client.grants:
        raise UnauthorizedClient("This client may not use this grant.")
    asked = scopes_of(form["scope"]) if "scope" in form else None
    if kind == "client_credentials":
        return await service.admit_machine(door, client, _place(door, request), asked=asked)
    handle = Handle.parse(form.get("code" if kind == "authorization_code" else "refresh_token"))
    _check_place(door, request, handle)
    if kind == "refresh_token":
        return await service.carry_on(door, client, handle, asked=asked)
    return await service.redeem_code(
        door,
        client,
        handle,
        redirect_uri=form.get("redirect_uri"),
        verifier=form.get("code_verifier"),
    )


def _place(door: GatewayState, request: Request) -> Municipality:
    """Return the municipality a machine wants to act in, named by host or header."""
    try:
        code = code_before_sign_in(
            request.headers.get("host"),
            request.headers.getlist(HEADER),
            domain=door.settings.tenant_domain,
        )
        return door.tenants.participant(code)
    except Problem as problem:
        raise InvalidRequest(f"{problem.title} {problem.remedy}") from problem


def _check_place(door: GatewayState, request: Request, handle: Handle | None) -> None:
    """Refuse a code that is redeemed in the name of another municipality than its own."""
    named = set(request.headers.getlist(HEADER))
    by_host = code_of_host(request.headers.get("host"), door.settings.tenant_domain)
    if by_host is not None:
        named.add(by_host)
    if handle is not None and not named <= {str(handle.code)}:
        raise InvalidGrant(reason="redeemed in the name of another municipality")


async def _form(request: Request) -> dict[str, str]:
    """Read a form strictly: its kind, its size, each name once (RFC 6749 §3.2).

    Raises:
        InvalidRequest: anything else.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise InvalidRequest(f"The body must be {_FORM}.")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_BODY:
            raise InvalidRequest("The body is too long.")
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError as error:
        raise InvalidRequest("The body cannot be read as a form.") from error
    form: dict[str, Any] = dict(pairs)
    if len(form) != len(pairs):
        raise InvalidRequest("A parameter is given twice.")
    return {name: value for name, value in form.items() if value and "\0" not in value}
