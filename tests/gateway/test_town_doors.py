"""A flood from a few addresses closes a town's sign-in for nobody else."""

import pytest
from hypothesis import given, strategies as st

from foundation.problems import TooManyRequests
from gateway.desk_limits import DeskLimits
from gateway.limits import Rate
from gateway.town_doors import TownDoors
from gateway.traffic import TrafficSettings

TOWN = [(b"tamaire-municipality", b"012084")]
TRAFFIC = TrafficSettings()
SECONDS = 20


class Street:
    """A gateway as it is set up by default, and a clock that is ours."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.limits = DeskLimits(TRAFFIC.desk_address, TRAFFIC.desk_tenant, clock=lambda: self.now)

    def lets_in(self, address: str, path: bytes = b"/oauth/authorize") -> bool:
        try:
            self.limits.check(address, path, b"", TOWN)
        except TooManyRequests:
            return False
        return True


class TestAFlood:
    @pytest.mark.parametrize("hostile", [10, 100])
    def test_of_some_addresses_leaves_every_resident_their_sign_in(self, hostile: int) -> None:
        """All hammer, from the first moment and for long; every second somebody new signs in."""
        street = Street()
        flood = [f"198.51.100.{number}" for number in range(hostile)]
        kept_out = 0
        for second in range(SECONDS):
            for _ in range(8):
                street.now += 1 / 8
                kept_out += sum(not street.lets_in(one) for one in flood for _ in range(30))
            resident = f"203.0.113.{second}"
            assert street.lets_in(resident)
            assert street.lets_in(resident, b"/session/sign-in")
            assert street.lets_in(resident, b"/oauth/callback")
        assert kept_out > 0

    @pytest.mark.parametrize(("sites", "networks"), [(1, 65_536), (5, 256), (20, 4_096)])
    def test_from_all_networks_of_a_subscriber_leaves_every_resident_their_sign_in(
        self, sites: int, networks: int
    ) -> None:
        """Each request comes from another /64, as if it were somebody who asks little."""
        street, passed, number = Street(), 0, 0
        for second in range(SECONDS):
            for _ in range(1_500):
                street.now += 1 / 1_500
                number += 1
                site, network = number % sites, number // sites % networks
                passed += street.lets_in(f"2001:db8:{site:x}:{network:x}::1")
            assert street.lets_in(f"203.0.113.{second}")
            assert street.lets_in(f"2001:db8:ff{second:02x}::1")
        fifth = TRAFFIC.desk_tenant.per_second * SECONDS + TRAFFIC.desk_tenant.burst
        assert passed <= min(sites, 5) * fifth / 5 * 1.05 + 30 * sites

    def test_of_one_address_takes_a_fifth_at_most(self) -> None:
        doors = TownDoors(Rate(per_second=100, burst=1_000))
        passed = sum(doors.take("012084", "one", 0.0) is None for _ in range(1_000))
        small_share = 1_000 // 250
        assert passed <= 1_000 // 5 + small_share
        assert doors.take("012084", "another", 0.0) is None

    def test_of_one_town_is_nothing_to_the_next(self) -> None:
        doors = TownDoors(Rate(per_second=1, burst=5))
        for number in range(100):
            doors.take("012084", str(number), 0.0)
        assert doors.take("012084", "somebody", 0.0) is not None
        assert doors.take("302082", "somebody", 0.0) is None

    @given(st.lists(st.tuples(st.integers(0, 20), st.floats(0, 0.2)), max_size=200))
    def test_is_never_more_than_twice_the_rate(self, asked: list[tuple[int, float]]) -> None:
        rate, now = Rate(per_second=2, burst=10), 0.0
        doors, passed = TownDoors(rate), [0.0][:0]
        for who, wait in asked:
            now += wait
            if doors.take("012084", str(who), now) is None:
                passed.append(now)
        assert len(passed) <= 2 * (rate.burst + rate.per_second * now) + 2
