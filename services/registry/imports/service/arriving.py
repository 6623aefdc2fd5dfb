"""A file arrives: it is cut into parts and kept, and a small one is judged at once."""

import asyncio
import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from foundation import clock
from foundation.encryption import Cipher
from foundation.identifiers import new_id
from foundation.web import Spool
from foundation.work import Work
from services.registry.imports.domain import (
    COLUMNS,
    NOTHING_YET,
    Arrival,
    DamagedArchive,
    Import,
    ImportId,
    ImportState,
    Kind,
    Layout,
    NotCutting,
    Part,
    TooMuchInside,
    UnreadableHeader,
    inflated,
    order_of,
    parts_of,
)
from services.registry.imports.problems import UnreadableFile, UnreasonableArchive
from services.registry.imports.repository import Imports, Parts

from .checking import CHECK_PART, check_part, judge
from .keeping import sealed

_MOST_BYTES: Final = 1024 * 1024 * 1024
_MOST_FOR_EACH_BYTE: Final = 50
"""A register packs to a tenth; what grows fiftyfold is no register."""
AT_ONCE_LINES: Final = 12_000
"""So many are judged while the sender waits."""
_CHARACTER_SETS: Final = {"utf-8": ("UTF-8", "Shift_JIS"), "cp932": ("Shift_JIS", "UTF-8")}
"""What people call the character set a file is read with, and the one it may be in instead."""
MARK: Final = "\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What came with a file: how it is written and what it is."""

    encoding: str
    is_packed: bool
    kind: Kind
    layout: Layout
    layout_name: str | None = None
    layout_revision: int | None = None


async def receive(work: Work, spool: Spool, sent: Sent) -> Import:
    """Keep a file; nothing of it enters the register.

    Raises:
        UnreadableFile: not in that character set, not CSV, or without its columns (422).
        UnreasonableArchive: unpacked it is no register any more (422).
    """
    arriving = _Arriving(work, spool, sent)
    arrived = await arriving.run()
    imports = Imports(work.tx)
    await imports.add(arrived, created_by=work.principal.subject)
    await arriving.keep()
    await work.record(
        "registry.import.manage",
        obj=str(arrived.id),
        detail={"act": "received", "lines": arriving.lines},
    )
    if arriving.lines > AT_ONCE_LINES:
        for part in range(arrived.parts):
            await work.enqueue(CHECK_PART, {"import_id": str(arrived.id), "part": part})
        return arrived
    for part in range(arrived.parts):
        await check_part(work, arrived, part)
    return await judge(work, arrived.id)


class _Arriving:
    """One file on its way from the wire into its parts."""

    def __init__(self, work: Work, spool: Spool, sent: Sent) -> None:
        self._work, self._spool, self._sent = work, spool, sent
        self._hash = hashlib.sha256()
        self._id = ImportId(new_id())
        self.lines = 0

    async def run(self) -> Import:
        """Read the file once: how it is cut, what its header says, and what it hashes to."""
        parts, order = 0, tuple[str, ...]()
        cutting = self._parts()
        while (part := await asyncio.to_thread(self._next, cutting)) is not None:
            if parts == 0:
                order = self._order(part)
            parts += 1
            self.lines += part.lines
        if parts == 0:
            self._order(Part(b"", 1, 0))
        return Import(
            id=self._id,
            state=ImportState.RECEIVED,
            digest=self._hash.digest(),
            report=NOTHING_YET,
            created_at=clock.now(),
            confirmed_at=None,
            version=1,
            arrival=Arrival(
                order=order,
                encoding=self._sent.encoding,
                layout=self._sent.layout,
                layout_name=self._sent.layout_name,
                layout_revision=self._sent.layout_revision,
            ),
            kind=self._sent.kind,
            parts=parts,
        )

    async def keep(self) -> None:
        """Read it once more and write its parts, each of them sealed."""
        keeping, cutting, number = Parts(self._work.tx, self._id), self._parts(), 0
        while (part := await asyncio.to_thread(next, cutting, None)) is not None:
            await keeping.add(
                number,
                first_line=part.first_line,
                lines=part.lines,
                content_sealed=await asyncio.to_thread(
                    _seal, self._work.cipher, part, (self._id, number)
                ),
            )
            number += 1

    def _parts(self) -> Iterator[Part]:
        pieces = self._spool.read()
        if self._sent.is_packed:
            pieces = inflated(pieces, most=_MOST_BYTES, ratio=_MOST_FOR_EACH_BYTE)
        return parts_of(pieces)

    def _next(self, cutting: Iterator[Part]) -> Part | None:
        """Take the next part, in the character set it is said to be in."""
        try:
            part = next(cutting, None)
            if part is not None:
                self._hash.update(part.content)
                part.content.decode(self._sent.encoding)
        except (UnicodeDecodeError, NotCutting) as error:
            raise unreadable(self._sent.encoding) from error
        except (DamagedArchive, TooMuchInside) as error:
            raise UnreasonableArchive from error
        return part

    def _order(self, first: Part) -> tuple[str, ...]:
        text = first.content.decode(self._sent.encoding).removeprefix(MARK)
        try:
            rows = csv.reader(io.StringIO(text, newline=""), strict=True)
            return order_of(next(rows, list[str]()), self._sent.layout)
        except UnreadableHeader as error:
            raise unknown_header(error) from error
        except csv.Error as error:
            raise unreadable(self._sent.encoding) from error


def unreadable(encoding: str) -> UnreadableFile:
    """Return the refusal of a file that is not CSV in the character set it was said to be in."""
    name, other = _CHARACTER_SETS[encoding]
    return UnreadableFile(
        f"It is not CSV in {name}. If it is in {other}, say so in Content-Type.",
        detail_ja=f"{name} の CSV として読み取れません。{other} のファイルであれば、"
        f"Content-Type に charset={other.lower()} と指定してください。",
    )


def unknown_header(error: UnreadableHeader) -> UnreadableFile:
    """Return the refusal of a file whose header does not name every column once."""
    return UnreadableFile(
        f"Missing: {', '.join(error.missing) or '-'}. Unknown: {', '.join(error.unknown)}.",
        detail_ja=f"足りない見出し: {'、'.join(error.missing) or 'なし'}。"
        f"知らない、または重複した見出し: {'、'.join(error.unknown) or 'なし'}。",
        missing=list(error.missing),
        columns=list(COLUMNS),
    )


def _seal(cipher: Cipher, part: Part, place: tuple[ImportId, int]) -> bytes:
    import_id, number = place
    return sealed(cipher, part.content, import_id=import_id, part=number)
