"""Figures over HTTP: the nation's, a prefecture's, and a municipality's own."""

from foundation.database import encode_cursor
from foundation.web import CurrentWork, CursorText, Limit, OfficeRouter
from gateway.assistance import acts

from . import aggregates
from .figures_schemas import AggregatesRead, AreaFiguresRead, TownFiguresRead

router = OfficeRouter(prefix="/aggregates", tags=["aggregates"])


@router.get("", permission=acts.READ_AGGREGATES, summary="市区町村ごとの件数の集計を見る")
async def read_aggregates(
    work: CurrentWork, limit: Limit = 200, cursor: CursorText = None
) -> AggregatesRead:
    """Show what municipalities let out: to the nation of all, to a prefecture of its own."""
    found = await aggregates.aggregates(work, cursor=cursor, limit=limit)
    last = str(found.towns[-1].code) if found.has_more else None
    return AggregatesRead(
        total=AreaFiguresRead.of(found.total),
        prefectures=[AreaFiguresRead.of(area) for area in found.prefectures],
        items=[TownFiguresRead.of(town) for town in found.towns],
        next_cursor=None if last is None else encode_cursor(last),
        has_more=found.has_more,
    )
