"""Refusing stays cheap, bounded, and somebody else's patience is never spent on it."""

from hypothesis import given, strategies as st

from gateway.shedding import Pulse, Tarpit, TarpitLimits

LIMITS = TarpitLimits(freely=3, seconds=0.5, held=4, held_together=6)


class TestTarpit:
    def test_says_the_first_refusals_at_once(self) -> None:
        tarpit = Tarpit(LIMITS)
        assert [tarpit.hold(1, 0.0) for _ in range(3)] == [0.0, 0.0, 0.0]

    def test_says_the_next_ones_slowly_and_then_hangs_up(self) -> None:
        tarpit = Tarpit(LIMITS)
        said = [tarpit.hold(1, 0.0) for _ in range(9)]
        assert said == [0.0] * 3 + [0.5] * 4 + [None] * 2

    def test_does_not_slow_another_municipality(self) -> None:
        tarpit = Tarpit(LIMITS)
        for _ in range(50):
            tarpit.hold(1, 0.0)
        assert tarpit.hold(2, 0.0) == 0.0

    def test_forgives_after_a_second_without_refusals(self) -> None:
        tarpit = Tarpit(LIMITS)
        held = [tarpit.hold(1, 0.0) for _ in range(6)]
        for seconds in held:
            if seconds:
                tarpit.let_go(1)
        assert tarpit.hold(1, 1.0) == 0.0

    @given(st.lists(st.tuples(st.integers(1, 4), st.floats(0, 0.3)), max_size=200))
    def test_never_holds_more_than_it_may(self, refusals: list[tuple[int, float]]) -> None:
        tarpit, now = Tarpit(LIMITS), 0.0
        waiting: list[tuple[float, int]] = []
        for tenant, pause in refusals:
            now += pause
            for due in [one for one in waiting if one[0] <= now]:
                waiting.remove(due)
                tarpit.let_go(due[1])
            if seconds := tarpit.hold(tenant, now):
                waiting.append((now + seconds, tenant))
            assert tarpit.held == len(waiting) <= 6
            assert all(sum(one == who for _, who in waiting) <= 4 for one in range(1, 5))


class TestPulse:
    def test_is_not_strained_by_one_late_beat(self) -> None:
        pulse = Pulse()
        pulse.beat(0.3)
        assert not pulse.is_strained

    def test_is_strained_while_beats_stay_late_and_calms_down(self) -> None:
        pulse = Pulse()
        for _ in range(10):
            pulse.beat(0.3)
        assert pulse.is_strained
        pulse.beat(0.0)
        assert pulse.is_strained
        for _ in range(10):
            pulse.beat(0.0)
        assert not pulse.is_strained
