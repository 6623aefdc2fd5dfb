"""Progress records over HTTP."""

from uuid import UUID

from foundation.web import PROSE_BODY_BYTES, CurrentWork, CursorText, Limit, Listing, OfficeRouter
from services.consultation import permissions
from services.consultation.cases.problems import (
    CaseNotFound,
    CaseRoleInsufficient,
    CaseStateConflict,
)

from . import service
from .problems import RecordNotFound, RecordOfColleague, RecordSuperseded
from .schemas import RecordAdd, RecordRead, RecordReceipt

router = OfficeRouter(prefix="/cases/{case_id}/records", tags=["consultations"])


@router.post(
    "",
    permission=permissions.ADD_RECORD,
    problems=[
        CaseNotFound,
        CaseRoleInsufficient,
        CaseStateConflict,
        RecordNotFound,
        RecordOfColleague,
        RecordSuperseded,
    ],
    max_body_bytes=PROSE_BODY_BYTES,
    status_code=201,
    summary="支援経過を記録し、または訂正する",
)
async def add_record(work: CurrentWork, case_id: UUID, body: RecordAdd) -> RecordReceipt:
    """Add a progress record, or a correction of one, which stays readable beside it."""
    return RecordReceipt.of(await service.add(work, case_id, body.contact()))


@router.get(
    "",
    permission=permissions.LIST_RECORDS,
    problems=[CaseNotFound, CaseRoleInsufficient],
    summary="支援経過記録の一覧を見る",
)
async def list_records(
    work: CurrentWork, case_id: UUID, limit: Limit = 50, cursor: CursorText = None
) -> Listing[RecordRead]:
    """List the progress records of a case, the newest first, corrected ones included."""
    page = await service.list_of_case(work, case_id, cursor=cursor, limit=limit)
    return Listing[RecordRead](
        items=[RecordRead.of(record) for record in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


@router.get(
    "/{record_id}",
    permission=permissions.READ_RECORD,
    problems=[CaseNotFound, CaseRoleInsufficient, RecordNotFound],
    summary="支援経過記録を見る",
)
async def read_record(work: CurrentWork, case_id: UUID, record_id: UUID) -> RecordRead:
    """Read one progress record."""
    return RecordRead.of(await service.read(work, case_id, record_id))
