"""Which counts are shown, so that no small one is, and none can be reckoned from the others.

A count of one to nine people is hidden: with a little knowledge of a village it names them. And a
hidden count must not follow from a total and the counts beside it, so more is hidden until it does
not (complementary suppression). Totals stay true: what is shown of a total is the whole total.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

SMALLEST: Final = 10
"""The least count that is shown, and the least room that hidden ones leave each other."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many, and how much money, of a whole or of one of its parts.

    `amount` and `yen` of what has parts are the sums of theirs.
    """

    name: str
    amount: int
    yen: int = 0
    parts: Sequence["Count"] = ()

    @classmethod
    def of(cls, name: str, parts: Iterable["Count"]) -> "Count":
        """Return the whole of some parts."""
        kept = tuple(parts)
        return cls(
            name, sum(part.amount for part in kept), sum(part.yen for part in kept), parts=kept
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of a count; None where it is hidden.

    Money is shown only where every count below is: amounts per household are public, and a sum of
    money beside a sum of counts would give both away.
    """

    name: str
    amount: int | None
    yen: int | None
    parts: Sequence["Shown"] = field(default=())

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it is hidden."""
        return self.amount is not None and all(part.is_whole for part in self.parts)

    def part(self, name: str) -> "Shown | None":
        """Return a part by its name."""
        return next((part for part in self.parts if part.name == name), None)


def shown(whole: Count) -> Shown:
    """Return what of a count, its parts, and theirs, may be seen together."""
    plan = _Plan.of(whole)
    return _shown(plan, is_hidden=plan.is_to_be_hidden)


def rounded(amount: int) -> int | None:
    """Return a count of residents to the nearest ten; None where there are fewer than ten."""
    return None if amount < SMALLEST else (amount + 5) // 10 * 10


@dataclass(frozen=True, slots=True)
class _Plan:
    """What would be hidden of a count's parts, were it shown itself; worked out from below.

    `hidden` are places of parts; None where hiding all of them would not suffice.
    """

    count: Count
    parts: Sequence["_Plan"]
    hidden: frozenset[int] | None

    @classmethod
    def of(cls, count: Count) -> "_Plan":
        parts = tuple(cls.of(part) for part in count.parts)
        return cls(count, parts, _hidden_among(parts))

    @property
    def is_to_be_hidden(self) -> bool:
        """Whether it is too small, or would give its parts away however many are hidden."""
        return 0 < self.count.amount < SMALLEST or self.hidden is None


def _shown(plan: _Plan, *, is_hidden: bool) -> Shown:
    """Show a count; of one that is hidden nothing below is shown either."""
    hidden = plan.hidden or frozenset()
    parts = tuple(
        _shown(part, is_hidden=is_hidden or place in hidden)
        for place, part in enumerate(plan.parts)
    )
    if is_hidden:
        return Shown(plan.count.name, None, None, parts)
    is_whole = all(part.is_whole for part in parts)
    return Shown(plan.count.name, plan.count.amount, plan.count.yen if is_whole else None, parts)


def _hidden_among(parts: Sequence[_Plan]) -> frozenset[int] | None:
    """Return the places of the parts to hide beside a total that is shown; None if none suffice.

    What is hidden is known in sum, and each of the hidden to be at least one, since nothing is
    shown as nothing. So there must be two at least, and the sum must leave them room above that.
    """
    some = [place for place, part in enumerate(parts) if part.count.amount]
    ordered = sorted(some, key=lambda n: (not parts[n].is_to_be_hidden, parts[n].count.amount))
    forced = sum(parts[place].is_to_be_hidden for place in ordered)
    if not forced:
        return frozenset()
    for size in range(max(forced, 2), len(ordered) + 1):
        hidden = ordered[:size]
        if sum(parts[place].count.amount for place in hidden) - size >= SMALLEST:
            return frozenset(hidden)
    return None
