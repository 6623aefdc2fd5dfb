"""Money is counted in whole yen; there is nothing smaller to lose."""

from typing import NewType

Yen = NewType("Yen", int)

MAXIMUM = 9_999_999_999_999
"""Beyond any municipality's budget, well inside PostgreSQL's bigint."""


def yen(amount: int) -> Yen:
    """Accept a whole, non-negative amount.

    Raises:
        ValueError: a fraction, a truth value, a negative or an impossible amount.
    """
    if type(amount) is not int or not 0 <= amount <= MAXIMUM:
        raise ValueError("An amount is a whole number of yen, zero or more.")
    return Yen(amount)
