"""What happens to an application before it is decided: offered, answered, read."""

from dataclasses import dataclass, replace
from uuid import UUID

from foundation import clock
from foundation.database import Page, decode_cursor, page_of
from foundation.identifiers import new_id
from foundation.identity import Official, Resident, name_of
from foundation.problems import PreconditionFailed
from foundation.work import Work
from services.benefits.applications.domain import (
    ANSWERABLE,
    AcceptedSignature,
    Application,
    ApplicationState,
    BankAccount,
    Case,
    Extraction,
    IllegalTransition,
    RegisteredAccount,
    Standing,
)
from services.benefits.applications.events import (
    ApplicationConfirmed,
    ApplicationDeclined,
    BankAccountChanged,
    RosterExtracted,
)
from services.benefits.applications.policies import AccountGiven, same_name
from services.benefits.applications.problems import (
    AccountOfAnother,
    ApplicationNotFound,
    ApplicationPeriodOver,
    ApplicationStateConflict,
)
from services.benefits.applications.repository import Applications, BankAccounts, Roster, Signatures
from services.benefits.programmes.domain import Programme, ProgrammeState
from services.benefits.programmes.problems import ProgrammeNotFound, ProgrammeStateConflict
from services.benefits.programmes.repository import Programmes
from services.benefits.programmes.service import PUBLIC_STATES

from .documents import accept_signature, judged, resident_id_of

