"""Windows over HTTP."""

from uuid import UUID

from foundation.web import CurrentWork, CursorText, Limit, Listing, OfficeRouter
from services.window_dx import permissions

from . import service
from .problems import WindowCodeTaken, WindowNotFound
from .schemas import WindowEstablish, WindowRead

router = OfficeRouter(prefix="/windows", tags=["windows"])


@router.post(
    "",
    permission=permissions.MANAGE_WINDOWS,
    problems=[WindowCodeTaken],
    status_code=201,
    summary="窓口を設ける",
)
async def establish_window(work: CurrentWork, body: WindowEstablish) -> WindowRead:
    """Set up a window at which receptions can be taken."""
    return WindowRead.of(await service.establish(work, code=body.code, name=body.name))


@router.get("", permission=permissions.READ_WINDOWS, summary="窓口の一覧を見る")
async def list_windows(
    work: CurrentWork, limit: Limit = 50, cursor: CursorText = None
) -> Listing[WindowRead]:
    """List the windows of the municipality."""
    page = await service.list_in_order(work, cursor=cursor, limit=limit)
    return Listing[WindowRead](
        items=[WindowRead.of_row(row) for row in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


@router.get(
    "/{window_id}",
    permission=permissions.READ_WINDOWS,
    problems=[WindowNotFound],
    summary="窓口を見る",
)
async def read_window(work: CurrentWork, window_id: UUID) -> WindowRead:
    """Read one window."""
    return WindowRead.of(await service.read(work, window_id))
