"""One embedded PostgreSQL: made, started, addressed and stopped, and a boundary all the while."""

from collections.abc import Callable
from pathlib import Path
from typing import Self
from urllib.parse import quote, urlencode

from operations.failures import explained

from .configuration import settings
from .history import History
from .initdb import SUPERUSER, check, create_data
from .passwords import Passwords
from .place import Place, find_place, wheel
from .postmaster import Postmaster, clear_leftover
from .roles import bootstrap, copy_database, drop_database

DATABASE = "tamaire"


class Cluster:
    """An embedded PostgreSQL in a folder: scram over one unix socket, and no other way in."""

    def __init__(self, place: Place, *, passwords: Path, log: Path, for_tests: bool) -> None:
        self._place = place
        self._passwords = Passwords(passwords)
        self._log = log
        self._for_tests = for_tests
        self._postmaster: Postmaster | None = None

    @classmethod
    def create(
        cls,
        directory: Path,
        *,
        passwords: Path | None = None,
        log: Path | None = None,
        for_tests: bool = False,
    ) -> Self:
        """Open the cluster of `directory`, making it first if there is none.

        `passwords` is the folder of the password files and `log` the server's log; both lie in
        `directory` unless told otherwise. `for_tests` gives up durability; such a cluster,
        where it had to be put outside `directory`, is removed by `stop`.

        Raises:
            DatabaseFolderBroken, DatabaseVersionWrong: the folder holds something else.
            DiskFull, FolderUnwritable, NoUnprivilegedAccount: it cannot be made.
        """
        place = find_place(directory, for_tests=for_tests)
        cluster = cls(
            place,
            passwords=passwords or place.directory / "passwords",
            log=log or place.directory / "postgres.log",
            for_tests=for_tests,
        )
        try:
            cluster._create_data()
        except OSError as error:
            raise explained(error, place.home) from error
        return cluster

    @property
    def is_running(self) -> bool:
        return self._postmaster is not None and self._postmaster.is_running

    @property
    def pid(self) -> int | None:
        return self._postmaster.pid if self._postmaster else None

    @property
    def place(self) -> Place:
        return self._place

    @property
    def history(self) -> History:
        """What was written, kept for some days, if that is wanted."""
        return History(self._place, self._passwords)

    def start(self, *, on_wait: Callable[[], None] = lambda: None) -> None:
        """Start the server and return when it answers; does nothing if it already runs.

        The server ends when the calling thread ends, so call this from the main one. Crash
        recovery gets the time it needs; `on_wait` is called once when it takes seconds.

        Raises:
            DatabaseInUse, DatabaseDidNotStart, DiskFull: it did not come up, and why.
        """
        if self.is_running:
            return
        try:
            clear_leftover(self._place.data)
            self._configure()
            programs = self._place.programs(wheel())
            self._postmaster = Postmaster.start(self._place, programs, self._log)
            self._postmaster.wait_until_ready(on_wait=on_wait)
        except OSError as error:
            raise explained(error, self._place.home) from error

    def stop(self) -> None:
        """Stop the server, ending its clients' sessions; what was committed stays."""
        if self._postmaster is not None:
            self._postmaster.stop()
            self._postmaster = None
        if self._for_tests and self._place.is_elsewhere:
            self._place.erase()

    def dsn(self, role: str, database: str = DATABASE) -> str:
        """Return the address of `database` for one of our roles, with its password."""
        return self._address(role, database, self._place.socket())

    def superuser_dsn(self, database: str = SUPERUSER) -> str:
        """Return the superuser's address: for bootstrap and backup, never for a service."""
        return self.dsn(SUPERUSER, database)

    def superuser_dsn_at(self, socket: Path, database: str) -> str:
        """Return the superuser's address in a copy of this cluster, which has its passwords."""
        return self._address(SUPERUSER, database, socket)

    def bootstrap_roles(self, database: str = DATABASE) -> None:
        """Bring about the database, its schemas, roles and passwords; repeatable."""
        bootstrap(self.superuser_dsn, self._passwords, database=database)

    def copy_database(self, template: str, name: str) -> None:
        """Make `name` a copy of `template`, to which nobody may be connected meanwhile."""
        copy_database(self.superuser_dsn, template=template, name=name)

    def drop_database(self, name: str) -> None:
        """Remove a database, connected clients or not."""
        drop_database(self.superuser_dsn, name=name)

    def _create_data(self) -> None:
        if self._place.data.exists():
            check(self._place.data)
            return
        create_data(
            self._place,
            programs=self._place.programs(wheel()),
            password=self._passwords.of(SUPERUSER),
            log=self._log,
            durable=not self._for_tests,
        )

    def _address(self, role: str, database: str, socket: Path) -> str:
        password = quote(self._passwords.of(role), safe="")
        host = urlencode({"host": str(socket)})
        return f"postgresql://{role}:{password}@/{database}?{host}"

    def _configure(self) -> None:
        self._place.prepare_socket()
        text = settings(
            socket=self._place.socket(),
            for_tests=self._for_tests,
            besides=self.history.settings(),
        )
        path = self._place.data / "tamaire.conf"
        path.write_text(text, encoding="utf-8")
        self._place.give(path)
