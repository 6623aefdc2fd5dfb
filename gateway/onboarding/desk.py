"""What the platform's operators ask of the desk: to take a municipality on, to pause it, to close.

The operators' one machine signs in at the nation, because the municipality it speaks of is not on
board yet. What it does stands in that municipality's own trail, where its auditor reads it.
"""

import asyncio
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request

from foundation import clock
from foundation.identifiers import CodeKind, MunicipalityCode
from foundation.identity import Machine
from foundation.problems import (
    Forbidden,
    InvalidInput,
    MalformedRequest,
    Unauthenticated,
    UnsupportedMediaType,
)
from foundation.web.documents import JSON_MEDIA_TYPE
from gateway import trail
from gateway.access import VerifiedAccess
from gateway.authorization.presented import presented
from gateway.dependencies import Door
from gateway.descriptions import refusals
from gateway.directory.endpoints import Code
from gateway.memberships.problems import MembershipActRefused, MunicipalityHasAdministrators
from gateway.memberships.repository import Memberships
from gateway.tenants import Municipality, MunicipalityNotFound
from gateway.vendors.care import read_document
from gateway.vendors.schemas import inlined

from . import service
from .arriving import come_on_board
from .moving import moved, write
from .orders import OnboardingOrder, OnBoardRead, OperatorsOrder
from .schemas import MembershipRead

OPERATOR: Final = "operator"
"""The one client that may; its key lies with those who run the platform."""

router = APIRouter(prefix="/platform/v1/municipalities/{code}", tags=["operators"])

_SCOPE: Final = "platform:read"  # machines have no other here; it is the client that counts
_ALWAYS: Final = (Unauthenticated, Forbidden, MunicipalityNotFound, MalformedRequest)


def _body(shape: Any) -> dict[str, Any]:
    return {
        "security": [{"oauth2": [_SCOPE]}],
        "requestBody": {
            "required": True,
            "content": {JSON_MEDIA_TYPE: {"schema": inlined(shape)}},
        },
    }


async def operator(request: Request, door: Door) -> VerifiedAccess:
    """Return the operators' machine.

    Raises:
        Unauthenticated: no token, or one that does not hold (401).
        Forbidden: somebody else's (403).
    """
    access = await presented(door, request)
    principal, tenancy = access.caller.principal, access.caller.tenancy
    is_operator = isinstance(principal, Machine) and principal.client_id == OPERATOR
    at_home = tenancy.code.kind is CodeKind.NATION
    if not (is_operator and at_home and _SCOPE in principal.scopes):
        raise Forbidden
    return access


Operator = Annotated[VerifiedAccess, Depends(operator)]


@router.post(
    "/onboarding",
    operation_id="platform_onboard_municipality",
    summary="自治体の利用を開始する(運用者)",
    openapi_extra=_body(OnboardingOrder),
    responses=refusals(
        *_ALWAYS,
        MembershipActRefused,
        MunicipalityHasAdministrators,
        InvalidInput,
        UnsupportedMediaType,
    ),
)
async def onboard(request: Request, door: Door, caller: Operator, code: Code) -> OnBoardRead:
    """Take a municipality on, on trial; asked again, only what was forgotten is added."""
    place, order = _known(door, code), await read_document(request, OnboardingOrder)
    await asyncio.to_thread(door.keyring.create_all, [place.tenancy.tenant_id])
    cipher = door.keyring.cipher(place.tenancy.tenant_id)
    async with door.database.transaction(place.tenancy) as work:
        membership, is_new = await come_on_board(
            work, cipher, str(place.code), order.arrival(), at=clock.now()
        )
        if is_new:
            await trail.note_caller(work, caller.caller, "platform.membership.onboard")
        number = await Memberships(work, code=str(place.code)).corporate_number()
    return OnBoardRead.of(place, membership, number=number, is_new=is_new)


@router.post(
    "/acts",
    operation_id="platform_order_membership_act",
    summary="自治体を休止・再開・終了する(運用者)",
    openapi_extra=_body(OperatorsOrder),
    responses=refusals(*_ALWAYS, MembershipActRefused, InvalidInput, UnsupportedMediaType),
)
async def act(request: Request, door: Door, caller: Operator, code: Code) -> OnBoardRead:
    """Pause, resume, let leave or close; a municipality closes thirty days after it said so."""
    place, order = _known(door, code), await read_document(request, OperatorsOrder)
    words = None if order.notice is None else order.notice.words()
    async with door.database.transaction(place.tenancy) as work:
        book = Memberships(work, code=str(place.code))
        before = await book.held()
        after = moved(before, order.act, at=clock.now(), words=words)
        await write(work, str(place.code), order.act, before=before, after=after)
        await trail.note_caller(
            work, caller.caller, "platform.membership.move", detail={"act": order.act.value}
        )
        number = await book.corporate_number()
    return OnBoardRead.of(place, after, number=number, is_new=True)


@router.get(
    "/membership",
    operation_id="platform_read_municipality_membership",
    summary="自治体の利用の段階とチェックリストを見る(運用者)",
    openapi_extra={"security": [{"oauth2": [_SCOPE]}]},
    responses=refusals(*_ALWAYS),
)
async def membership(door: Door, caller: Operator, code: Code) -> MembershipRead:
    """Say how far a municipality has come, and what it still lacks for going live."""
    place = _known(door, code)
    async with door.database.transaction(place.tenancy) as work:
        standing = await service.standing_of(work, str(place.code))
        await trail.note_caller(work, caller.caller, "platform.membership.read")
    return MembershipRead.of(str(place.code), standing)


def _known(door: Door, code: str) -> Municipality:
    """Return a municipality of the directory, whether it takes part or not.

    Raises:
        MunicipalityNotFound: there is none with this code (404).
    """
    try:
        found = door.tenants.find(MunicipalityCode.parse(code))
    except ValueError as error:
        raise MunicipalityNotFound from error
    if found is None:
        raise MunicipalityNotFound
    return found
