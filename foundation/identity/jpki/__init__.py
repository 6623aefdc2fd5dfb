"""Signatures made with a My Number Card (公的個人認証, JPKI): whether they are to be believed.

The provider through which a person signs hands over a signature and a certificate and vouches for
neither. What is here decides, from the certificate's own words, its authority's, and arithmetic.
"""

from .attributes import CardHolder, Inscription
from .evidence import Evidence, Report, Revocations, SignedDocument, Verified, verify
from .inquiry import Authorities
from .refusal import Refusal, RevocationUnavailable, SignatureRefused
from .sealed import EncryptionKey
from .signing_api import (
    Account,
    Presented,
    ResultUnreadable,
    SigningApi,
    SigningApiUnavailable,
)
from .trust import Root, RootSettings, Trust, TrustSettings

__all__ = [
    "Account",
    "Authorities",
    "CardHolder",
    "EncryptionKey",
    "Evidence",
    "Inscription",
    "Presented",
    "Refusal",
    "Report",
    "ResultUnreadable",
    "RevocationUnavailable",
    "Revocations",
    "Root",
    "RootSettings",
    "SignatureRefused",
    "SignedDocument",
    "SigningApi",
    "SigningApiUnavailable",
    "Trust",
    "TrustSettings",
    "Verified",
    "verify",
]
