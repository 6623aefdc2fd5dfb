"""Rosters, offers and applications over HTTP."""

from uuid import UUID

from foundation.web import CurrentWork, CursorText, IfMatch, Limit, Listing, OfficeRouter
from services.benefits import permissions
from services.benefits.programmes.problems import ProgrammeNotFound, ProgrammeStateConflict

from . import service
from .domain import ApplicationState
from .problems import (
    AccountOfAnother,
    ApplicationNotFound,
    ApplicationPeriodOver,
    ApplicationStateConflict,
    BankAccountRefused,
    ResidentNotBound,
    SignatureRefused,
    SignatureRequired,
)
from .schemas import (
    ApplicationConfirm,
    ApplicationRead,
    ApplicationSummary,
    BankAccountChange,
    DocumentRead,
    ExtractionRead,
    OfferRead,
    ProgressRead,
)

router = OfficeRouter(tags=["applications"])


@router.post(
    "/programmes/{programme_id}/roster",
    permission=permissions.EXTRACT_ROSTER,
    problems=[ProgrammeNotFound, ProgrammeStateConflict],
    status_code=200,
    summary="対象世帯を抽出し、対象者リストに加える",
)
async def extract_roster(work: CurrentWork, programme_id: UUID) -> ExtractionRead:
    """Offer the benefit to every household that meets the condition; repeated, only to new ones."""
    return ExtractionRead.of(programme_id, await service.extract_roster(work, programme_id))


@router.get(
    "/programmes/{programme_id}/roster",
    permission=permissions.READ_ROSTER,
    problems=[ProgrammeNotFound],
    summary="対象者リストを見る",
)
async def read_roster(
    work: CurrentWork, programme_id: UUID, limit: Limit = 50, cursor: CursorText = None
) -> Listing[ApplicationSummary]:
    """Read the households of a programme, each with the reason it was offered the benefit."""
    page = await service.roster(work, programme_id, cursor=cursor, limit=limit)
    return Listing[ApplicationSummary](
        items=[ApplicationSummary.of(case) for case in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


@router.get(
    "/programmes/{programme_id}/progress",
    permission=permissions.READ_PROGRESS,
    problems=[ProgrammeNotFound],
    summary="給付事業の進み具合を件数と金額で見る",
)
async def read_progress(work: CurrentWork, programme_id: UUID) -> ProgressRead:
    """Read counts and yen by state; no person appears."""
    programme, standings = await service.progress(work, programme_id)
    return ProgressRead.of(programme, standings)


@router.get(
    "/offers",
    permission=permissions.READ_OWN_OFFERS,
    problems=[ResidentNotBound],
    summary="自分の世帯への給付のお知らせを見る",
)
async def read_offers(work: CurrentWork) -> Listing[OfferRead]:
    """Read what one's household is offered and why; only the householder sees it."""
    cases = await service.own_cases(work)
    return Listing[OfferRead](items=[OfferRead.of(case) for case in cases])


@router.get("/applications", permission=permissions.LIST_APPLICATIONS, summary="申請の一覧を見る")
async def list_applications(
    work: CurrentWork,
    programme_id: UUID | None = None,
    state: ApplicationState | None = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Listing[ApplicationSummary]:
    """List applications; without a filter, all of the municipality's."""
    page = await service.list_cases(
        work, programme_id=programme_id, state=state, cursor=cursor, limit=limit
    )
    return Listing[ApplicationSummary](
        items=[ApplicationSummary.of(case) for case in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


@router.get(
    "/applications/{application_id}",
    permission=permissions.READ_APPLICATION,
    problems=[ApplicationNotFound, ResidentNotBound],
    summary="申請の内容と状況を見る",
)
async def read_application(work: CurrentWork, application_id: UUID) -> ApplicationRead:
    """Read one application; a resident's own household's, or any for an official."""
    return ApplicationRead.of_file(await service.read_case(work, application_id))


@router.get(
    "/applications/{application_id}/document",
    permission=permissions.READ_DOCUMENT,
    problems=[ApplicationNotFound, ResidentNotBound],
    summary="申請の文書を見る",
)
async def read_document(work: CurrentWork, application_id: UUID) -> DocumentRead:
    """Read one's application as it stands, byte for byte as it is or was signed."""
    return DocumentRead.of(await service.document(work, application_id))


@router.post(
    "/applications/{application_id}/document",
    permission=permissions.READ_DOCUMENT,
    problems=[ApplicationNotFound, ResidentNotBound, BankAccountRefused],
    status_code=200,
    idempotent_post=False,
    summary="届け出る口座を入れて、署名する文書を作る",
)
async def draw_up_document(
    work: CurrentWork, application_id: UUID, body: BankAccountChange
) -> DocumentRead:
    """Draw up what shall be signed, with the account it would be paid to; nothing is kept."""
    return DocumentRead.of(await service.document(work, application_id, body.bank_account.given()))


@router.post(
    "/applications/{application_id}/confirmation",
    permission=permissions.CONFIRM_APPLICATION,
    problems=[
        ApplicationNotFound,
        ResidentNotBound,
        ApplicationStateConflict,
        ApplicationPeriodOver,
        BankAccountRefused,
        AccountOfAnother,
        SignatureRefused,
        SignatureRequired,
    ],
    status_code=200,
    summary="給付の内容を確認し、振込口座を届け出る",
)
async def confirm_application(
    work: CurrentWork, application_id: UUID, body: ApplicationConfirm
) -> ApplicationRead:
    """Accept the offer; the account is checked against the national list of banks at once."""
    return ApplicationRead.of_file(
        await service.confirm(
            work, application_id, body.bank_account.given(), signature_id=body.signature_id
        )
    )


@router.post(
    "/applications/{application_id}/declination",
    permission=permissions.DECLINE_APPLICATION,
    problems=[
        ApplicationNotFound,
        ResidentNotBound,
        ApplicationStateConflict,
        ApplicationPeriodOver,
    ],
    status_code=200,
    summary="給付を辞退する",
)
async def decline_application(work: CurrentWork, application_id: UUID) -> ApplicationRead:
    """Decline the offer."""
    return ApplicationRead.of_file(await service.decline(work, application_id))


@router.put(
    "/applications/{application_id}/bank-account",
    permission=permissions.CHANGE_BANK_ACCOUNT,
    problems=[
        ApplicationNotFound,
        ResidentNotBound,
        ApplicationStateConflict,
        BankAccountRefused,
        AccountOfAnother,
    ],
    summary="届け出た振込口座を変更する",
)
async def change_bank_account(
    work: CurrentWork, application_id: UUID, body: BankAccountChange, version: IfMatch
) -> ApplicationRead:
    """Have the benefit paid to another account; a transfer proposal that was made is void then."""
    return ApplicationRead.of_file(
        await service.change_bank_account(
            work, application_id, body.bank_account.given(), version=version
        )
    )
