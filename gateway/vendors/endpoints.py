"""Registration over HTTP, in the words of RFC 7591 and RFC 7592: no approval, no telephone call."""

import math
import time
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, cast

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from foundation.database import DatabaseProblem
from foundation.identifiers import SANDBOX
from foundation.problems import Fault, Problem
from foundation.web.documents import (
    JSON_MEDIA_TYPE,
    JsonDocument,
    read_body,
    require_media_type,
)
from foundation.web.faults import faults_of
from gateway.dependencies import Door, open_door
from gateway.state import GatewayState

from . import service
from .frequency import Frequency
from .problems import (
    EnoughForToday,
    RegistrationClosed,
    RegistrationsTooFrequent,
    RegistrationTokenRefused,
)
from .registration import Registration, RegistrationFault, RegistrationRefused, judge
from .repository import ClientKey, Registered
from .schemas import ClientInformation, ClientMetadata, RegistrationRefusal, information, inlined

router = APIRouter(tags=["vendors"])

LARGEST_BODY_BYTES: Final = 32_768
_NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_BEARER: Final = "bearer "
_THIS_MACHINE: Final = frozenset({"127.0.0.1", "::1"})
ClientId = Annotated[
    str,
    Path(
        description="クライアント ID",
        json_schema_extra={
            "pattern": "^[0-9a-z-]{1,255}$",
            "examples": ["sandbox-0f3a1c5e7b9d2f4a6c8e"],
        },
    ),
]
_ERRORS: Final[Mapping[int | str, dict[str, Any]]] = {
    400: {"model": RegistrationRefusal, "description": "登録できない内容がある"},
    401: {"model": RegistrationRefusal, "description": "登録管理トークンが正しくない"},
    429: {"model": RegistrationRefusal, "description": "このアドレスからの登録が多すぎる"},
    503: {"model": RegistrationRefusal, "description": "現在受け付けていない"},
}
_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {JSON_MEDIA_TYPE: {"schema": inlined(ClientMetadata)}},
    }
}


@router.post(
    "/oauth/register",
    summary="製品を登録し、すぐにサンドボックスで使えるクライアントを受け取る",
    operation_id="platform_register_client",
    status_code=201,
    responses={201: {"model": ClientInformation}, **_ERRORS},
    openapi_extra=_BODY,
)
async def register(request: Request, door: Door) -> Response:
    """Register a client (RFC 7591). It can be used in the sandbox at once; nobody approves it.

    With the registration access token of another client as bearer token, the new one belongs to
    the same vendor.
    """
    try:
        is_counted = not _is_at_home(request, door)
        if is_counted:
            _count(request)
        same_as = await _same_vendor(request)
        body, found = await _judged(request)
        issued = await service.register(
            door, found, body.vendor(), same_as=same_as, is_counted=is_counted
        )
    except (Problem, RegistrationRefused, DatabaseProblem) as refused:
        return refusal(refused)
    document = information(
        issued.registered,
        issued.keys,
        issuer=door.settings.issuer,
        token=issued.token,
        sandbox=SANDBOX,
    )
    return JSONResponse(document, status_code=201, headers=_NO_STORE)


@router.get(
    "/oauth/register/{client_id}",
    summary="登録内容を見る",
    operation_id="platform_read_client",
    responses={200: {"model": ClientInformation}, **_ERRORS},
)
async def read(request: Request, door: Door, client_id: ClientId) -> Response:
    """Read a registration (RFC 7592 §2.1)."""
    try:
        present = await service.known(door, client_id, token := shown_token(request))
        keys = await service.keys_of(door, present)
    except (Problem, DatabaseProblem) as refused:
        return refusal(refused)
    document = information(
        present, keys, issuer=door.settings.issuer, token=token or "", sandbox=SANDBOX
    )
    return JSONResponse(document, headers=_NO_STORE)


@router.put(
    "/oauth/register/{client_id}",
    summary="登録内容を改める",
    operation_id="platform_change_client",
    responses={200: {"model": ClientInformation}, **_ERRORS},
    openapi_extra=_BODY,
)
async def change(request: Request, door: Door, client_id: ClientId) -> Response:
    """Replace a registration (RFC 7592 §2.2); keys are changed at their own address."""
    try:
        present = await service.known(door, client_id, token := shown_token(request))
        body, found = await _judged(request)
        _require_same_kind(present, found, await service.keys_of(door, present))
        changed, keys = await service.change(door, present, found, body.vendor())
    except (Problem, RegistrationRefused, DatabaseProblem) as refused:
        return refusal(refused)
    document = information(
        changed, keys, issuer=door.settings.issuer, token=token or "", sandbox=SANDBOX
    )
    return JSONResponse(document, headers=_NO_STORE)


@router.delete(
    "/oauth/register/{client_id}",
    summary="登録を削除する",
    operation_id="platform_delete_client",
    status_code=204,
    responses={**_ERRORS},
)
async def delete(request: Request, door: Door, client_id: ClientId) -> Response:
    """Delete a client (RFC 7592 §2.3): within a second nothing of it is accepted anywhere."""
    try:
        present = await service.known(door, client_id, shown_token(request))
        await service.set_status(door, present, "deleted")
    except (Problem, DatabaseProblem) as refused:
        return refusal(refused)
    return Response(status_code=204, headers=_NO_STORE)


