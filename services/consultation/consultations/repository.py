"""Where progress records are kept, and read only together with the reader's right to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    DateTime,
    FromClause,
    Integer,
    Uuid,
    and_,
    bindparam,
    insert,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import aliased

from foundation.database import Row, Statement, Transaction, UniqueViolation, tenant_is
from foundation.encryption import Cipher, Field
from services.consultation.cases.domain import Standing
from services.consultation.cases.models import CaseRow
from services.consultation.cases.repository import (
    STANDING_COLUMNS,
    asked_by,
    cases_of_asker,
    standing_of,
)

from .domain import ProgressRecord, ProgressRecordId, RecordKind
from .models import ProgressRecordRow
from .problems import RecordSuperseded

TEXT = Field("consultation.progress_records.text")

_SUCCESSOR = aliased(ProgressRecordRow, name="successor")
_THIS_CASE = CaseRow.id == bindparam("case_id", type_=Uuid)
_OF_CASE = (
    tenant_is(ProgressRecordRow),
    ProgressRecordRow.case_id == bindparam("case_id", type_=Uuid),
)
_ADD = Statement(
    "consultation.progress_records.add",
    insert(ProgressRecordRow).values(
        {
            column.key: bindparam(column.key, type_=column.type)
            for column in ProgressRecordRow.__table__.c
        }
    ),
)
_SELECTED = (
    select(ProgressRecordRow.__table__, _SUCCESSOR.id.label("superseded_by"))
    .outerjoin(
        _SUCCESSOR,
        and_(
            tenant_is(_SUCCESSOR),
            _SUCCESSOR.case_id == ProgressRecordRow.case_id,
            _SUCCESSOR.corrects_id == ProgressRecordRow.id,
        ),
    )
    .where(*_OF_CASE)
)
_ONE = _SELECTED.where(ProgressRecordRow.id == bindparam("record_id", type_=Uuid)).lateral("one")
_PAGE = (
    _SELECTED.where(
        tuple_(ProgressRecordRow.occurred_at, ProgressRecordRow.id)
        < tuple_(
            bindparam("before_at", type_=DateTime(timezone=True)),
            bindparam("before_id", type_=Uuid),
        )
    )
    .order_by(ProgressRecordRow.occurred_at.desc(), ProgressRecordRow.id.desc())
    .limit(bindparam("limit", type_=Integer))
    .lateral("page")
)


def _with_standing(name: str, records: FromClause) -> Statement:
    """Ask for records beside the asker's standing: one row without a record, if there is none.

    The two are of one moment. A colleague removed between two questions would still be shown what
    the second one found.
    """
    shown = [column for column in records.c if column.key != "tenant_id"]
    return Statement(
        name,
        select(*STANDING_COLUMNS, *shown)
        .select_from(cases_of_asker().outerjoin(records, true()))
        .where(*asked_by(), _THIS_CASE)
        .order_by(records.c.occurred_at.desc(), records.c.id.desc()),
    )


_READ = _with_standing("consultation.progress_records.of_id", _ONE)
_LISTED = _with_standing("consultation.progress_records.of_case", _PAGE)


@dataclass(frozen=True, slots=True)
class SealedRecords:
    """Records as they lie in the table, and the standing that decides whether they are opened."""

    standing: Standing | None
    rows: Sequence[Row]

    def opened(self, cipher: Cipher) -> list[ProgressRecord]:
        """Open the records; only for who was admitted.

        Raises:
            DecryptionFailed: a text was moved here from another record, or was altered.
        """
        return [_record_of(row, cipher) for row in self.rows]


class ProgressRecords:
    """The progress records of one municipality."""

    def __init__(self, transaction: Transaction, cipher: Cipher) -> None:
        self._tx = transaction
        self._cipher = cipher

    async def add(self, record: ProgressRecord) -> None:
        """Add a record; none is ever changed or taken out.

        Raises:
            RecordSuperseded: another correction of the same record came first (409).
        """
        try:
            await self._tx.execute(
                _ADD,
                case_id=record.case_id,
                id=record.id,
                kind=str(record.kind),
                occurred_at=record.occurred_at,
                text_sealed=self._cipher.encrypt(record.text, field=TEXT, row_id=record.id),
                recorded_by=record.recorded_by,
                recorded_at=record.recorded_at,
                corrects_id=record.corrects_id,
            )
        except UniqueViolation as taken:
            raise RecordSuperseded from taken

    async def get(self, record_id: UUID, *, case_id: UUID, asker: str) -> SealedRecords:
        return _sealed(
            await self._tx.fetch(_READ, record_id=record_id, case_id=case_id, subject=asker)
        )

    async def before(
        self, at: datetime, record_id: UUID, *, case_id: UUID, asker: str, limit: int
    ) -> SealedRecords:
        """Return the records of a case that come after this place in the order newest first."""
        return _sealed(
            await self._tx.fetch(
                _LISTED,
                before_at=at,
                before_id=record_id,
                case_id=case_id,
                subject=asker,
                limit=limit,
            )
        )


def _sealed(rows: Sequence[Row]) -> SealedRecords:
    if not rows:
        return SealedRecords(None, [])
    return SealedRecords(standing_of(rows[0]), [row for row in rows if row["id"] is not None])


def _record_of(row: Row, cipher: Cipher) -> ProgressRecord:
    return ProgressRecord(
        id=ProgressRecordId(row["id"]),
        case_id=row["case_id"],
        kind=RecordKind(row["kind"]),
        occurred_at=row["occurred_at"],
        text=cipher.decrypt(row["text_sealed"], field=TEXT, row_id=row["id"]),
        recorded_by=row["recorded_by"],
        recorded_at=row["recorded_at"],
        corrects_id=row["corrects_id"],
        superseded_by=row["superseded_by"],
    )
