"""What other systems are told of the register."""

from uuid import UUID

from foundation.database import InvalidCursor, decode_cursor
from foundation.work import Work

from .domain import START, Change, Position
from .repository import Changes

_GREATEST_TX = 2**63 - 1
_GREATEST_NUMBER = 2**31 - 1


async def read(
    work: Work, *, cursor: str | None, limit: int
) -> tuple[list[Change], Position | None, bool]:
    """Return the next changes, how far the reader then is, and whether more can be read at once.

    Who has read nothing yet, and finds nothing, is nowhere.

    Raises:
        InvalidCursor: the cursor is not one of this feed's (400).
    """
    after = _position(cursor)
    found = await Changes(work.tx).after(after or START, limit=limit + 1)
    shown = found[:limit]
    return shown, shown[-1].position if shown else after, len(found) > limit


def _position(cursor: str | None) -> Position | None:
    if cursor is None:
        return None
    position = Position(*decode_cursor(cursor, int, UUID, int))
    if not (0 <= position.tx <= _GREATEST_TX and 0 <= position.history_number <= _GREATEST_NUMBER):
        raise InvalidCursor
    return position
