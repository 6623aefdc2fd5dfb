"""How the command says that it could not do something: what happened, and what to do about it."""

import errno
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

_LEAST_BYTES = 20_000_000  # PostgreSQL needs room for one more segment of its log: 16 MiB


class Failure(Exception):
    """A refusal the reader can act on: one sentence and one remedy, in Japanese and in English.

    It is not a defect: the command prints it without a trace and ends with `exit_status`.
    """

    exit_status = 1

    def __init__(self, japanese: str, english: str, *, remedy_ja: str, remedy: str) -> None:
        super().__init__(english)
        self.japanese = japanese
        self.english = english
        self.remedy_ja = remedy_ja
        self.remedy = remedy

    def as_json(self) -> dict[str, str]:
        """Return the same four sentences for a machine, beside a stable name."""
        return {
            "failure": type(self).__name__,
            "ja": self.japanese,
            "en": self.english,
            "remedy_ja": self.remedy_ja,
            "remedy": self.remedy,
        }


class DiskFull(Failure):
    """No space is left where the data must be written."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} のあるディスクに空きがありません。",
            f"No space is left on the disk that holds {folder}.",
            remedy_ja="1 GB 以上の空きを作るか、`--data` で別のディスクを指定して、"
            "もう一度実行してください。確定ずみのデータは失われていません。",
            remedy="Free at least 1 GB, or name another disk with `--data`, and run it again. "
            "What was committed is not lost.",
        )


class FolderUnwritable(Failure):
    """The folder may not be written, so nothing can be kept in it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"フォルダ {folder} に書き込めません。",
            f"The folder {folder} cannot be written.",
            remedy_ja="フォルダの所有者と権限を直すか、`--data` で別のフォルダを指定してください。",
            remedy="Correct its owner and permissions, or name another folder with `--data`.",
        )


def explained(error: OSError, folder: Path) -> Exception:
    """Return the failure that an error of the file system means, or the error itself."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFull(folder)
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}:
        return FolderUnwritable(folder)
    return error


@contextmanager
def explaining_a_full_disk(folder: Path) -> Generator[None]:
    """Say "the disk is full" of whatever goes wrong while it is.

    A full disk speaks in many voices: a server that panics, a connection that breaks, a service
    that cannot write its log. None of them tells the reader what to do.
    """
    try:
        yield
    except DiskFull:
        raise
    except Exception as error:
        with suppress(OSError):
            if shutil.disk_usage(folder).free < _LEAST_BYTES:
                raise DiskFull(folder) from error
        raise
