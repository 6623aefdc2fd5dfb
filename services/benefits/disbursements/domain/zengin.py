"""The file a bank pays from: 全銀協 総合振込 (type 21), records of 120 bytes.

One header, one record for each transfer, one trailer with their number and sum, one end record.
There is no line break between records: the format counts bytes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from foundation.money import Yen
from services.benefits.applications.domain import BankAccount, NotExpressible, to_zengin
from services.benefits.applications.domain.bank_account import ZENGIN_CODES
from services.benefits.applications.domain.kana import BANK_SIGNS, ZenginText, fits

from .proposal import Payer

RECORD_BYTES = 120
MAXIMUM_RECORDS = 999_999
"""Six digits in the trailer."""
MAXIMUM_TOTAL_YEN = 999_999_999_999
"""Twelve digits in the trailer."""
MAXIMUM_AMOUNT_YEN = 9_999_999_999
"""Ten digits in a data record."""

_ENCODING = "shift_jis"
_TRANSFERS = "21"
_JIS = "0"
_NO_CLEARING_HOUSE = "0000"
_NOT_NEW = "0"
_ANY_METHOD = "0"


class Unwritable(ValueError):
    """A value does not fit its field; a file that would say something else is not written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One transfer: to whom, where, how much. `reference` comes back with a returned transfer."""

    reference: str
    account: BankAccount
    bank_kana: str
    branch_kana: str
    amount_yen: Yen


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFile:
    """The finished bytes with the three figures by which a bank checks them."""

    content: bytes
    record_count: int
    total_yen: Yen

    @property
    def sha256(self) -> bytes:
        return sha256(self.content).digest()


def write_transfer_file(payer: Payer, lines: Sequence[Line], *, transfer_on: date) -> TransferFile:
    """Write the whole file.

    Raises:
        Unwritable: there is nothing to pay, or a number has more digits than its field.
    """
    total = Yen(sum(line.amount_yen for line in lines))
    if not 0 < len(lines) <= MAXIMUM_RECORDS or total > MAXIMUM_TOTAL_YEN:
        raise Unwritable("A file carries 1 to 999,999 transfers of at most 999,999,999,999 yen.")
    text = "".join(_records(payer, lines, transfer_on=transfer_on, total=total))
    return TransferFile(content=text.encode(_ENCODING), record_count=len(lines), total_yen=total)


def customer_code(number: int) -> str:
    """Return our reference of the n-th line: ten digits in the field 顧客コード1."""
    return _digits(number, 10)


def _records(
    payer: Payer, lines: Iterable[Line], *, transfer_on: date, total: Yen
) -> Iterable[str]:
    count = 0
    yield _header(payer, transfer_on=transfer_on)
    for line in lines:
        count += 1
        yield _data(line)
    yield _record("8", _digits(count, 6), _digits(total, 12))
    yield _record("9")


def _header(payer: Payer, *, transfer_on: date) -> str:
    account = payer.account
    return _record(
        "1",
        _TRANSFERS,
        _JIS,
        payer.originator_code,
        _text(account.holder, 40),
        f"{transfer_on:%m%d}",
        account.bank_code,
        _name(payer.bank_kana),
        account.branch_code,
        _name(payer.branch_kana),
        ZENGIN_CODES[account.account_type],
        account.account_number,
    )


def _data(line: Line) -> str:
    account = line.account
    if line.amount_yen < 1:
        raise Unwritable("A transfer moves at least one yen.")
    return _record(
        "2",
        account.bank_code,
        _name(line.bank_kana),
        account.branch_code,
        _name(line.branch_kana),
        _NO_CLEARING_HOUSE,
        ZENGIN_CODES[account.account_type],
        account.account_number,
        _text(account.holder, 30),
        _digits(line.amount_yen, 10),
        _NOT_NEW,
        _text(ZenginText(line.reference), 10),
        _text(ZenginText(""), 10),
        _ANY_METHOD,
    )


def _record(*fields: str) -> str:
    record = "".join(fields).ljust(RECORD_BYTES)
    if len(record) != RECORD_BYTES:
        raise Unwritable("A record has more than 120 bytes.")
    return record


def _digits(number: int, length: int) -> str:
    text = f"{number:0{length}d}"
    if len(text) != length or not text.isdecimal():
        raise Unwritable(f"{length} digits cannot hold the number.")
    return text


def _text(text: ZenginText, length: int) -> str:
    return fits(text, length=length).ljust(length)


def _name(kana: str) -> str:
    """Write a bank's or branch's name, or leave it blank: its code decides, its name is a courtesy.

    Some names of the national list have signs that this field has no letter for.
    """
    try:
        return _text(to_zengin(kana, signs=BANK_SIGNS), 15)
    except NotExpressible:
        return " " * 15
