"""What counsellors write down about a case, and read again."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from foundation import clock
from foundation.database import Page, decode_cursor, page_of
from foundation.identifiers import new_id
from foundation.problems import Fault, InvalidInput
from foundation.work import Work
from services.consultation.cases.domain import UNDER_WAY, Standing
from services.consultation.cases.policies import Act
from services.consultation.cases.problems import CaseStateConflict
from services.consultation.cases.repository import Cases
from services.consultation.cases.service import admit

from .domain import ProgressRecord, ProgressRecordId, RecordKind, can_have_occurred
from .events import RecordAdded
from .policies import may_correct
from .problems import RecordNotFound, RecordOfColleague, RecordSuperseded
from .repository import ProgressRecords

_LATEST = datetime.max.replace(tzinfo=UTC)
_LAST_ID = UUID(int=(1 << 128) - 1)
_NEVER = Fault(
    pointer="/occurred_at",
    detail="It lies in the future, or too far in the past.",
    detail_ja="未来の日時や、1900 年より前の日時は指定できません。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What an official has to tell of one meeting; `corrects_id` names the record it puts right."""

    kind: RecordKind
    occurred_at: datetime
    text: str
    corrects_id: UUID | None


async def add(work: Work, case_id: UUID, contact: Contact) -> ProgressRecord:
    """Add a progress record to a case, or a correction of one.

    The case is held from before the caller's role is read until the record is committed, so a
    colleague who has just been removed does not write one more.

    Raises:
        CaseNotFound: the caller has no role on it (404).
        CaseRoleInsufficient: the caller only reads it (403).
        CaseStateConflict: it is closed (409).
        InvalidInput: it cannot have happened then (422).
        RecordNotFound: the record to be corrected is none of this case (404).
        RecordOfColleague: another member wrote it (403).
        RecordSuperseded: it was corrected before (409).
    """
    subject = work.principal.subject
    held = await Cases(work.tx, work.cipher).hold(case_id, asker=subject)
    standing = admit(work, held, Act.ADD_RECORD)
    if standing.state not in UNDER_WAY:
        raise CaseStateConflict
    now = clock.now()
    if not can_have_occurred(contact.occurred_at, now=now):
        raise InvalidInput.of([_NEVER])
    if contact.corrects_id is not None:
        await _require_correctable(work, standing, contact.corrects_id)
    record = ProgressRecord(
        id=ProgressRecordId(new_id()),
        case_id=case_id,
        kind=contact.kind,
        occurred_at=contact.occurred_at,
        text=contact.text,
        recorded_by=subject,
        recorded_at=now,
        corrects_id=contact.corrects_id,
    )
    await ProgressRecords(work.tx, work.cipher).add(record)
    await work.emit(RecordAdded(subject_id=case_id, record_id=record.id))
    await _record(work, "consultation.record.add", standing, record_id=str(record.id))
    return record


async def read(work: Work, case_id: UUID, record_id: UUID) -> ProgressRecord:
    """Return one progress record.

    Raises:
        CaseNotFound, RecordNotFound: 404.
        CaseRoleInsufficient: the case is kept strictly and the caller only reads it (403).
    """
    found = await ProgressRecords(work.tx, work.cipher).get(
        record_id, case_id=case_id, asker=work.principal.subject
    )
    standing = admit(work, found.standing, Act.READ_RECORDS)
    records = found.opened(work.cipher)
    if not records:
        raise RecordNotFound
    await _record(work, "consultation.record.read", standing, record_id=str(record_id))
    return records[0]


async def list_of_case(
    work: Work, case_id: UUID, *, cursor: str | None, limit: int
) -> Page[ProgressRecord]:
    """Return the progress records of a case, the newest first, corrected ones included.

    Raises:
        CaseNotFound: 404.
        CaseRoleInsufficient: 403.
        InvalidCursor: the cursor is not one of this list's (400).
    """
    at, record_id = decode_cursor(cursor, datetime, UUID) if cursor else (_LATEST, _LAST_ID)
    found = await ProgressRecords(work.tx, work.cipher).before(
        at, record_id, case_id=case_id, asker=work.principal.subject, limit=limit + 1
    )
    standing = admit(work, found.standing, Act.READ_RECORDS)
    page = page_of(
        found.opened(work.cipher),
        limit=limit,
        key=lambda record: (record.occurred_at, record.id),
    )
    await _record(work, "consultation.record.list", standing, count=len(page.items))
    return page


async def _require_correctable(work: Work, standing: Standing, record_id: UUID) -> None:
    subject = work.principal.subject
    found = await ProgressRecords(work.tx, work.cipher).get(
        record_id, case_id=standing.case_id, asker=subject
    )
    records = found.opened(work.cipher)
    if not records:
        raise RecordNotFound
    if not may_correct(standing.role, recorded_by=records[0].recorded_by, subject=subject):
        raise RecordOfColleague
    if records[0].superseded_by is not None:
        raise RecordSuperseded


async def _record(work: Work, action: str, standing: Standing, **detail: str | int) -> None:
    await work.record(
        action, subject=standing.resident_id, obj=str(standing.case_id), detail=detail
    )
