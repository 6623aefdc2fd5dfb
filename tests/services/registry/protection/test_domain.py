"""Whatever happens in whatever order, from application to release nobody is ever unprotected."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from foundation.identifiers import new_id
from foundation.parameters import OPENING_APPROVAL, OPENING_VIEW, PROTECTION_NOTICE
from services.registry.protection.domain import (
    Act,
    Ground,
    IllegalOpeningStep,
    IllegalStep,
    Measure,
    MeasureId,
    MeasureState,
    Opening,
    OpeningAct,
    OpeningId,
    OpeningState,
    Origin,
    TooEarlyToExtend,
    after,
    extended_to,
    last_day_of,
    may_follow,
    notice_day,
    protects,
    warning_day,
)

DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1))
AHEAD = PROTECTION_NOTICE.lasting(PROTECTION_NOTICE.default)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def a_measure(state: MeasureState, ends_on: date | None = None) -> Measure:
    return Measure(
        id=MeasureId(new_id()),
        origin=Origin.APPLICATION,
        state=state,
        applied_on=date(2026, 4, 1),
        ends_on=ends_on,
        caretaker="registrar",
        office_work=frozenset(),
        excluded_officials=frozenset(),
        informed_by="",
        informed_on=None,
        notes="",
        persons=(),
        perpetrators=(),
        proposal=None,
        opened_by="registrar",
        opened_at=NOW,
        version=1,
    )


def an_opening(state: OpeningState, until: datetime) -> Opening:
    return Opening(
        id=OpeningId(new_id()),
        resident_id=new_id(),
        state=state,
        purpose="statutory_inquiry",
        ground=Ground.COURT_ORDER,
        reason="調査嘱託",
        requested_by="clerk",
        requested_at=NOW,
        until=until,
        decided_by=None,
        version=1,
    )


class TestPeriod:
    def test_is_a_year_as_the_standard_counts_it(self) -> None:
        assert last_day_of(date(2020, 4, 1)) == date(2021, 3, 31)
        assert last_day_of(date(2024, 2, 29)) == date(2025, 2, 27)

    def test_may_be_extended_from_a_month_before_its_end(self) -> None:
        assert warning_day(date(2021, 3, 31)) == date(2021, 2, 28)
        measure = a_measure(MeasureState.GRANTED, date(2021, 3, 31))
        measure.require_extensible(today=date(2021, 2, 28))
        with pytest.raises(TooEarlyToExtend):
            measure.require_extensible(today=date(2021, 2, 27))
        with pytest.raises(IllegalStep):
            a_measure(MeasureState.APPLIED).require_extensible(today=date(2021, 3, 1))

    @given(ends_on=DAYS, late=st.integers(0, 4000))
    def test_reaches_into_the_future_however_late_it_is_extended(
        self, ends_on: date, late: int
    ) -> None:
        today = ends_on + timedelta(days=late)
        extended = extended_to(ends_on, today=today)
        assert extended >= today
        assert extended > ends_on
        assert extended <= max(last_day_of(today), last_day_of(ends_on + timedelta(days=1)))


class TestCalendar:
    @given(ends_on=DAYS, days=st.integers(28, 90))
    def test_announces_a_month_ahead_or_earlier(self, ends_on: date, days: int) -> None:
        day = notice_day(ends_on, ahead=timedelta(days=days))
        assert day <= warning_day(ends_on)
        assert (ends_on - day).days >= days
        assert notice_day(ends_on, ahead=AHEAD) == warning_day(ends_on)

    @given(ends_on=DAYS, today=DAYS, state=st.sampled_from(MeasureState))
    def test_never_ends_a_measure(self, ends_on: date, today: date, state: MeasureState) -> None:
        act = a_measure(state, ends_on).due(today=today, ahead=AHEAD)
        assert act in {None, Act.WARN, Act.RUN_OVER}
        if act is not None:
            assert protects(after(state, act))


class MeasureLife(RuleBasedStateMachine):
    """Officials, the calendar and files do what they can, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.state = MeasureState.APPLIED
        self.today = date(2026, 4, 1)
        self.ends_on: date | None = None
        self.proposed: tuple[Act, str] | None = None
        self.released_by: set[str] = set()

    @initialize()
    def apply(self) -> None:
        self.state = MeasureState.APPLIED

    def _take(self, act: Act) -> None:
        if may_follow(self.state, act):
            self.state = after(self.state, act)
        else:
            with pytest.raises(IllegalStep):
                after(self.state, act)

    @rule()
    def provide(self) -> None:
        self._take(Act.PROVIDE)

    @rule(act=st.sampled_from([Act.GRANT, Act.RELEASE]), who=st.sampled_from("ab"))
    def propose(self, act: Act, who: str) -> None:
        if self.proposed is None and may_follow(self.state, act):
            self.proposed = (act, who)

    @rule(who=st.sampled_from("ab"))
    def decide(self, who: str) -> None:
        if self.proposed is None or self.proposed[1] == who:
            return
        act, proposer = self.proposed
        self.proposed = None
        if not may_follow(self.state, act):
            return
        self._take(act)
        if act is Act.GRANT:
            self.ends_on = last_day_of(self.today)
        else:
            self.released_by = {proposer, who}

    @rule(days=st.integers(1, 500))
    def time_passes(self, days: int) -> None:
        self.today += timedelta(days=days)
        while act := a_measure(self.state, self.ends_on).due(today=self.today, ahead=AHEAD):
            self._take(act)

    @rule()
    def extend(self) -> None:
        try:
            a_measure(self.state, self.ends_on).require_extensible(today=self.today)
        except (IllegalStep, TooEarlyToExtend):
            return
        self._take(Act.EXTEND)
        assert self.ends_on is not None
        self.ends_on = extended_to(self.ends_on, today=self.today)

    @invariant()
    def protects_until_two_people_end_it(self) -> None:
        assert protects(self.state) is (len(self.released_by) < 2)


TestMeasureLife = MeasureLife.TestCase


class TestOpening:
    @given(
        state=st.sampled_from(OpeningState),
        act=st.sampled_from(OpeningAct),
        minutes=st.integers(-30, 30),
    )
    def test_is_looked_at_once_while_it_is_allowed_and_never_later(
        self, state: OpeningState, act: OpeningAct, minutes: int
    ) -> None:
        opening = an_opening(state, NOW)
        at = NOW + timedelta(minutes=minutes)
        try:
            following = opening.take(act, at=at)
        except IllegalOpeningStep:
            return
        assert following is not state
        if act is OpeningAct.VIEW:
            assert (state, following) == (OpeningState.APPROVED, OpeningState.VIEWED)
            assert minutes <= 0
        if act is OpeningAct.LAPSE:
            assert minutes > 0

    def test_is_decided_in_a_quarter_of_an_hour_and_used_in_ten_minutes(self) -> None:
        lasting = [one.lasting(one.default) for one in (OPENING_APPROVAL, OPENING_VIEW)]
        assert lasting == [timedelta(minutes=15), timedelta(minutes=10)]
