"""What an application for a benefit is, and how it may change: the rules, without a database."""

from .application import (
    TRANSITIONS,
    Application,
    ApplicationId,
    ApplicationState,
    IllegalTransition,
    Offer,
    reason_ja,
)
from .bank_account import AccountType, BankAccount, MalformedAccount
from .kana import NotExpressible, ZenginText, to_zengin

__all__ = [
    "TRANSITIONS",
    "AccountType",
    "Application",
    "ApplicationId",
    "ApplicationState",
    "BankAccount",
    "IllegalTransition",
    "MalformedAccount",
    "NotExpressible",
    "Offer",
    "ZenginText",
    "reason_ja",
    "to_zengin",
]
