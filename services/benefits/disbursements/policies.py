"""Who may let money go, and on which day."""

from datetime import date

from foundation.identity.principal import Principal, Role
from services.benefits.applications.domain import (
    AccountFault,
    AccountType,
    BankAccount,
    BranchListing,
)
from services.benefits.applications.policies import AccountGiven, judge_account

from .domain import TransferProposal, is_banking_day


def may_approve(principal: Principal, proposal: TransferProposal) -> bool:
    """Tell whether this person may approve: of the treasury, and not who proposed it.

    Source: 地方自治法 第232条の4 第2項; the head's side orders, the treasurer confirms and pays.
    """
    return (
        principal.kind == "official"
        and Role.TREASURER in principal.roles
        and not proposal.is_proposed_by(principal.subject)
    )


def may_be_transferred_on(day: date, *, today: date) -> bool:
    """Tell whether a bank takes an order for this day: a banking day that is still ahead."""
    return day > today and is_banking_day(day)


def may_have_been_executed_on(day: date, proposal: TransferProposal, *, today: date) -> bool:
    """Tell whether the bank can have paid on this day: not before the order, not in the future.

    An order the bank has accepted may be recorded with its agreed day, even if that is ahead.
    """
    latest = max(today, proposal.transfer_on)
    return proposal.transfer_on <= day <= latest


def judge_paying_account(
    given: AccountGiven, listing: BranchListing | None
) -> BankAccount | tuple[AccountFault, ...]:
    """Return the municipality's own account, or every fault; a savings account cannot pay.

    Source: 全銀協 総合振込, header record, 預金種目 1, 2 or 9.
    """
    account = judge_account(given, listing)
    if given.account_type is not AccountType.SAVINGS:
        return account
    fault = AccountFault(
        field="account_type",
        detail="Transfers cannot be paid from a savings account.",
        detail_ja="貯蓄預金の口座から振り込むことはできません。",
    )
    return (fault,) if isinstance(account, BankAccount) else (*account, fault)
