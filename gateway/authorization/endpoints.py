"""The token desk over HTTP: tokens, their end, and whether they hold."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from foundation.database import DatabaseProblem
from foundation.problems import Forbidden, TenantMismatch, Unauthenticated
from gateway.dependencies import Door
from gateway.descriptions import refusals, with_form
from gateway.dpop.problems import DpopProofInvalid, DpopProofRequired
from gateway.state import GatewayState

from . import grants, introspection, pushed, service
from .asking import Asking, heard
from .errors import InvalidRequest, OAuthError, TemporarilyUnavailable
from .forms import NO_STORE, refusal
from .presented import presented
from .publication import router as publication
from .schemas import IntrospectionRead, PushedRead, TokensRead, UserInfoRead

__all__ = ["refusal", "router"]

router = APIRouter(tags=["oauth"])
router.include_router(publication)

_PROOF: Final = ["client_id", "client_assertion_type", "client_assertion"]


_USERINFO: dict[int | str, dict[str, Any]] = {
    200: {"model": UserInfoRead},
    **refusals(Unauthenticated, DpopProofRequired, DpopProofInvalid, Forbidden, TenantMismatch),
}


@router.post(
    "/oauth/par",
    summary="認可リクエストを事前に預ける",
    operation_id="platform_par",
    status_code=201,
    responses={201: {"model": PushedRead}},
    openapi_extra=with_form(
        [
            "response_type",
            "redirect_uri",
            "scope",
            "code_challenge",
            "code_challenge_method",
        ],
        [
            "state",
            "nonce",
            "identity_provider",
            "acr_values",
            "max_age",
            "prompt",
            "dpop_jkt",
            *_PROOF,
        ],
    ),
)
async def push(request: Request, door: Door) -> Response:
    """Leave an authorization request here; the browser then carries its name only (RFC 9126)."""

    async def left(asking: Asking) -> Response:
        receipt = await pushed.push(asking)
        return JSONResponse(receipt.document(), status_code=201, headers=NO_STORE)

    return await _answered(door, request, left)


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
            "subject_token",
            "subject_token_type",
            "requested_token_type",
            "representation_id",
            "assistance_consent_id",
            "audience",
            *_PROOF,
        ],
    ),
)
async def token(request: Request, door: Door) -> Response:
    """Exchange a code, a refresh token or a client's own proof for tokens (RFC 6749 §3.2)."""

    async def given(asking: Asking) -> Response:
        return JSONResponse((await grants.give(asking)).document(), headers=NO_STORE)

    return await _answered(door, request, given)


@router.post(
    "/oauth/revoke",
    summary="トークンを失効させる",
    operation_id="platform_revoke",
    openapi_extra=with_form(["token"], ["token_type_hint", *_PROOF]),
)
async def revoke(request: Request, door: Door) -> Response:
    """End a token of the client that asks; the answer is the same whatever it was (RFC 7009)."""

    async def ended(asking: Asking) -> Response:
        if "token" not in asking.form:
            raise InvalidRequest("token is missing.")
        await service.revoke(door, asking.client, asking.form["token"])
        return Response(status_code=200, headers=NO_STORE)

    return await _answered(door, request, ended)


@router.post(
    "/oauth/introspect",
    summary="トークンが有効かどうかを確かめる",
    operation_id="platform_introspect",
    responses={200: {"model": IntrospectionRead}},
    openapi_extra=with_form(["token"], ["token_type_hint", *_PROOF]),
)
async def introspect(request: Request, door: Door) -> Response:
    """Say whether a token holds, to those whom it concerns (RFC 7662)."""

    async def told(asking: Asking) -> Response:
        return JSONResponse(await introspection.introspect(asking), headers=NO_STORE)

    return await _answered(door, request, told)


@router.post(
    "/oauth/userinfo",
    summary="サインインした人の識別子 (POST)",
    operation_id="platform_post_userinfo",
    responses=_USERINFO,
    openapi_extra={"security": [{"tamaire": ["openid"]}]},
)
@router.get(
    "/oauth/userinfo",
    summary="サインインした人の識別子",
    operation_id="platform_userinfo",
    responses=_USERINFO,
    openapi_extra={"security": [{"tamaire": ["openid"]}]},
)
async def userinfo(request: Request, door: Door) -> Response:
    """Return who signed in: the name this client knows them by, and nothing else about them.

    Source: OpenID Connect Core §5.3. What somebody is called and where they live is the
    register's to tell, with a purpose and an entry in the trail.
    """
    access = await presented(door, request)
    principal = access.caller.principal
    if "openid" not in principal.scopes or principal.kind == "machine":
        raise Forbidden
    said: Mapping[str, Any] = {"sub": principal.subject}
    return JSONResponse(said, headers=NO_STORE)


async def _answered(
    door: GatewayState, request: Request, answer: Callable[[Asking], Awaitable[Response]]
) -> Response:
    """Hear who asks and answer; every refusal is one of RFC 6749, whatever stood in the way."""
    try:
        return await answer(await heard(door, request))
    except OAuthError as error:
        return refusal(error)
    except DatabaseProblem:
        return refusal(TemporarilyUnavailable())
