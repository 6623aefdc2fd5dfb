"""Judging ten thousand lines at once, by the very rules that judge one.

A column is proved innocent as a whole where that is quick: nobody in it can break the rule. Only
where the proof fails is it halved, and halved again, until the lines that are suspected stand
alone; those are judged by the rule for one line. So there is one set of rules, and nothing that a
proof overlooks can be let in: a proof is a reason why the rule must hold, never another rule.
"""

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Final

from .faults import FaultKind
from .layouts import Layout, in_our_words
from .people import CHECKS
from .proofs import LINE_PROOFS, Columns

_FEW: Final = 8
_BETWEEN: Final = "\x00"
"""Stands between the cells of a column while all of them are treated as one text. No cell of a
line that may enter the register holds one, and nothing combines with it."""


_PLAIN: Final = Layout()


class NotCsv(ValueError):
    """The text is not lines of cells."""


@dataclass(slots=True)
class Judged:
    """What a part of a file came to: the good lines as columns, the others as causes."""

    rows: int
    lines: list[int]
    columns: Columns
    faults: list[tuple[int, FaultKind]] = field(default_factory=list[tuple[int, FaultKind]])


class Judge:
    """Judges parts of one file, whose columns come in one order."""

    def __init__(self, order: Sequence[str], layout: Layout = _PLAIN) -> None:
        self._order = tuple(order)
        self._layout = layout

    def judge(self, text: str, *, first_line: int, lines: int) -> Judged:
        """Read and judge whole lines; the header, if it is among them, is line 1.

        Raises:
            NotCsv: it cannot be read, or has not as many lines as were counted.
        """
        numbered = self._read(text, first_line=first_line, lines=lines)
        faults: list[tuple[int, FaultKind]] = []
        rows, numbers = self._of_one_width(numbered, faults)
        columns = self._columns(rows)
        guilty: set[int] = set()
        for kind in CHECKS:
            for place in _offenders(columns, kind, 0, len(rows)):
                guilty.add(place)
                faults.append((numbers[place], kind))
        if guilty:
            mask = [place not in guilty for place in range(len(rows))]
            numbers = list(compress(numbers, mask))
            columns = {name: list(compress(cells, mask)) for name, cells in columns.items()}
        faults.sort()
        return Judged(len(numbered), numbers, columns, faults)

    def _read(self, text: str, *, first_line: int, lines: int) -> list[tuple[int, list[str]]]:
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        except csv.Error as error:
            raise NotCsv from error
        if len(rows) != lines:
            raise NotCsv
        numbered = enumerate(rows, start=first_line)
        if first_line == 1:
            next(numbered)
        return [(line, cells) for line, cells in numbered if cells and (cells[0] or any(cells))]

    def _of_one_width(
        self, numbered: Sequence[tuple[int, list[str]]], faults: list[tuple[int, FaultKind]]
    ) -> tuple[list[list[str]], list[int]]:
        width = len(self._order)
        fitting = [one for one in numbered if len(one[1]) == width]
        if len(fitting) < len(numbered):
            faults += [
                (line, FaultKind.WRONG_COLUMN_COUNT)
                for line, cells in numbered
                if len(cells) != width
            ]
        return [cells for _, cells in fitting], [line for line, _ in fitting]

    def _columns(self, rows: Sequence[Sequence[str]]) -> Columns:
        given = zip(*rows, strict=True) if rows else (() for _ in self._order)
        columns = {name: normalised(cells) for name, cells in zip(self._order, given, strict=True)}
        return in_our_words(columns, self._layout)


def normalised(cells: Sequence[str]) -> list[str]:
    """Return cells in NFC without the spaces around them.

    NFC keeps variation selectors: they say which form of the character the family bears.
    """
    joined = _BETWEEN.join(cells)
    if not joined.isascii() and not unicodedata.is_normalized("NFC", joined):
        return [unicodedata.normalize("NFC", cell).strip() for cell in cells]
    return list(map(str.strip, cells))


def _offenders(columns: Columns, kind: FaultKind, first: int, end: int) -> Iterator[int]:
    if first == end or LINE_PROOFS[kind](columns, first, end):
        return
    if end - first > _FEW:
        middle = (first + end) // 2
        yield from _offenders(columns, kind, first, middle)
        yield from _offenders(columns, kind, middle, end)
        return
    for place in range(first, end):
        line: Mapping[str, str] = {name: cells[place] for name, cells in columns.items()}
        if CHECKS[kind](line):
            yield place
