"""A service that fails is left alone, tried by one, and taken back only when it answered."""

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.breaker import TRANSITIONS, Breaker, BreakerLimits, BreakerState, Sign

LIMITS = BreakerLimits(failures=3, window=10.0, rest=5.0)


def opened(at: float = 0.0) -> Breaker:
    breaker = Breaker(LIMITS)
    for _ in range(LIMITS.failures):
        assert breaker.admits(at)
        breaker.failed(at)
    assert breaker.state is BreakerState.OPEN
    return breaker


class TestTransitions:
    def test_lead_back_to_closed_only_through_an_answered_probe(self) -> None:
        assert [key for key, state in TRANSITIONS.items() if state is BreakerState.CLOSED] == [
            (BreakerState.PROBING, Sign.ANSWERED)
        ]

    def test_reach_every_state(self) -> None:
        assert {*TRANSITIONS.values()} == set(BreakerState)


class TestBreaker:
    def test_opens_after_enough_failures_in_a_row_of_seconds(self) -> None:
        assert not opened().admits(4.9)

    def test_does_not_open_for_failures_far_apart(self) -> None:
        breaker = Breaker(LIMITS)
        for at in range(0, 100, 6):
            assert breaker.admits(at)
            breaker.failed(at)

    def test_does_not_open_while_most_requests_are_answered(self) -> None:
        breaker = Breaker(LIMITS)
        for _ in range(20):
            assert breaker.admits(0.0)
            breaker.failed(0.0)
            for _ in range(3):
                breaker.answered()
        assert breaker.state is BreakerState.CLOSED

    def test_lets_one_probe_through_after_its_rest(self) -> None:
        breaker = opened()
        assert breaker.admits(5.0)
        assert not breaker.admits(5.0)

    def test_closes_when_the_probe_is_answered(self) -> None:
        breaker = opened()
        assert breaker.admits(5.0)
        breaker.answered()
        assert breaker.state is BreakerState.CLOSED
        assert all(breaker.admits(5.0) for _ in range(5))

    def test_rests_again_when_the_probe_fails(self) -> None:
        breaker = opened()
        assert breaker.admits(6.0)
        breaker.failed(6.5)
        assert not breaker.admits(11.4)
        assert breaker.retry_after(11.0) == 0.5
        assert breaker.admits(11.5)

    def test_sends_another_probe_when_the_first_told_nothing(self) -> None:
        breaker = opened()
        assert breaker.admits(5.0)
        breaker.told_nothing()
        assert breaker.admits(5.0)


class Service(RuleBasedStateMachine):
    """Requests come and end in any order; some were let in before the breaker opened."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker(LIMITS)
        self.now = 0.0
        self.inside = 0
        self.state = BreakerState.CLOSED

    @rule()
    def come(self) -> None:
        before = self.breaker.state
        if self.breaker.admits(self.now):
            self.inside += 1
            assert before is not BreakerState.OPEN or self.breaker.state is BreakerState.PROBING
        else:
            assert before is not BreakerState.CLOSED

    @precondition(lambda self: self.inside)
    @rule(sign=st.sampled_from(["answered", "failed", "nothing"]))
    def end(self, sign: str) -> None:
        self.inside -= 1
        if sign == "answered":
            self.breaker.answered()
        elif sign == "failed":
            self.breaker.failed(self.now)
        else:
            self.breaker.told_nothing()

    @rule(seconds=st.floats(0.1, 6.0))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def goes_only_as_the_table_says(self) -> None:
        reached = {state for (begin, _), state in TRANSITIONS.items() if begin is self.state}
        steps = {state for (begin, _), state in TRANSITIONS.items() if begin in reached}
        assert self.breaker.state in {self.state} | reached | steps
        self.state = self.breaker.state

    @invariant()
    def never_locks_itself(self) -> None:
        if not self.inside:
            later = self.now + LIMITS.rest
            assert self.breaker.state is BreakerState.CLOSED or self.breaker.retry_after(later) == 0


TestService = Service.TestCase
TestService.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)
