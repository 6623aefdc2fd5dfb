"""How a signing key comes, signs and goes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from foundation.identity.rotation import TRANSITIONS, KeyState, Plan, PlannedKey

AT = datetime(2026, 11, 23, tzinfo=UTC)
KEPT = timedelta(minutes=11)
LEADS = st.sampled_from([0, 1, 2, 60, 120, 3_600]).map(lambda seconds: timedelta(seconds=seconds))
ORDER = list(KeyState)


class Keys(RuleBasedStateMachine):
    """Whoever rotates, at whatever times, with whatever lead; and the clock, which only goes on."""

    @initialize()
    def begin(self) -> None:
        self.now = AT
        self.made = 2
        self.leads: dict[str, timedelta] = {}
        self.plan = Plan.fresh(("0001", "0002"), now=AT, kept=KEPT)
        self.seen: dict[str, KeyState] = {}
        self.signed: dict[str, datetime] = {}

    @rule(lead=LEADS)
    def rotate(self, lead: timedelta) -> None:
        waiting = self.plan.keys[-1]
        self.made += 1
        self.plan = self.plan.rotated(f"{self.made:04}", now=self.now, lead=lead)
        self.leads[waiting.name] = lead

    @rule(seconds=st.integers(0, 4_000))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def sweep(self) -> None:
        before = self.plan.believed(self.now)
        self.plan = self.plan.swept(self.now)
        assert self.plan.believed(self.now) == before

    @rule()
    def sign(self) -> None:
        self.signed[self.plan.signing(self.now)] = self.now

    @invariant()
    def one_key_signs_and_one_waits(self) -> None:
        states = list(self.plan.states(self.now).values())
        assert states.count(KeyState.SIGNING) == 1
        assert states[-1] is KeyState.PUBLISHED
        assert len(self.plan.believed(self.now)) >= 2

    @invariant()
    def no_key_goes_back(self) -> None:
        for name, state in self.plan.states(self.now).items():
            before = self.seen.get(name, KeyState.PUBLISHED)
            assert ORDER.index(before) <= ORDER.index(state)
            self.seen[name] = state

    @invariant()
    def who_signs_was_published_long_enough(self) -> None:
        for key in self.plan.keys:
            if key.name in self.leads and key.used_from is not None:
                assert key.used_from - key.published_at >= self.leads[key.name]

    @invariant()
    def what_was_signed_is_believed_until_it_expires(self) -> None:
        believed = self.plan.believed(self.now)
        for name, at in self.signed.items():
            if self.now < at + KEPT:
                assert name in believed


TestKeys = Keys.TestCase


class TestPlan:
    def test_has_a_table_that_leads_from_first_to_last(self) -> None:
        assert [TRANSITIONS[state] for state in ORDER[:-1]] == ORDER[1:]

    @pytest.mark.parametrize(
        "keys",
        [
            (),
            (PlannedKey(name="0001", published_at=AT),),
            (PlannedKey(name="0001", published_at=AT, used_from=AT),),
            (
                PlannedKey(name="0001", published_at=AT),
                PlannedKey(name="0002", published_at=AT),
            ),
            (
                PlannedKey(name="0001", published_at=AT, used_from=AT + KEPT),
                PlannedKey(name="0002", published_at=AT, used_from=AT),
                PlannedKey(name="0003", published_at=AT),
            ),
        ],
    )
    def test_is_none_when_no_key_signs_or_none_waits(self, keys: tuple[PlannedKey, ...]) -> None:
        with pytest.raises(ValueError, match=r"[Kk]ey"):
            Plan(keys, KEPT)

    def test_uses_the_waiting_key_at_once_when_it_waited_long_enough(self) -> None:
        plan = Plan.fresh(("0001", "0002"), now=AT, kept=KEPT)
        later = AT + timedelta(days=30)
        assert plan.rotated("0003", now=later, lead=timedelta(minutes=2)).signing(later) == "0002"

    def test_lets_it_wait_when_not_everybody_can_have_read_it(self) -> None:
        plan = Plan.fresh(("0001", "0002"), now=AT, kept=KEPT)
        rotated = plan.rotated("0003", now=AT, lead=timedelta(minutes=2))
        assert rotated.signing(AT + timedelta(seconds=119)) == "0001"
        assert rotated.signing(AT + timedelta(seconds=120)) == "0002"

    @given(st.lists(st.integers(0, 10_000), min_size=2, max_size=6))
    def test_takes_up_keys_that_were_there_before_it(self, seconds: list[int]) -> None:
        found = [
            (f"{number:04}", AT + timedelta(seconds=second))
            for number, second in enumerate(seconds, start=1)
        ]
        now = AT + timedelta(seconds=10_000)
        plan = Plan.adopted(found, kept=timedelta(days=1))
        assert plan.signing(now) == found[-2][0]
        assert plan.believed(now) == tuple(name for name, _ in found)

    def test_takes_up_no_single_key(self) -> None:
        with pytest.raises(ValueError, match="two keys"):
            Plan.adopted([("0001", AT)], kept=KEPT)
