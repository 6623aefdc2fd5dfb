"""What a GビズID account says of whoever holds it, and what they may do for their business.

Source: GビズID 接続システム向けガイドライン 2.9 (2026-07-09): `account_type` 1 entry, 2 prime,
3 member; nobody has vouched for an entry account's business.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from foundation.identity import Business
from foundation.identity.principal import BusinessRole

_ACCOUNT_TYPES: Mapping[str, BusinessRole] = {"1": "entry", "2": "prime", "3": "member"}
_CORPORATION = "1"
_CORPORATE_NUMBER_DIGITS = 13
_LONGEST_NAME = 255


class NotAnAccount(Exception):
    """The answer describes no account whose kind is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as its provider describes it.

    `anchor` is the account that stands for the business: one's own, or a member's parent. A
    corporation's number is its anchor, where it was vouched for.
    """

    subject: str
    role: BusinessRole
    anchor: str
    corporate_number: str | None = None
    name: str | None = field(default=None, repr=False)
    has_mandate: bool = False


def read_account(claims: Mapping[str, Any]) -> Account:
    """Read what userinfo says under the scopes `profile` and `mandate`.

    Raises:
        NotAnAccount: no known account type, a member without a parent, or no subject.
    """
    subject = _text(claims.get("sub"))
    role = _ACCOUNT_TYPES.get(_text(claims.get("account_type")) or "")
    parent = _text(claims.get("parent_id"))
    if subject is None or role is None or (role == "member" and parent is None):
        raise NotAnAccount
    number = _corporate_number(claims) if role != "entry" else None
    return Account(
        subject=subject,
        role=role,
        anchor=f"corporate:{number}" if number else f"account:{parent or subject}",
        corporate_number=number,
        name=_text(claims.get("name")),
        has_mandate=role == "member" and _names_mandate(claims.get("mandate_info")),
    )


def may_move_money(business: Business, *, has_mandate: bool) -> bool:
    """Tell whether somebody may do for a business what moves money.

    The representative may; a colleague if the representative gave them a mandate; whoever merely
    opened an entry account may not, for nobody has looked at their papers.
    """
    return business.role == "prime" or (business.role == "member" and has_mandate)


def is_corporate_number(text: str) -> bool:
    """Tell whether the check digit holds (法人番号の指定等に関する省令): 9 − (Σ Pn·Qn mod 9)."""
    if len(text) != _CORPORATE_NUMBER_DIGITS or not (text.isascii() and text.isdigit()):
        return False
    total = sum(
        int(digit) * (1 if place % 2 == 0 else 2) for place, digit in enumerate(reversed(text[1:]))
    )
    return int(text[0]) == 9 - total % 9


def _corporate_number(claims: Mapping[str, Any]) -> str | None:
    number = _text(claims.get("corporate_number"))
    if _text(claims.get("corp_type")) != _CORPORATION or number is None:
        return None
    return number if is_corporate_number(number) else None


def _names_mandate(value: object) -> bool:
    """Tell whether the mandate names anything; its inner form is the two parties' own."""
    return value not in (None, [], {}, "", False)


def _text(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_NAME:
        return None
    return value
