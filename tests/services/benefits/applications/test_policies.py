"""Which accounts are refused, and that every fault is named at once."""

import pytest

from services.benefits.applications.domain import AccountType, BankAccount, BranchListing
from services.benefits.applications.policies import AccountGiven, judge_account, same_name

LISTED = BranchListing(
    bank_name="みずほ", bank_kana="ミズホ", branch_name="東京営業部", branch_kana="トウキヨウ"
)
NO_BRANCH = BranchListing(
    bank_name="みずほ", bank_kana="ミズホ", branch_name=None, branch_kana=None
)


def given_account(holder_kana: str = "キタミ ハナコ") -> AccountGiven:
    return AccountGiven(
        bank_code="0001",
        branch_code="001",
        account_type=AccountType.ORDINARY,
        account_number="0012345",
        holder_kana=holder_kana,
    )


class TestJudgeAccount:
    def test_accepts_what_a_bank_would_pay_to(self) -> None:
        account = judge_account(given_account(), LISTED)
        assert isinstance(account, BankAccount)
        assert account.holder == "ｷﾀﾐ ﾊﾅｺ"

    @pytest.mark.parametrize(
        ("listing", "field"), [(None, "bank_code"), (NO_BRANCH, "branch_code")]
    )
    def test_refuses_what_the_national_list_does_not_have(
        self, listing: BranchListing | None, field: str
    ) -> None:
        faults = judge_account(given_account(), listing)
        assert not isinstance(faults, BankAccount)
        assert [fault.field for fault in faults] == [field]

    def test_names_every_fault_at_once(self) -> None:
        faults = judge_account(given_account("北見ハナコ"), None)
        assert not isinstance(faults, BankAccount)
        assert [fault.field for fault in faults] == ["bank_code", "holder_kana"]
        assert "1・2文字目" in faults[1].detail_ja

    def test_does_not_repeat_the_letters_of_a_name(self) -> None:
        faults = judge_account(given_account("北見"), LISTED)
        assert not isinstance(faults, BankAccount)
        assert not any("北" in fault.detail + fault.detail_ja for fault in faults)


class TestSameName:
    @pytest.mark.parametrize("register", ["キタミ ハナコ", "キタミハナコ", "きたみ　はなこ"])
    def test_overlooks_spaces_and_the_kind_of_kana(self, register: str) -> None:
        assert same_name("ｷﾀﾐ ﾊﾅｺ", register)

    def test_overlooks_small_kana_as_banks_do(self) -> None:
        assert same_name("ｼﾖｳｼﾞ ｷﾖｳｺ", "ショウジ キョウコ")

    @pytest.mark.parametrize("register", ["キタミ タロウ", "北見花子", "", None])
    def test_knows_another_person(self, register: str | None) -> None:
        assert not same_name("ｷﾀﾐ ﾊﾅｺ", register)
