"""What the machine must offer: Python, room on the disk and in memory, a clock that is right."""

import ctypes
import platform
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import psutil

from foundation import clock

from .findings import Finding, bad, doubtful, good

_GIGABYTE = 1_000_000_000
_DISK_NEEDED, _MEMORY_NEEDED = 1.0, 1.5  # gigabytes: data and logs of a demo; all processes
_OLDEST_PYTHON = (3, 11)
_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised
_TIMEX_BYTES = 512  # more than struct timex needs on any architecture


def python() -> Finding:
    """Look at the Python that runs us."""
    seen = f"{platform.python_version()} ({platform.system()} {platform.machine()})"
    if sys.version_info >= _OLDEST_PYTHON:
        return good("Python", seen)
    return bad(
        "Python",
        seen,
        remedy_ja="Python 3.11 以降を入れ、.venv を消してやり直してください。",
        remedy="Install Python 3.11 or later, remove .venv and start again.",
    )


def disk(folder: Path) -> Finding:
    """Look at the disk that holds, or will hold, the data folder."""
    existing = next(part for part in (folder, *folder.parents) if part.exists())
    free = shutil.disk_usage(existing).free / _GIGABYTE
    if free >= _DISK_NEEDED:
        return good("disk", f"{free:.1f} GB free at {existing}")
    return bad(
        "disk",
        f"{free:.1f} GB free at {existing}",
        remedy_ja="1 GB 以上の空きを作るか、`--data` で別のディスクを指定してください。",
        remedy="Free at least 1 GB, or name another disk with `--data`.",
    )


def memory() -> Finding:
    """Look whether the whole house fits into what is left of the memory."""
    available = psutil.virtual_memory().available / _GIGABYTE
    if available >= _MEMORY_NEEDED:
        return good("memory", f"{available:.1f} GB available")
    return doubtful(
        "memory",
        f"{available:.1f} GB available",
        remedy_ja="ほかのプログラムを終えて、1.5 GB 以上を空けてください。",
        remedy="End other programmes until 1.5 GB are available.",
    )


def clock_is_right(newest_file: Path) -> Finding:
    """Compare the clock with a file of this release, and ask the system whether it is kept.

    Tokens live for seconds and deadlines end at midnight: a wrong clock refuses everybody.
    """
    made = datetime.fromtimestamp(newest_file.stat().st_mtime, UTC)
    now = clock.now()
    seen = now.astimezone(clock.JST).isoformat(timespec="seconds")
    if now < made:
        return bad(
            "clock",
            f"{seen}, before this release was unpacked",
            remedy_ja="時計を合わせてください(例: `sudo timedatectl set-ntp true`)。",
            remedy="Set the clock (for example `sudo timedatectl set-ntp true`).",
        )
    if _is_synchronised() is False:
        return doubtful(
            "clock",
            f"{seen}, not known to be synchronised",
            remedy_ja="時刻同期を有効にしてください(例: `sudo timedatectl set-ntp true`)。",
            remedy="Enable time synchronisation (for example `sudo timedatectl set-ntp true`).",
        )
    return good("clock", seen)


def _is_synchronised() -> bool | None:
    """Ask the kernel; None where it cannot be asked."""
    if sys.platform != "linux":
        return None
    state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    return None if state < 0 else state != _TIME_ERROR
