"""No small count is told, no exact one, and none can be reckoned from what is."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from gateway.figures.domain import FINEST_YEN, SMALLEST, Shown, rounded, rounded_yen

Country = list[list[list[int]]]
AMOUNTS = st.integers(min_value=1, max_value=60)
PROGRAMMES = st.lists(AMOUNTS, max_size=4)
TOWNS = st.lists(PROGRAMMES, min_size=1, max_size=4)
COUNTRIES = st.lists(TOWNS, min_size=1, max_size=4)
EACH_YEN = 30_000
"""What every application is worth, as everybody knows."""


def country_of(prefectures: Country) -> Shown:
    """Return what is shown of a country of true counts, by prefecture, town and programme."""
    return Shown.of(
        "country",
        [
            Shown.of(
                f"prefecture-{p}",
                [
                    Shown.of(
                        f"town-{p}-{t}",
                        [
                            told(f"programme-{p}-{t}-{n}", amount)
                            for n, amount in enumerate(programmes)
                        ],
                    )
                    for t, programmes in enumerate(towns)
                ],
            )
            for p, towns in enumerate(prefectures)
        ],
    )


def told(name: str, amount: int) -> Shown:
    return Shown(name, rounded(amount), rounded_yen(amount, EACH_YEN * amount))


def others_like(amount: int) -> st.SearchStrategy[int]:
    """Return what a true count might be as well, for all that is told of it."""
    shown = rounded(amount)
    if shown is None:
        return st.integers(min_value=1, max_value=SMALLEST - 1)
    return st.integers(min_value=max(SMALLEST, shown - 5), max_value=shown + 4)


def every(seen: Shown) -> Iterator[Shown]:
    yield seen
    for part in seen.parts:
        yield from every(part)


def reckoned(seen: Shown) -> dict[str, Fraction]:
    """Return the hidden counts that follow from those that are shown, and how many they are.

    An attacker's way, which knows nothing of how they were chosen: each whole is the sum of its
    parts; solve these equations, and see which of the unknown have one value only.
    """
    unknown = {one.name: place for place, one in enumerate(every(seen)) if one.amount is None}
    equations = [_equation(one, unknown) for one in every(seen) if one.parts]
    solved = _reduced([row for row in equations if any(row[:-1])])
    names = dict(enumerate(unknown))
    return {
        names[places[0]]: row[-1]
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

        assert reckoned(careless) == {"b": 3}

    def test_finds_it_across_storeys(self) -> None:
        part = Shown("town-1", None, None, (Shown("a", 20, None), Shown("b", None, None)))
        careless = Shown("prefecture", 50, None, (Shown("town-2", 27, None), part))

        assert reckoned(careless) == {"town-1": 23, "b": 3}


class TestShowing:
    @given(COUNTRIES)
    def test_shows_no_small_count_and_no_exact_one(self, prefectures: Country) -> None:
        for one in every(country_of(prefectures)):
            assert one.amount is None or one.amount % SMALLEST == 0
            assert one.yen is None or one.yen % FINEST_YEN == 0

    @given(COUNTRIES)
    def test_leaves_nothing_to_be_reckoned(self, prefectures: Country) -> None:
        """Whatever equations give for a hidden count is nothing, and that is never true."""
        assert set(reckoned(country_of(prefectures)).values()) <= {0}

    @given(COUNTRIES, st.data())
    def test_looks_the_same_whatever_was_rounded_away(
        self, prefectures: Country, data: st.DataObject
    ) -> None:
        """Nothing more can be known: not by equations, and not by knowing how counts are chosen."""
        other = [
            [[data.draw(others_like(amount)) for amount in programmes] for programmes in towns]
            for towns in prefectures
        ]

        assert country_of(other) == country_of(prefectures)

    @given(COUNTRIES, st.data())
    def test_shows_a_town_alike_in_every_circle(
        self, prefectures: Country, data: st.DataObject
    ) -> None:
        """Who lays the nation's figures beside a prefecture's learns of a town that is in one."""
        fewer = [[*towns, data.draw(PROGRAMMES)] for towns in prefectures]

        for one, beside in zip(country_of(prefectures).parts, country_of(fewer).parts, strict=True):
            assert list(one.parts) == list(beside.parts[:-1])

    @given(COUNTRIES)
    def test_shows_totals_of_nothing_but_what_is_shown(self, prefectures: Country) -> None:
        for one in every(country_of(prefectures)):
            if one.parts:
                assert (one.amount or 0) == sum(part.amount or 0 for part in one.parts)
                assert (one.yen or 0) == sum(part.yen or 0 for part in one.parts)

    def test_shows_nothing_open_as_nothing_and_small_counts_not_at_all(self) -> None:
        nothing, small = Shown.of("town", []), Shown.of("town", [told("a", 3), told("b", 9)])

        assert (nothing.amount, nothing.yen) == (0, 0)
        assert (small.amount, small.yen) == (None, None)

    @pytest.mark.parametrize("counts", [(50, 50, 9, 200), (40, 41, 7, 200), (30, 31, 4)])
    def test_hides_a_small_count_by_itself_and_no_other(self, counts: tuple[int, ...]) -> None:
        """Which others were hidden beside it once told how small it was."""
        seen = Shown.of("town", [told(str(place), count) for place, count in enumerate(counts)])

        assert [part.amount is None for part in seen.parts] == [count < 10 for count in counts]


@pytest.mark.parametrize(
    ("amount", "shown"), [(0, None), (9, None), (10, 10), (14, 10), (15, 20), (115_480, 115_480)]
)
def test_people_are_told_in_tens(amount: int, shown: int | None) -> None:
    assert rounded(amount) == shown


class TestMoney:
    @given(st.integers(min_value=1, max_value=10_000), st.integers(min_value=1, max_value=10**7))
    def test_says_no_more_than_the_count_where_all_get_the_same(
        self, amount: int, each: int
    ) -> None:
        beside = rounded(amount) or amount

        assert rounded_yen(amount, each * amount) == rounded_yen(beside, each * beside)

    def test_is_not_told_of_a_small_count_nor_where_it_is_small(self) -> None:
        assert rounded_yen(9, 90_000_000) is None
        assert rounded_yen(12, 360_000) is None

    def test_hides_one_household_that_came(self) -> None:
        assert rounded_yen(40, 1_200_000) == rounded_yen(41, 1_330_000) == 1_000_000

    def test_is_told_in_steps_of_ten_households_and_more(self) -> None:
        assert rounded_yen(200, 6_000_000) == 6_000_000
        assert rounded_yen(200, 68_000_000) == 70_000_000
