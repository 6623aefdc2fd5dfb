"""What a bank account looks like, and how little of it is shown."""

import pytest
from hypothesis import given, strategies as st

from services.benefits.applications.domain import (
    AccountType,
    BankAccount,
    MalformedAccount,
    to_zengin,
)
from services.benefits.applications.domain.bank_account import mask


def an_account(**changes: str) -> BankAccount:
    given_ = {"bank_code": "0001", "branch_code": "001", "account_number": "0012345"} | changes
    return BankAccount(
        bank_code=given_["bank_code"],
        branch_code=given_["branch_code"],
        account_type=AccountType.ORDINARY,
        account_number=given_["account_number"],
        holder=to_zengin(given_.get("holder", "キタミ ハナコ")),
    )


class TestBankAccount:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("bank_code", "001"),
            ("bank_code", "０００１"),
            ("branch_code", "0001"),
            ("account_number", "12345"),
            ("account_number", "001234a"),
            ("account_number", "0012345\n"),
        ],
    )
    def test_refuses_a_code_of_another_form(self, field: str, value: str) -> None:
        with pytest.raises(MalformedAccount):
            an_account(**{field: value})

    def test_does_not_print_number_or_holder(self) -> None:
        assert "0012345" not in repr(an_account())
        assert "ﾊﾅｺ" not in repr(an_account())

    def test_is_the_same_place_under_another_name(self) -> None:
        assert an_account(holder="ハナコ").place == an_account(holder="タロウ").place

    def test_is_another_payee_under_another_name(self) -> None:
        assert an_account(holder="ハナコ").payee != an_account(holder="タロウ").payee


class TestMask:
    @given(st.text(alphabet="0123456789", min_size=7, max_size=7))
    def test_shows_the_last_three_digits_only(self, number: str) -> None:
        assert mask(number) == "****" + number[-3:]
