"""The access log over HTTP: for the municipality's administrator and auditor."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from foundation.web import CurrentWork, OfficeRouter
from gateway import permissions

from . import service
from .problems import InvalidPeriod, LineNotFound
from .schemas import AccessLogLine, AccessLogPage, AccessLogQuestion

router = OfficeRouter(prefix="/access-logs", tags=["access-logs"])


@router.get(
    "",
    permission=permissions.READ_ACCESS_LOGS,
    problems=[InvalidPeriod],
    summary="自治体への全リクエストの記録を見る",
)
async def list_access_logs(
    work: CurrentWork, question: Annotated[AccessLogQuestion, Query()]
) -> AccessLogPage:
    """Show who asked for what, newest first; go on as long as there is more.

    Every question looks through a bounded number of lines, so a page may be short, even empty,
    before the last.
    """
    return AccessLogPage.of(
        await service.look(
            work,
            question.wanted(),
            period=(question.since, question.until),
            cursor=question.cursor,
            limit=question.limit,
        )
    )


@router.get(
    "/{request_id}",
    permission=permissions.READ_ACCESS_LOGS,
    problems=[LineNotFound],
    summary="リクエスト番号で記録を見る",
)
async def read_access_log(work: CurrentWork, request_id: UUID) -> AccessLogLine:
    """Show one request by the number in its answer."""
    return AccessLogLine.of(await service.look_up(work, request_id))
