"""Requests and leave over HTTP, for a municipality's administrators."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Response

from foundation import clock
from foundation.web import CurrentWork, CursorText, IfMatch, Limit, Listing, OfficeRouter
from gateway import permissions
from gateway.vendors.problems import (
    AccessRequestDecided,
    AccessRequestNotFound,
    ClientGrantNotFound,
    GrantBeyondRequest,
)

from . import service
from .schemas import AccessDecision, AccessRequestRead, ClientGrantRead

requests = OfficeRouter(prefix="/access-requests", tags=["vendors"])
grants = OfficeRouter(prefix="/client-grants", tags=["vendors"])

_REASON = "自治体が利用許可を終了"
ClientId = Annotated[
    str,
    Path(
        description="クライアント ID",
        json_schema_extra={"pattern": "^[0-9a-z-]{1,255}$", "examples": ["demo-vendor"]},
    ),
]


@requests.get(
    "",
    permission=permissions.READ_CLIENT_ACCESS,
    summary="事業者からの利用申請を見る",
)
async def list_access_requests(
    work: CurrentWork,
    state: service.StoredState | None = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Listing[AccessRequestRead]:
    """List what vendors asked of this municipality, newest first."""
    page = await service.list_requests(work, state=state, cursor=cursor, limit=limit)
    now = clock.now()
    return Listing[AccessRequestRead](
        items=[AccessRequestRead.of(petition, now=now) for petition in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


@requests.get(
    "/{request_id}",
    permission=permissions.READ_CLIENT_ACCESS,
    problems=[AccessRequestNotFound],
    summary="利用申請の内容を見る",
)
async def read_access_request(work: CurrentWork, request_id: UUID) -> AccessRequestRead:
    """Read one request: who asks, for what, and why."""
    return AccessRequestRead.of(await service.read_request(work, request_id), now=clock.now())


@requests.post(
    "/{request_id}/decision",
    permission=permissions.DECIDE_CLIENT_ACCESS,
    problems=[AccessRequestNotFound, AccessRequestDecided, GrantBeyondRequest],
    status_code=200,
    summary="利用申請を許可する(一部・期限つき)、または断る",
)
async def decide_access_request(
    work: CurrentWork, request_id: UUID, body: AccessDecision
) -> AccessRequestRead:
    """Grant some of what is asked until a day, or refuse; the reason is the vendor's to read."""
    return AccessRequestRead.of(
        await service.decide(work, request_id, body.answer()), now=clock.now()
    )


@grants.get(
    "",
    permission=permissions.READ_CLIENT_ACCESS,
    summary="この自治体を利用できるクライアントの一覧を見る",
)
async def list_client_grants(
    work: CurrentWork, limit: Limit = 50, cursor: CursorText = None
) -> Listing[ClientGrantRead]:
    """List every client that may act here: whose, with what, until when, and last when."""
    page = await service.list_grants(work, cursor=cursor, limit=limit)
    now = clock.now()
    return Listing[ClientGrantRead](
        items=[ClientGrantRead.of(grant, now=now) for grant in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


@grants.get(
    "/{client_id}",
    permission=permissions.READ_CLIENT_ACCESS,
    problems=[ClientGrantNotFound],
    summary="クライアントの利用許可を見る",
)
async def read_client_grant(work: CurrentWork, client_id: ClientId) -> ClientGrantRead:
    """Read one leave; its ETag is what ends it."""
    return ClientGrantRead.of(await service.read_grant(work, client_id), now=clock.now())


@grants.delete(
    "/{client_id}",
    permission=permissions.DECIDE_CLIENT_ACCESS,
    problems=[ClientGrantNotFound],
    status_code=204,
    summary="利用許可を終了する(1 秒以内に無効)",
)
async def end_client_grant(work: CurrentWork, client_id: ClientId, version: IfMatch) -> Response:
    """End a leave: its tokens and sign-ins are refused here within a second."""
    await service.end_grant(work, client_id, version=version, reason=_REASON)
    return Response(status_code=204)
