"""How imports look on the wire."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from foundation.web import News, Version, Wire

from .domain import (
    COLUMNS,
    FAULTS,
    OPTIONAL,
    Degrading,
    FaultGroup,
    FaultKind,
    Import,
    ImportState,
    Kind,
    Layout,
)
from .service import MOST_PREVIEWED, KeptLayout, Preview, PreviewedLine, Progress

Count = Annotated[int, Field(ge=0)]
_LABELS = {**COLUMNS, **OPTIONAL}


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


_AT_WORK = frozenset({ImportState.RECEIVED, ImportState.CONFIRMING})


class ImportProgress(Wire):
    """How far an import is; its report says the rest."""

    id: UUID
    state: ImportState
    lines: Count
    lines_judged: Count
    rows: Count
    good: Count
    new: Count
    changed: Count
    unchanged: Count

    @classmethod
    def told(cls, found: Import, progress: Progress) -> News:
        """Return the next word about it; `settled` is the last until somebody decides."""
        report, is_last = found.report, found.state not in _AT_WORK
        content = cls(
            id=found.id,
            state=found.state,
            lines=progress.lines,
            lines_judged=progress.lines_judged,
            rows=report.rows,
            good=report.good,
            new=report.new,
            changed=report.changed,
            unchanged=report.unchanged,
        )
        return News(
            id=f"{found.version}-{progress.lines_judged}",
            event="settled" if is_last else "progress",
            content=content,
            is_last=is_last,
        )


class PreviewColumnRead(Wire):
    """A heading of the file, and what it is taken for."""

    heading: str
    column: str
    """この仕組みの列。空文字は読み飛ばす列。"""
    label_ja: str

    @classmethod
    def of(cls, heading: str, column: str) -> Self:
        return cls(heading=heading, column=column, label_ja=_LABELS.get(column, ""))


class PreviewFaultRead(Wire):
    """What is wrong with one line, and what to do about it."""

    cause: FaultKind
    message_ja: str
    fix_ja: str

    @classmethod
    def of(cls, kind: FaultKind) -> Self:
        message, fix = FAULTS[kind]
        return cls(cause=kind, message_ja=message, fix_ja=fix)


class PreviewLineRead(Wire):
    """A line in our words."""

    line: Annotated[int, Field(ge=2)]
    cells: dict[str, str]
    """この仕組みの列 → 読み取った値。対象者の住所は「非開示」、列の数が合わない行は空。"""
    faults: list[PreviewFaultRead]

    @classmethod
    def of(cls, line: PreviewedLine) -> Self:
        cells = {name: line.cells[name] for name in _LABELS if name in line.cells}
        faults = [PreviewFaultRead.of(kind) for kind in line.faults]
        return cls(line=line.line, cells=cells, faults=faults)


class PreviewRead(Wire):
    """How the beginning of a file would be read."""

    columns: list[PreviewColumnRead]
    constants: dict[str, str]
    """ファイルにない列の、全行に共通する値。"""
    lines: Annotated[list[PreviewLineRead], Field(max_length=MOST_PREVIEWED)]

    @classmethod
    def of(cls, found: Preview) -> Self:
        return cls(
            columns=[PreviewColumnRead.of(*pair) for pair in found.headings],
            constants=dict(found.constants),
            lines=[PreviewLineRead.of(line) for line in found.lines],
        )


class ImportConfirm(Wire):
    """What to do with faulty lines."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"accept_faulty_rows": "none"}]})

    accept_faulty_rows: Literal["none", "leave_out"] = "none"
    """none は直すべき行があれば確定しない。leave_out は残りの行だけを取り込む。"""
    end_missing_on: date | None = None
    """全件のファイルに載っていない人の「住民でなくなった日」。言わなければ何も変わらない。"""


Cell = Annotated[str, Field(max_length=200)]
OurColumn = Annotated[str, Field(pattern=f"^({'|'.join((*COLUMNS, *OPTIONAL))})$")]
OurColumnOrNone = Annotated[str, Field(pattern=f"^({'|'.join((*COLUMNS, *OPTIONAL))})?$")]


class LayoutKeep(Wire):
    """How a municipality's own system writes its files."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "jukiweb",
                    "headings": {"住民コード": "resident_number", "備考": ""},
                    "values": {"tax_status": {"1": "exempt", "2": "taxed"}},
                    "constants": {"name_kana_verified": "0"},
                    "any_dates": True,
                }
            ]
        }
    )

    name: Annotated[str, Field(pattern="^[a-z0-9-]{1,40}$")]
    headings: dict[Cell, OurColumnOrNone] = Field(default_factory=dict, max_length=200)
    """自庁の見出し → この仕組みの列。空文字は読み飛ばす列。"""
    values: dict[OurColumn, dict[Cell, Cell]] = Field(default_factory=dict, max_length=30)
    """列ごとの、自庁のコード → この仕組みの言葉(課税区分など)。"""
    constants: dict[OurColumn, Cell] = Field(default_factory=dict, max_length=30)
    """ファイルにない列の、全行に共通する値。"""
    any_dates: bool = False
    """日付を 20260401・2026/4/1・令和8年4月1日・R8.4.1 でも読む。"""

    def layout(self) -> Layout:
        return Layout(
            headings=self.headings,
            values=self.values,
            constants=self.constants,
            any_dates=self.any_dates,
        )


class LayoutRead(LayoutKeep):
    """One revision of a layout; it never changes."""

    id: UUID
    revision: Annotated[int, Field(ge=1)]
    created_at: datetime

    @classmethod
    def of(cls, kept: KeptLayout) -> Self:
        layout = kept.layout
        return cls(
            id=kept.id,
            name=kept.name,
            revision=kept.revision,
            headings=dict(layout.headings),
            values={column: dict(words) for column, words in layout.values.items()},
            constants=dict(layout.constants),
            any_dates=layout.any_dates,
            created_at=kept.created_at,
        )
