"""The resident's view of the trail over HTTP."""

from foundation.web import CurrentWork, CursorText, Limit, Listing, OfficeRouter
from gateway import permissions

from . import service
from .problems import ResidentUnbound
from .schemas import AccessRead

router = OfficeRouter(prefix="/access-log", tags=["me"])


@router.get(
    "",
    permission=permissions.READ_OWN_ACCESS_LOG,
    problems=[ResidentUnbound],
    summary="自分の情報の利用記録",
)
async def access_log(
    work: CurrentWork, limit: Limit = 50, cursor: CursorText = None
) -> Listing[AccessRead]:
    """Show a resident who touched their data, when, and for what purpose."""
    page = await service.access_log(work, cursor=cursor, limit=limit)
    return Listing[AccessRead](
        items=list(page.items), next_cursor=page.next_cursor, has_more=page.has_more
    )
