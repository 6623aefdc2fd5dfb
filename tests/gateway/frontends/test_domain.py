"""Whatever happens to a session in a browser, in whatever order, against the plain rule of it."""

import secrets
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from foundation.identifiers import new_id
from gateway.frontends.domain import (
    GRACE,
    REASONS,
    ROTATION,
    TRANSITIONS,
    BrowserSession,
    Event,
    State,
    after,
)

BEGAN = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LONGEST = timedelta(minutes=60)
IDLE = timedelta(minutes=30)


def session(*, expires_at: datetime = BEGAN + LONGEST) -> BrowserSession:
    return BrowserSession(
        session_id=new_id(),
        secret_hash=b"first",
        previous_hash=None,
        previous_until=None,
        scopes=frozenset({"openid"}),
        rotated_at=BEGAN,
        seen_at=BEGAN,
        expires_at=expires_at,
        ended_at=None,
        idle=IDLE,
    )


class TestIdle:
    def test_is_open_until_half_an_hour_of_doing_nothing(self) -> None:
        last = BEGAN + IDLE - timedelta(microseconds=1)
        assert session().state(b"first", last) is State.OPEN
        assert session().state(b"first", BEGAN + IDLE) is State.IDLE

    def test_is_put_off_by_use(self) -> None:
        used = session().used(BEGAN + timedelta(minutes=29))
        assert used.state(b"first", BEGAN + timedelta(minutes=58)) is State.OPEN

    def test_is_never_brought_nearer_by_a_late_note(self) -> None:
        used = session().used(BEGAN + timedelta(minutes=9)).used(BEGAN)
        assert used.seen_at == BEGAN + timedelta(minutes=9)


class TestAge:
    def test_ends_it_however_busy_somebody_is(self) -> None:
        busy = session().used(BEGAN + LONGEST - timedelta(seconds=1))
        assert busy.state(b"first", BEGAN + LONGEST) is State.OVER


class TestRotation:
    def test_is_due_after_ten_minutes_for_the_present_id_alone(self) -> None:
        assert not session().is_due_for_rotation(b"first", BEGAN + ROTATION - timedelta(seconds=1))
        assert session().is_due_for_rotation(b"first", BEGAN + ROTATION)
        rotated = session().rotated(b"second", BEGAN, grace=GRACE)
        assert not rotated.is_due_for_rotation(b"first", BEGAN + ROTATION)

    def test_lets_requests_under_way_finish(self) -> None:
        rotated = session().rotated(b"second", BEGAN, grace=GRACE)
        assert rotated.state(b"first", BEGAN + GRACE - timedelta(microseconds=1)) is State.OPEN
        assert rotated.good_until(b"first") == BEGAN + GRACE

    def test_knows_a_copy_afterwards(self) -> None:
        rotated = session().rotated(b"second", BEGAN, grace=GRACE)
        assert rotated.state(b"first", BEGAN + GRACE) is State.STOLEN
        assert rotated.state(b"second", BEGAN + GRACE) is State.OPEN

    def test_without_grace_refuses_the_old_id_at_once(self) -> None:
        rotated = session().rotated(b"second", BEGAN, grace=timedelta(0))
        assert rotated.state(b"first", BEGAN) is State.STOLEN


class TestTable:
    def test_leads_from_no_end_anywhere(self) -> None:
        assert {state for state, _ in TRANSITIONS} == {State.OPEN}

    def test_changes_nothing_that_it_does_not_name(self) -> None:
        for state in State:
            for event in Event:
                if (state, event) not in TRANSITIONS:
                    assert after(state, event) is state

    def test_has_a_word_for_every_end(self) -> None:
        assert REASONS.keys() == set(State) - {State.OPEN}


class Browsing(RuleBasedStateMachine):
    """A browser, a thief with an old copy, and time, against what the rule says in words."""

    def __init__(self) -> None:
        super().__init__()
        self.now = BEGAN
        self.ids: list[bytes] = []
        self.used_at = BEGAN
        self.rotated_at = BEGAN
        self.state = State.OPEN

    @initialize()
    def sign_in(self) -> None:
        self.session = session()
        self.ids = [b"first"]

    @rule(minutes=st.integers(0, 20), seconds=st.integers(0, 59))
    def wait(self, minutes: int, seconds: int) -> None:
        self.now += timedelta(minutes=minutes, seconds=seconds)

    @rule(which=st.integers(0, 10))
    def show(self, which: int) -> None:
        """Show the present id, or one of those before it."""
        shown = self.ids[max(0, len(self.ids) - 1 - which)]
        found = self.state
        if self.state is State.OPEN:
            # An id two before the present one is found by nobody, as if it had never been.
            known = shown in self.ids[-2:]
            found = self.session.state(shown, self.now) if known else State.OPEN
            assert found is self._expected(shown) or not known
        if found is State.OPEN and shown in self.ids[-2:]:
            self.session = self.session.used(self.now)
            self.used_at = self.now
        self.state = found

    @rule()
    @precondition(lambda self: self.state is State.OPEN)
    def rotate(self) -> None:
        present = self.ids[-1]
        if self.session.state(present, self.now) is State.OPEN and (
            self.session.is_due_for_rotation(present, self.now)
        ):
            fresh = secrets.token_bytes(8)
            self.session = self.session.rotated(fresh, self.now, grace=GRACE)
            self.ids.append(fresh)
            self.rotated_at = self.now

    @rule(event=st.sampled_from([Event.SIGNED_OUT, Event.ENDED_ELSEWHERE]))
    def end(self, event: Event) -> None:
        self.state = after(self.state, event)

    @invariant()
    def lasts_no_longer_than_it_may(self) -> None:
        if self.ids:
            limit = self.session.good_until(self.ids[-1])
            assert limit <= BEGAN + LONGEST
            assert limit <= self.used_at + IDLE

    @invariant()
    def keeps_one_id_before_the_present_one_at_most(self) -> None:
        if len(self.ids) > 1:
            assert self.session.previous_hash == self.ids[-2]

    def _expected(self, shown: bytes) -> State:
        """Say in other words what the rule is."""
        if self.now - BEGAN >= LONGEST:
            return State.OVER
        if self.now - self.used_at >= IDLE:
            return State.IDLE
        if shown == self.ids[-1] or self.now - self.rotated_at < GRACE:
            return State.OPEN
        return State.STOLEN


TestBrowsing = Browsing.TestCase
