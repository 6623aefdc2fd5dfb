"""Duties given by name over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from foundation.web import CurrentWork, CursorText, IfMatch, Limit, Listing, OfficeRouter
from gateway.duties import acts
from gateway.duties.domain import GrantAct, GrantState
from gateway.officials.providers.problems import LastWayIn

from . import service
from .problems import (
    FourEyesRequired,
    NotForOneself,
    RoleGrantNotFound,
    RoleGrantStateConflict,
)
from .schemas import GrantDecide, GrantPropose, GrantRead, GrantShorten

router = OfficeRouter(prefix="/role-grants", tags=["role-grants"])


@router.post(
    "",
    permission=acts.GRANT_ROLE,
    problems=[NotForOneself],
    status_code=201,
    summary="職員に役割を付与する(管理者・出納・監査は起案)",
)
async def propose_role_grant(work: CurrentWork, body: GrantPropose) -> GrantRead:
    """Give somebody a duty from a day on; the sensitive ones wait for a second administrator."""
    return GrantRead.of(*await service.propose(work, body.proposal()))


@router.get("", permission=acts.READ_DUTIES, summary="役割の付与の一覧を見る")
async def list_role_grants(
    work: CurrentWork,
    state: Annotated[list[GrantState] | None, Query(max_length=5)] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Listing[GrantRead]:
    """List duties given by name, the last first; also those of people yet to sign in."""
    page = await service.listed(work, states=state or list(GrantState), cursor=cursor, limit=limit)
    return Listing[GrantRead](
        items=[GrantRead.of(grant) for grant in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


@router.get(
    "/{grant_id}",
    permission=acts.READ_DUTIES,
    problems=[RoleGrantNotFound],
    summary="役割の付与を見る",
)
async def read_role_grant(work: CurrentWork, grant_id: UUID) -> GrantRead:
    """Read one grant."""
    return GrantRead.of(*await service.read(work, grant_id))


@router.post(
    "/{grant_id}/decision",
    permission=acts.DECIDE_GRANT,
    problems=[RoleGrantNotFound, FourEyesRequired, RoleGrantStateConflict],
    summary="役割の付与を承認する、却下する、取り下げる",
)
async def decide_role_grant(
    work: CurrentWork, grant_id: UUID, body: GrantDecide, version: IfMatch
) -> GrantRead:
    """Approve a proposal as the second administrator, decline it, or withdraw one's own."""
    act = GrantAct(body.decision)
    return GrantRead.of(*await service.decide(work, grant_id, act, version=version))


@router.put(
    "/{grant_id}/last-day",
    permission=acts.END_GRANT,
    problems=[RoleGrantNotFound, RoleGrantStateConflict, LastWayIn],
    summary="役割の終了日を早める",
)
async def shorten_role_grant(
    work: CurrentWork, grant_id: UUID, body: GrantShorten, version: IfMatch
) -> GrantRead:
    """Give a duty an earlier last day; for a later one, a new grant is made."""
    return GrantRead.of(*await service.shorten(work, grant_id, body.ends_on, version=version))


@router.post(
    "/{grant_id}/revocation",
    permission=acts.END_GRANT,
    problems=[RoleGrantNotFound, RoleGrantStateConflict, LastWayIn],
    summary="役割の付与を取り消す",
)
async def revoke_role_grant(work: CurrentWork, grant_id: UUID, version: IfMatch) -> GrantRead:
    """Take a duty back at once; its holder is signed out everywhere within a second."""
    return GrantRead.of(*await service.revoke(work, grant_id, version=version))
