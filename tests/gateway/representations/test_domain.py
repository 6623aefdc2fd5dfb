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
    Event,
    Evidence,
    Fault,
    Ground,
    IllegalTransition,
    Proposal,
    Recorded,
    State,
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
    """Any sequence of events: what has ended never holds again."""

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
