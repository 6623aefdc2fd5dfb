"""Signatures made with a My Number Card (公的個人認証, JPKI): whether they are to be believed.

The provider through which a person signs hands over a signature and a certificate and vouches for
neither. What is here decides, from the certificate's own words, its authority's, and arithmetic.
"""

from .attributes import CardHolder, Inscription
from .evidence import Evidence, Report, Revocations, SignedDocument, Verified, verify
from .inquiry import Authorities
from .refusal import Refusal, RevocationUnavailable, SignatureRefused
from .sealed import EncryptionKey
from .trust import Root, RootSettings, Trust, TrustSettings

__all__ = [
    "Authorities",
    "CardHolder",
    "EncryptionKey",
    "Evidence",
    "Inscription",
    "Refusal",
    "Report",
    "RevocationUnavailable",
    "Revocations",
    "Root",
    "RootSettings",
    "SignatureRefused",
    "SignedDocument",
    "Trust",
    "TrustSettings",
    "Verified",
    "verify",
]
