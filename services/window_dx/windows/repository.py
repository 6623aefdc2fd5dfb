"""Where windows are kept and found."""

from uuid import UUID

from sqlalchemy import Integer, bindparam, insert, select

from foundation.database import Row, Statement, Transaction, UniqueViolation, tenant_is

from .domain import Window, WindowId
from .models import WindowRow
from .problems import WindowCodeTaken

_OURS = tenant_is(WindowRow)
_COLUMNS = tuple(WindowRow.__table__.c)

_ADD = Statement(
    "window_dx.windows.add",
    insert(WindowRow).values(
        tenant_id=bindparam("tenant_id", type_=Integer),
        id=bindparam("id"),
        code=bindparam("code"),
        name=bindparam("name"),
        version=1,
    ),
)
_OF_ID = Statement(
    "window_dx.windows.of_id",
    select(*_COLUMNS).where(_OURS, WindowRow.id == bindparam("id")),
)
_LOCKED = Statement(
    "window_dx.windows.locked",
    # Not FOR UPDATE: whoever takes a ticket refers to the window, and need not wait for a call.
    select(*_COLUMNS).where(_OURS, WindowRow.id == bindparam("id")).with_for_update(key_share=True),
)
_AFTER = Statement(
    "window_dx.windows.after",
    select(*_COLUMNS)
    .where(_OURS, WindowRow.id > bindparam("after"))
    .order_by(WindowRow.id)
    .limit(bindparam("limit", type_=Integer)),
)


class Windows:
    """The windows of one municipality."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def add(self, window: Window) -> None:
        """Enter a window.

        Raises:
            WindowCodeTaken: the code already names another window (409).
        """
        try:
            await self._tx.execute(_ADD, id=window.id, code=window.code, name=window.name)
        except UniqueViolation as taken:
            raise WindowCodeTaken from taken

    async def get(self, window_id: UUID) -> Window | None:
        row = await self._tx.fetch_one(_OF_ID, id=window_id)
        return _window_of(row) if row else None

    async def get_in_turn(self, window_id: UUID) -> Window | None:
        """Return the window and let nobody else call at it until this work ends.

        People are called in the order of their numbers even when a call fails half-way, which
        skipping locked rows would not give.
        """
        row = await self._tx.fetch_one(_LOCKED, id=window_id)
        return _window_of(row) if row else None

    async def after(self, window_id: UUID, *, limit: int) -> list[Row]:
        """Return them as they are kept: a list only shows them."""
        return await self._tx.fetch(_AFTER, after=window_id, limit=limit)


def _window_of(row: Row) -> Window:
    return Window(
        id=WindowId(row["id"]), code=row["code"], name=row["name"], version=row["version"]
    )