_BEFORE_ALL = (UUID(int=0), UUID(int=0))
VOID_OUTDATED_PROPOSAL = "void_outdated_proposal"
"""The job left behind when a granted application is to be paid elsewhere: a transfer proposal
that counts on the old account is void. Its payload names the programme."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aid:
    """What an official should look at before deciding."""

    holder_is_beneficiary: bool
    other_households_with_account: int
    counts_protected_person: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """A case with its account opened; the aid is for officials, and None for anybody else."""

    case: Case
    bank_account: RegisteredAccount | None
    aid: Aid | None
    signature: AcceptedSignature | None


async def extract_roster(work: Work, programme_id: UUID) -> Extraction:
    """Offer the benefit to every household that meets its condition and has no offer yet.

    Raises:
        ProgrammeNotFound: 404.
        ProgrammeStateConflict: its terms are not final yet, or it is closed (409).
    """
    programme = await Programmes(work.tx).get_and_hold(programme_id)
    if programme is None:
        raise ProgrammeNotFound
    if programme.state is not ProgrammeState.PUBLISHED:
        raise ProgrammeStateConflict
    found = await Roster(work.tx, programme).extract(at=clock.now())
    await work.record(
        "benefits.roster.extract",
        subjects=found.offered,
        obj=str(programme_id),
        detail={"offered": len(found.offered)},
    )
    await work.emit(RosterExtracted(subject_id=programme.id, offered=len(found.offered)))
    return found


async def progress(work: Work, programme_id: UUID) -> tuple[Programme, list[Standing]]:
    """Count a programme's applications and money by state.

    Raises:
        ProgrammeNotFound: unknown here, or a draft and the caller no official (404).
    """
    programme = await Programmes(work.tx).get(programme_id)
    if programme is None or not _may_see(work, programme):
        raise ProgrammeNotFound
    return programme, await Roster(work.tx, programme).progress()


async def own_cases(work: Work) -> list[Case]:
    """Return what the resident's household was offered; only its householder sees it.

    Raises:
        ResidentNotBound: 403.
    """
    resident_id = resident_id_of(work)
    cases = await Applications(work.tx).own_cases(beneficiary_id=resident_id)
    await work.record("benefits.offer.read", subject=resident_id, detail={"count": len(cases)})
    return cases


async def read_case(work: Work, application_id: UUID) -> CaseFile:
    """Return one application: a resident's own, or any of the municipality for an official.

    Raises:
        ApplicationNotFound: it is another household's, another municipality's, or nowhere (404).
        ResidentNotBound: 403.
    """
    applications = Applications(work.tx)
    if isinstance(work.principal, Official):
        case = await applications.case(application_id)
    else:
        case = await applications.own_case(application_id, beneficiary_id=resident_id_of(work))
    if case is None:
        raise ApplicationNotFound
    return await _open(work, case)


async def list_cases(
    work: Work,
    *,
    programme_id: UUID | None,
    state: ApplicationState | None,
    cursor: str | None,
    limit: int,
) -> Page[Case]:
    """Return a page of applications without their accounts.

    Raises:
        InvalidCursor: the cursor is not one of this list's (400).
    """
    after: tuple[UUID, UUID] = decode_cursor(cursor, UUID, UUID) if cursor else _BEFORE_ALL
    found = await Applications(work.tx).list_after(
        after, programme_id=programme_id, state=state, limit=limit + 1
    )
    page = page_of(found, limit=limit, key=_place)
    await work.record(
        "benefits.application.list",
        subjects=[member for case in page.items for member in case.application.offer.member_ids],
        detail={"count": len(page.items)},
    )
    return page


async def roster(work: Work, programme_id: UUID, *, cursor: str | None, limit: int) -> Page[Case]:
    """Return a page of a programme's roster.

    Raises:
        ProgrammeNotFound: 404.
        InvalidCursor: 400.
    """
    if await Programmes(work.tx).get(programme_id) is None:
        raise ProgrammeNotFound
    return await list_cases(work, programme_id=programme_id, state=None, cursor=cursor, limit=limit)


async def confirm(
    work: Work, application_id: UUID, given: AccountGiven, *, signature_id: UUID | None = None
) -> CaseFile:
    """Accept the offer for the household, to be paid to this account.

    With a signature, the application keeps what was signed and that it was verified.

    Raises:
        SignatureRefused: it is not this resident's, not verified, or over another document (422).
        SignatureRequired: the programme asks for one (422).
        ApplicationNotFound: not the caller's household's, or nowhere (404).
        ResidentNotBound: 403.
        ApplicationStateConflict: it was answered before (409).
        ApplicationPeriodOver: the programme takes no answers today (409).
        BankAccountRefused: a transfer to the account would come back (422).
    """
    application = await _own_to_change(work, application_id)
    if application.state not in ANSWERABLE:
        raise ApplicationStateConflict(state=str(application.state))
    await _require_open(work, application)
    account_id = new_id()
    account = await _register(work, application, given, account_id=account_id)
    await accept_signature(work, application, account, signature_id=signature_id)
    confirmed = replace(application.to(ApplicationState.CONFIRMED), bank_account_id=account_id)
    await Applications(work.tx).keep(confirmed, at=clock.now())
    await work.emit(
        ApplicationConfirmed(
            subject_id=application.id,
            programme_id=application.programme_id,
            amount_yen=application.offer.amount_yen,
        )
    )
    return await _answered(work, "benefits.application.confirm", application_id)


async def decline(work: Work, application_id: UUID) -> CaseFile:
    """Decline the offer for the household; this cannot be taken back here.

    Raises:
        ApplicationNotFound: 404.
        ResidentNotBound: 403.
        ApplicationStateConflict: it was decided before (409).
        ApplicationPeriodOver: 409.
    """
    application = await _own_to_change(work, application_id)
    declined = _moved(application, ApplicationState.DECLINED)
    await _require_open(work, application)
    await Applications(work.tx).keep(declined, at=clock.now())
    await work.emit(
        ApplicationDeclined(subject_id=application.id, programme_id=application.programme_id)
    )
    return await _answered(work, "benefits.application.decline", application_id)


async def change_bank_account(
    work: Work, application_id: UUID, given: AccountGiven, *, version: int
) -> CaseFile:
    """Have the benefit paid to another account, as long as the treasury has not let it go.

    A transfer proposal that counts on the old account is void from this moment.

    Raises:
        ApplicationNotFound: 404.
        ResidentNotBound: 403.
        PreconditionFailed: it changed since it was read (412).
        ApplicationStateConflict: nothing is confirmed yet, or the money is on its way (409).
        BankAccountRefused: 422.
    """
    application = await _own_to_change(work, application_id)
    if application.version != version:
        raise PreconditionFailed
    account_id = new_id()
    try:
        changed = application.with_account(account_id)
    except IllegalTransition as wrong:
        raise ApplicationStateConflict(state=str(wrong.current)) from wrong
    await _register(work, application, given, account_id=account_id)
    await Applications(work.tx).keep(changed, at=clock.now())
    await work.emit(
        BankAccountChanged(subject_id=application.id, programme_id=application.programme_id)
    )
    if application.state is ApplicationState.GRANTED:
        await work.enqueue(VOID_OUTDATED_PROPOSAL, {"programme_id": str(application.programme_id)})
    return await _answered(work, "benefits.bank_account.change", application_id)


def _place(case: Case) -> tuple[UUID, UUID]:
    return case.application.programme_id, case.application.household_id


async def _own_to_change(work: Work, application_id: UUID) -> Application:
    application = await Applications(work.tx).get_own_for_change(
        application_id, beneficiary_id=resident_id_of(work)
    )
    if application is None:
        raise ApplicationNotFound
    return application


def _moved(application: Application, state: ApplicationState) -> Application:
    try:
        return application.to(state)
    except IllegalTransition as wrong:
        raise ApplicationStateConflict(state=str(wrong.current)) from wrong


async def _require_open(work: Work, application: Application) -> None:
    """Insist that the programme takes answers; a correction asked for may come in any time."""
    programme = await Programmes(work.tx).get_and_hold(application.programme_id)
    correcting = application.state is ApplicationState.RETURNED
    if programme is None or not (correcting or programme.takes_applications(clock.today())):
        raise ApplicationPeriodOver


async def _register(
    work: Work, application: Application, given: AccountGiven, *, account_id: UUID
) -> BankAccount:
    accounts = BankAccounts(work.tx, work.cipher)
    account = await judged(work, given)
    await _require_own_account(work, application, account)
    await accounts.add(
        account,
        account_id=account_id,
        of=application,
        by=name_of(work.principal),
        at=clock.now(),
    )
    return account


async def _require_own_account(work: Work, application: Application, account: BankAccount) -> None:
    """Insist that a representative names an account of the person they act for.

    Leave to receive for somebody is recorded in so many words, or not given.
    """
    principal = work.principal
    held = principal.representation if isinstance(principal, Resident) else None
    if held is None or held.may_receive:
        return
    case = await Applications(work.tx).case(application.id)
    if case is None or not same_name(account.holder, case.beneficiary_kana):
        raise AccountOfAnother


async def _answered(work: Work, action: str, application_id: UUID) -> CaseFile:
    case = await Applications(work.tx).case(application_id)
    if case is None:
        raise ApplicationNotFound
    return await _open(work, case, action=action)


async def _open(work: Work, case: Case, *, action: str = "benefits.application.read") -> CaseFile:
    application = case.application
    account = None
    if application.bank_account_id is not None:
        account = await BankAccounts(work.tx, work.cipher).get(
            application.bank_account_id, household_id=application.household_id
        )
    official = isinstance(work.principal, Official)
    await work.record(
        action,
        subjects=application.offer.member_ids if official else (application.beneficiary_id,),
        obj=str(application.id),
    )
    aid = await _aid(work, case, account) if official else None
    signature = await Signatures(work.tx, work.cipher).of_application(application)
    return CaseFile(case=case, bank_account=account, aid=aid, signature=signature)


async def _aid(work: Work, case: Case, account: RegisteredAccount | None) -> Aid:
    holder = account.account.holder if account else ""
    return Aid(
        holder_is_beneficiary=same_name(holder, case.beneficiary_kana),
        other_households_with_account=account.other_households if account else 0,
        counts_protected_person=await Applications(work.tx).counts_protected_person(
            case.application.id
        ),
    )


def _may_see(work: Work, programme: Programme) -> bool:
    return isinstance(work.principal, Official) or programme.state in PUBLIC_STATES