def shown_token(request: Request) -> str | None:
    """Return the bearer token of a request, or None where it has none or two."""
    given = request.headers.getlist("authorization")
    if len(given) != 1 or not given[0].lower().startswith(_BEARER):
        return None
    return given[0][len(_BEARER) :].strip() or None


def refusal(refused: Exception) -> Response:
    """Return a refusal in the words of RFC 7591 §3.2.2, every fault with its remedy."""
    match refused:
        case RegistrationRefused():
            return _answer(
                400,
                "invalid_redirect_uri" if refused.is_about_addresses else "invalid_client_metadata",
                ("See errors.", "errors をご覧ください。"),
                errors=refused.faults,
            )
        case RegistrationTokenRefused():
            words = (f"{refused.title} {refused.remedy}", f"{refused.title_ja}{refused.remedy_ja}")
            return _answer(401, "invalid_token", words, headers=refused.headers)
        case RegistrationClosed() | RegistrationsTooFrequent() | EnoughForToday():
            words = (f"{refused.title} {refused.remedy}", f"{refused.title_ja}{refused.remedy_ja}")
            return _answer(
                int(refused.status), "temporarily_unavailable", words, headers=refused.headers
            )
        case Problem():
            words = (
                refused.detail or f"{refused.title} {refused.remedy}",
                refused.detail_ja or f"{refused.title_ja}{refused.remedy_ja}",
            )
            return _answer(400, "invalid_client_metadata", words)
        case _:
            words = ("Try again in a moment.", "しばらくしてから、もう一度お試しください。")
            return _answer(503, "temporarily_unavailable", words, headers={"Retry-After": "5"})


def _answer(
    status: int,
    error: str,
    words: tuple[str, str],
    *,
    errors: Sequence[RegistrationFault] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    document: dict[str, Any] = {
        "error": error,
        "error_description": words[0],
        "error_description_ja": words[1],
    }
    if errors:
        document["errors"] = [
            {"pointer": fault.member, "detail": fault.detail, "detail_ja": fault.detail_ja}
            for fault in errors
        ]
    return JSONResponse(document, status_code=status, headers={**_NO_STORE, **(headers or {})})


def _is_at_home(request: Request, door: GatewayState) -> bool:
    """Tell whether this is a developer at her own machine, who takes nothing from anybody."""
    address = request.client.host if request.client is not None else ""
    return door.settings.environment == "development" and address in _THIS_MACHINE


def _count(request: Request) -> None:
    """Count against the address's frequency.

    Raises:
        RegistrationsTooFrequent: it is used up; says when to come back.
    """
    state = request.app.state
    if not hasattr(state, "registration_frequency"):
        state.registration_frequency = Frequency()
    frequency = cast("Frequency", state.registration_frequency)
    address = request.client.host if request.client is not None else ""
    wait = frequency.take(address, time.monotonic())
    if wait is not None:
        raise RegistrationsTooFrequent(headers={"Retry-After": str(math.ceil(wait))})


async def _same_vendor(request: Request) -> Registered | None:
    """Return the client whose token came along (RFC 7591 §3: an initial access token)."""
    if not request.headers.getlist("authorization"):
        return None
    token = shown_token(request)
    return await service.known(open_door(request), service.client_of(token or ""), token)


async def _judged(request: Request) -> tuple[ClientMetadata, Registration]:
    require_media_type(request, accepted=[JSON_MEDIA_TYPE])
    document = JsonDocument.read(await read_body(request, limit_bytes=LARGEST_BODY_BYTES))
    if document.faults:
        raise RegistrationRefused(_members(document.faults))
    try:
        body = ClientMetadata.model_validate_json(document.canonical)
    except ValidationError as error:
        faults = faults_of([dict(fault) for fault in error.errors()])
        raise RegistrationRefused(_members(faults)) from error
    return body, judge(body.asked())


def _members(faults: Sequence[Fault]) -> list[RegistrationFault]:
    return [
        RegistrationFault(fault.pointer.removeprefix("/body"), fault.detail, fault.detail_ja)
        for fault in faults
    ]


def _require_same_kind(present: Registered, found: Registration, keys: Sequence[ClientKey]) -> None:
    """Refuse a change that would make another client of it: its world, its profile, its keys."""
    client = present.client
    active = {key.kid: key.jwk for key in keys if key.status == "active"}
    fixed = {
        "/environment": found.environment == client["environment"],
        "/grant_types": found.profile == client["profile"],
        # A municipality gave leave to what it read: for residents is not for its officials.
        "/principal_kinds": frozenset(found.kinds) == frozenset(client["kinds"]),
        "/jwks": all(active.get(key.kid) == key.jwk for key in found.keys),
    }
    faults = [
        RegistrationFault(
            member,
            "This cannot be changed here: register another client; keys are added and revoked at"
            " /platform/v1/clients/{client_id}/keys.",
            "ここでは変更できません。別のクライアントを登録してください。"
            "鍵の追加と失効は /platform/v1/clients/{client_id}/keys です。",
        )
        for member, holds in fixed.items()
        if not holds
    ]
    if faults:
        raise RegistrationRefused(faults)
