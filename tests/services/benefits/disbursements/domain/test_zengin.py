"""Every file has records of 120 bytes, and says exactly what is to be paid."""

from datetime import date
from hashlib import sha256

import pytest
from hypothesis import given, strategies as st

from foundation.money import Yen, yen
from services.benefits.applications.domain import AccountType, BankAccount, ZenginText, to_zengin
from services.benefits.disbursements.domain import (
    RECORD_BYTES,
    Line,
    Payer,
    TransferFile,
    Unwritable,
    customer_code,
    write_transfer_file,
)

KANA = "アイウエオカキクケコガギグゲゴパピプペポンヴー()-.ABC 123"
DIGITS = st.text(alphabet="0123456789", min_size=7, max_size=7)
HOLDERS = (
    st.text(alphabet=KANA, min_size=1, max_size=48).filter(lambda name: name.strip()).map(to_zengin)
)


HANAKO = to_zengin("キタミ ハナコ")


def an_account(
    holder: ZenginText = HANAKO,
    number: str = "0012345",
    kind: AccountType = AccountType.ORDINARY,
) -> BankAccount:
    return BankAccount(
        bank_code="0005",
        branch_code="123",
        account_type=kind,
        account_number=number,
        holder=holder,
    )


def a_line(amount: int = 30_000, account: BankAccount | None = None, **names: str) -> Line:
    return Line(
        reference=customer_code(1),
        account=account or an_account(),
        bank_kana=names.get("bank", "ミツビシユ－エフジエイ"),
        branch_kana=names.get("branch", "ミホン"),
        amount_yen=Yen(amount),
    )


PAYER = Payer(
    originator_code="0000012084",
    account=BankAccount(
        bank_code="0001",
        branch_code="001",
        account_type=AccountType.CURRENT,
        account_number="0000001",
        holder=to_zengin("キタミシ"),
    ),
    bank_kana="ミズホ",
    branch_kana="トウキヨウ",
    version=1,
)
DAY = date(2026, 12, 18)


@st.composite
def some_lines(draw: st.DrawFn) -> list[Line]:
    return [
        a_line(
            draw(st.integers(min_value=1, max_value=9_999_999_999)),
            an_account(draw(HOLDERS), draw(DIGITS), draw(st.sampled_from(AccountType))),
        )
        for _ in range(draw(st.integers(min_value=1, max_value=12)))
    ]


LINES = some_lines()


def records(file: TransferFile) -> list[str]:
    text = file.content.decode("shift_jis")
    assert len(file.content) == len(text)
    return [text[start : start + RECORD_BYTES] for start in range(0, len(text), RECORD_BYTES)]


class TestEveryFile:
    @given(LINES)
    def test_has_records_of_120_bytes_in_the_right_order(self, lines: list[Line]) -> None:
        file = write_transfer_file(PAYER, lines, transfer_on=DAY)
        assert len(file.content) == RECORD_BYTES * (len(lines) + 3)
        assert [record[0] for record in records(file)] == ["1", *("2" * len(lines)), "8", "9"]

    @given(LINES)
    def test_sums_up_what_it_pays(self, lines: list[Line]) -> None:
        file = write_transfer_file(PAYER, lines, transfer_on=DAY)
        _, *data, trailer, _ = records(file)
        assert int(trailer[1:7]) == len(data) == file.record_count == len(lines)
        assert int(trailer[7:19]) == sum(int(record[80:90]) for record in data) == file.total_yen

    @given(LINES)
    def test_says_of_each_line_what_was_approved(self, lines: list[Line]) -> None:
        _, *data, _, _ = records(write_transfer_file(PAYER, lines, transfer_on=DAY))
        for line, record in zip(lines, data, strict=True):
            assert record[1:5] == line.account.bank_code
            assert record[20:23] == line.account.branch_code
            assert record[43:50] == line.account.account_number
            assert int(record[80:90]) == line.amount_yen
            assert line.account.holder.startswith(record[50:80].rstrip())

    @given(LINES)
    def test_never_tears_a_mark_from_its_kana(self, lines: list[Line]) -> None:
        _, *data, _, _ = records(write_transfer_file(PAYER, lines, transfer_on=DAY))
        for line, record in zip(lines, data, strict=True):
            written = record[50:80].rstrip()
            following = line.account.holder.removeprefix(written)[:1]
            assert following not in {"ﾞ", "ﾟ"}

    @given(LINES)
    def test_is_the_same_file_the_second_time(self, lines: list[Line]) -> None:
        one = write_transfer_file(PAYER, lines, transfer_on=DAY)
        other = write_transfer_file(PAYER, lines, transfer_on=DAY)
        assert one.sha256 == other.sha256 == sha256(other.content).digest()


class TestRecords:
    def test_of_the_header_stand_where_the_format_says(self) -> None:
        header, *_ = records(write_transfer_file(PAYER, [a_line()], transfer_on=DAY))
        assert header == (
            "1210"
            "0000012084"
            + "ｷﾀﾐｼ".ljust(40)
            + "1218"
            + "0001"
            + "ﾐｽﾞﾎ".ljust(15)
            + "001"
            + "ﾄｳｷﾖｳ".ljust(15)
            + "2"
            + "0000001"
            + " " * 17
        )

    def test_of_a_transfer_stand_where_the_format_says(self) -> None:
        _, data, *_ = records(write_transfer_file(PAYER, [a_line()], transfer_on=DAY))
        assert data == (
            "2"
            "0005"
            + "ﾐﾂﾋﾞｼﾕ-ｴﾌｼﾞｴｲ".ljust(15)
            + "123"
            + "ﾐﾎﾝ".ljust(15)
            + "0000"
            + "1"
            + "0012345"
            + "ｷﾀﾐ ﾊﾅｺ".ljust(30)
            + "0000030000"
            + "0"
            + "0000000001"
            + " " * 10
            + "0"
            + " "
            + " " * 7
        )

    def test_of_the_end_are_empty(self) -> None:
        *_, end = records(write_transfer_file(PAYER, [a_line()], transfer_on=DAY))
        assert end == "9" + " " * 119

    def test_leave_a_bank_name_blank_that_has_no_letters(self) -> None:
        line = a_line(bank="クレデイ．スイス", branch="")
        _, data, *_ = records(write_transfer_file(PAYER, [line], transfer_on=DAY))
        assert data[5:20] == data[23:38] == " " * 15

    @pytest.mark.parametrize(
        ("kind", "code"),
        [
            (AccountType.ORDINARY, "1"),
            (AccountType.CURRENT, "2"),
            (AccountType.SAVINGS, "4"),
            (AccountType.OTHER, "9"),
        ],
    )
    def test_name_the_kind_of_account(self, kind: AccountType, code: str) -> None:
        line = a_line(account=an_account(kind=kind))
        _, data, *_ = records(write_transfer_file(PAYER, [line], transfer_on=DAY))
        assert data[42] == code


class TestRefusals:
    def test_nothing_to_pay_makes_no_file(self) -> None:
        with pytest.raises(Unwritable):
            write_transfer_file(PAYER, [], transfer_on=DAY)

    @pytest.mark.parametrize("amount", [0, -1, 10_000_000_000])
    def test_an_amount_outside_its_field_makes_no_file(self, amount: int) -> None:
        with pytest.raises(Unwritable):
            write_transfer_file(PAYER, [a_line(amount)], transfer_on=DAY)

    def test_a_sum_outside_its_field_makes_no_file(self) -> None:
        lines = [a_line(int(yen(9_999_999_999)))] * 101
        with pytest.raises(Unwritable):
            write_transfer_file(PAYER, lines, transfer_on=DAY)
