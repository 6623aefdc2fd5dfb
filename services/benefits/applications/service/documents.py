"""The document an application is, word for word, so that somebody can put their name to it."""

from dataclasses import replace
from uuid import UUID

from foundation import clock
from foundation.identity import Resident
from foundation.work import Work
from services.benefits.applications.domain import (
    AcceptedSignature,
    Application,
    BankAccount,
    Document,
    document_of,
)
from services.benefits.applications.policies import AccountGiven, judge_account
from services.benefits.applications.problems import (
    ApplicationNotFound,
    BankAccountRefused,
    ResidentNotBound,
    SignatureRefused,
    SignatureRequired,
)
from services.benefits.applications.repository import Applications, BankAccounts, Signatures


async def document(work: Work, application_id: UUID, given: AccountGiven | None = None) -> Document:
    """Return an application as it would be signed with this account, or as it stands.

    Raises:
        ApplicationNotFound: not the caller's household's, or nowhere (404).
        ResidentNotBound: 403.
        BankAccountRefused: a transfer to the account would come back (422).
    """
    beneficiary_id = resident_id_of(work)
    case = await Applications(work.tx).own_case(application_id, beneficiary_id=beneficiary_id)
    if case is None:
        raise ApplicationNotFound
    account = await judged(work, given) if given is not None else None
    if account is None and case.application.bank_account_id is not None:
        registered = await BankAccounts(work.tx, work.cipher).get(
            case.application.bank_account_id, household_id=case.application.household_id
        )
        account = registered.account if registered is not None else None
    await work.record(
        "benefits.application.document", subject=beneficiary_id, obj=str(case.application.id)
    )
    return document_of(case, account)


async def accept_signature(
    work: Work, application: Application, account: BankAccount, *, signature_id: UUID | None
) -> None:
    """Keep that a signature covers exactly this application with exactly this account.

    Raises:
        SignatureRefused: the platform vouches for no such signature of this resident (422).
        SignatureRequired: none was given, and the programme asks for one (422).
    """
    case = await Applications(work.tx).case(application.id)
    if case is None:
        raise ApplicationNotFound
    if signature_id is None:
        if case.programme.terms.signature_required:
            raise SignatureRequired.at_once()
        return
    signed = document_of(case, account)
    signatures = Signatures(work.tx, work.cipher)
    vouched = await _vouched(work, signatures, signature_id, signed.digest)
    if vouched is None or not await signatures.keep(
        vouched, of=application, document=signed, at=clock.now()
    ):
        raise SignatureRefused.given()


async def _vouched(
    work: Work, signatures: Signatures, signature_id: UUID, digest: bytes
) -> AcceptedSignature | None:
    """Return the signature if the caller made it: a representative signs with their own card."""
    principal, applicant = work.principal, resident_id_of(work)
    if not isinstance(principal, Resident) or principal.representation is None:
        return await signatures.of_resident(signature_id, resident_id=applicant, digest=digest)
    found = await signatures.of_subject(
        signature_id, subject=principal.subject, represented_id=applicant, digest=digest
    )
    right_id = principal.representation.representation_id
    return replace(found, representation_id=right_id) if found is not None else None


async def judged(work: Work, given: AccountGiven) -> BankAccount:
    """Return the account as a bank knows it.

    Raises:
        BankAccountRefused: a transfer to it would come back; every fault is listed (422).
    """
    listing = await BankAccounts(work.tx, work.cipher).listed(
        bank_code=given.bank_code, branch_code=given.branch_code
    )
    account = judge_account(given, listing)
    if not isinstance(account, BankAccount):
        raise BankAccountRefused.for_account(account)
    return account


def resident_id_of(work: Work) -> UUID:
    """Return whose applications the caller may answer.

    Raises:
        ResidentNotBound: who signed in is proven, and not yet which entry of the register (403).
        ApplicationNotFound: the caller is no resident (404).
    """
    match work.principal:
        case Resident(resident_id=UUID() as resident_id):
            return resident_id
        case Resident():
            raise ResidentNotBound
        case _:
            raise ApplicationNotFound
