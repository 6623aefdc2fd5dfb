"""Where a household wants its money: one bank account, written so that a bank accepts it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from .kana import ZenginText

_BANK_CODE = re.compile(r"[0-9]{4}")
_BRANCH_CODE = re.compile(r"[0-9]{3}")
_ACCOUNT_NUMBER = re.compile(r"[0-9]{7}")
SHOWN_DIGITS = 3
"""How much of a number is shown again: enough for its owner to recognise it."""


class AccountType(StrEnum):
    """The kinds of account (預金種目) that a transfer can go to."""

    ORDINARY = "ordinary"
    CURRENT = "current"
    SAVINGS = "savings"
    OTHER = "other"


ZENGIN_CODES: Mapping[AccountType, str] = {
    AccountType.ORDINARY: "1",
    AccountType.CURRENT: "2",
    AccountType.SAVINGS: "4",
    AccountType.OTHER: "9",
}


class MalformedAccount(ValueError):
    """A code or number is not of its fixed length in ASCII digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccount:
    """An account of which the form is right; whether it exists, only the bank knows.

    Number and holder stay out of every printed form of this object: a log must not hold them.
    """

    bank_code: str
    branch_code: str
    account_type: AccountType
    account_number: str = field(repr=False)
    holder: ZenginText = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what a transfer file could not hold.

        Raises:
            MalformedAccount: a length is wrong, or a digit is not one of 0 to 9.
        """
        for pattern, value in (
            (_BANK_CODE, self.bank_code),
            (_BRANCH_CODE, self.branch_code),
            (_ACCOUNT_NUMBER, self.account_number),
        ):
            if pattern.fullmatch(value) is None:
                raise MalformedAccount

    @property
    def masked_number(self) -> str:
        return mask(self.account_number)

    @property
    def place(self) -> str:
        """The account itself, whoever is said to hold it: the same for every spelling of a name."""
        return "|".join(
            (
                self.bank_code,
                self.branch_code,
                ZENGIN_CODES[self.account_type],
                self.account_number,
            )
        )

    @property
    def payee(self) -> str:
        """Everything a bank pays by, in one line: what an approval is bound to."""
        return f"{self.place}|{self.holder}"


def mask(account_number: str) -> str:
    """Show the last three digits only: ****567."""
    return "*" * (len(account_number) - SHOWN_DIGITS) + account_number[-SHOWN_DIGITS:]


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchListing:
    """A bank and one of its branches in the national list; the branch is None if there is none."""

    bank_name: str
    bank_kana: str
    branch_name: str | None
    branch_kana: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredAccount:
    """An account that was named for an application.

    Names are None where the national list no longer has the bank or branch. `other_households`
    counts the other households of the municipality that named the very same account.
    """

    id: UUID
    account: BankAccount
    bank_name: str | None
    branch_name: str | None
    other_households: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFault:
    """One reason why money sent to the account would come back."""

    field: str
    detail: str
    detail_ja: str
