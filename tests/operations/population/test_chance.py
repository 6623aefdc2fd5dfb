"""Chance is fair enough to invent a town, and the same every time."""

from collections import Counter
from datetime import date

from hypothesis import given, strategies as st

from operations.population.chance import Chance, Lottery, age_on, years_before


class TestChance:
    def test_gives_one_seed_the_same_draws_on_every_machine(self) -> None:
        chance = Chance("012084|tamaire|2400")
        assert [chance.integer(1, 1000) for _ in range(5)] == [858, 150, 58, 478, 104]

    @given(st.text(), st.integers(-50, 50), st.integers(0, 50))
    def test_stays_between_its_bounds(self, seed: str, low: int, width: int) -> None:
        chance = Chance(seed)
        for draw in (chance.integer, chance.around, chance.towards_low):
            assert low <= draw(low, low + width) <= low + width

    def test_draws_by_weight(self) -> None:
        chance = Chance("weights")
        lottery = Lottery([("never", 0.0), ("rarely", 1.0), ("often", 9.0)])
        drawn = Counter(chance.draw(lottery) for _ in range(2_000))
        assert set(drawn) == {"rarely", "often"}
        assert 1_700 < drawn["often"] < 1_900

    @given(st.text(), st.dates(), st.integers(0, 900))
    def test_draws_a_day_between_two(self, seed: str, first: date, days: int) -> None:
        last = min(date.max, date.fromordinal(min(first.toordinal() + days, date.max.toordinal())))
        assert first <= Chance(seed).day_between(first, last) <= last


class TestAge:
    def test_is_reached_on_the_birthday(self) -> None:
        born = date(2008, 10, 2)
        assert age_on(date(2026, 10, 1), born) == 17
        assert age_on(date(2026, 10, 2), born) == 18

    def test_of_a_leap_day_moves_to_the_28th(self) -> None:
        assert years_before(date(2024, 2, 29), 1) == date(2023, 2, 28)
