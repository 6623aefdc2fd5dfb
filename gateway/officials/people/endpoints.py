"""The directory of officials over HTTP."""

from datetime import date
from typing import Annotated

from fastapi import Query

from foundation import clock
from foundation.web import CurrentWork, CursorText, Limit, Listing, OfficeRouter
from gateway.duties import acts

from . import service
from .schemas import HolderRead, OfficialRead

people = OfficeRouter(prefix="/officials", tags=["officials"])
duties = OfficeRouter(prefix="/duties", tags=["officials"])


@people.get("", permission=acts.READ_OFFICIALS, summary="職員の氏名を識別子から調べる")
async def list_officials(
    work: CurrentWork,
    subject: Annotated[list[str] | None, Query(max_length=100)] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Listing[OfficialRead]:
    """Say who the officials with these subjects are; without any, list all of them."""
    page = await service.colleagues(work, subjects=subject or [], cursor=cursor, limit=limit)
    return Listing[OfficialRead](
        items=[OfficialRead.of(one) for one in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


@duties.get("", permission=acts.READ_DUTIES, summary="ある日に誰がどの役割を持つかを見る")
async def list_duties(
    work: CurrentWork,
    on: Annotated[date | None, Query(description="日付。省略すると今日。")] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Listing[HolderRead]:
    """List who has which duty on a day, and which duties should not be in one hand."""
    page = await service.duties_on(work, on or clock.today(), cursor=cursor, limit=limit)
    return Listing[HolderRead](
        items=[HolderRead.of(one) for one in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )
