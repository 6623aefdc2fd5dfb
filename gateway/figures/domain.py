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
    return _shown(whole, is_hidden=_is_to_be_hidden(whole))


def rounded(amount: int) -> int | None:
    """Return a count of residents to the nearest ten; None where there are fewer than ten."""
    return None if amount < SMALLEST else (amount + 5) // 10 * 10


def _shown(count: Count, *, is_hidden: bool) -> Shown:
    """Show a count; of one that is hidden nothing below is shown either."""
    hidden = set(range(len(count.parts))) if is_hidden else _hidden_among(count.parts)
    if hidden is None:
        raise ValueError(f"{count.name} cannot be shown beside its parts.")
    parts = tuple(_shown(part, is_hidden=place in hidden) for place, part in enumerate(count.parts))
    if is_hidden:
        return Shown(count.name, None, None, parts)
    is_whole = all(part.is_whole for part in parts)
    return Shown(count.name, count.amount, count.yen if is_whole else None, parts)


def _is_to_be_hidden(count: Count) -> bool:
    """Tell whether a count is too small, or would give away its parts however many are hidden."""
    return 0 < count.amount < SMALLEST or _hidden_among(count.parts) is None


def _hidden_among(parts: Sequence[Count]) -> set[int] | None:
    """Return the places of the parts to hide beside a total that is shown; None if none suffice.

    What is hidden is known in sum, and each of the hidden to be at least one, since nothing is
    shown as nothing. So there must be two at least, and the sum must leave them room above that.
    """
    some = [place for place, part in enumerate(parts) if part.amount]
    ordered = sorted(some, key=lambda n: (not _is_to_be_hidden(parts[n]), parts[n].amount))
    forced = sum(_is_to_be_hidden(parts[place]) for place in ordered)
    if not forced:
        return set()
    for size in range(max(forced, 2), len(ordered) + 1):
        hidden = ordered[:size]
        if sum(parts[place].amount for place in hidden) - size >= SMALLEST:
            return set(hidden)
    return None
