"""The one folder in which an instance keeps everything: data, keys, passwords, sockets, logs.

tamaire.json   says that the folder is ours, and so may be erased
lock           held by the running `up`; the system lets go of it however that process ends
instance.json  what the running `up` is: its process, its addresses
postgres/ keys/ passwords/ simulator/ run/ log/
"""

import fcntl
import json
import os
import shlex
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from .failures import Failure, FolderUnwritable, explained
from .files import make_private, write_private
from .sockets import socket_folder

DEFAULT_DATA = Path(__file__).resolve().parents[1] / ".tamaire"
_LONGEST_SOCKET = "consultation.sock"
_LOG_LIMIT_BYTES = 10_000_000


class AlreadyRunning(Failure):
    """The folder belongs to a running instance; two would write over each other."""

    def __init__(self, folder: Path, *, instance: "Instance | None") -> None:
        pid = f" (PID {instance.pid})" if instance else ""
        super().__init__(
            f"データフォルダ {folder} は起動中の tamaire{pid} が使っています。",
            f"The data folder {folder} is in use by a running tamaire{pid}.",
            remedy_ja=f"`./tamaire down --data {folder}` で止めるか、`--data` と `--port` を"
            "変えてもう一つ起動してください。",
            remedy=f"Stop it with `./tamaire down --data {folder}`, or start a second one with "
            "another `--data` and `--port`.",
        )


class NotOurFolder(Failure):
    """The folder holds something else, which we would write between and might one day erase."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"フォルダ {folder} には tamaire 以外のファイルがあります。",
            f"The folder {folder} holds files that are not tamaire's.",
            remedy_ja="空のフォルダか、まだないフォルダを `--data` で指定してください。",
            remedy="Name an empty folder, or one that does not exist yet, with `--data`.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A running `up`, as others on the machine may know it."""

    pid: int
    port: int
    base_url: str
    simulator_url: str
    database: str = ""
    """Where somebody else's database is, without an account; empty when it is our own."""


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The folder, by its resolved path; nothing is created before `claim`."""

    root: Path

    @property
    def option(self) -> str:
        """What a command needs besides its word to mean this folder."""
        return "" if self.root == DEFAULT_DATA else f" --data {shlex.quote(str(self.root))}"

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    @property
    def passwords(self) -> Path:
        return self.root / "passwords"

    @property
    def simulator(self) -> Path:
        return self.root / "simulator"

    @property
    def logs(self) -> Path:
        return self.root / "log"

    @property
    def memory(self) -> Path:
        """The file that remembers which steps of preparation have been done."""
        return self.root / "prepared.json"

    @property
    def run(self) -> Path:
        """The folder of the services' sockets; only we may enter it."""
        pointer = self.root / "run.path"
        return socket_folder(self.root / "run", longest_name=_LONGEST_SOCKET, pointer=pointer)

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def claim(self) -> None:
        """Make the folder, or find it to be ours.

        Raises:
            NotOurFolder: it holds something that we did not write.
            FolderUnwritable, DiskFull: it cannot be made.
        """
        try:
            self._claim()
        except OSError as error:
            raise explained(error, self.root) from error

    def prepare(self) -> None:
        """Make everything private in it, closed to others; only while we hold it.

        Raises:
            FolderUnwritable, DiskFull: it cannot be made.
        """
        try:
            for private in (self.keys, self.passwords, self.logs, self.simulator, self.run):
                make_private(private)
            for log in self.logs.glob("*.log"):
                if log.stat().st_size > _LOG_LIMIT_BYTES:
                    log.replace(log.with_suffix(".log.1"))
        except OSError as error:
            raise explained(error, self.root) from error

    @property
    def is_ours(self) -> bool:
        return self._mark.is_file()

    @property
    def is_in_use(self) -> bool:
        """Tell whether a running `up` holds this folder."""
        try:
            with self._lock.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    @contextmanager
    def held(self) -> Generator[None]:
        """Hold the folder for ourselves; the lock ends with this process, whatever ends it.

        Raises:
            AlreadyRunning: somebody else holds it.
        """
        try:
            file = self._lock.open("ab")
        except OSError as error:
            raise explained(error, self.root) from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise AlreadyRunning(self.root, instance=self.instance()) from error
            try:
                yield
            finally:
                self._record.unlink(missing_ok=True)

    def announce(self, instance: Instance) -> None:
        """Let `status` and `down` know us."""
        write_private(self._record, json.dumps(asdict(instance)))

    def instance(self) -> Instance | None:
        """Return the running instance that announced itself here, if one runs."""
        if not self.is_in_use:
            return None
        with suppress(OSError, ValueError, TypeError):
            return Instance(**json.loads(self._record.read_text(encoding="utf-8")))
        return None

    def erase(self) -> None:
        """Remove the folder and what lies outside it on its behalf.

        Raises:
            NotOurFolder: it does not bear our mark; a mistyped `--data` must not cost a home.
        """
        if not self.is_ours:
            raise NotOurFolder(self.root)
        shutil.rmtree(self.run, ignore_errors=True)
        try:
            shutil.rmtree(self.root)
        except OSError as error:
            raise explained(error, self.root) from error

    @property
    def _mark(self) -> Path:
        return self.root / "tamaire.json"

    @property
    def _lock(self) -> Path:
        return self.root / "lock"

    @property
    def _record(self) -> Path:
        return self.root / "instance.json"

    def _claim(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        if not self.is_ours:
            if any(self.root.iterdir()):
                raise NotOurFolder(self.root)
            # Others may pass through to what is theirs (the database's account), and see nothing.
            self.root.chmod(0o711)
            write_private(self._mark, json.dumps({"format": 1}))
        if not os.access(self.root, os.W_OK | os.X_OK):
            raise FolderUnwritable(self.root)
