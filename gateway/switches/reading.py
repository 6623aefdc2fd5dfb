"""The signs on all doors, read for the gateway's memory."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import DateTime, bindparam, delete, or_, select

from foundation import clock
from foundation.database import Row, Statement, Transaction

from .domain import Closure, Notice, PaperRoute, State
from .models import SignRow
from .signs import Switches

_NOW: Final = bindparam("now", type_=DateTime(timezone=True))
_PRESENT: Final = Statement(
    "platform.signs.present_and_to_come",
    select(*SignRow.__table__.c).where(or_(SignRow.ends_at.is_(None), SignRow.ends_at > _NOW)),
)
_TAKE_DOWN: Final = Statement(
    "platform.signs.take_down_old", delete(SignRow).where(SignRow.ends_at <= _NOW)
)


class Signs:
    """Reads every sign that hangs or will hang, and puts them where each request is checked."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches

    async def read(self, tx: Transaction) -> None:
        """Read all signs of all municipalities."""
        found: defaultdict[str, list[Closure]] = defaultdict(list)
        for row in await tx.fetch(_PRESENT, now=clock.now()):
            found[row["municipality_code"]].append(_closure_of(row))
        self._switches.replace(found)


async def take_down_old(tx: Transaction) -> None:
    """Remove signs whose time is over; no gateway looks at them any more."""
    await tx.execute(_TAKE_DOWN, now=clock.now())


def notice_of(document: Mapping[str, Any]) -> Notice:
    """Return a notice as it was kept."""
    return Notice(
        message_ja=document["message_ja"],
        message_en=document["message_en"],
        paper_route=PaperRoute(**document["paper_route"]),
    )


def _closure_of(row: Row) -> Closure:
    return Closure(
        place=row["place"],
        state=State(row["state"]),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        notice=notice_of(row["notice"]),
    )
