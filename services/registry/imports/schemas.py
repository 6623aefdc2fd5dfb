"""How imports look on the wire."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from foundation.web import Version, Wire

from .domain import FAULTS, Degrading, FaultGroup, FaultKind, Import, ImportState, Kind
from .service import Progress

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


class CharacterRead(Wire):
    """A character of names that not every system can write."""

    character: str
    count: Count
    in_jis_x_0213: bool
    in_cp932: bool
    shown_as: str
    """書けないシステムで代わりに使われる字(縮退)。なければ 〓。"""

    @classmethod
    def of(cls, found: Degrading) -> Self:
        return cls(
            character=found.character,
            count=found.count,
            in_jis_x_0213=found.in_jis_x_0213,
            in_cp932=found.in_cp932,
            shown_as=found.shown_as,
        )


class MissingRead(Wire):
    """A present resident whom a full load does not speak of."""

    resident_id: UUID
    resident_number: str
    """宛名番号。"""


class ImportRead(Wire):
    """An import and what it would do, or did."""

    id: UUID
    state: ImportState
    load: Kind
    lines: Count
    """見出しを含む行の数。確認が終われば rows と同じ。"""
    lines_judged: Count
    """そのうち確認ずみの行。"""
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
    missing: Count
    """全件のファイルに載っていない、現在の住民の数。"""
    faults: list[FaultRead]
    characters: list[CharacterRead]
    """縮退のおそれがある氏名の文字(多い順、200字まで)。"""
    created_at: datetime
    confirmed_at: datetime | None
    version: Version

    @classmethod
    def of(cls, found: Import, progress: Progress) -> Self:
        report = found.report
        return cls(
            id=found.id,
            state=found.state,
            load=found.kind,
            lines=progress.lines,
            lines_judged=progress.lines_judged,
            digest=found.digest.hex(),
            rows=report.rows,
            good=report.good,
            new=report.new,
            changed=report.changed,
            unchanged=report.unchanged,
            already_imported=report.already_imported,
            missing=report.missing,
            characters=[CharacterRead.of(one) for one in report.characters],
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
    end_missing_on: date | None = None
    """全件のファイルに載っていない人の「住民でなくなった日」。言わなければ何も変わらない。"""
