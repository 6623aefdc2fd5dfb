"""On which days banks carry out transfers."""

from datetime import date

import pytest

from services.benefits.disbursements.domain import is_banking_day


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        (date(2026, 12, 18), True),
        (date(2026, 12, 19), False),
        (date(2026, 12, 20), False),
        (date(2026, 12, 30), True),
        (date(2026, 12, 31), False),
        (date(2027, 1, 1), False),
        (date(2027, 1, 2), False),
        (date(2027, 1, 3), False),
        (date(2027, 1, 4), True),
        (date(2026, 11, 23), False),
        (date(2026, 11, 24), True),
        (date(2026, 5, 6), False),
    ],
)
def test_banks_rest_on_weekends_holidays_and_over_new_year(day: date, *, open_: bool) -> None:
    assert is_banking_day(day) is open_
