"""Reassignments over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query

from foundation.web import LIST_BODY_BYTES, CurrentWork, IfMatch, OfficeRouter, RawBody
from gateway.duties import acts
from gateway.officials.grants.problems import FourEyesRequired, NotForOneself
from gateway.officials.providers.problems import LastWayIn

from . import service
from .problems import (
    NotAReassignmentList,
    ReassignmentHasFaults,
    ReassignmentNotFound,
    ReassignmentStateConflict,
)
from .schemas import ReassignmentLoad, ReassignmentRead

router = OfficeRouter(prefix="/reassignments", tags=["reassignments"])

_CSV = "職員番号,役割,終了日\r\nA01234,給付,2028-03-31\r\nA05678,,\r\n"


@router.post(
    "",
    permission=acts.REASSIGN,
    max_body_bytes=LIST_BODY_BYTES,
    status_code=201,
    summary="人事異動の一覧を確認する(まだ反映しない)",
)
async def load_reassignment(work: CurrentWork, body: ReassignmentLoad) -> ReassignmentRead:
    """Check who changes desks on a day: what it would do, and what is wrong with it."""
    return ReassignmentRead.of(
        await service.load(work, body.lines(), effective_on=body.effective_on, reason=body.reason)
    )


@router.post(
    "/files",
    permission=acts.REASSIGN,
    problems=[NotAReassignmentList],
    accepts=["text/csv"],
    example=_CSV,
    max_body_bytes=LIST_BODY_BYTES,
    status_code=201,
    summary="人事異動の一覧(CSV)を確認する(まだ反映しない)",
)
async def load_reassignment_file(
    work: CurrentWork,
    raw: RawBody,
    effective_on: Annotated[date, Query(description="異動日")],
    reason: Annotated[str, Query(min_length=1, max_length=200, description="理由")],
) -> ReassignmentRead:
    """Check a list as a personnel section saves it: UTF-8 or Shift_JIS, with a header."""
    return ReassignmentRead.of(
        await service.load_csv(work, raw, effective_on=effective_on, reason=reason)
    )


@router.get(
    "/{reassignment_id}",
    permission=acts.READ_DUTIES,
    problems=[ReassignmentNotFound],
    summary="人事異動の一覧の確認結果を見る",
)
async def read_reassignment(work: CurrentWork, reassignment_id: UUID) -> ReassignmentRead:
    """Read what a list would do, or did."""
    return ReassignmentRead.of(await service.read(work, reassignment_id))


@router.post(
    "/{reassignment_id}/confirmation",
    permission=acts.REASSIGN,
    problems=[
        ReassignmentNotFound,
        ReassignmentStateConflict,
        ReassignmentHasFaults,
        FourEyesRequired,
        NotForOneself,
        LastWayIn,
    ],
    summary="確認ずみの人事異動を確定する",
)
async def confirm_reassignment(
    work: CurrentWork, reassignment_id: UUID, version: IfMatch
) -> ReassignmentRead:
    """Carry a list out, all of it or nothing; it takes effect at midnight of its day."""
    return ReassignmentRead.of(await service.confirm(work, reassignment_id, version=version))


@router.post(
    "/{reassignment_id}/disposal",
    permission=acts.REASSIGN,
    problems=[ReassignmentNotFound, ReassignmentStateConflict],
    summary="確認ずみの人事異動を破棄する",
)
async def discard_reassignment(
    work: CurrentWork, reassignment_id: UUID, version: IfMatch
) -> ReassignmentRead:
    """Throw a list away."""
    return ReassignmentRead.of(await service.discard(work, reassignment_id, version=version))
