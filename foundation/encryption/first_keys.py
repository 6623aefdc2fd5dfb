"""The first keys of many municipalities: on the disk in one file, before folders are filled.

To make thousands of folders, and to wait for the disk for each, takes as long as the disk is busy.
So all first keys are written down together, in one file that is on the disk before any row speaks
of those municipalities. Folders are filled from it when somebody first needs one, and all of them
at leisure; once they are on the disk as well, the file is overwritten and removed. Whoever's keys
are destroyed is struck out of it before their folder is touched.

    <directory>/.first-<hex>   mode 0600; for each tenant its number, `kek`, `index` and `dek-1`
"""

import os
import secrets
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from foundation.identifiers import TenantId

from .files import place, settle

FILE_NAMES: Final[tuple[str, ...]] = ("kek", "index.wrapped", "dek-1.wrapped")
_PREFIX: Final = ".first-"
_NUMBER: Final = struct.Struct(">q")
_KEYS: Final = struct.Struct(">32s60s60s")
_EACH: Final = _NUMBER.size + _KEYS.size
_STRUCK_OUT: Final = bytes(_KEYS.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstKeys:
    """What a tenant's folder begins with: contents by file name."""

    tenant_id: TenantId
    files: Mapping[str, bytes] = field(repr=False)


def write_down(directory: Path, keys: Iterable[FirstKeys]) -> None:
    """Write keys down; when this returns, they would survive a power cut."""
    content = b"".join(
        _NUMBER.pack(one.tenant_id) + _KEYS.pack(*(one.files[name] for name in FILE_NAMES))
        for one in keys
    )
    place(directory / f"{_PREFIX}{secrets.token_hex(8)}", content)


def files_of(directory: Path) -> list[Path]:
    """Return the files there are; a directory that does not exist has none."""
    try:
        names = sorted(name for name in os.listdir(directory) if name.startswith(_PREFIX))  # noqa: PTH208 - asked where thousands of folders lie
    except FileNotFoundError:
        return []
    return [directory / name for name in names]


def keys_in(path: Path) -> Iterator[FirstKeys]:
    """Yield the keys of a file, without those that were struck out."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return
    for place_of, tenant_id in _places(content):
        kept = content[place_of : place_of + _KEYS.size]
        if kept != _STRUCK_OUT:
            files: dict[str, bytes] = dict(zip(FILE_NAMES, _KEYS.unpack(kept), strict=True))
            yield FirstKeys(tenant_id=tenant_id, files=files)


def find(directory: Path, tenant_id: TenantId) -> FirstKeys | None:
    """Return a tenant's first keys, if they are written down here."""
    for path in files_of(directory):
        for keys in keys_in(path):
            if keys.tenant_id == tenant_id:
                return keys
    return None


def strike_out(directory: Path, tenant_id: TenantId) -> None:
    """Overwrite a tenant's first keys wherever they are written down."""
    for path in files_of(directory):
        _overwrite(path, only=tenant_id)


def discard(path: Path) -> None:
    """Remove a file, and overwrite what it held; in this order, so nobody reads half of it."""
    _overwrite(path, removed=True)
    settle(path.parent)


def _overwrite(path: Path, *, only: TenantId | None = None, removed: bool = False) -> None:
    try:
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    try:
        if removed:
            path.unlink(missing_ok=True)
        content = os.pread(handle, os.fstat(handle).st_size, 0)
        for place_of, tenant_id in _places(content):
            if only is None or tenant_id == only:
                os.pwrite(handle, _STRUCK_OUT, place_of)
        os.fsync(handle)
    finally:
        os.close(handle)


def _places(content: bytes) -> Iterator[tuple[int, TenantId]]:
    """Yield where each tenant's keys begin."""
    for start in range(0, len(content) - _EACH + 1, _EACH):
        (number,) = _NUMBER.unpack_from(content, start)
        yield start + _NUMBER.size, TenantId(number)
