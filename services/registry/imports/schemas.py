"""How imports look on the wire."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from foundation.web import Version, Wire

from .domain import FAULTS, FaultGroup, FaultKind, Import, ImportState

Count = Annotated[int, Field(ge=0)]


class FaultRead(Wire):
    """One cause, what to do about it, and where it is."""

    cause: FaultKind
    message_ja: str
    """何が違うか。"""
    fix_ja: str
    """どう直すか。"""
    count: Count
    lines: list[int]
    """該当する行番号(先頭の20行まで。1行目は見出し)。"""

    @classmethod
    def of(cls, group: FaultGroup) -> Self:
        message, fix = FAULTS[group.kind]
        return cls(
            cause=group.kind,
            message_ja=message,
            fix_ja=fix,
            count=group.count,
            lines=list(group.lines),
        )


class ImportRead(Wire):
    """An import and what it would do, or did."""

    id: UUID
    state: ImportState
    digest: str
    """ファイルの SHA-256。"""
    rows: Count
    good: Count
    """取り込める行。"""
    new: Count
    changed: Count
    unchanged: Count
    already_imported: bool
    """同じファイルがすでに取り込まれているか。"""
    faults: list[FaultRead]
    created_at: datetime
    confirmed_at: datetime | None
    version: Version

    @classmethod
    def of(cls, found: Import) -> Self:
        report = found.report
        return cls(
            id=found.id,
            state=found.state,
            digest=found.digest.hex(),
            rows=report.rows,
            good=report.good,
            new=report.new,
            changed=report.changed,
            unchanged=report.unchanged,
            already_imported=report.already_imported,
            faults=[FaultRead.of(group) for group in report.faults],
            created_at=found.created_at,
            confirmed_at=found.confirmed_at,
            version=found.version,
        )


class ImportConfirm(Wire):
    """What to do with faulty lines."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"accept_faulty_rows": "none"}]})

    accept_faulty_rows: Literal["none", "leave_out"] = "none"
    """none は直すべき行があれば確定しない。leave_out は残りの行だけを取り込む。"""
