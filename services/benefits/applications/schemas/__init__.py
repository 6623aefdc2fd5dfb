"""How rosters, offers and applications look on the wire."""

from .cases import (
    ApplicationConfirm,
    ApplicationRead,
    ApplicationSummary,
    AssessmentAid,
    BankAccountChange,
    BankAccountGiven,
    BankAccountRead,
    ExtractionRead,
    OfferRead,
    ProgressRead,
    StandingRead,
)
from .documents import DocumentRead, SignatureRead

__all__ = [
    "ApplicationConfirm",
    "ApplicationRead",
    "ApplicationSummary",
    "AssessmentAid",
    "BankAccountChange",
    "BankAccountGiven",
    "BankAccountRead",
    "DocumentRead",
    "ExtractionRead",
    "OfferRead",
    "ProgressRead",
    "SignatureRead",
    "StandingRead",
]
