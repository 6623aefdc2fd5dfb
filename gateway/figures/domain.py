"""How a count is told, so that it names nobody: each by itself, in tens, and no small one at all.

With a little knowledge of a village a count of one to nine names them; and an exact one, read again
after a day, shows the one household that came. So no exact count is told. A count is rounded by
itself, and looks at no other: no circle it is shown in, no count beside it and no rule of choosing
can give away what rounding took. A total is the sum of what is told below it, so it adds nothing to
that; it is no exact total, and is said to be none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

SMALLEST: Final = 10
"""The least count that is told, and the step in which counts are."""
FINEST_YEN: Final = 1_000_000
"""The finest step in which money is told."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of a whole or of one of its parts; None where nothing can be."""

    name: str
    amount: int | None
    yen: int | None
    parts: Sequence["Shown"] = field(default=())

    @classmethod
    def of(cls, name: str, parts: Iterable["Shown"]) -> Self:
        """Return a whole, made of nothing but what is shown of its parts."""
        kept = tuple(parts)
        return cls(
            name, _sum(part.amount for part in kept), _sum(part.yen for part in kept), parts=kept
        )

    def part(self, name: str) -> "Shown | None":
        """Return a part by its name."""
        return next((part for part in self.parts if part.name == name), None)


def rounded(amount: int) -> int | None:
    """Return a count to the nearest ten; None where there are fewer than ten."""
    return None if amount < SMALLEST else _nearest(amount, SMALLEST)


def rounded_yen(amount: int, yen: int) -> int | None:
    """Return the money of a count coarsely; None where the count is small, or the money is.

    It is reckoned for the count as told: where all get the same, and how much is public, it says no
    more than that. Where they do not, one is lost in the step: a power of ten, and ten times what
    one gets on the average at least.
    """
    told = rounded(amount)
    if told is None:
        return None
    step = FINEST_YEN
    while step * amount < SMALLEST * yen:
        step *= 10
    return _nearest(yen * told // amount, step) or None


def _nearest(value: int, step: int) -> int:
    return (value + step // 2) // step * step


def _sum(values: Iterable[int | None]) -> int | None:
    """Return the sum of what is known; None where there is something, and none of it is known."""
    found = list(values)
    known = [value for value in found if value is not None]
    return None if found and not known else sum(known)
