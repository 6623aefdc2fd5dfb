"""When somebody is asked again, what their answer gives, and that what has ended stays ended."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from foundation.identifiers import new_id
from gateway.consent.domain import (
    TRANSITIONS,
    Consent,
    Happening,
    NothingChosen,
    State,
    after,
    chosen,
    expiry_of,
)

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SCOPES = ("openid", "registry:read", "benefits:read", "benefits:write")
some = st.frozensets(st.sampled_from(SCOPES))


def consent(*, asked: frozenset[str], given: frozenset[str]) -> Consent:
    return Consent(
        id=new_id(),
        client_id="photo",
        asked=asked,
        given=given,
        given_at=AT,
        expires_at=expiry_of(AT),
    )


class TestCovers:
    def test_gives_again_what_was_agreed_to(self) -> None:
        known = consent(asked=frozenset(SCOPES), given=frozenset({"openid", "registry:read"}))
        assert known.covers(frozenset({"openid", "registry:read"}), now=AT) == {
            "openid",
            "registry:read",
        }

    def test_remembers_the_no_to_a_part(self) -> None:
        known = consent(asked=frozenset(SCOPES), given=frozenset({"openid", "registry:read"}))
        assert known.covers(frozenset(SCOPES), now=AT) == {"openid", "registry:read"}

    def test_asks_when_more_is_wanted(self) -> None:
        known = consent(asked=frozenset({"openid"}), given=frozenset({"openid"}))
        assert known.covers(frozenset({"openid", "registry:read"}), now=AT) is None

    def test_asks_when_nothing_of_it_was_agreed_to(self) -> None:
        known = consent(asked=frozenset(SCOPES), given=frozenset({"openid"}))
        assert known.covers(frozenset({"registry:read"}), now=AT) is None

    def test_asks_after_a_year(self) -> None:
        known = consent(asked=frozenset(SCOPES), given=frozenset(SCOPES))
        last = datetime(2027, 11, 23, 1, 0, tzinfo=UTC) - timedelta(microseconds=1)
        assert known.covers(frozenset({"openid"}), now=last) is not None
        assert known.covers(frozenset({"openid"}), now=last + timedelta(microseconds=1)) is None

    @given(asked=some, agreed=some, wanted=some)
    def test_never_gives_what_was_not_agreed_to_or_not_wanted(
        self, asked: frozenset[str], agreed: frozenset[str], wanted: frozenset[str]
    ) -> None:
        known = consent(asked=asked, given=agreed & asked)
        covered = known.covers(wanted, now=AT)
        assert covered is None or covered <= wanted & known.given


class TestChosen:
    def test_takes_only_what_was_ticked_and_who_they_are(self) -> None:
        assert chosen(frozenset(SCOPES), frozenset({"registry:read"})) == {
            "openid",
            "registry:read",
        }

    def test_takes_nothing_that_was_not_asked(self) -> None:
        assert chosen(frozenset({"openid", "registry:read"}), frozenset(SCOPES)) == {
            "openid",
            "registry:read",
        }

    def test_lets_a_mere_sign_in_be_agreed_to(self) -> None:
        assert chosen(frozenset({"openid"}), frozenset()) == {"openid"}

    @pytest.mark.parametrize("wanted", [frozenset(SCOPES), frozenset({"registry:read"})])
    def test_does_not_take_silence_for_a_yes(self, wanted: frozenset[str]) -> None:
        with pytest.raises(NothingChosen):
            chosen(wanted, frozenset())

    @given(wanted=some, ticked=some)
    def test_gives_a_part_of_what_is_wanted(
        self, wanted: frozenset[str], ticked: frozenset[str]
    ) -> None:
        try:
            assert chosen(wanted, ticked) <= wanted
        except NothingChosen:
            assert not wanted & ticked - {"openid"}


class TestExpiry:
    def test_is_the_same_day_a_year_later(self) -> None:
        assert expiry_of(AT) == AT.replace(year=2027)

    def test_is_the_28th_after_a_leap_day(self) -> None:
        leap = datetime(2028, 2, 29, tzinfo=UTC)
        assert expiry_of(leap) == datetime(2029, 2, 28, tzinfo=UTC)


class Course(RuleBasedStateMachine):
    """Whatever befalls a question, in whatever order."""

    def __init__(self) -> None:
        super().__init__()
        self.state = State.ASKED
        self.was_accepted = False
        self.ended: State | None = None

    @rule(happening=st.sampled_from(Happening))
    def befall(self, happening: Happening) -> None:
        before = self.state
        self.state = after(before, happening)
        if (before, happening) == (State.ASKED, Happening.ACCEPT):
            self.was_accepted = True
        if self.state not in (State.ASKED, State.GIVEN):
            self.ended = self.ended or self.state

    @invariant()
    def gives_only_after_a_yes(self) -> None:
        assert self.state is not State.GIVEN or self.was_accepted

    @invariant()
    def stays_as_it_ended(self) -> None:
        assert self.ended is None or self.state is self.ended


TestCourse = Course.TestCase


class TestTable:
    def test_leads_nowhere_from_an_end(self) -> None:
        ends = set(State) - {State.ASKED, State.GIVEN}
        assert not {state for state, _ in TRANSITIONS} & ends
