"""What a business account says of itself, and what may be done with it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, strategies as st

from foundation.identity import Business
from gateway.businesses.domain import (
    NotAnAccount,
    is_corporate_number,
    may_move_money,
    read_account,
)

PRIME: dict[str, Any] = {
    "sub": "kitami-hoikuen",
    "account_type": "2",
    "corp_type": "1",
    "corporate_number": "2700150000017",
    "name": "社会福祉法人きたみ保育会",
}
MEMBER = PRIME | {"sub": "staff", "account_type": "3", "parent_id": "kitami-hoikuen"}


def business(role: Any) -> Business:
    return Business(
        subject="s",
        client_id="demo-business",
        scopes=frozenset(),
        acr="",
        auth_time=datetime(2026, 11, 23, tzinfo=UTC),
        session_id="x",
        business_id="b",
        role=role,
    )


class TestReadAccount:
    @pytest.mark.parametrize(
        ("kind", "role"),
        [("1", "entry"), ("2", "prime"), (2, "prime"), ("3", "member")],
        ids=["entry", "prime", "a number", "member"],
    )
    def test_names_the_role(self, kind: object, role: str) -> None:
        assert read_account(MEMBER | {"account_type": kind}).role == role

    def test_a_member_and_their_prime_are_one_business(self) -> None:
        assert read_account(PRIME).anchor == read_account(MEMBER).anchor

    def test_so_are_those_of_a_sole_proprietor_without_a_number(self) -> None:
        alone = {"corp_type": "2", "corporate_number": None}
        both = (read_account(PRIME | alone), read_account(MEMBER | alone))
        assert both[0].anchor == both[1].anchor == "account:kitami-hoikuen"

    def test_an_entry_account_is_no_business_it_merely_names(self) -> None:
        entry = read_account(PRIME | {"sub": "somebody", "account_type": "1"})
        assert entry.anchor == "account:somebody"
        assert entry.corporate_number is None

    def test_a_number_whose_check_digit_fails_is_none(self) -> None:
        found = read_account(PRIME | {"corporate_number": "1700150000017"})
        assert found.anchor == "account:kitami-hoikuen"

    @pytest.mark.parametrize(
        "claims",
        [
            {},
            PRIME | {"account_type": "4"},
            PRIME | {"account_type": None},
            PRIME | {"account_type": True},
            PRIME | {"sub": ""},
            MEMBER | {"parent_id": None},
        ],
    )
    def test_what_is_no_account_is_refused(self, claims: dict[str, Any]) -> None:
        with pytest.raises(NotAnAccount):
            read_account(claims)


class TestMayMoveMoney:
    @pytest.mark.parametrize(
        ("role", "has_mandate", "may"),
        [
            ("prime", False, True),
            ("prime", True, True),
            ("member", False, False),
            ("member", True, True),
            ("entry", False, False),
            ("entry", True, False),
        ],
    )
    def test_takes_the_representative_or_their_mandate(
        self, role: str, *, has_mandate: bool, may: bool
    ) -> None:
        assert may_move_money(business(role), has_mandate=has_mandate) is may

    def test_a_mandate_counts_for_members_only(self) -> None:
        mandate = {"mandate_info": [{"service": "tamaire"}]}
        assert read_account(MEMBER | mandate).has_mandate
        assert not read_account(PRIME | mandate | {"account_type": "1"}).has_mandate
        assert not read_account(MEMBER | {"mandate_info": []}).has_mandate


class TestCorporateNumber:
    @pytest.mark.parametrize(
        "number", ["1180301018771", "8000020130001", "8000020131016", "2700150000017"]
    )
    def test_knows_real_ones(self, number: str) -> None:
        assert is_corporate_number(number)

    @given(st.integers(0, 12), st.integers(1, 8))
    def test_notices_a_wrong_digit_but_for_nine_and_nought(self, place: int, shift: int) -> None:
        number = "1180301018771"
        digit = (int(number[place]) + shift) % 10
        changed = number[:place] + str(digit) + number[place + 1 :]
        confusable = {int(number[place]), digit} == {0, 9}
        assert not is_corporate_number(changed) or confusable

    @pytest.mark.parametrize("text", ["", "118030101877", "１180301018771", "x180301018771"])
    def test_refuses_what_is_no_number(self, text: str) -> None:
        assert not is_corporate_number(text)
