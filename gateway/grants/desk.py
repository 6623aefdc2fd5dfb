"""Asking municipalities for leave, as the vendor: at the desk, with the registration's token."""

from collections.abc import Sequence
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from foundation import audit, clock
from foundation.database import Transaction
from foundation.identifiers import new_id
from foundation.problems import Fault, InvalidInput, MalformedRequest, UnsupportedMediaType
from foundation.web import Listing, MunicipalityCodeField
from foundation.web.documents import JSON_MEDIA_TYPE
from gateway import trail
from gateway.clients.domain import KIND_SCOPES
from gateway.dependencies import Door
from gateway.descriptions import refusals
from gateway.tenants import MunicipalityNotFound
from gateway.vendors import counts
from gateway.vendors.access import AccessRequest, AccessState, Decision, IllegalStep
from gateway.vendors.care import CaredFor, read_document
from gateway.vendors.problems import (
    AccessRequestDecided,
    AccessRequestNotFound,
    AccessRequestOpen,
    AccessRequestsFull,
    EnoughForToday,
    RegistrationTokenRefused,
    SandboxClientOnly,
)
from gateway.vendors.repository import Registered
from gateway.vendors.schemas import inlined

from . import repository
from .repository import Petition
from .schemas import AccessRequestCreate, AccessRequestRead

router = APIRouter(prefix="/platform/v1/clients/{client_id}/access-requests", tags=["vendors"])

_TOKEN: Final[dict[str, Any]] = {"security": [{"registration": []}]}
_MOST_SHOWN: Final = 50
_TAKEN_BACK: Final = "事業者が取り下げました。"
_ALWAYS: Final = (RegistrationTokenRefused, MunicipalityNotFound, MalformedRequest, InvalidInput)
RequestId = Annotated[str, Path(description="利用申請の番号", json_schema_extra={"format": "uuid"})]
Where = Annotated[MunicipalityCodeField, Query(description="申請先の自治体")]


@router.post(
    "",
    operation_id="platform_request_access",
    summary="自治体に利用を申請する",
    status_code=201,
    openapi_extra={
        **_TOKEN,
        "requestBody": {
            "required": True,
            "content": {JSON_MEDIA_TYPE: {"schema": inlined(AccessRequestCreate)}},
        },
    },
    responses=refusals(
        *_ALWAYS,
        UnsupportedMediaType,
        SandboxClientOnly,
        AccessRequestOpen,
        AccessRequestsFull,
        EnoughForToday,
    ),
)
async def request_access(request: Request, door: Door, present: CaredFor) -> AccessRequestRead:
    """Ask one municipality for scopes; its administrators see the request at once."""
    body = await read_document(request, AccessRequestCreate)
    place = door.tenants.participant(body.municipality_code)
    if present.client["environment"] == "sandbox" or place.code.is_sandbox:
        raise SandboxClientOnly
    _require_possible(present, body.scopes)
    made = AccessRequest(
        id=new_id(),
        client_id=present.client_id,
        scopes=frozenset(body.scopes),
        purpose=body.purpose,
        requested_at=clock.now(),
    )
    async with door.database.transaction(place.tenancy) as work:
        # First of all: from now on nobody changes what the municipality is about to see.
        await counts.show(work, present.client_id, present.vendor_id)
        # A second open request fails the transaction: the answer is found in a new one.
        is_new = await repository.add(work, made) if await _may_ask(work, present) else False
        if not is_new:
            raise AccessRequestOpen
        await _note(work, present, made)
        return await _read(work, made.id)


@router.get(
    "",
    operation_id="platform_list_own_access_requests",
    summary="自治体への利用申請と、その結果を見る",
    openapi_extra=_TOKEN,
    responses=refusals(*_ALWAYS),
)
async def list_own(
    door: Door, present: CaredFor, municipality_code: Where
) -> Listing[AccessRequestRead]:
    """List what this client asked of one municipality, newest first, with what was granted."""
    place = door.tenants.participant(municipality_code)
    async with door.database.transaction(place.tenancy) as work:
        found = await repository.of_client(work, present.client_id, limit=_MOST_SHOWN)
    now = clock.now()
    return Listing[AccessRequestRead](
        items=[AccessRequestRead.of(petition, now=now) for petition in found]
    )


@router.delete(
    "/{request_id}",
    operation_id="platform_withdraw_access_request",
    summary="利用申請を取り下げる",
    status_code=204,
    openapi_extra=_TOKEN,
    responses=refusals(*_ALWAYS, AccessRequestNotFound, AccessRequestDecided),
)
async def withdraw(
    door: Door, present: CaredFor, request_id: RequestId, municipality_code: Where
) -> Response:
    """Take a request back that was not decided yet."""
    place = door.tenants.participant(municipality_code)
    async with door.database.transaction(place.tenancy) as work:
        petition = await _own(work, present, request_id)
        decision = Decision(at=clock.now(), by=present.client_id, reason=_TAKEN_BACK)
        try:
            taken_back = petition.request.withdrawn(decision)
        except IllegalStep as error:
            state = petition.request.seen_at(decision.at).state
            raise AccessRequestDecided(state=str(state)) from error
        await repository.keep(work, taken_back)
        await counts.answered(work, present.client_id)
        await _note(work, present, taken_back)
    return Response(status_code=204)


def _require_possible(present: Registered, scopes: Sequence[str]) -> None:
    """Refuse to ask for what the client is not registered for, or can never be given.

    Raises:
        InvalidInput: naming each such scope by its place.
    """
    registered = frozenset(present.client["scopes"])
    open_to = frozenset[str]().union(
        *(KIND_SCOPES[kind] for kind in present.client["kinds"] if kind in KIND_SCOPES)
    )
    faults = [
        Fault(
            pointer=f"/scopes/{place}",
            detail="The client is not registered for this scope.",
            detail_ja="このクライアントが登録していない範囲です。",
        )
        for place, scope in enumerate(scopes)
        if scope not in registered & open_to
    ]
    if faults:
        raise InvalidInput.of(faults)


async def _may_ask(work: Transaction, present: Registered) -> bool:
    found = await repository.of_client(work, present.client_id, limit=1)
    return not found or found[0].request.state is not AccessState.REQUESTED


async def _own(work: Transaction, present: Registered, request_id: str) -> Petition:
    try:
        petition = await repository.find_locked(work, UUID(request_id))
    except ValueError as error:
        raise AccessRequestNotFound from error
    if petition is None or petition.request.client_id != present.client_id:
        raise AccessRequestNotFound
    return petition


async def _read(work: Transaction, request_id: UUID) -> AccessRequestRead:
    found = await repository.find(work, request_id)
    if found is None:
        raise AccessRequestNotFound
    return AccessRequestRead.of(found, now=clock.now())


async def _note(work: Transaction, present: Registered, request: AccessRequest) -> None:
    entry = audit.Entry(
        service=trail.SERVICE,
        action=f"platform.access-request.{request.state}",
        actor_kind="machine",
        actor=present.client_id,
        client_id=present.client_id,
        request_id=trail.request_id(),
        object=str(request.id),
        detail={"scopes": " ".join(sorted(request.scopes))},
    )
    await audit.record(work, entry)
