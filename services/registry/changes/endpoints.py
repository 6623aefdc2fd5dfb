"""The feed of changes over HTTP."""

from foundation.database import encode_cursor
from foundation.web import CurrentWork, CursorText, Limit, OfficeRouter
from services.registry import permissions

from . import service
from .schemas import ChangeFeed, ChangeRead

router = OfficeRouter(tags=["changes"])


@router.get("/changes", permission=permissions.FOLLOW_CHANGES, summary="住民の記録の変更を順に読む")
async def list_changes(
    work: CurrentWork, limit: Limit = 100, cursor: CursorText = None
) -> ChangeFeed:
    """Read whose record changed after `cursor`, oldest first; nothing skipped, nothing reordered.

    A reader that keeps the last `next_cursor` loses nothing, however long it was away. What a
    change was, is read from the record itself, by whoever may read it.
    """
    changes, position, has_more = await service.read(work, cursor=cursor, limit=limit)
    return ChangeFeed(
        items=[ChangeRead.of(change) for change in changes],
        next_cursor=encode_cursor(*position) if position else None,
        has_more=has_more,
    )
