"""What anybody may read before asking: where everything is, and the keys to check tokens with."""

from typing import Final

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from gateway.dependencies import Door

from . import metadata
from .schemas import AuthorizationServerRead, KeySetRead, OpenIdProviderRead

router = APIRouter(tags=["oauth"])

_PUBLISHED: Final = {"Cache-Control": "public, max-age=60"}


@router.get(
    "/oauth/jwks.json",
    summary="署名検証用の公開鍵",
    operation_id="platform_jwks",
    responses={200: {"model": KeySetRead}},
)
async def jwks(door: Door) -> Response:
    """Return the keys of access tokens: those that signed, the one that signs, the next one."""
    return JSONResponse(door.keys.access_tokens.document(), headers=_PUBLISHED)


@router.get(
    "/oauth/client-jwks.json",
    summary="上流の認証基盤に対する自己証明用の公開鍵",
    operation_id="platform_client_jwks",
    responses={200: {"model": KeySetRead}},
)
async def client_jwks(door: Door) -> Response:
    """Return the key we prove ourselves with to identity providers, and the one they seal to."""
    keys = [door.keys.upstream_client.public()]
    if door.signing is not None:
        keys.append(door.signing.encryption.public())
    return JSONResponse({"keys": keys}, headers=_PUBLISHED)


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
