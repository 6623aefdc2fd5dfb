"""No small count is shown, and none can be reckoned from what is."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from gateway.figures.domain import SMALLEST, Count, Shown, rounded, shown

AMOUNTS = st.integers(min_value=0, max_value=30)
PROGRAMMES = st.lists(AMOUNTS, min_size=1, max_size=4)
TOWNS = st.lists(PROGRAMMES, min_size=1, max_size=4)
COUNTRIES = st.lists(TOWNS, min_size=1, max_size=4)


def country_of(prefectures: list[list[list[int]]]) -> Count:
    """Make a country of counts; every application is worth 30,000 yen, as everybody knows."""
    return Count.of(
        "country",
        [
            Count.of(
                f"prefecture-{p}",
                [
                    Count.of(
                        f"town-{p}-{t}",
                        [
                            Count(f"programme-{p}-{t}-{n}", amount, 30_000 * amount)
                            for n, amount in enumerate(programmes)
                        ],
                    )
                    for t, programmes in enumerate(towns)
                ],
            )
            for p, towns in enumerate(prefectures)
        ],
    )


def every(seen: Shown) -> Iterator[Shown]:
    yield seen
    for part in seen.parts:
        yield from every(part)


def reckoned(seen: Shown) -> set[str]:
    """Return the hidden counts that follow from those that are shown.

    An attacker's way, which knows nothing of how they were chosen: each whole is the sum of its
    parts; solve these equations, and see which of the unknown have one value only.
    """
    unknown = {one.name: place for place, one in enumerate(every(seen)) if one.amount is None}
    equations = [_equation(one, unknown) for one in every(seen) if one.parts]
    solved = _reduced([row for row in equations if any(row[:-1])])
    names = dict(enumerate(unknown))
    return {
        names[places[0]]
        for row in solved
        if len(places := [place for place, factor in enumerate(row[:-1]) if factor]) == 1
    }


def _equation(whole: Shown, unknown: dict[str, int]) -> list[Fraction]:
    order = list(unknown)
    row = [Fraction(0)] * (len(order) + 1)
    for one, sign in ((whole, -1), *((part, 1) for part in whole.parts)):
        if one.amount is None:
            row[order.index(one.name)] += sign
        else:
            row[-1] -= sign * one.amount
    return row


def _reduced(rows: Sequence[list[Fraction]]) -> list[list[Fraction]]:
    """Bring equations into reduced echelon form."""
    left, done = [list(row) for row in rows], list[list[Fraction]]()
    width = len(left[0]) - 1 if left else 0
    for place in range(width):
        pivot = next((row for row in left if row[place]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        factor = pivot[place]
        pivot = [value / factor for value in pivot]
        left = [_without(row, pivot, place) for row in left]
        done = [*(_without(row, pivot, place) for row in done), pivot]
    return done


def _without(row: list[Fraction], pivot: list[Fraction], place: int) -> list[Fraction]:
    return [value - row[place] * other for value, other in zip(row, pivot, strict=True)]


class TestTheAttacker:
    """A test that could not fail would prove nothing: this one reckons what can be reckoned."""

    def test_finds_a_single_count_that_is_hidden_beside_its_total(self) -> None:
        careless = Shown("town", 23, None, (Shown("a", 20, None), Shown("b", None, None)))

        assert reckoned(careless) == {"b"}

    def test_finds_it_across_storeys(self) -> None:
        part = Shown("town-1", None, None, (Shown("a", 20, None), Shown("b", None, None)))
        careless = Shown("prefecture", 50, None, (Shown("town-2", 27, None), part))

        assert reckoned(careless) == {"town-1", "b"}


class TestShowing:
    @given(COUNTRIES)
    def test_hides_every_small_count(self, prefectures: list[list[list[int]]]) -> None:
        seen = shown(country_of(prefectures))

        assert [one for one in every(seen) if one.amount and one.amount < SMALLEST] == []

    @given(COUNTRIES)
    def test_leaves_nothing_to_be_reckoned(self, prefectures: list[list[list[int]]]) -> None:
        assert reckoned(shown(country_of(prefectures))) == set()

    @given(COUNTRIES)
    def test_leaves_each_hidden_count_room(self, prefectures: list[list[list[int]]]) -> None:
        """Knowing the sum of what is hidden, and that each is one or more, is not enough."""
        for one in every(shown(country_of(prefectures))):
            hidden = [part for part in one.parts if part.amount is None]
            if one.amount is not None and hidden:
                left = one.amount - sum(part.amount or 0 for part in one.parts)
                assert len(hidden) >= 2
                assert left - len(hidden) >= SMALLEST

    @given(COUNTRIES)
    def test_shows_money_only_where_every_count_below_is(
        self, prefectures: list[list[list[int]]]
    ) -> None:
        for one in every(shown(country_of(prefectures))):
            if one.yen is not None:
                assert all(below.amount is not None for below in every(one))
                assert one.yen == 30_000 * (one.amount or 0)

    @given(COUNTRIES)
    def test_tells_no_untruth(self, prefectures: list[list[list[int]]]) -> None:
        true = country_of(prefectures)
        for count, one in zip(_counts(true), every(shown(true)), strict=True):
            assert one.name == count.name
            assert one.amount in {None, count.amount}

    def test_shows_what_is_large_and_what_is_nothing(self) -> None:
        seen = shown(country_of([[[40, 0], [25]]]))

        assert all(one.is_whole for one in every(seen))
        assert (seen.amount, seen.yen) == (65, 1_950_000)

    def test_hides_the_next_smallest_beside_a_single_small_one(self) -> None:
        town = shown(Count.of("town", [Count("a", 3), Count("b", 40), Count("c", 12)]))

        assert [part.amount for part in town.parts] == [None, 40, None]
        assert town.amount == 55

    def test_hides_a_total_that_would_give_its_parts_away(self) -> None:
        town = Count.of("town", [Count(str(place), 1) for place in range(10)])

        assert shown(town).amount is None


@pytest.mark.parametrize(
    ("amount", "told"), [(0, None), (9, None), (10, 10), (14, 10), (15, 20), (115_480, 115_480)]
)
def test_residents_are_told_in_tens(amount: int, told: int | None) -> None:
    assert rounded(amount) == told


def _counts(count: Count) -> Iterator[Count]:
    yield count
    for part in count.parts:
        yield from _counts(part)
