"""A day ends at midnight in Japan, whatever the server believes."""

from datetime import UTC, date, datetime

import pytest

from foundation import clock


class TestToday:
    def test_is_already_tomorrow_in_japan_at_three_in_the_afternoon_utc(self) -> None:
        with clock.frozen(datetime(2026, 3, 31, 15, 0, tzinfo=UTC)):
            assert clock.today() == date(2026, 4, 1)

    def test_is_still_today_a_moment_before(self) -> None:
        with clock.frozen(datetime(2026, 3, 31, 14, 59, 59, tzinfo=UTC)):
            assert clock.today() == date(2026, 3, 31)


class TestFrozen:
    def test_refuses_an_instant_without_an_offset(self) -> None:
        with pytest.raises(ValueError, match="offset"), clock.frozen(datetime(2026, 1, 1)):  # noqa: DTZ001 - the point
            pass

    def test_lets_go_afterwards(self) -> None:
        with clock.frozen(datetime(2000, 1, 1, tzinfo=UTC)):
            pass
        assert clock.now().year > 2000
