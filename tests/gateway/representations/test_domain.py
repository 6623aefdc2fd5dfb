"""Who may act for whom, how far, on which document and until which day."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateway.clients.domain import SCOPES as EVERY_SCOPE
from gateway.representations.domain import (
    OF_MINORS,
    RULES,
    SCOPES,
    TRANSITIONS,
    Act,
    Deciding,
    Event,
    Evidence,
    Fault,
    Ground,
    IllegalTransition,
    Proposal,
    Recorded,
    State,
    falls_with_bar,
    faults_of,
    is_barred,
    last_day_of_minority,
    settled_end,
)

TODAY = date(2026, 11, 23)
CHILD_BORN = date(2015, 4, 1)


def a_proposal(ground: Ground = Ground.MANDATE, **changes: Any) -> Proposal:
    rules = RULES[ground]
    given = Proposal(
        ground=ground,
        acts=frozenset({Act.SEE_BENEFITS}),
        evidence=min(rules.evidence),
        may_receive=False,
        starts_on=TODAY,
        ends_on=TODAY + timedelta(days=90) if rules.needs_end else None,
    )
    return replace(given, **changes)


def a_right(**changes: Any) -> Recorded:
    given = Recorded(
        id=UUID(int=1),
        represented_id=UUID(int=2),
        holder_id=UUID(int=3),
        holder_person=None,
        ground=Ground.PARENT,
        relationship="母",
        acts=frozenset({Act.SEE_BENEFITS, Act.BE_RECEIVED}),
        may_receive=False,
        evidence=Evidence.FAMILY_REGISTER,
        evidence_seen_on=TODAY,
        signature_id=None,
        state=State.ACTIVE,
        starts_on=TODAY,
        ends_on=TODAY + timedelta(days=1),
        recorded_by="clerk",
    )
    return replace(given, **changes)


class TestMinority:
    @pytest.mark.parametrize(
        ("born_on", "last_day"),
        [
            (date(2008, 4, 2), date(2026, 4, 1)),
            (date(2008, 4, 1), date(2026, 3, 31)),
            (date(2008, 1, 1), date(2025, 12, 31)),
            (date(2008, 3, 1), date(2026, 2, 28)),
            (date(2008, 2, 29), date(2026, 2, 28)),
            (date(2008, 2, 28), date(2026, 2, 27)),
            (date(2006, 3, 1), date(2024, 2, 29)),
            (date(1900, 12, 31), date(1918, 12, 30)),
        ],
    )
    def test_ends_with_the_day_before_the_birthday(self, born_on: date, last_day: date) -> None:
        assert last_day_of_minority(born_on) == last_day

    @given(st.dates(min_value=date(1900, 1, 1), max_value=date(2080, 1, 1)))
    def test_lasts_eighteen_years_less_a_day_at_most(self, born_on: date) -> None:
        days = (last_day_of_minority(born_on) - born_on).days
        assert 18 * 365 + 3 <= days <= 18 * 365 + 4

    @given(st.sampled_from(sorted(OF_MINORS)), st.none() | st.dates(min_value=TODAY))
    def test_ends_every_right_over_a_minor(self, ground: Ground, ends_on: date | None) -> None:
        end = settled_end(a_proposal(ground, ends_on=ends_on), born_on=CHILD_BORN)
        assert end is not None
        assert end <= last_day_of_minority(CHILD_BORN)

    def test_leaves_a_guardian_of_an_adult_without_an_end(self) -> None:
        guardian = a_proposal(Ground.ADULT_GUARDIAN)
        assert settled_end(guardian, born_on=CHILD_BORN) is None


class TestFaultsOf:
    @pytest.mark.parametrize("ground", Ground)
    def test_finds_none_in_an_ordinary_right(self, ground: Ground) -> None:
        assert faults_of(a_proposal(ground), born_on=CHILD_BORN, today=TODAY) == []

    @pytest.mark.parametrize(
        ("proposal", "fault"),
        [
            (a_proposal(acts=frozenset[Act]()), Fault.ACTS),
            (a_proposal(acts=frozenset({Act.SEE_ACCESS_LOG})), Fault.ACTS),
            (a_proposal(Ground.FACILITY, acts=frozenset({Act.SEE_RECORD})), Fault.ACTS),
            (a_proposal(evidence=Evidence.FAMILY_REGISTER), Fault.EVIDENCE),
            (a_proposal(Ground.CURATOR, evidence=Evidence.MANDATE_LETTER), Fault.EVIDENCE),
            (a_proposal(Ground.FACILITY, may_receive=True), Fault.RECEIVES),
            (a_proposal(ends_on=None), Fault.NEEDS_END),
            (a_proposal(ends_on=TODAY + timedelta(days=367)), Fault.TOO_LONG),
            (a_proposal(ends_on=TODAY - timedelta(days=1)), Fault.PERIOD),
            (a_proposal(Ground.PARENT, starts_on=date(2033, 4, 1)), Fault.NOT_A_MINOR),
        ],
        ids=str,
    )
    def test_finds_what_no_such_right_can_be(self, proposal: Proposal, fault: Fault) -> None:
        assert faults_of(proposal, born_on=CHILD_BORN, today=TODAY) == [fault]

    def test_lets_no_parent_act_for_an_adult(self) -> None:
        parent = a_proposal(Ground.PARENT)
        eighteen = date(2008, 11, 23)
        assert faults_of(parent, born_on=eighteen, today=TODAY) == [Fault.NOT_A_MINOR]
        assert faults_of(parent, born_on=eighteen + timedelta(days=1), today=TODAY) == []

    def test_guesses_no_birthday(self) -> None:
        parent = a_proposal(Ground.PARENT)
        assert faults_of(parent, born_on=None, today=TODAY) == [Fault.BIRTH_UNKNOWN]


class TestIsBarred:
    @given(
        listed=st.booleans(), protected=st.booleans(), shares=st.booleans(), with_them=st.booleans()
    )
    def test_keeps_a_protected_person_from_whom_they_are_protected(
        self, *, listed: bool, protected: bool, shares: bool, with_them: bool
    ) -> None:
        barred = is_barred(
            is_listed=listed,
            is_protected=protected,
            shares_household=shares,
            holder_is_protected=with_them,
        )
        assert barred == (listed or (protected and shares and not with_them))


class TestFallsWithBar:
    @given(
        st.frozensets(st.sampled_from([UUID(int=n) for n in range(4)])),
        st.frozensets(st.sampled_from([UUID(int=n) for n in range(4)]), min_size=1),
    )
    def test_spares_only_who_is_known_to_be_somebody_else(
        self, known_as: frozenset[UUID], barred: frozenset[UUID]
    ) -> None:
        spared = not falls_with_bar(known_as=known_as, barred=barred)
        assert spared == (bool(known_as) and not known_as & barred)


NAMES = st.sampled_from(["one", "two", "three"])
RECORDS = st.sampled_from([UUID(int=n) for n in range(2, 6)])


@st.composite
def held_rights(draw: st.DrawFn) -> Recorded:
    by_record = draw(st.booleans())
    return a_right(
        represented_id=draw(RECORDS),
        holder_id=draw(RECORDS) if by_record else None,
        holder_person=None if by_record else draw(NAMES),
        recorded_by=draw(NAMES),
        state=draw(st.sampled_from([State.REQUESTED, State.AWAITING_SECOND])),
    )


OFFICIALS = st.builds(
    Deciding, subject=NAMES, person=NAMES, known_as=st.frozensets(RECORDS, max_size=2)
)


class TestMayBeConfirmedBy:
    @given(held_rights(), OFFICIALS)
    def test_nobody_it_is_about(self, right: Recorded, official: Deciding) -> None:
        about: set[object] = {right.recorded_by, right.represented_id}
        about |= {one for one in (right.holder_id, right.holder_person) if one is not None}
        named = {official.subject, official.person} if right.recorded_by else set[str]()
        is_recorder = right.recorded_by in named
        is_holder = right.holder_person == official.person
        is_either = bool(about & official.known_as)
        assert right.may_be_confirmed_by(official) == (
            not is_recorder and not is_holder and not is_either
        )

    def test_an_official_who_has_nothing_to_do_with_it(self) -> None:
        stranger = Deciding(subject="s", person="p", known_as=frozenset({UUID(int=9)}))
        assert a_right().may_be_confirmed_by(stranger)
        for record in (a_right().holder_id, a_right().represented_id):
            party = replace(stranger, known_as=frozenset({record} if record else ()))
            assert not a_right().may_be_confirmed_by(party)
        assert not a_right().may_be_confirmed_by(replace(stranger, subject=a_right().recorded_by))


class TestScopes:
    def test_exist_and_reach_nobody_elses_own_affairs(self) -> None:
        reached = frozenset[str]().union(*SCOPES.values())
        assert reached <= frozenset(EVERY_SCOPE)
        assert not reached & {"platform:self", "platform:write", "openid", "benefits:pay"}
        assert not any(scope.startswith("consultation") for scope in reached)

    def test_of_a_right_are_those_of_its_acts(self) -> None:
        assert a_right().scopes == {"benefits:read", "window-dx:read", "window-dx:write"}


class TestInForce:
    @pytest.mark.parametrize(
        ("day", "holds"), [(-1, False), (0, True), (1, True), (2, False), (400, False)]
    )
    def test_from_its_first_day_to_its_last(self, day: int, *, holds: bool) -> None:
        assert a_right().is_in_force(TODAY + timedelta(days=day)) == holds

    @pytest.mark.parametrize("state", [one for one in State if one is not State.ACTIVE])
    def test_only_while_active(self, state: State) -> None:
        assert not a_right(state=state).is_in_force(TODAY)


class RightLife(RuleBasedStateMachine):
    """Any sequence of bare events: what has ended never holds again."""

    def __init__(self) -> None:
        super().__init__()
        self.right = a_right(state=State.AWAITING_SECOND)
        self.has_ended = False

    @rule(event=st.sampled_from(Event))
    def befall(self, event: Event) -> None:
        try:
            after = self.right.after(event)
        except IllegalTransition:
            assert (self.right.state, event) not in TRANSITIONS
            return
        assert not self.has_ended
        self.right = replace(self.right, state=after)
        self.has_ended = after in {State.DECLINED, State.WITHDRAWN, State.ENDED}

    @invariant()
    def holds_only_while_active(self) -> None:
        assert self.right.is_in_force(TODAY) == (self.right.state is State.ACTIVE)


TestRightLife = RightLife.TestCase


class WholeLife(RuleBasedStateMachine):
    """A right from the document to its end, as officials, days and a bar make it.

    What it may be is kept beside it in the plainest words; at no moment does the one that decides
    say more than these.
    """

    def __init__(self) -> None:
        super().__init__()
        self.today = TODAY
        self.right = a_right(
            state=State.AWAITING_SECOND,
            starts_on=TODAY + timedelta(days=1),
            ends_on=TODAY + timedelta(days=4),
            recorded_by="one",
        )
        self.barred = frozenset[UUID]()
        self.was_confirmed = False
        self.has_ended = False

    def befall(self, event: Event) -> None:
        if self.right.is_over:
            with pytest.raises(IllegalTransition):
                self.right.after(event)
            return
        self.right = replace(self.right, state=self.right.after(event))

    @rule(official=OFFICIALS)
    def confirm(self, official: Deciding) -> None:
        is_waiting = self.right.state in {State.REQUESTED, State.AWAITING_SECOND}
        if not is_waiting:
            with pytest.raises(IllegalTransition):
                self.right.after(Event.CONFIRM)
            return
        if self.right.may_be_confirmed_by(official) and not self.is_barred():
            assert official.subject != self.right.recorded_by
            assert self.right.holder_id not in official.known_as
            self.befall(Event.CONFIRM)
            self.right = replace(self.right, second_by=official.subject)
            self.was_confirmed = True

    @rule()
    def decline(self) -> None:
        if self.right.state is State.ACTIVE:
            with pytest.raises(IllegalTransition):
                self.right.after(Event.DECLINE)
            return
        self.befall(Event.DECLINE)
        self.has_ended = True

    @rule()
    def withdraw(self) -> None:
        self.befall(Event.WITHDRAW)
        self.has_ended = True

    @rule(records=st.frozensets(RECORDS, min_size=1, max_size=2))
    def bar(self, records: frozenset[UUID]) -> None:
        self.barred |= records
        known_as = frozenset({self.right.holder_id} if self.right.holder_id else ())
        if falls_with_bar(known_as=known_as, barred=records) and not self.right.is_over:
            self.befall(Event.END)
            self.has_ended = True

    @rule()
    def night(self) -> None:
        """Let a day end, and the job of the last one do its work."""
        self.today += timedelta(days=1)
        ends_on = self.right.ends_on
        if ends_on is not None and self.today > ends_on and not self.right.is_over:
            self.befall(Event.END)
            self.has_ended = True

    def is_barred(self) -> bool:
        return self.right.holder_id in self.barred

    @invariant()
    def holds_only_when_it_may(self) -> None:
        in_days = TODAY + timedelta(days=1) <= self.today <= TODAY + timedelta(days=4)
        may = self.was_confirmed and not self.has_ended and in_days
        assert self.right.is_in_force(self.today) == may
        if may:
            assert not self.is_barred()
            assert self.right.second_by not in {None, self.right.recorded_by}

    @invariant()
    def has_ended_for_good(self) -> None:
        assert self.right.is_over == self.has_ended


TestWholeLife = WholeLife.TestCase
