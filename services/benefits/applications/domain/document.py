"""The one way an application is written down to be signed: the same facts, the same bytes.

What is signed must be found again from what is kept, to the byte. So only facts that stay as they
are go into it: no name of a bank, which may merge, and none of a person, which may change.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from .application import Case
from .bank_account import BankAccount

_FORM = "benefits.application/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An application in words, and the bytes that are signed: UTF-8 of `text`."""

    application_id: UUID
    statement: str
    text: str = field(repr=False)

    @property
    def digest(self) -> bytes:
        """SHA-256 of the document."""
        return hashlib.sha256(self.text.encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedSignature:
    """A signature the platform verified, over exactly one application's document.

    `holder_match` says how the certificate's holder stands to the register; it refuses nobody,
    and whoever decides should look. `representation_id` is the right on which somebody else than
    the applicant signed.
    """

    signature_id: UUID
    digest: bytes
    holder_match: str
    signed_at: datetime
    verified_at: datetime
    representation_id: UUID | None = None

    @property
    def for_another(self) -> bool:
        """Whether it is not the applicant's own."""
        return self.representation_id is not None


def document_of(case: Case, account: BankAccount | None) -> Document:
    """Write an application down: members sorted, no space between them, text as it is.

    Source: the form of RFC 8785 §3.2 for the texts and whole numbers that occur here.
    """
    application, terms = case.application, case.programme.terms
    statement = f"「{terms.name}」 {application.offer.amount_yen:,}円を受け取ることを申請します。"
    facts = {
        "form": _FORM,
        "statement": statement,
        "application_id": str(application.id),
        "programme_id": str(application.programme_id),
        "programme_code": terms.code,
        "programme_name": terms.name,
        "legal_ground": terms.legal_ground,
        "household_id": str(application.household_id),
        "beneficiary_id": str(application.beneficiary_id),
        "reference_on": application.offer.reference_on.isoformat(),
        "amount_yen": application.offer.amount_yen,
        "bank_account": _account(account),
    }
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Document(application_id=application.id, statement=statement, text=text)


def _account(account: BankAccount | None) -> dict[str, str] | None:
    if account is None:
        return None
    return {
        "bank_code": account.bank_code,
        "branch_code": account.branch_code,
        "account_type": str(account.account_type),
        "account_number": account.account_number,
        "holder": account.holder,
    }
