"""Looking after a registered client: its keys, its token, and whether it may act at all.

Below /platform/v1/clients, with the registration access token as bearer token, refused like
everything of the house (RFC 9457); RFC 7592 has no words for these.
"""

from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, ValidationError

from foundation import clock
from foundation.problems import (
    InvalidInput,
    MalformedRequest,
    PayloadTooLarge,
    UnsupportedMediaType,
)
from foundation.web.documents import (
    JSON_MEDIA_TYPE,
    JsonDocument,
    read_body,
    require_media_type,
)
from foundation.web.faults import faults_of
from gateway.dependencies import Door
from gateway.descriptions import refusals

from . import public_keys, service
from .endpoints import LARGEST_BODY_BYTES, ClientId, shown_token
from .problems import (
    ClientKeyKnown,
    ClientKeyNotFound,
    ClientKeyRefused,
    ClientKeysFull,
    EnoughForToday,
    KeysAreElsewhere,
    RegistrationClosed,
    RegistrationTokenRefused,
)
from .repository import Registered
from .schemas import ClientKeyRead, ClientKeysRead, KeyAdd, StatusRead, TokenRead, inlined

router = APIRouter(prefix="/platform/v1/clients/{client_id}", tags=["vendors"])

_WITHIN_SECONDS: Final = 1
_ALWAYS: Final = (RegistrationTokenRefused, RegistrationClosed, MalformedRequest)
_BODY: Final = (InvalidInput, UnsupportedMediaType, PayloadTooLarge)
_TOKEN: Final[dict[str, Any]] = {"security": [{"registration": []}]}
Body = TypeVar("Body", bound=BaseModel)
Kid = Annotated[
    str,
    Path(
        description="鍵の名前",
        # Only described: a name that can be no key's is not found, like one that never was.
        json_schema_extra={"pattern": "^[A-Za-z0-9._~-]{1,128}$", "examples": ["2026-11"]},
    ),
]


async def cared_for(request: Request, door: Door, client_id: ClientId) -> Registered:
    """Return the client whose registration access token came along.

    Raises:
        RegistrationTokenRefused: it is another's, or there is no such client.
    """
    return await service.known(door, client_id, shown_token(request))


CaredFor = Annotated[Registered, Depends(cared_for)]


@router.get(
    "/keys",
    operation_id="platform_list_client_keys",
    summary="クライアントの公開鍵と最終使用日時を見る",
    openapi_extra=_TOKEN,
    responses=refusals(*_ALWAYS),
)
async def list_keys(door: Door, present: CaredFor) -> ClientKeysRead:
    """List every key the client ever had; a revoked one stays on record."""
    now = clock.now()
    found = await service.keys_of(door, present)
    return ClientKeysRead(items=[ClientKeyRead.of(key, now=now) for key in found])


@router.post(
    "/keys",
    operation_id="platform_add_client_key",
    summary="次の公開鍵を登録する(同時に 2 つまで)",
    status_code=201,
    openapi_extra={
        **_TOKEN,
        "requestBody": {
            "required": True,
            "content": {JSON_MEDIA_TYPE: {"schema": inlined(KeyAdd)}},
        },
    },
    responses=refusals(
        *_ALWAYS,
        *_BODY,
        ClientKeyRefused,
        ClientKeysFull,
        ClientKeyKnown,
        KeysAreElsewhere,
        EnoughForToday,
    ),
)
async def add_key(request: Request, door: Door, present: CaredFor) -> ClientKeyRead:
    """Add a key: publish the next one, use it, then revoke the last."""
    body = await read_document(request, KeyAdd)
    try:
        key = public_keys.read(body.jwk)
    except public_keys.KeyRefused as refused:
        raise service.refused_key(refused, pointer="/jwk") from refused
    added = await service.add_key(door, present, key, expires_at=body.expires_at)
    return ClientKeyRead.of(added, now=clock.now())


@router.delete(
    "/keys/{kid}",
    operation_id="platform_revoke_client_key",
    summary="公開鍵を失効させる",
    status_code=204,
    openapi_extra=_TOKEN,
    responses=refusals(*_ALWAYS, ClientKeyNotFound),
)
async def revoke_key(door: Door, present: CaredFor, kid: Kid) -> Response:
    """Revoke a key: it proves nothing any more. Tokens given for it last their ten minutes.

    If the key was stolen, suspend the client too: that ends its tokens within a second.
    """
    await service.revoke_key(door, present, kid)
    return Response(status_code=204)


@router.post(
    "/suspension",
    operation_id="platform_suspend_client",
    summary="クライアントを止める(1 秒以内に全自治体で無効)",
    openapi_extra=_TOKEN,
    responses=refusals(*_ALWAYS),
)
async def suspend(door: Door, present: CaredFor) -> StatusRead:
    """Stop a client everywhere: its tokens are refused within a second, and it gets no new ones."""
    await service.set_status(door, present, "suspended")
    return StatusRead(
        client_id=present.client_id,
        status="suspended",
        effective_within_seconds=_WITHIN_SECONDS,
    )


@router.delete(
    "/suspension",
    operation_id="platform_resume_client",
    summary="止めたクライアントを再開する",
    openapi_extra=_TOKEN,
    responses=refusals(*_ALWAYS),
)
async def resume(door: Door, present: CaredFor) -> StatusRead:
    """Let a client ask again; a token it is given from now on is believed at once."""
    await service.set_status(door, present, "active")
    return StatusRead(
        client_id=present.client_id,
        status="active",
        effective_within_seconds=_WITHIN_SECONDS,
    )


@router.post(
    "/registration-access-token",
    operation_id="platform_rotate_registration_token",
    summary="登録管理トークンを新しくする",
    openapi_extra=_TOKEN,
    responses=refusals(*_ALWAYS),
)
async def rotate(door: Door, present: CaredFor, response: Response) -> TokenRead:
    """Give a new token; the one that was shown ends with this answer."""
    response.headers["Cache-Control"] = "no-store"
    return TokenRead(registration_access_token=await service.rotate_token(door, present))


async def read_document(request: Request, shape: type[Body]) -> Body:
    """Read a body as one of our documents.

    Raises:
        InvalidInput: with every fault.
        UnsupportedMediaType, PayloadTooLarge, MalformedRequest: it is no such document at all.
    """
    require_media_type(request, accepted=[JSON_MEDIA_TYPE])
    document = JsonDocument.read(await read_body(request, limit_bytes=LARGEST_BODY_BYTES))
    if document.faults:
        raise InvalidInput.of(document.faults)
    try:
        return shape.model_validate_json(document.canonical)
    except ValidationError as error:
        raise InvalidInput.of(faults_of([dict(fault) for fault in error.errors()])) from error
