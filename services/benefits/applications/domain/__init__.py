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
from .document import AcceptedSignature, Document, document_of
from .kana import NotExpressible, ZenginText, to_zengin

__all__ = [
    "ANSWERABLE",
    "TRANSITIONS",
    "AcceptedSignature",
    "AccountFault",
    "AccountType",
    "Application",
    "ApplicationId",
    "ApplicationState",
    "BankAccount",
    "BranchListing",
    "Case",
    "Document",
    "Extraction",
    "IllegalTransition",
    "MalformedAccount",
    "NotExpressible",
    "Offer",
    "RegisteredAccount",
    "Standing",
    "ZenginText",
    "document_of",
    "reason_ja",
    "to_zengin",
]
