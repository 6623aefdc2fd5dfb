"""A line's number holds its time, and its network is no person."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from foundation import clock
from foundation.identifiers import new_id
from gateway.access_logs.domain import first_number_at, instant_of, network_of

INSTANTS = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2090, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


class TestNumbers:
    def test_hold_the_time_they_were_given_at(self) -> None:
        before = clock.now() - timedelta(milliseconds=1)
        assert before <= instant_of(new_id()) <= clock.now()

    @given(INSTANTS)
    def test_bound_a_period(self, at: datetime) -> None:
        number = first_number_at(at)
        assert instant_of(number) <= at < instant_of(number) + timedelta(milliseconds=1)

    def test_are_not_below_the_bound_of_their_time(self) -> None:
        assert new_id() >= first_number_at(clock.now() - timedelta(milliseconds=5))


class TestNetworkOf:
    @pytest.mark.parametrize(
        ("address", "network"),
        [
            ("203.0.113.77", "203.0.113.0/24"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
            ("", ""),
            ("/run/gateway.sock", ""),
        ],
    )
    def test_keeps_too_little_for_a_person(self, address: str, network: str) -> None:
        assert network_of(address) == network
