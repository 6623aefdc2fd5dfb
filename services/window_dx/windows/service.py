"""What the administrator does with windows, and what everybody may see of them."""

from uuid import UUID

from foundation.database import Page, Row, decode_cursor, page_of
from foundation.identifiers import new_id
from foundation.work import Work

from .domain import Window, WindowId
from .problems import WindowNotFound
from .repository import Windows

_BEFORE_ALL = UUID(int=0)


async def establish(work: Work, *, code: str, name: str) -> Window:
    """Set up a window.

    Raises:
        WindowCodeTaken: 409.
    """
    window = Window(id=WindowId(new_id()), code=code, name=name, version=1)
    await Windows(work.tx).add(window)
    await work.record("window_dx.window.manage", obj=str(window.id))
    return window


async def read(work: Work, window_id: UUID) -> Window:
    """Return a window.

    Raises:
        WindowNotFound: it is another municipality's, or none (404).
    """
    window = await Windows(work.tx).get(window_id)
    if window is None:
        raise WindowNotFound
    return window


async def list_in_order(work: Work, *, cursor: str | None, limit: int) -> Page[Row]:
    """Return windows as they are kept, in the order they were set up."""
    after: UUID = decode_cursor(cursor, UUID)[0] if cursor else _BEFORE_ALL
    found = await Windows(work.tx).after(after, limit=limit + 1)
    return page_of(found, limit=limit, key=lambda row: (row["id"],))
