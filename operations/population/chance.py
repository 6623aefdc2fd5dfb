"""Chance that repeats itself: the same town, seed and size always give the same invented people."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")


class Lottery(Generic[T]):
    """Things to draw from, each as often as its weight says; the sums are made once."""

    __slots__ = ("sums", "things")

    def __init__(self, weighted: Sequence[tuple[T, float]]) -> None:
        self.things = [thing for thing, _ in weighted]
        self.sums = list(accumulate(weight for _, weight in weighted))


class Chance:
    """A stream of draws that depends on its seed alone, not on the Python that runs it.

    Only `random()` of the Mersenne Twister is used: its output for a seed is promised to stay,
    that of the convenience methods is not.
    """

    __slots__ = ("_draw",)

    def __init__(self, seed: str) -> None:
        self._draw = random.Random(seed).random  # noqa: S311 - invented people, not secrets

    def happens(self, probability: float) -> bool:
        return self._draw() < probability

    def integer(self, low: int, high: int) -> int:
        """Draw a whole number from `low` to `high`, both included."""
        return low + int(self._draw() * (high - low + 1))

    def around(self, low: int, high: int) -> int:
        """Draw like `integer`, but the middle comes up more often than the ends."""
        return low + int((self._draw() + self._draw()) / 2 * (high - low + 1))

    def towards_low(self, low: int, high: int) -> int:
        """Draw like `integer`, but small numbers come up more often."""
        return low + int(self._draw() * self._draw() * (high - low + 1))

    def pick(self, things: Sequence[T]) -> T:
        return things[int(self._draw() * len(things))]

    def draw(self, lottery: Lottery[T]) -> T:
        target = self._draw() * lottery.sums[-1]
        low, high = 0, len(lottery.sums) - 1
        while low < high:
            middle = (low + high) // 2
            if lottery.sums[middle] <= target:
                low = middle + 1
            else:
                high = middle
        return lottery.things[low]

    def day_between(self, first: date, last: date) -> date:
        """Draw a day, both ends included; `first` when `last` lies before it."""
        return first + timedelta(days=self.integer(0, max((last - first).days, 0)))


def years_before(day: date, years: int) -> date:
    """Return the same day so many years earlier; 29 February becomes the 28th."""
    if day.month == 2 and day.day == 29:  # noqa: PLR2004 - the leap day itself
        return date(day.year - years, 2, 28)
    return day.replace(year=day.year - years)


def age_on(day: date, born_on: date) -> int:
    """Return the completed years of life on a day, counted by birthday."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))
