"""Whatever is entered and withdrawn in whatever order: one value a day, and the past stays."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from foundation.identifiers import new_id
from gateway.parameters.domain import (
    TRANSITIONS,
    Act,
    DayRefused,
    Entry,
    IllegalChange,
    NotPlanned,
    Overlaps,
    State,
    Timeline,
)

BEGAN = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
FAR = BEGAN + timedelta(days=400)


def an_entry(starts_on: date, value: int | None = 14) -> Entry:
    return Entry(
        id=new_id(),
        key="platform.slip_days",
        starts_on=starts_on,
        value=value,
        reason="試験",
        entered_by="chief",
        entered_at=NOW,
    )


def entered(
    timeline: Timeline, entry: Entry, *, until: date | None = None, supersedes: bool = False
) -> Timeline:
    end = None if until is None else (new_id(), until)
    change = timeline.enter(entry, end=end, supersedes=supersedes, today=BEGAN)
    return timeline.changed(change)


def value_on(timeline: Timeline, day: date) -> object:
    found = timeline.on(day)
    return None if found is None else found.value


def withdrawn(timeline: Timeline, entry: Entry) -> Timeline:
    change = timeline.withdraw(entry.id, by="chief", at=NOW, today=BEGAN, new_id=new_id)
    return timeline.changed(change)


def in_days(days: int) -> date:
    return BEGAN + timedelta(days=days)


class TestEntering:
    def test_lets_a_value_hold_until_its_end_and_puts_back_what_held(self) -> None:
        first = entered(Timeline(), an_entry(BEGAN, 10))
        second = entered(
            first, an_entry(BEGAN + timedelta(days=5)), until=BEGAN + timedelta(days=9)
        )
        held = [value_on(second, BEGAN + timedelta(days=ahead)) for ahead in (0, 4, 5, 8, 9, 50)]
        assert held == [10, 10, 14, 14, 10, 10]

    def test_refuses_yesterday_and_an_end_before_the_beginning(self) -> None:
        with pytest.raises(DayRefused):
            entered(Timeline(), an_entry(BEGAN - timedelta(days=1)))
        with pytest.raises(DayRefused):
            entered(Timeline(), an_entry(FAR), until=FAR)

    def test_names_what_it_would_overlap(self) -> None:
        planned = an_entry(BEGAN + timedelta(days=30))
        timeline = entered(Timeline(), planned)
        with pytest.raises(Overlaps) as refused:
            entered(timeline, an_entry(BEGAN))
        assert [one.id for one in refused.value.entries] == [planned.id]
        after = entered(timeline, an_entry(BEGAN), until=planned.starts_on)
        assert value_on(after, planned.starts_on) == planned.value


class TestWithdrawing:
    def test_brings_back_what_was_superseded(self) -> None:
        first = entered(Timeline(), an_entry(BEGAN + timedelta(days=10), 20))
        other = an_entry(BEGAN + timedelta(days=3), 25)
        second = entered(first, other, until=BEGAN + timedelta(days=40), supersedes=True)
        assert value_on(second, BEGAN + timedelta(days=10)) == 25
        assert value_on(second, BEGAN + timedelta(days=40)) == 20
        change = second.withdraw(other.id, by="chief", at=NOW, today=BEGAN, new_id=new_id)
        third = second.changed(change)
        for ahead in range(60):
            day = BEGAN + timedelta(days=ahead)
            assert value_on(third, day) == value_on(first, day)

    @pytest.mark.parametrize("first_until", [20, None])
    def test_lets_nothing_of_it_come_back_after_another(self, first_until: int | None) -> None:
        first, second = (an_entry(in_days(10), 30), an_entry(in_days(12), 14))
        until = None if first_until is None else in_days(first_until)
        timeline = entered(entered(Timeline(), first, until=until), second, until=in_days(14))
        assert value_on(timeline, in_days(14)) == 30
        after = withdrawn(timeline, first)
        held = [value_on(after, in_days(ahead)) for ahead in (9, 11, 12, 13, 14, 25, 400)]
        assert held == [None, None, 14, 14, None, None, None]
        (ending,) = (one for one in after.standing if one.ends == second.id)
        assert (ending.value, ending.starts_on) == (None, in_days(14))

    def test_ends_a_value_though_the_next_one_does_not_come(self) -> None:
        second, first = an_entry(in_days(20), 30), an_entry(in_days(10), 14)
        timeline = entered(entered(Timeline(), second), first, until=in_days(20))
        after = withdrawn(timeline, second)
        assert [value_on(after, in_days(ahead)) for ahead in (9, 19, 20)] == [None, 14, None]

    def test_changes_no_day_of_what_was_entered_later(self) -> None:
        first, second, third = (an_entry(in_days(ahead), ahead) for ahead in (10, 15, 18))
        timeline = entered(Timeline(), first, until=in_days(20))
        timeline = entered(timeline, second, until=in_days(25), supersedes=True)
        timeline = entered(timeline, third, until=in_days(22))
        after = withdrawn(timeline, second)
        held = [value_on(after, in_days(ahead)) for ahead in (17, 18, 20, 21, 22)]
        assert held == [10, 18, 18, 18, None]

    def test_refuses_what_has_begun(self) -> None:
        entry = an_entry(BEGAN)
        with pytest.raises(NotPlanned):
            entered(Timeline(), entry).withdraw(
                entry.id, by="chief", at=NOW, today=BEGAN, new_id=new_id
            )

    @pytest.mark.parametrize("state", State)
    @pytest.mark.parametrize("act", Act)
    def test_follows_the_table(self, state: State, act: Act) -> None:
        entry = replace(an_entry(BEGAN), state=state)
        if (state, act) in TRANSITIONS:
            after = entry.after(act, by="chief", at=NOW)
            assert (after.state, after.version) == (TRANSITIONS[state, act], 2)
        else:
            with pytest.raises(IllegalChange):
                entry.after(act, by="chief", at=NOW)


class Years(RuleBasedStateMachine):
    """An administrator enters and withdraws while days go by."""

    def __init__(self) -> None:
        super().__init__()
        self.timeline = Timeline()
        self.today = BEGAN
        self.past: dict[date, object] = {}
        self.gone: set[UUID] = set()
        self.wishes: list[tuple[Entry, date | None]] = []

    def _days(self) -> list[date]:
        return [self.today + timedelta(days=ahead) for ahead in range(-5, 30)]

    @rule(days=st.integers(1, 4))
    def days_go_by(self, days: int) -> None:
        for ahead in range(days):
            day = self.today + timedelta(days=ahead)
            self.past[day] = value_on(self.timeline, day)
        self.today += timedelta(days=days)

    @rule(
        ahead=st.integers(0, 9),
        lasting=st.integers(1, 9) | st.none(),
        value=st.none() | st.integers(1, 30),
        supersedes=st.booleans(),
    )
    def enter(
        self, ahead: int, lasting: int | None, value: int | None, *, supersedes: bool
    ) -> None:
        entry = an_entry(self.today + timedelta(days=ahead), value)
        until = None if lasting is None else entry.starts_on + timedelta(days=lasting)
        before = {day: value_on(self.timeline, day) for day in self._days()}
        end = None if until is None else (new_id(), until)
        try:
            change = self.timeline.enter(entry, end=end, supersedes=supersedes, today=self.today)
        except Overlaps:
            assert not supersedes
            return
        self.timeline = self.timeline.changed(change)
        self.wishes.append((entry, until))
        for day, held in before.items():
            is_within = entry.starts_on <= day and (until is None or day < until)
            assert value_on(self.timeline, day) == (value if is_within else held)

    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        wishes = [entry.id for entry, _ in self.wishes]
        endings = [one.id for one in self.timeline.entries if one.ends is not None]
        if not wishes:
            return
        every = st.sampled_from(wishes)
        chosen = data.draw(every | st.sampled_from(endings) if endings else every)
        found = next(one for one in self.timeline.entries if one.id == chosen)
        is_planned = (
            found.state is State.STANDING and found.ends is None and found.starts_on > self.today
        )
        try:
            change = self.timeline.withdraw(
                chosen, by="chief", at=NOW, today=self.today, new_id=new_id
            )
        except NotPlanned:
            assert not is_planned
            return
        assert is_planned
        assert change.moved[0].id == chosen
        self.gone |= {one.id for one in change.moved if one.state is State.WITHDRAWN}
        self.timeline = self.timeline.changed(change)
        self.wishes = [one for one in self.wishes if one[0].id != chosen]

    @invariant()
    def no_two_begin_on_one_day(self) -> None:
        days = [one.starts_on for one in self.timeline.standing]
        assert len(days) == len(set(days))

    @invariant()
    def the_last_wish_for_a_day_holds(self) -> None:
        for day in self._days():
            wanted = None
            for entry, until in self.wishes:
                if entry.starts_on <= day and (until is None or day < until):
                    wanted = entry.value
            assert value_on(self.timeline, day) == wanted

    @invariant()
    def no_past_day_changes(self) -> None:
        for day, held in self.past.items():
            assert value_on(self.timeline, day) == held

    @invariant()
    def what_was_withdrawn_stays_so(self) -> None:
        assert not self.gone & {one.id for one in self.timeline.entries}


TestYears = Years.TestCase
