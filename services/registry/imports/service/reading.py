"""What can be seen of a file while it waits: how far it is, who is missing, which lines to mend."""

import asyncio
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from foundation.database import Transaction
from foundation.encryption import Cipher
from foundation.work import Work
from services.registry.imports.domain import (
    FAULTS,
    WITHHELD,
    FaultKind,
    Import,
    ImportState,
    in_our_words,
    normalised,
    withheld,
)
from services.registry.imports.problems import ImportNotFound, NothingIsKept
from services.registry.imports.repository import Imports, Judgement, Parts, take_time
from services.registry.protection.repository import Concealment

from .keeping import opened

_MOST_ROWS: Final = 50_000
_BEFORE_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_REASONS: Final = ("行番号", "理由", "直し方")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many lines there are, and how many of them were judged."""

    lines: int
    lines_judged: int


async def read(work: Work, import_id: UUID) -> tuple[Import, Progress]:
    """Return an import with its report and how far it is.

    Raises:
        ImportNotFound: another municipality's, or none (404).
    """
    found = await _found(work, import_id)
    await work.record("registry.import.manage", obj=str(import_id), detail={"act": "read"})
    return found, await progress_of(work, found)


async def glance(transaction: Transaction, import_id: UUID) -> tuple[Import, Progress]:
    """Return the same to somebody whose reading is on record already.

    Raises:
        ImportNotFound: it is gone (404).
    """
    found = await Imports(transaction).get(import_id)
    if found is None:
        raise ImportNotFound
    return found, await _progress(transaction, found)


async def progress_of(work: Work, found: Import) -> Progress:
    """Return how far a file is."""
    return await _progress(work.tx, found)


async def _progress(transaction: Transaction, found: Import) -> Progress:
    if found.state is not ImportState.RECEIVED:
        return Progress(lines=found.report.rows, lines_judged=found.report.rows)
    row = await Parts(transaction, found.id).progress()
    return Progress(lines=row["lines"], lines_judged=row["rows"])


async def read_missing(
    work: Work, import_id: UUID, *, after: UUID, limit: int
) -> list[tuple[UUID, str]]:
    """Return whom a full load does not speak of, while it waits for a word.

    Raises:
        ImportNotFound: 404.
        NothingIsKept: it does not wait any more (409).
    """
    found = await _found(work, import_id)
    if found.state is not ImportState.CHECKED:
        raise NothingIsKept
    await take_time(work.tx)
    judgement = Judgement(work.tx, import_id)
    await judgement.plan_for(found.report.good)
    missing = await judgement.list_missing(after=after, limit=limit)
    await work.record(
        "registry.import.manage",
        subjects=[resident_id for resident_id, _ in missing],
        obj=str(import_id),
        detail={"act": "read_missing", "count": len(missing)},
    )
    return missing


async def read_faulty_rows(work: Work, import_id: UUID, *, after_line: int) -> tuple[bytes, str]:
    """Return the lines to mend as they were sent, each with what is wrong and how to mend it.

    At most 50,000 of them, in the character set in which they came; the next ones follow after the
    last line's number. Of a protected person, and of whoever cannot be looked up because the number
    is faulty, no address is given back.

    Raises:
        ImportNotFound: 404.
        NothingIsKept: it does not wait any more (409).
    """
    found = await _found(work, import_id)
    if found.state is not ImportState.CHECKED:
        raise NothingIsKept
    parts, out, rows = Parts(work.tx, import_id), bytearray(), 0
    # Somebody may have come under protection since the file was judged.
    hidden = await Concealment(work.tx, work.cipher).numbers()
    for number in await parts.with_faults(after_line=after_line):
        row = await parts.get(number)
        if row is None or rows >= _MOST_ROWS:
            break
        first = row["first_line"]
        faults = await parts.faults_of(first=max(first, after_line + 1), end=first + row["lines"])
        blob: bytes = row["content_sealed"]
        returning = _Returning(found, work.cipher, part=number, first_line=first, hidden=hidden)
        text, count = await asyncio.to_thread(returning.lines, blob, faults)
        out += text
        rows += count
    header = _as_line([*_REASONS, *_headings(found)])
    await work.record(
        "registry.import.manage",
        obj=str(import_id),
        detail={"act": "read_faulty_rows", "count": rows},
    )
    encoding = found.arrival.encoding
    return header.encode(encoding, "replace") + bytes(out), encoding


class _Returning:
    """Lines of one part on their way back to who sent them."""

    def __init__(
        self,
        found: Import,
        cipher: Cipher,
        *,
        part: int,
        first_line: int,
        hidden: frozenset[str],
    ) -> None:
        self._found, self._cipher, self._hidden = found, cipher, hidden
        self._part, self._first_line = part, first_line

    def lines(self, blob: bytes, faults: Mapping[int, Sequence[FaultKind]]) -> tuple[bytes, int]:
        arrival = self._found.arrival
        content = opened(self._cipher, blob, import_id=self._found.id, part=self._part)
        rows = csv.reader(io.StringIO(content.decode(arrival.encoding), newline=""))
        chosen = [
            _as_line([str(line), *_explained(faults[line]), *self._harmless(cells, faults[line])])
            for line, cells in enumerate(rows, start=self._first_line)
            if line in faults
        ]
        return "".join(chosen).encode(arrival.encoding, "replace"), len(chosen)

    def _harmless(self, cells: Sequence[str], kinds: Sequence[FaultKind]) -> Iterator[str]:
        """Yield the cells without what must not be known."""
        order = self._found.arrival.order
        if len(cells) != len(order):
            # Which cell says that somebody is protected cannot be told, nor which is the address:
            # whatever word their system has for it, none of the line is shown.
            yield WITHHELD
            return
        given = dict(zip(order, ([cell] for cell in normalised(cells)), strict=True))
        said = in_our_words(given, self._found.arrival.layout)
        line = {name: cell for name, (cell,) in said.items()}
        unsaid = withheld(line, kinds, hidden=self._hidden)
        for name, cell in zip(order, cells, strict=True):
            yield WITHHELD if name in unsaid else cell


def _explained(kinds: Sequence[FaultKind]) -> tuple[str, str]:
    wrong, fixes = zip(*(FAULTS[kind] for kind in kinds), strict=True)
    return " ".join(wrong), " ".join(fixes)


def _headings(found: Import) -> list[str]:
    return [name or "-" for name in found.arrival.order]


def _as_line(cells: Sequence[str]) -> str:
    """Write a line that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(
        [f"'{cell}" if cell.startswith(_BEFORE_FORMULA) else cell for cell in cells]
    )
    return text.getvalue()


async def _found(work: Work, import_id: UUID) -> Import:
    found = await Imports(work.tx).get(import_id)
    if found is None:
        raise ImportNotFound
    return found
