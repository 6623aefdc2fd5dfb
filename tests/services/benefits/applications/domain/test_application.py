"""What an application may become, whatever is tried in whatever order."""

from datetime import date

import pytest
from hypothesis import given, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from foundation.identifiers import new_id
from foundation.money import yen
from services.benefits.applications.domain import (
    ANSWERABLE,
    TRANSITIONS,
    Application,
    ApplicationId,
    ApplicationState,
    IllegalTransition,
    Offer,
    reason_ja,
)
from services.benefits.programmes.domain import Condition, ProgrammeId

S = ApplicationState
MONEY_LET_GO = frozenset({S.IN_TRANSFER, S.PAID})


def an_offer(members: int = 3) -> Offer:
    return Offer(
        condition=Condition.HOUSEHOLD_TAX_EXEMPT,
        rule_version=1,
        reference_on=date(2026, 6, 1),
        fiscal_year=2026,
        member_ids=tuple(new_id() for _ in range(members)),
        amount_yen=yen(30_000),
    )


def an_application(state: ApplicationState = S.OFFERED) -> Application:
    return Application(
        id=ApplicationId(new_id()),
        programme_id=ProgrammeId(new_id()),
        household_id=new_id(),
        beneficiary_id=new_id(),
        state=state,
        offer=an_offer(),
        bank_account_id=None,
        version=1,
    )


class TestTransitions:
    def test_has_a_row_for_every_state(self) -> None:
        assert set(TRANSITIONS) == set(ApplicationState)

    @pytest.mark.parametrize("state", [S.PAID, S.DECLINED, S.REFUSED])
    def test_ends_where_nothing_more_can_happen(self, state: ApplicationState) -> None:
        assert TRANSITIONS[state] == frozenset()

    def test_lets_money_go_from_a_grant_alone(self) -> None:
        before = {state for state, after in TRANSITIONS.items() if S.IN_TRANSFER in after}
        assert before == {S.GRANTED}

    def test_awaits_an_answer_where_one_is_possible(self) -> None:
        assert all(S.CONFIRMED in TRANSITIONS[state] for state in ANSWERABLE)


class TestWithAccount:
    @pytest.mark.parametrize("state", list(ApplicationState))
    def test_changes_it_only_between_confirmation_and_transfer(
        self, state: ApplicationState
    ) -> None:
        account = new_id()
        if state in {S.CONFIRMED, S.GRANTED}:
            changed = an_application(state).with_account(account)
            assert (changed.bank_account_id, changed.state) == (account, state)
        else:
            with pytest.raises(IllegalTransition):
                an_application(state).with_account(account)


class TheLifeOfAnApplication(RuleBasedStateMachine):
    """Tries any step at any time; what was once let go is never let go again."""

    def __init__(self) -> None:
        super().__init__()
        self.application = an_application()
        self.let_go = 0
        self.steps = 0

    @rule(state=st.sampled_from(ApplicationState))
    def step(self, state: ApplicationState) -> None:
        before = self.application
        try:
            self.application = before.to(state)
        except IllegalTransition:
            assert state not in TRANSITIONS[before.state]
            assert self.application is before
        else:
            self.steps += 1
            self.let_go += state is S.IN_TRANSFER

    @invariant()
    def money_is_let_go_once(self) -> None:
        assert self.let_go == (self.application.state in MONEY_LET_GO)

    @invariant()
    def each_step_is_a_version(self) -> None:
        assert self.application.version == 1 + self.steps

    @invariant()
    def facts_of_the_offer_never_change(self) -> None:
        assert len(self.application.offer.member_ids) == 3


TestTheLifeOfAnApplication = TheLifeOfAnApplication.TestCase


class TestReason:
    def test_says_day_place_people_and_year(self) -> None:
        assert reason_ja(an_offer(), municipality="北見市") == (
            "基準日 令和8年(2026年)6月1日に北見市に住民登録があり、"
            "世帯の3人全員が令和8年度の住民税非課税だったため"
        )

    @given(st.integers(min_value=2, max_value=20))
    def test_counts_the_household(self, members: int) -> None:
        assert f"世帯の{members}人全員" in reason_ja(an_offer(members), municipality="北見市")

    def test_does_not_count_to_one(self) -> None:
        assert "世帯の全員が" in reason_ja(an_offer(1), municipality="北見市")
