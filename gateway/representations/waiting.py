"""What waits to be confirmed by an official, of whoever it is: the counter's list of work."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, bindparam, func, select

from foundation.database import Statement, Transaction, tenant_is
from foundation.identity import RepresentationKind

from .domain import RULES, Act, Ground, State
from .models import RepresentationRow

LAST_ID: Final = UUID(int=2**128 - 1)
WAITS: Final = frozenset({State.REQUESTED, State.AWAITING_SECOND})
"""Where a right stands that somebody has yet to confirm or decline."""
_R = RepresentationRow
_NEWEST = Statement(
    "platform.representations.waiting",
    # Backwards along the primary key: the numbers of rights rise with time (RFC 9562 version 7).
    select(
        _R.id,
        _R.represented_id,
        _R.holder_id,
        _R.ground,
        _R.relationship,
        _R.acts,
        _R.state,
        _R.starts_on,
        _R.ends_on,
        _R.recorded_at,
        _R.recorded_by,
    )
    .where(
        tenant_is(_R),
        _R.id < bindparam("before"),
        _R.state == func.any(bindparam("states", type_=_R.acts.type)),
    )
    .order_by(_R.id.desc())
    .limit(bindparam("limit", type_=Integer)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A right that waits, as far as whoever looks for work must know it."""

    id: UUID
    represented_id: UUID
    holder_id: UUID | None
    ground: Ground
    relationship: str
    acts: frozenset[Act]
    state: State
    starts_on: date
    ends_on: date | None
    recorded_at: datetime
    recorded_by: str

    @property
    def kind(self) -> RepresentationKind:
        return RULES[self.ground].kind

    @property
    def persons(self) -> list[UUID]:
        """Return the residents it is about."""
        return [one for one in (self.represented_id, self.holder_id) if one is not None]


async def newest(work: Transaction, *, before: UUID, limit: int) -> list[Waiting]:
    """Return what waits, the latest first, below a number."""
    states = sorted(state.value for state in WAITS)
    rows = await work.fetch(_NEWEST, states=states, before=before, limit=limit)
    found: list[Waiting] = []
    for row in rows:
        values: dict[str, Any] = {
            **row,
            "ground": Ground(row["ground"]),
            "acts": frozenset(Act(act) for act in row["acts"]),
            "state": State(row["state"]),
        }
        found.append(Waiting(**values))
    return found
