"""Who may let money go, and when."""

from datetime import date, timedelta

import pytest

from foundation.identity import Role
from services.benefits.applications.domain import AccountType, BankAccount, BranchListing
from services.benefits.applications.policies import AccountGiven
from services.benefits.disbursements.policies import (
    judge_paying_account,
    may_approve,
    may_be_transferred_on,
    may_have_been_executed_on,
)
from tests.services.benefits.disbursements.domain.test_proposal import a_proposal
from tests.support.callers import a_machine, a_resident, an_official

MONDAY = date(2026, 12, 14)


class TestMayApprove:
    def test_lets_another_official_of_the_treasury(self) -> None:
        assert may_approve(an_official(Role.TREASURER, subject="checker"), a_proposal())

    def test_refuses_the_official_who_proposed(self) -> None:
        maker = an_official(Role.TREASURER, Role.BENEFITS_OFFICER, subject="maker")
        assert not may_approve(maker, a_proposal(proposed_by="maker"))

    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.TREASURER])
    def test_refuses_every_other_duty(self, role: Role) -> None:
        assert not may_approve(an_official(role), a_proposal())

    def test_refuses_residents_and_machines(self) -> None:
        assert not may_approve(a_resident(), a_proposal())
        assert not may_approve(a_machine(), a_proposal())


class TestMayBeTransferredOn:
    @pytest.mark.parametrize(
        ("days", "allowed"), [(-1, False), (0, False), (1, True), (5, False), (6, False), (7, True)]
    )
    def test_asks_for_a_banking_day_ahead(self, days: int, *, allowed: bool) -> None:
        assert may_be_transferred_on(MONDAY + timedelta(days=days), today=MONDAY) is allowed


class TestMayHaveBeenExecutedOn:
    @pytest.mark.parametrize(
        ("executed_on", "today", "possible"),
        [
            (date(2026, 12, 18), date(2026, 12, 18), True),
            (date(2026, 12, 18), date(2026, 12, 15), True),
            (date(2026, 12, 17), date(2026, 12, 18), False),
            (date(2026, 12, 21), date(2026, 12, 21), True),
            (date(2026, 12, 21), date(2026, 12, 18), False),
        ],
    )
    def test_is_between_the_order_and_today(
        self, executed_on: date, today: date, *, possible: bool
    ) -> None:
        assert may_have_been_executed_on(executed_on, a_proposal(), today=today) is possible


class TestJudgePayingAccount:
    def test_refuses_a_savings_account(self) -> None:
        listing = BranchListing(
            bank_name="みずほ", bank_kana="ミズホ", branch_name="本店", branch_kana="ホンテン"
        )
        given = AccountGiven(
            bank_code="0001",
            branch_code="001",
            account_type=AccountType.SAVINGS,
            account_number="0000001",
            holder_kana="キタミシ",
        )
        faults = judge_paying_account(given, listing)
        assert not isinstance(faults, BankAccount)
        assert [fault.field for fault in faults] == ["account_type"]
