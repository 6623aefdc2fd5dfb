"""How progress records look on the wire; the answer to writing one repeats none of its text."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from foundation.web import Prose, Version, Wire

from .domain import ProgressRecord, RecordKind
from .service import Contact


class RecordAdd(Wire):
    """What happened, in the words of the official who was there."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "office",
                    "occurred_at": "2026-11-20T10:00:00+09:00",
                    "text": "来所。家賃の支払いについて相談を受けた。",
                }
            ]
        }
    )

    kind: RecordKind
    """方法。visit(訪問)、phone(電話)、office(来所)、meeting(会議)。"""
    occurred_at: AwareDatetime
    """対応した日時(時差を含む)。"""
    text: Prose
    """内容。暗号化して保存。"""
    corrects_id: UUID | None = None
    """訂正する支援経過記録。元の記録は、訂正済みとして残る。"""

    def contact(self) -> Contact:
        return Contact(
            kind=self.kind,
            occurred_at=self.occurred_at,
            text=self.text,
            corrects_id=self.corrects_id,
        )


class RecordReceipt(Wire):
    """That it is on record."""

    id: UUID
    case_id: UUID
    recorded_at: datetime
    version: Version

    @classmethod
    def of(cls, record: ProgressRecord) -> Self:
        return cls(
            id=record.id,
            case_id=record.case_id,
            recorded_at=record.recorded_at,
            version=record.version,
        )


class RecordRead(Wire):
    """A progress record."""

    id: UUID
    case_id: UUID
    kind: RecordKind
    occurred_at: datetime
    text: str
    recorded_by: str
    recorded_at: datetime
    corrects_id: UUID | None
    """この記録が訂正した記録。"""
    superseded_by: UUID | None
    """この記録を訂正した記録。null なら、この記録が有効。"""
    version: Annotated[int, Field(ge=1, le=2)]
    """1 は有効、2 は訂正済み。"""

    @classmethod
    def of(cls, record: ProgressRecord) -> Self:
        return cls(
            id=record.id,
            case_id=record.case_id,
            kind=record.kind,
            occurred_at=record.occurred_at,
            text=record.text,
            recorded_by=record.recorded_by,
            recorded_at=record.recorded_at,
            corrects_id=record.corrects_id,
            superseded_by=record.superseded_by,
            version=record.version,
        )
