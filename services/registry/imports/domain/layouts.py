"""How a municipality's own system writes its files: its headings, its codes, its dates.

What is said once is kept in revisions: a file that was read yesterday can still be explained by the
revision it was read with, whatever was changed since.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final

from services.registry.residents.domain import parse_day

from .columns import COLUMNS, OPTIONAL, UnreadableHeader, column_named

IGNORED: Final = ""
"""What a column is called that is passed over."""
DATES: Final = ("birth_on", "resident_from", "resident_until", "changed_on", "notified_on")
_EIGHT: Final = 8
_PROTECTION: Final = "protection"
UNPROTECTED_WORDS: Final = ("", "0", "00", "無", "なし", "非該当", "対象外")
"""What may mean that somebody is not under protection; any other word might mean that they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One revision of it. Headings it does not name are read as ours."""

    headings: Mapping[str, str] = field(default_factory=dict[str, str])
    """Their heading → our column, or nothing for a column to pass over."""
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    """Our column → their code → our word."""
    constants: Mapping[str, str] = field(default_factory=dict[str, str])
    """Our column → what it is on every line, where their file has no such column."""
    any_dates: bool = False
    """Whether days may be written 20260401, 2026/4/1, 令和8年4月1日 or R8.4.1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """How one file is to be read, settled when it arrived."""

    order: tuple[str, ...]
    encoding: str
    layout: Layout
    layout_name: str | None = None
    layout_revision: int | None = None


def order_of(header: Sequence[str], layout: Layout) -> tuple[str, ...]:
    """Return our names of the columns in the file's order.

    Raises:
        UnreadableHeader: naming what is missing and what is unknown or there twice.
    """
    names = [_name_of(cell.strip(), layout) for cell in header]
    present = {*names, *layout.constants}
    missing = [f"{name}({COLUMNS[name]})" for name in COLUMNS if name not in present]
    unknown = [
        cell
        for place, (cell, name) in enumerate(zip(header, names, strict=True))
        if name is None or (name != IGNORED and name in names[:place])
    ]
    if missing or unknown:
        raise UnreadableHeader(missing=missing, unknown=unknown)
    return tuple(name for name in names if name is not None)


def unprotecting(layout: Layout) -> list[str]:
    """Return where a layout would let protected people in as if they were not (JSON pointers).

    One official keeps a layout, and every file after it is read by it: it may explain a word for
    protection, but neither explain one away, nor pass over the column, nor speak for a whole file.
    """
    words = layout.values.get(_PROTECTION, {})
    lost = [
        ("values", _PROTECTION, code)
        for code, word in words.items()
        if word.strip() == "" and code not in UNPROTECTED_WORDS
    ]
    lost += [
        ("headings", heading)
        for heading, name in layout.headings.items()
        if column_named(heading.strip()) == _PROTECTION and name != _PROTECTION
    ]
    lost += [("constants", name) for name in layout.constants if name == _PROTECTION]
    return ["".join(f"/{_escaped(step)}" for step in steps) for steps in lost]


def _escaped(step: str) -> str:
    """Write one step of a pointer (RFC 6901 §3)."""
    return step.replace("~", "~0").replace("/", "~1")


def in_our_words(columns: Mapping[str, list[str]], layout: Layout) -> dict[str, list[str]]:
    """Return columns with their codes and dates put into ours; what is not known stays."""
    lines = len(next(iter(columns.values()), ()))
    said = {name: [word] * lines for name, word in layout.constants.items()}
    said |= {name: list(cells) for name, cells in columns.items() if name != IGNORED}
    for name, words in layout.values.items():
        if name in said:
            said[name] = [words.get(cell, cell) for cell in said[name]]
    if layout.any_dates:
        for name in DATES:
            if name in said:
                said[name] = list(map(in_iso, said[name]))
    return {**said, **{name: [""] * lines for name in OPTIONAL if name not in said}}


@lru_cache(maxsize=65_536)
def in_iso(text: str) -> str:
    """Return a day as 2026-04-01 however it was written; what is no day stays as it is.

    Where a month or a day is unknown it may be 00, as in 19320000.
    """
    if len(text) == _EIGHT and text.isascii() and text.isdigit():
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    try:
        return _slashed(text) or parse_day(text).isoformat()
    except ValueError:
        return text


def _slashed(text: str) -> str | None:
    parts = text.split("/")
    if len(parts) != len(("year", "month", "day")) or not all(map(str.isdecimal, parts)):
        return None
    year, month, day = map(int, parts)
    if 0 in {month, day}:
        return f"{year:04}-{month:02}-{day:02}"
    return date(year, month, day).isoformat()


def _name_of(heading: str, layout: Layout) -> str | None:
    if heading in layout.headings:
        return layout.headings[heading]
    return column_named(heading)
