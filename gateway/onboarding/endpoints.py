"""A municipality's own membership over HTTP; within reach while everything else is shut."""

from typing import Annotated
from uuid import UUID

from fastapi import Path

from foundation.web import CurrentWork, CursorText, IfMatch, Limit, Listing, OfficeRouter
from gateway import permissions
from gateway.memberships.problems import (
    FiguresOnly,
    MembershipActDecided,
    MembershipActNotFound,
    MembershipActRefused,
    MembershipNotReady,
    NoSuchService,
    SecondPersonRequired,
)
from gateway.switches.schemas import PlaceName

from . import service
from .schemas import (
    ActPropose,
    ActRead,
    DrillCreate,
    DrillRead,
    MembershipNoticeRead,
    MembershipRead,
    PapersSet,
    ServiceSet,
)

router = OfficeRouter(prefix="/membership", tags=["membership"])

_SERVICES = [name.value for name in PlaceName if name is not PlaceName.ALL]
ServiceName = Annotated[
    str,
    Path(
        description="サービスの名前",
        # Only described: a name that is none is not found.
        json_schema_extra={"enum": list[str](_SERVICES), "examples": ["benefits"]},
    ),
]


@router.get("", permission=permissions.READ_MEMBERSHIP, summary="利用の段階とチェックリストを見る")
async def read_membership(work: CurrentWork) -> MembershipRead:
    """Say where the municipality stands, what may come next, and what is still missing."""
    return MembershipRead.of(str(work.tenancy.code), await service.read(work))


@router.put(
    "/papers",
    permission=permissions.PREPARE_MEMBERSHIP,
    summary="連絡先と統計の開示範囲を定める",
)
async def set_membership_papers(
    work: CurrentWork, body: PapersSet, version: IfMatch
) -> MembershipRead:
    """Name the three contacts, and say how far the municipality's figures may go."""
    contacts = body.contacts.model_dump(exclude_none=True)
    standing = await service.set_papers(work, contacts, body.disclosure, version=version)
    return MembershipRead.of(str(work.tenancy.code), standing)


@router.put(
    "/services/{service_name}",
    permission=permissions.PREPARE_MEMBERSHIP,
    problems=[NoSuchService, FiguresOnly],
    summary="サービスの利用を開始・終了し、紙の窓口を定める",
)
async def set_membership_service(
    work: CurrentWork, service_name: ServiceName, body: ServiceSet, version: IfMatch
) -> MembershipRead:
    """Take part in a service or no more. A service not taken part in answers 404 at the door."""
    if service_name not in _SERVICES:
        raise NoSuchService
    standing = await service.set_service(
        work,
        PlaceName(service_name).place,
        takes_part=body.takes_part,
        route=None if body.paper_route is None else body.paper_route.model_dump(),
        version=version,
    )
    return MembershipRead.of(str(work.tenancy.code), standing)


@router.post(
    "/restore-drills",
    permission=permissions.PREPARE_MEMBERSHIP,
    status_code=201,
    summary="復元訓練を記録する",
)
async def record_restore_drill(work: CurrentWork, body: DrillCreate) -> DrillRead:
    """Record that a backup was read back; good for a year."""
    drill_id = await service.record_drill(
        work, body.drilled_on, minutes=body.minutes, finding=body.finding
    )
    return DrillRead(id=drill_id, drilled_on=body.drilled_on, minutes=body.minutes)


@router.get("/acts", permission=permissions.READ_MEMBERSHIP, summary="起案と実施の一覧を見る")
async def list_membership_acts(
    work: CurrentWork, limit: Limit = 50, cursor: CursorText = None
) -> Listing[ActRead]:
    """List what administrators proposed and did, the last first."""
    page = await service.steps(work, cursor=cursor, limit=limit)
    return Listing[ActRead](
        items=[ActRead.of(one) for one in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


@router.post(
    "/acts",
    permission=permissions.MOVE_MEMBERSHIP,
    problems=[MembershipActRefused, MembershipNotReady],
    status_code=201,
    summary="本稼働・休止・再開・利用終了を起案または実施する",
)
async def propose_membership_act(work: CurrentWork, body: ActPropose) -> ActRead:
    """Pause, resume or stay at once; going live and leaving wait for a second administrator."""
    words = None if body.notice is None else body.notice.words()
    return ActRead.of(await service.propose(work, body.act, reason=body.reason, words=words))


@router.post(
    "/acts/{act_id}/confirmation",
    permission=permissions.MOVE_MEMBERSHIP,
    problems=[
        MembershipActNotFound,
        MembershipActDecided,
        MembershipActRefused,
        MembershipNotReady,
        SecondPersonRequired,
    ],
    summary="起案を別の管理者が承認する",
)
async def confirm_membership_act(work: CurrentWork, act_id: UUID) -> ActRead:
    """Confirm what another administrator proposed; the checklist is looked at once more."""
    return ActRead.of(await service.confirm(work, act_id))


@router.post(
    "/acts/{act_id}/withdrawal",
    permission=permissions.MOVE_MEMBERSHIP,
    problems=[MembershipActNotFound, MembershipActDecided],
    summary="起案を取り下げる",
)
async def withdraw_membership_act(work: CurrentWork, act_id: UUID) -> ActRead:
    """Take a proposal back that nobody confirmed yet."""
    return ActRead.of(await service.withdraw(work, act_id))


@router.get(
    "/notices", permission=permissions.READ_MEMBERSHIP, summary="利用の段階が変わった知らせを見る"
)
async def list_membership_notices(
    work: CurrentWork, limit: Limit = 50, cursor: CursorText = None
) -> Listing[MembershipNoticeRead]:
    """List the municipality's notices, the last first; the nation is shown everybody's."""
    page = await service.notices(work, cursor=cursor, limit=limit)
    return Listing[MembershipNoticeRead](
        items=[MembershipNoticeRead.of(row) for row in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )
