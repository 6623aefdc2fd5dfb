"""The same facts are the same bytes, whoever writes them down and whenever."""

import json
from dataclasses import replace

from hypothesis import given, strategies as st

from foundation.money import yen
from services.benefits.applications.domain import (
    AccountType,
    BankAccount,
    Case,
    document_of,
    to_zengin,
)
from services.benefits.programmes.domain import ProgrammeState
from tests.services.benefits.applications.domain.test_application import an_application
from tests.services.benefits.programmes.test_domain import a_programme

ACCOUNT = BankAccount(
    bank_code="0001",
    branch_code="001",
    account_type=AccountType.ORDINARY,
    account_number="0012345",
    holder=to_zengin("キタミ ハナコ"),
)


def a_case() -> Case:
    return Case(
        application=an_application(),
        programme=a_programme(ProgrammeState.PUBLISHED),
        municipality="北見市",
        beneficiary_name="北見 花子",
        beneficiary_kana="キタミ ハナコ",
    )


class TestDocumentOf:
    def test_is_written_in_one_way(self) -> None:
        case = a_case()
        text = document_of(case, ACCOUNT).text
        assert text == document_of(case, ACCOUNT).text
        facts = json.loads(text)
        assert list(facts) == sorted(facts)
        assert ": " not in text.replace(facts["statement"], "")
        assert "\\u" not in text

    def test_holds_no_name_that_may_change(self) -> None:
        case = a_case()
        renamed = replace(case, beneficiary_name="改姓 花子", municipality="新市")
        assert document_of(renamed, ACCOUNT) == document_of(case, ACCOUNT)

    @given(st.integers(min_value=1, max_value=10**9))
    def test_differs_with_every_amount(self, amount: int) -> None:
        case = a_case()
        offer = replace(case.application.offer, amount_yen=yen(amount))
        other = replace(case, application=replace(case.application, offer=offer))
        same = amount == case.application.offer.amount_yen
        digests = {document_of(one, ACCOUNT).digest for one in (case, other)}
        assert len(digests) == (1 if same else 2)

    @given(st.from_regex(r"[0-9]{7}", fullmatch=True))
    def test_differs_with_every_account(self, number: str) -> None:
        case = a_case()
        other = replace(ACCOUNT, account_number=number)
        digests = {document_of(case, one).digest for one in (ACCOUNT, other)}
        assert len(digests) == (1 if number == ACCOUNT.account_number else 2)

    def test_never_prints_the_account(self) -> None:
        assert "0012345" not in repr(document_of(a_case(), ACCOUNT))
