"""An amount of money is a whole number of yen."""

import pytest

from foundation.money import MAXIMUM, yen


class TestYen:
    def test_accepts_nothing_and_the_most_there_is(self) -> None:
        assert (yen(0), yen(MAXIMUM)) == (0, MAXIMUM)

    @pytest.mark.parametrize("amount", [-1, MAXIMUM + 1, True, 1.0, "1"])
    def test_refuses_anything_that_is_not_a_whole_amount(self, amount: int) -> None:
        with pytest.raises(ValueError, match="yen"):
            yen(amount)
