"""What an application for a benefit is, and how it may change: the rules, without a database."""

from .application import (
    ANSWERABLE,
    TRANSITIONS,
    Application,
    ApplicationId,
    ApplicationState,
    Case,
    Extraction,
    IllegalTransition,
    Offer,
    Standing,
    reason_ja,
)
from .bank_account import (
    AccountFault,
    AccountType,
    BankAccount,
    BranchListing,
    MalformedAccount,
    RegisteredAccount,
)
from .kana import NotExpressible, ZenginText, to_zengin

__all__ = [
    "ANSWERABLE",
    "TRANSITIONS",
    "AccountFault",
    "AccountType",
    "Application",
    "ApplicationId",
    "ApplicationState",
    "BankAccount",
    "BranchListing",
    "Case",
    "Extraction",
    "IllegalTransition",
    "MalformedAccount",
    "NotExpressible",
    "Offer",
    "RegisteredAccount",
    "Standing",
    "ZenginText",
    "reason_ja",
    "to_zengin",
]
