"""The first lines of a file as they would be read, so that nobody sends a million to find out."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from foundation.work import Work
from services.registry.imports.domain import (
    WITHHELD,
    FaultKind,
    Judge,
    Layout,
    NotCsv,
    NotCutting,
    UnreadableHeader,
    in_our_words,
    normalised,
    order_of,
    parts_of,
    withheld,
)
from services.registry.protection.repository import Concealment

from .arriving import MARK, unknown_header, unreadable

MOST_PREVIEWED: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewedLine:
    """A line in our words; without cells where they do not fit the header."""

    line: int
    cells: Mapping[str, str]
    faults: tuple[FaultKind, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Which heading became which column, and how the first lines are understood."""

    headings: tuple[tuple[str, str], ...]
    """Their heading and our column, which is empty where theirs is passed over."""
    constants: Mapping[str, str]
    lines: tuple[PreviewedLine, ...]


async def preview(work: Work, content: bytes, *, encoding: str, layout: Layout) -> Preview:
    """Read the beginning of a file by the rules that will read all of it, and keep nothing.

    What stands after the last whole line is passed over: a beginning is cut anywhere. Of a
    protected person, and of whoever cannot be looked up because the number is faulty, no address is
    shown.

    Raises:
        UnreadableFile: not in that character set, not CSV, or without its columns (422).
    """
    header, rows = _beginning(content, encoding)
    try:
        order = order_of(header, layout)
    except UnreadableHeader as error:
        raise unknown_header(error) from error
    faults = _faults(order, layout, [header, *rows], encoding)
    hidden = await Concealment(work.tx, work.cipher).numbers()
    lines = tuple(
        _previewed(
            line,
            _understood(order, layout, row),
            faults=tuple(kind for at, kind in faults if at == line),
            hidden=hidden,
        )
        for line, row in enumerate(rows, start=2)
        if any(row)
    )
    await work.record("registry.import.manage", detail={"act": "preview", "lines": len(lines)})
    return Preview(
        headings=tuple(zip(header, order, strict=True)), constants=layout.constants, lines=lines
    )


def _beginning(content: bytes, encoding: str) -> tuple[list[str], list[list[str]]]:
    """Return the header and the first lines.

    Raises:
        UnreadableFile: 422.
    """
    try:
        whole = next(parts_of([content], size=1), None)
        text = whole.content.decode(encoding).removeprefix(MARK) if whole else ""
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, NotCutting, csv.Error) as error:
        raise unreadable(encoding) from error
    header, *lines = rows or [list[str]()]
    return header, lines[:MOST_PREVIEWED]


def _faults(
    order: Sequence[str], layout: Layout, rows: Sequence[Sequence[str]], encoding: str
) -> list[tuple[int, FaultKind]]:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    try:
        judge = Judge(order, layout)
        return judge.judge(text.getvalue(), first_line=1, lines=len(rows)).faults
    except NotCsv as error:
        raise unreadable(encoding) from error


def _understood(order: Sequence[str], layout: Layout, row: Sequence[str]) -> dict[str, str]:
    if len(row) != len(order):
        return {}
    given = dict(zip(order, ([cell] for cell in normalised(row)), strict=True))
    return {name: cell for name, (cell,) in in_our_words(given, layout).items()}


def _previewed(
    line: int, cells: Mapping[str, str], *, faults: tuple[FaultKind, ...], hidden: frozenset[str]
) -> PreviewedLine:
    unsaid = withheld(cells, faults, hidden=hidden) if cells else frozenset[str]()
    shown = {name: WITHHELD if name in unsaid else cell for name, cell in cells.items()}
    return PreviewedLine(line=line, cells=shown, faults=faults)
