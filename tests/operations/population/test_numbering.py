"""Numbers on the register can be checked by the clerk who types them."""

from hypothesis import given, strategies as st

from operations.population.numbering import Numbering, is_register_number


class TestNumbering:
    @given(st.integers(0, 999_000_000))
    def test_hands_out_rising_numbers_with_a_check_digit(self, first: int) -> None:
        numbering = Numbering(first)
        taken = [numbering.take() for _ in range(30)]
        assert taken == sorted(set(taken))
        assert all(is_register_number(number) for number in taken)

    def test_skips_a_serial_that_has_no_check_digit(self) -> None:
        assert Numbering(6).take() == "0000000078"

    def test_knows_a_wrong_number(self) -> None:
        assert not is_register_number("0000000079")
        assert not is_register_number("００００００００７８")
        assert not is_register_number("78")
