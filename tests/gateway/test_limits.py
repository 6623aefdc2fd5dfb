"""Fair shares, computed over a clock that tests hold in their hands."""

import pytest
from hypothesis import given, strategies as st

from gateway.limits import (
    ConcurrencyLimits,
    Rate,
    RateLimits,
    judge,
    rate_headers,
    retry_after,
)

RATES = st.builds(
    Rate, per_second=st.floats(0.1, 1_000, allow_nan=False), burst=st.integers(1, 500)
)
PAUSES = st.lists(st.floats(0, 5, allow_nan=False), max_size=200)
SLACK = 1e-6


class TestRate:
    @pytest.mark.parametrize(("per_second", "burst"), [(0, 1), (-1, 1), (1, 0)])
    def test_is_no_rate_if_it_lets_nothing_through(self, per_second: float, burst: int) -> None:
        with pytest.raises(ValueError, match="lets something through"):
            Rate(per_second=per_second, burst=burst)


class TestJudge:
    @given(RATES)
    def test_lets_exactly_a_burst_through_at_once(self, rate: Rate) -> None:
        full_at = 0.0
        passed = 0
        for _ in range(rate.burst + 5):
            full_at, verdict = judge(rate, full_at, 100.0)
            passed += verdict.allowed
        assert passed == rate.burst

    @given(RATES, PAUSES)
    def test_never_lets_more_through_than_burst_and_rate(
        self, rate: Rate, pauses: list[float]
    ) -> None:
        full_at, now, passed = 0.0, 0.0, 0
        for pause in pauses:
            now += pause
            full_at, verdict = judge(rate, full_at, now)
            passed += verdict.allowed
        assert passed <= rate.burst + now * rate.per_second * (1 + SLACK) + SLACK

    @given(RATES, PAUSES)
    def test_lets_through_who_waits_as_long_as_was_said(
        self, rate: Rate, pauses: list[float]
    ) -> None:
        full_at, now = 0.0, 0.0
        for pause in pauses:
            now += pause
            full_at, verdict = judge(rate, full_at, now)
            if not verdict.allowed:
                assert verdict.retry_after > 0
                later = now + verdict.retry_after * (1 + SLACK) + SLACK
                assert judge(rate, full_at, later)[1].allowed

    @given(RATES, st.integers(1, 50))
    def test_does_not_punish_hammering(self, rate: Rate, times: int) -> None:
        full_at = 0.0
        for _ in range(rate.burst):
            full_at, _ = judge(rate, full_at, 0.0)
        emptied = full_at
        for _ in range(times):
            full_at, verdict = judge(rate, full_at, 0.0)
            assert not verdict.allowed
        assert full_at == emptied

    @given(RATES)
    def test_counts_down_what_remains(self, rate: Rate) -> None:
        full_at, remaining = 0.0, rate.burst
        for _ in range(rate.burst):
            full_at, verdict = judge(rate, full_at, 0.0)
            assert verdict.remaining == remaining - 1
            remaining = verdict.remaining


class TestRateLimits:
    def test_one_tenants_haste_is_not_anothers_wait(self) -> None:
        limits = RateLimits(Rate(per_second=1, burst=1))
        assert limits.take(1, 0.0).allowed
        assert not limits.take(1, 0.0).allowed
        assert limits.take(2, 0.0).allowed

    def test_honours_what_was_agreed_with_one_tenant(self) -> None:
        limits = RateLimits(Rate(per_second=1, burst=1), {7: Rate(per_second=1, burst=3)})
        assert [limits.take(7, 0.0).allowed for _ in range(4)] == [True, True, True, False]

    def test_forgets_tenants_whose_bucket_is_full_again(self) -> None:
        limits = RateLimits(Rate(per_second=1, burst=1))
        for tenant in range(5_000):
            limits.take(tenant, 0.0)
        limits.take(1, 100.0)
        assert len(limits) < 10


