"""Cutting a file of any size into parts that are read one by one, in any order, on any day."""

import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

PART_BYTES: Final = 1_572_864
"""Some ten thousand lines: what of a register is in memory at one time."""
_LONGEST_LINE: Final = 8 * PART_BYTES
_QUOTED: Final = re.compile(rb'"[^"]*"')
_GZIP: Final = 16 + zlib.MAX_WBITS


class NotCutting(ValueError):
    """No line ends where one should: a quotation mark was opened and never closed."""


class TooMuchInside(ValueError):
    """A packed file grows beyond what any register is."""


class DamagedArchive(ValueError):
    """A packed file that cannot be unpacked to its end."""


@dataclass(frozen=True, slots=True)
class Part:
    """Whole lines of a file; the first of them is line `first_line`."""

    content: bytes
    first_line: int
    lines: int


def parts_of(pieces: Iterable[bytes], *, size: int = PART_BYTES) -> Iterator[Part]:
    """Cut a stream of bytes after ends of lines that stand outside quotation marks.

    Both bytes that matter here, `"` and the end of a line, are never half of a character, neither
    in UTF-8 nor in Shift_JIS.

    Raises:
        NotCutting: there is no such place for a long while.
    """
    waiting, line = bytearray(), 1
    for piece in pieces:
        waiting += piece
        if len(waiting) < size:
            continue
        if end := _last_end(waiting):
            part = Part(bytes(waiting[:end]), line, _lines(bytes(waiting[:end])))
            line += part.lines
            yield part
            del waiting[:end]
        elif len(waiting) > _LONGEST_LINE:
            raise NotCutting
    if waiting:
        yield Part(bytes(waiting), line, _lines(bytes(waiting)))


def inflated(pieces: Iterable[bytes], *, most: int, ratio: int) -> Iterator[bytes]:
    """Unpack gzip (RFC 1952) piece by piece, never more than a bounded piece at a time.

    Raises:
        TooMuchInside: more bytes than `most`, or more than `ratio` for each packed one.
        DamagedArchive: it is not gzip, or breaks off.
    """
    archive, taken, given = _Archive(), 0, 0
    for piece in pieces:
        taken += len(piece)
        for out in archive.unpack(piece):
            given += len(out)
            if given > most or given > ratio * max(taken, PART_BYTES // ratio):
                raise TooMuchInside
            yield out
    if not archive.is_whole:
        raise DamagedArchive


class _Archive:
    """Several archives in a row are one file (RFC 1952 §2.2)."""

    def __init__(self) -> None:
        self._inside = zlib.decompressobj(_GZIP)

    @property
    def is_whole(self) -> bool:
        return self._inside.eof

    def unpack(self, packed: bytes) -> Iterator[bytes]:
        while True:
            try:
                if self._inside.eof and packed:
                    self._inside = zlib.decompressobj(_GZIP)
                out = self._inside.decompress(packed, PART_BYTES)
            except zlib.error as error:
                raise DamagedArchive from error
            if out:
                yield out
            packed = self._inside.unconsumed_tail or self._inside.unused_data
            if not packed and len(out) < PART_BYTES:
                return


def _last_end(content: bytearray) -> int:
    """Return where the last whole line ends, or 0."""
    quotes, at = content.count(b'"'), len(content)
    while (found := content.rfind(b"\n", 0, at)) >= 0:
        if not quotes or content.count(b'"', 0, found) % 2 == 0:
            return found + 1
        at = found
    return 0


def _lines(content: bytes) -> int:
    plain = _QUOTED.sub(b"", content) if b'"' in content else content
    return plain.count(b"\n") + (not content.endswith(b"\n"))
