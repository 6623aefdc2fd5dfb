"""What a town hall sees of its file: how it is read, how far it is, what is to be mended."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from operations.voice import Voice

_SHOWN_LINES: Final = 3
_SHOWN_NUMBERS: Final = 5
_COUNTS: Final = {
    "rows": "行 / lines",
    "good": "取り込める行 / good",
    "new": "新しい人 / new",
    "changed": "変わる人 / changed",
    "unchanged": "変わらない人 / unchanged",
    "missing": "載っていない人 / missing",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """How far one step is."""

    progress: Progress
    task: Any

    def reach(self, done: int, total: int | None = None) -> None:
        """Say how much is done, and of how much if that is known by now."""
        self.progress.update(self.task, completed=done, total=total)


@contextmanager
def bar(voice: Voice, title: str, *, total: int | None) -> Generator[Bar]:
    """Show a bar to whoever looks; a pipe and a machine get none, and a count of None moves."""
    watched = voice.is_terminal and not voice.is_for_a_machine
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=not watched,
    ) as progress:
        yield Bar(progress, progress.add_task(title, total=total))


def show_preview(voice: Voice, found: Mapping[str, Any]) -> None:
    """Show each heading with the column it is taken for and its first values as they are read."""
    lines = found["lines"][:_SHOWN_LINES]
    table = Table(box=None, padding=(0, 2))
    for title in ("見出し", "読み取る列", *(f"{line['line']} 行目" for line in lines)):
        table.add_column(title, overflow="fold")
    for column in found["columns"]:
        taken_for = f"{column['label_ja']} ({column['column']})" if column["column"] else "読まない"
        values = [str(line["cells"].get(column["column"], "")) for line in lines]
        table.add_row(column["heading"], taken_for, *values)
    for name, value in found["constants"].items():
        table.add_row("(全行共通)", name, *([value] * len(lines)))
    voice.panel("このように読み取ります / as it will be read", table)
    causes: dict[tuple[str, str], list[str]] = {}
    for line in found["lines"]:
        for fault in line["faults"]:
            said = (fault["message_ja"], fault["fix_ja"])
            causes.setdefault(said, []).append(str(line["line"]))
    for (message, fix), numbers in causes.items():
        voice.line(f"  {'、'.join(numbers)} 行目: {message}")
        voice.line(f"      → {fix}")


def show_report(voice: Voice, report: Mapping[str, Any]) -> None:
    """Show the counts, then each cause with what to do about it."""
    table = Table.grid(padding=(0, 3))
    for name, label in _COUNTS.items():
        table.add_row(label, f"{report[name]:,}")
    voice.panel(f"確認の結果 / report {report['id']}", table)
    if report["already_imported"]:
        voice.note("同じファイルは取込みずみです", "this very file was taken in before")
    for fault in report["faults"]:
        numbers = "、".join(str(line) for line in fault["lines"][:_SHOWN_NUMBERS])
        more = " …" if fault["count"] > _SHOWN_NUMBERS else ""
        voice.line(f"  {fault['count']:,} 行: {fault['message_ja']}({numbers}{more} 行目)")
        voice.line(f"      → {fault['fix_ja']}")
    if report["characters"]:
        shown = "、".join(
            f"{one['character']}→{one['shown_as'] or '〓'}" for one in report["characters"][:20]
        )
        voice.line(f"  縮退のおそれがある文字: {shown}")