class TestConcurrencyLimits:
    @given(st.integers(1, 5), st.lists(st.tuples(st.integers(0, 2), st.booleans())))
    def test_never_has_more_under_way_than_allowed(
        self, most: int, steps: list[tuple[int, bool]]
    ) -> None:
        limits = ConcurrencyLimits(most)
        inside = [0, 0, 0]
        for tenant, comes in steps:
            if comes:
                entered = limits.enter(tenant)
                assert entered == (inside[tenant] < most)
                inside[tenant] += entered
            elif inside[tenant]:
                limits.leave(tenant)
                inside[tenant] -= 1
            assert limits.under_way(tenant) == inside[tenant]


class TestHeaders:
    def test_tell_policy_and_state(self) -> None:
        rate = Rate(per_second=10, burst=20)
        _, verdict = judge(rate, 0.0, 5.0)
        assert rate_headers(rate, verdict) == [
            (b"ratelimit-policy", b'"tenant";q=20;w=2'),
            (b"ratelimit", b'"tenant";r=19;t=1'),
        ]

    def test_round_the_wait_up_to_whole_seconds(self) -> None:
        rate = Rate(per_second=0.4, burst=1)
        full_at, _ = judge(rate, 0.0, 0.0)
        assert retry_after(judge(rate, full_at, 0.0)[1]) == "3"


class TestRatesOfClients:
    BOTH = {(1, "vendor"): Rate(per_second=1, burst=2)}

    def limits(self) -> RateLimits:
        return RateLimits(Rate(per_second=10, burst=5), clients=self.BOTH)

    def test_stop_the_client_and_not_its_municipality(self) -> None:
        limits = self.limits()
        passed = [limits.take(1, 0.0, "vendor").allowed for _ in range(4)]
        assert passed == [True, True, False, False]
        assert [limits.take(1, 0.0, "desk").allowed for _ in range(4)] == [True, True, True, False]

    def test_give_nothing_beyond_what_the_municipality_has(self) -> None:
        limits = self.limits()
        for _ in range(5):
            assert limits.take(1, 0.0, "desk").allowed
        refused = limits.take(1, 0.0, "vendor")
        assert (refused.allowed, refused.violated) == (False, ["tenant"])
        assert limits.take(1, 1.0, "vendor").of_client == (
            self.BOTH[1, "vendor"],
            judge(self.BOTH[1, "vendor"], 0.0, 1.0)[1],
        )

    def test_hold_in_one_municipality_only(self) -> None:
        limits = self.limits()
        assert all(limits.take(2, 0.0, "vendor").allowed for _ in range(5))

    def test_are_told_beside_the_municipalitys(self) -> None:
        limits = self.limits()
        limits.take(1, 0.0, "vendor")
        headers = dict(rate_headers(limits.rate_of(1), limits.take(1, 0.0, "vendor")))
        assert headers[b"ratelimit-policy"] == b'"tenant";q=5;w=1, "client";q=2;w=2'
        assert headers[b"ratelimit"] == b'"tenant";r=3;t=1, "client";r=0;t=2'

    def test_name_who_has_used_up_what(self) -> None:
        limits = self.limits()
        for _ in range(2):
            assert limits.take(1, 0.0, "vendor").violated == []
        refused = limits.take(1, 0.0, "vendor")
        assert (refused.violated, retry_after(refused)) == (["client"], "1")

    @given(st.lists(st.tuples(st.sampled_from(["vendor", "desk"]), st.floats(0, 1)), max_size=80))
    def test_never_let_more_through_than_either_allows(
        self, asked: list[tuple[str, float]]
    ) -> None:
        limits, now, passed = self.limits(), 0.0, {"vendor": 0, "desk": 0}
        for client, pause in asked:
            now += pause
            passed[client] += limits.take(1, now, client).allowed
        assert passed["vendor"] <= 2 + now + SLACK
        assert passed["vendor"] + passed["desk"] <= 5 + 10 * now + SLACK

    def test_may_be_agreed_anew_while_traffic_flows(self) -> None:
        limits = self.limits()
        for _ in range(2):
            limits.take(1, 0.0, "vendor")
        limits.agree({1: Rate(per_second=1, burst=1)}, {})
        assert not limits.take(1, 0.0, "vendor").allowed
        assert limits.take(2, 0.0, "vendor").allowed
