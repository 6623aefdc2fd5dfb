"""The gateway's own addresses, below /platform/v1."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.routing import APIRoute
from pydantic import ValidationError

from foundation.database import Page, decode_cursor, page_of
from foundation.identifiers import MunicipalityCode
from foundation.problems import (
    Forbidden,
    InvalidInput,
    MalformedRequest,
    NotFound,
    TenantMismatch,
    Unauthenticated,
    UnsupportedMediaType,
)
from foundation.web import CursorText, Limit, Listing
from foundation.web.documents import (
    JSON_MEDIA_TYPE,
    JsonDocument,
    read_body,
    require_media_type,
    require_readable_query,
)
from foundation.web.faults import faults_of
from foundation.web.parameters import Parameters
from gateway.dependencies import Door, SignedIn, require_own_body, signed_in
from gateway.descriptions import for_callers, refusals
from gateway.tenants import Municipality, MunicipalityNotFound

from . import permissions, service
from .schemas import (
    AccessRead,
    MeRead,
    MunicipalityRead,
    RevocationCreate,
    RevocationRead,
    revocation_schema,
)

_LARGEST_BODY_BYTES = 16_384


async def _strict_parameters(request: Request) -> None:
    """Refuse a parameter this address does not have: a filter never fails in silence."""
    require_readable_query(request)
    route = request.scope.get("route")
    if isinstance(route, APIRoute):
        faults = list(Parameters.of(route.dependant).faults(request))
        if faults:
            raise InvalidInput.of(faults)


Code = Annotated[
    str,
    Path(
        description="全国地方公共団体コード",
        # Only described: a code that cannot be one is not found, like one that never was.
        json_schema_extra={"pattern": "^[0-9]{6}$", "examples": ["012084"]},
    ),
]
_public = APIRouter(tags=["platform"], dependencies=[Depends(_strict_parameters)])
_personal = APIRouter(
    tags=["platform"],
    # In this order: nobody learns what is wrong with a request before they say who they are.
    dependencies=[Depends(signed_in), Depends(_strict_parameters)],
)


@_public.get(
    "/municipalities",
    operation_id="platform_municipalities",
    summary="自治体の一覧",
    responses=refusals(MalformedRequest, InvalidInput),
)
async def municipalities(
    door: Door,
    limit: Limit = 50,
    cursor: CursorText = None,
    prefecture: Annotated[
        str | None, Query(pattern=r"^[0-9]{2}$", description="都道府県コードの上 2 桁")
    ] = None,
    takes_part: Annotated[bool | None, Query(description="利用を開始しているか")] = None,
) -> Listing[MunicipalityRead]:
    """List every municipality, those that take part and those that do not yet, by code."""
    after = str(decode_cursor(cursor, str)[0]) if cursor is not None else ""
    found = [
        one
        for one in door.tenants.all()
        if str(one.code) > after
        and (prefecture is None or one.code.startswith(prefecture))
        and (takes_part is None or one.takes_part == takes_part)
    ]
    page: Page[Municipality] = page_of(
        found[: limit + 1], limit=limit, key=lambda one: (str(one.code),)
    )
    return Listing[MunicipalityRead](
        items=[MunicipalityRead.of(one) for one in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


@_public.get(
    "/municipalities/{code}",
    operation_id="platform_municipality",
    summary="自治体の情報",
    responses=refusals(MunicipalityNotFound, MalformedRequest, InvalidInput),
)
async def municipality(door: Door, code: Code) -> MunicipalityRead:
    """Return one municipality; a code that never was answers like one that is not in use."""
    try:
        found = door.tenants.find(MunicipalityCode.parse(code))
    except ValueError as error:
        raise MunicipalityNotFound from error
    if found is None:
        raise MunicipalityNotFound
    return MunicipalityRead.of(found)


@_personal.get(
    "/me",
    operation_id="platform_me",
    summary="サインイン中の本人",
    openapi_extra=for_callers(),
    responses=refusals(Unauthenticated, TenantMismatch, MalformedRequest, InvalidInput),
)
async def me(door: Door, access: SignedIn) -> MeRead:
    """Say who is calling; a resident not yet found in the register is told what to do."""
    return await service.describe(door, access.caller)


@_personal.get(
    "/access-log",
    operation_id="platform_access_log",
    summary="自分の情報の利用記録",
    openapi_extra=for_callers(permissions.READ_OWN_ACCESS_LOG),
    responses=refusals(
        service.ResidentUnbound,
        Unauthenticated,
        TenantMismatch,
        Forbidden,
        MalformedRequest,
        InvalidInput,
    ),
)
async def access_log(
    door: Door, access: SignedIn, limit: Limit = 50, cursor: CursorText = None
) -> Listing[AccessRead]:
    """Show a resident who touched their data, when, and for what purpose."""
    caller = await service.settled(door, access.caller, permissions.READ_OWN_ACCESS_LOG)
    before: tuple[datetime, UUID] | None = None
    if cursor is not None:
        at, reference = decode_cursor(cursor, datetime, UUID)
        before = (at, reference)
    page = await service.access_log(door, caller, before=before, limit=limit)
    return Listing[AccessRead](
        items=list(page.items), next_cursor=page.next_cursor, has_more=page.has_more
    )


_REVOCATION: dict[str, Any] = {
    **for_callers(permissions.REVOKE),
    "requestBody": {
        "required": True,
        "content": {JSON_MEDIA_TYPE: {"schema": revocation_schema()}},
    },
}


@_personal.post(
    "/revocations",
    operation_id="platform_revoke_access",
    summary="サインイン状態や連携先の利用許可を取り消す",
    status_code=201,
    openapi_extra=_REVOCATION,
    responses=refusals(
        Unauthenticated,
        TenantMismatch,
        Forbidden,
        NotFound,
        InvalidInput,
        MalformedRequest,
        UnsupportedMediaType,
    ),
)
async def revocations(request: Request, door: Door, access: SignedIn) -> RevocationRead:
    """Take something back; to repeat the request changes nothing more."""
    caller = await service.settled(door, access.caller, permissions.REVOKE)
    require_media_type(request, accepted=[JSON_MEDIA_TYPE])
    document = JsonDocument.read(await read_body(request, limit_bytes=_LARGEST_BODY_BYTES))
    require_own_body(access, document)
    if document.faults:
        raise InvalidInput.of(document.faults)
    try:
        body = RevocationCreate.model_validate_json(document.canonical)
    except ValidationError as error:
        faults = faults_of([dict(fault) for fault in error.errors()])
        raise InvalidInput.of(faults) from error
    return await service.take_back(door, caller, body)


router = APIRouter(prefix="/platform/v1")
router.include_router(_public)
router.include_router(_personal)
