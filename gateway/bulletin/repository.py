"""Where the bulletin's number is read, and counted up."""

from sqlalchemy import select, update

from foundation.database import Statement, Transaction

from .models import BulletinRow

_REVISION = Statement("platform.bulletin.revision", select(BulletinRow.revision))
_COUNT_UP = Statement(
    "platform.bulletin.count_up", update(BulletinRow).values(revision=BulletinRow.revision + 1)
)


async def revision(tx: Transaction) -> int:
    """Return the number as it is committed now."""
    row = await tx.fetch_one(_REVISION)
    return 0 if row is None else int(row["revision"])


async def count_up(tx: Transaction) -> None:
    """Tell every gateway to read again once this transaction has committed.

    Whoever changes something public waits here for whoever did so just before. That makes the
    number grow in the order of commits, so no gateway ever passes a change over.
    """
    await tx.execute(_COUNT_UP)
