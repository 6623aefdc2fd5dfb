"""Whether somebody may act for another at this moment: asked when they list it and take it up.

A right that was recorded is not yet one that holds. A person may have come under protection since,
from the very one who holds it; then the right is as if it had never been.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from foundation import clock
from foundation.database import Transaction
from gateway.bindings import records, repository as bindings
from gateway.bindings.identities import known
from gateway.bindings.records import Record

from . import repository
from .domain import Recorded, State, is_barred


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Whom somebody would act for, and by what the holder is named: a record, a sign-in, both."""

    represented_id: UUID
    record: UUID | None
    person: str | None = None

    @classmethod
    def of(cls, right: Recorded) -> "Pair":
        return cls(
            represented_id=right.represented_id,
            record=right.holder_id,
            person=right.holder_person,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The two persons of a right, as the register has them now; a holder may live elsewhere.

    `known_as` are all records by which the holder is or was known, `holder` the one they are
    named by.
    """

    represented: Record | None
    holder: Record | None
    known_as: tuple[Record, ...]
    is_listed: bool

    @property
    def is_barred(self) -> bool:
        """Whether the holder is somebody the represented person is protected from."""
        represented = self.represented
        if represented is None or self.is_listed:
            return True
        return any(
            is_barred(
                is_listed=False,
                is_protected=represented.protected,
                shares_household=holder.household_id == represented.household_id,
                holder_is_protected=holder.protected,
            )
            for holder in self.known_as
        )


async def standing(work: Transaction, pair: Pair) -> Standing:
    """Return how the register has two persons, and whether one is protected from the other."""
    (found,) = await standings(work, [pair])
    return found


async def standings(work: Transaction, pairs: Sequence[Pair]) -> list[Standing]:
    """Return the same of many, in their order, in as many questions as of one."""
    identities = await known(
        work,
        persons=[pair.person for pair in pairs if pair.person is not None],
        records=[pair.record for pair in pairs if pair.record is not None],
    )
    known_as = [identities.records(person=pair.person, record=pair.record) for pair in pairs]
    found = await records.of(work, *{pair.represented_id for pair in pairs}.union(*known_as))
    bars = await repository.bars(work, [pair.represented_id for pair in pairs])
    return [
        Standing(
            represented=found.get(pair.represented_id),
            holder=found.get(pair.record) if pair.record is not None else None,
            known_as=tuple(found[one] for one in sorted(names) if one in found),
            is_listed=any((pair.represented_id, one) in bars for one in names),
        )
        for pair, names in zip(pairs, known_as, strict=True)
    ]


async def holding(
    work: Transaction, rights: Sequence[Recorded], *, person: str, record: UUID | None
) -> list[Recorded]:
    """Return those rights that are this person's and hold today.

    A protected person's needs two officials, also where the protection came later.
    """
    today = clock.today()
    theirs = [
        right
        for right in rights
        if right.is_held_by(person=person, record=record) and right.is_in_force(today)
    ]
    pairs = [
        Pair(represented_id=right.represented_id, record=record, person=person) for right in theirs
    ]
    found = await standings(work, pairs) if pairs else []
    return [right for right, stands in zip(theirs, found, strict=True) if _holds(right, stands)]


def _holds(right: Recorded, found: Standing) -> bool:
    is_here = found.represented is not None and found.represented.present
    return is_here and not _is_void(right, found)


def _is_void(right: Recorded, found: Standing) -> bool:
    if found.represented is None or found.is_barred:
        return found.represented is not None
    is_active = right.state is State.ACTIVE
    return is_active and found.represented.protected and right.second_by is None


async def is_void(work: Transaction, right: Recorded, *, person: str, record: UUID | None) -> bool:
    """Tell whether a protection has made a right, as this holder has it, as if it had never been.

    It stands open all the same while nobody acts on it: to its holder it must look ended.
    """
    pair = Pair(represented_id=right.represented_id, record=record, person=person)
    return _is_void(right, await standing(work, pair))


async def held_by(work: Transaction, person: str) -> list[Recorded]:
    """Return the rights that somebody holds and may take up today."""
    record = await bindings.find(work, person)
    found = await repository.held_by(work, person=person, record=record)
    return await holding(work, found, person=person, record=record)


async def taken_up(work: Transaction, right_id: UUID, *, person: str) -> Recorded | None:
    """Return the right somebody takes up; None whatever the reason that they may not."""
    right = await repository.find(work, right_id)
    if right is None:
        return None
    record = await bindings.find(work, person)
    return next(iter(await holding(work, [right], person=person, record=record)), None)


def end_of(right: Recorded) -> datetime | None:
    """Return the instant a right ends: midnight in Japan after its last day."""
    if right.ends_on is None:
        return None
    return datetime.combine(right.ends_on + timedelta(days=1), time(), clock.JST)
