"""How a file that must not be lost is put in its place: whole or not at all, for its owner only."""

import fcntl
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


def place(path: Path, content: bytes) -> bool:
    """Create a file of mode 0600 and return when it is on the disk; False if one was there.

    Never over another: a link is the one rename that refuses to replace, so of two processes
    that create the same key both learn whose it became.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
        try:
            os.link(draft, path)
        except FileExistsError:
            return False
    finally:
        draft.unlink()
    settle(path.parent)
    return True


def put(path: Path, content: bytes) -> None:
    """Put a file of mode 0600 where there may be one, whole, and return when it is on the disk."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    write_new(draft, content, is_settled=True)
    draft.replace(path)
    settle(path.parent)


def write_new(path: Path, content: bytes, *, is_settled: bool = False) -> None:
    """Create a file of mode 0600 where there is none; unsettled, the disk may not have it yet."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        os.write(handle, content)
        if is_settled:
            os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def alone_in(directory: Path) -> Generator[None]:
    """Be the only one who asks for this, of all processes; the system ends it with ours."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def settle_all() -> None:
    """Return when everything written on this machine so far would survive a power cut."""
    os.sync()


def settle(directory: Path) -> None:
    """Make the names in a directory survive a power cut."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
