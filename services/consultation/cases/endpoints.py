"""Cases over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from foundation.web import CurrentWork, CursorText, IfMatch, Limit, Listing, OfficeRouter
from services.consultation import permissions

from . import service
from .domain import CaseAct, CaseRole, CaseState
from .problems import (
    CaseMembersFull,
    CaseNotFound,
    CaseRoleInsufficient,
    CaseStateConflict,
    LeadNotReplaceable,
    MemberNotFound,
)
from .schemas import (
    CaseClassify,
    CaseOpen,
    CaseRead,
    CaseReceipt,
    CaseSummary,
    LeadHandOver,
    MemberSet,
    SubjectPath,
)

router = OfficeRouter(prefix="/cases", tags=["cases"])

_CHANGE = [CaseNotFound, CaseRoleInsufficient]


@router.post(
    "",
    permission=permissions.OPEN_CASE,
    status_code=201,
    summary="相談を受け付け、ケースを開く",
)
async def open_case(work: CurrentWork, body: CaseOpen) -> CaseReceipt:
    """Open a case; whoever takes the person in leads it until they hand it over."""
    return CaseReceipt.of(await service.open_case(work, body.intake()))


@router.get("", permission=permissions.LIST_CASES, summary="担当するケースの一覧を見る")
async def list_cases(
    work: CurrentWork,
    state: Annotated[list[CaseState] | None, Query(max_length=4)] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Listing[CaseSummary]:
    """List the cases on which one has a role, the last opened first, in all states or in some."""
    page = await service.list_own(work, states=state or list(CaseState), cursor=cursor, limit=limit)
    return Listing[CaseSummary](
        items=[CaseSummary.of(case) for case in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


@router.get(
    "/{case_id}",
    permission=permissions.READ_CASE,
    problems=_CHANGE,
    summary="ケースを見る",
)
async def read_case(work: CurrentWork, case_id: UUID) -> CaseRead:
    """Read a case and who its members are."""
    return CaseRead.of(await service.read(work, case_id))


@router.put(
    "/{case_id}/classification",
    permission=permissions.CLASSIFY_CASE,
    problems=_CHANGE,
    summary="相談内容の区分と秘匿の程度を改める",
)
async def classify_case(
    work: CurrentWork, case_id: UUID, body: CaseClassify, version: IfMatch
) -> CaseReceipt:
    """Say anew what the case is about and how closely it is kept."""
    return CaseReceipt.of(
        await service.classify(
            work,
            case_id,
            theme=body.theme,
            confidentiality=body.confidentiality,
            version=version,
        )
    )


@router.post(
    "/{case_id}/activation",
    permission=permissions.MOVE_CASE,
    problems=[*_CHANGE, CaseStateConflict],
    summary="支援を開始する",
)
async def activate_case(work: CurrentWork, case_id: UUID, version: IfMatch) -> CaseReceipt:
    """Begin to give support."""
    return CaseReceipt.of(await service.move(work, case_id, CaseAct.ACTIVATED, version=version))


@router.post(
    "/{case_id}/closure",
    permission=permissions.MOVE_CASE,
    problems=[*_CHANGE, CaseStateConflict],
    summary="支援を終結する",
)
async def close_case(work: CurrentWork, case_id: UUID, version: IfMatch) -> CaseReceipt:
    """End the support; what was recorded stays readable for its members."""
    return CaseReceipt.of(await service.move(work, case_id, CaseAct.CLOSED, version=version))


@router.post(
    "/{case_id}/reopening",
    permission=permissions.MOVE_CASE,
    problems=[*_CHANGE, CaseStateConflict],
    summary="終結したケースを再開する",
)
async def reopen_case(work: CurrentWork, case_id: UUID, version: IfMatch) -> CaseReceipt:
    """Take a closed case up again."""
    return CaseReceipt.of(await service.move(work, case_id, CaseAct.REOPENED, version=version))


@router.put(
    "/{case_id}/lead",
    permission=permissions.HAND_OVER_CASE,
    problems=[*_CHANGE, MemberNotFound],
    summary="主担当を引き継ぐ",
)
async def hand_over_case(
    work: CurrentWork, case_id: UUID, body: LeadHandOver, version: IfMatch
) -> CaseReceipt:
    """Let another member lead the case, in one step; the former lead stays as a worker."""
    return CaseReceipt.of(
        await service.hand_over(work, case_id, subject=body.subject, version=version)
    )


@router.put(
    "/{case_id}/members/{subject}",
    permission=permissions.MANAGE_MEMBERS,
    problems=[*_CHANGE, LeadNotReplaceable, CaseMembersFull],
    summary="ケースの担当者を加える、または役割を改める",
)
async def set_case_member(
    work: CurrentWork, case_id: UUID, subject: SubjectPath, body: MemberSet, version: IfMatch
) -> CaseReceipt:
    """Give an official a role on the case, or another one than they have."""
    return CaseReceipt.of(
        await service.set_member(
            work, case_id, subject=subject, role=CaseRole(body.role), version=version
        )
    )


@router.delete(
    "/{case_id}/members/{subject}",
    permission=permissions.MANAGE_MEMBERS,
    problems=[*_CHANGE, MemberNotFound, LeadNotReplaceable],
    summary="ケースの担当者を外す",
)
async def remove_case_member(
    work: CurrentWork, case_id: UUID, subject: SubjectPath, version: IfMatch
) -> CaseReceipt:
    """Take an official's role away; the case no longer exists for them."""
    return CaseReceipt.of(
        await service.remove_member(work, case_id, subject=subject, version=version)
    )
