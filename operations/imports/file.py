"""The file on the town hall's disk: how it is written, how it begins, and how it is sent."""

import codecs
import gzip
import zlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from .refusals import DamagedPackage, NoSuchFile

_BEGINNING_BYTES: Final = 60 * 1024
_PIECE_BYTES: Final = 256 * 1024
_PACKED: Final = ".gz"
CHARACTER_SETS: Final = ("utf-8", "shift_jis")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFile:
    """A register as it lies there. `size` in bytes, packed or not."""

    path: Path
    size: int
    is_packed: bool
    character_set: str
    beginning: bytes
    """Of it unpacked, some tens of kilobytes; cut anywhere, unless it is the whole file."""

    @classmethod
    def open(cls, path: Path, *, character_set: str = "") -> Self:
        """Look at a file.

        Raises:
            NoSuchFile: it cannot be read.
            DamagedPackage: it is called .gz and is none.
        """
        is_packed = path.suffix == _PACKED
        try:
            size = path.stat().st_size
            with gzip.open(path) if is_packed else path.open("rb") as file:
                beginning = file.read(_BEGINNING_BYTES)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise DamagedPackage(path) from error
        except OSError as error:
            raise NoSuchFile(path) from error
        if len(beginning) < _BEGINNING_BYTES and not beginning.endswith(b"\n"):
            beginning += b"\n"
        return cls(
            path=path,
            size=size,
            is_packed=is_packed,
            character_set=character_set or _guessed(beginning),
            beginning=beginning,
        )

    @property
    def headers(self) -> dict[str, str]:
        """Return what is said of the file while it is sent."""
        said = {
            "Content-Type": f"text/csv; charset={self.character_set}",
            "Content-Length": str(self.size),
        }
        return said | ({"Content-Encoding": "gzip"} if self.is_packed else {})

    async def pieces(self, sent: Callable[[int], None]) -> AsyncGenerator[bytes]:
        """Yield the file piece by piece; `sent` hears how many bytes have gone."""
        gone = 0
        with self.path.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                yield piece
                gone += len(piece)
                sent(gone)


def _guessed(beginning: bytes) -> str:
    """Tell the character set by the beginning, which may be cut in the middle of a character."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(beginning, final=False)
    except UnicodeDecodeError:
        return "shift_jis"
    return "utf-8"
