"""Whether somebody may act for another at this moment: asked when they list it and take it up.

A right that was recorded is not yet one that holds. A person may have come under protection since,
from the very one who holds it; then the right is as if it had never been.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from foundation import clock
from foundation.database import Transaction
from gateway.bindings import records, repository as bindings
from gateway.bindings.records import Record

from . import repository
from .domain import Recorded, is_barred


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The two persons of a right, as the register has them now; a holder may live elsewhere."""

    represented: Record | None
    holder: Record | None
    is_listed: bool

    @property
    def is_barred(self) -> bool:
        """Whether the holder is somebody the represented person is protected from."""
        if self.represented is None:
            return True
        holder = self.holder
        return is_barred(
            is_listed=self.is_listed,
            is_protected=self.represented.protected,
            shares_household=holder is not None
            and holder.household_id == self.represented.household_id,
            holder_is_protected=holder is not None and holder.protected,
        )


async def standing(work: Transaction, *, represented_id: UUID, holder_id: UUID | None) -> Standing:
    """Return how the register has two persons, and whether one is protected from the other."""
    named = [represented_id] if holder_id is None else [represented_id, holder_id]
    found = await records.of(work, *named)
    return Standing(
        represented=found.get(represented_id),
        holder=found.get(holder_id) if holder_id is not None else None,
        is_listed=holder_id is not None
        and await repository.is_listed(work, represented_id=represented_id, barred_id=holder_id),
    )


async def holds(work: Transaction, right: Recorded, *, person: str, record: UUID | None) -> bool:
    """Tell whether a right is this person's and holds today.

    A protected person's needs two officials, also where the protection came later.
    """
    is_theirs = right.holder_person == person or (record is not None and right.holder_id == record)
    if not is_theirs or not right.is_in_force(clock.today()):
        return False
    found = await standing(work, represented_id=right.represented_id, holder_id=record)
    if found.represented is None or not found.represented.present or found.is_barred:
        return False
    return not found.represented.protected or right.second_by is not None


async def held_by(work: Transaction, person: str) -> list[Recorded]:
    """Return the rights that somebody holds and may take up today."""
    record = await bindings.find(work, person)
    found = await repository.held_by(work, person=person, record=record)
    return [right for right in found if await holds(work, right, person=person, record=record)]


async def taken_up(work: Transaction, right_id: UUID, *, person: str) -> Recorded | None:
    """Return the right somebody takes up; None whatever the reason that they may not."""
    right = await repository.find(work, right_id)
    if right is None:
        return None
    record = await bindings.find(work, person)
    return right if await holds(work, right, person=person, record=record) else None


def end_of(right: Recorded) -> datetime | None:
    """Return the instant a right ends: midnight in Japan after its last day."""
    if right.ends_on is None:
        return None
    return datetime.combine(right.ends_on + timedelta(days=1), time(), clock.JST)
