"""The database as it was at a past minute, alive for a while in a scratch folder, then gone.

A second server on a copy of a base, which reads the log up to that minute and no further. It has a
socket of its own, hands nothing over and writes nothing outside its folder.
"""

import fcntl
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from operations.failures import DiskFull, explained
from operations.files import last_lines

from .cluster import Cluster
from .configuration import settings
from .failures import AnotherPast, DatabaseDidNotStart, HistoryInterrupted, NotThatFarBack
from .history import Base
from .place import Place, wheel
from .postmaster import Postmaster, serving_pid

_PREFIX: Final = "past-"
_LAST_WORDS: Final = 8  # the reason, and one line for each process that ends because of it
_ENDED_EARLY: Final = "recovery ended before configured recovery target was reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The server of a past minute."""

    place: Place
    dsn: str
    """The address of our database there, for its administrator."""
    pid: int


@contextmanager
def past(
    cluster: Cluster, at: datetime, *, database: str, log: Path, on_wait: Callable[[], None]
) -> Generator[Past]:
    """Give the database as it was at `at`; the server and its folder are gone afterwards.

    Call it from the main thread: the server ends with the thread that started it.

    Raises:
        NotThatFarBack: the history does not reach back to `at`.
        HistoryInterrupted: a piece of the log is missing.
        AnotherPast: somebody looks back at this moment already.
        DiskFull: there is no room for a second database.
    """
    base = cluster.history.base_before(at)
    if base is None:
        oldest = cluster.history.bases()
        raise NotThatFarBack(at, reach=oldest[0].whole_at if oldest else None)
    with _alone(cluster.place.home), _scratch(cluster.place) as place:
        try:
            _lay_out(base, place, cluster, at)
        except OSError as error:
            raise explained(error, place.home) from error
        postmaster = Postmaster.start(place, cluster.place.programs(wheel()), log)
        try:
            _wait(postmaster, at, log=log, on_wait=on_wait)
            dsn = cluster.superuser_dsn_at(place.socket(), database)
            yield Past(place=place, dsn=dsn, pid=postmaster.pid)
        finally:
            postmaster.stop()


def sweep(place: Place) -> None:
    """Remove what a killed restore left, unless one is at work; whose server lives is let be."""
    with suppress(AnotherPast), _alone(place.home):
        _sweep(place)


def _sweep(place: Place) -> None:
    for left in place.home.glob(f"{_PREFIX}*"):
        if left.is_dir() and serving_pid(left / "data") is None:
            Place(left, left, place.account).erase()


@contextmanager
def _alone(home: Path) -> Generator[None]:
    """Hold the right to look back: two copies of a large database would fill the disk."""
    with (home / "past.lock").open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AnotherPast from error
        yield


@contextmanager
def _scratch(beside: Place) -> Generator[Place]:
    _sweep(beside)
    home = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=beside.home))
    home.chmod(0o711)  # the server's account passes through to what is its own
    place = Place(home, home, beside.account)
    try:
        yield place
    finally:
        place.erase()


def _lay_out(base: Base, place: Place, cluster: Cluster, at: datetime) -> None:
    """Unpack the base and tell its server where to stop."""
    place.data.mkdir()
    with tarfile.open(base.archive, "r:gz") as packed:
        # Our own server wrote it into a folder nobody else may enter; owners are as it had them.
        packed.extractall(place.data, numeric_owner=True)  # noqa: S202 - see above
    if (room := shutil.disk_usage(place.home)).free < room.total // 100:
        raise DiskFull(place.home)
    place.prepare_socket()
    told = settings(
        socket=place.socket(),
        for_tests=False,
        besides=cluster.history.settings_of_the_past(at),
    )
    for name, text in (("tamaire.conf", told), ("recovery.signal", "")):
        (place.data / name).write_text(text, encoding="utf-8")
        place.give(place.data / name)
    place.give(place.data)


def _wait(postmaster: Postmaster, at: datetime, *, log: Path, on_wait: Callable[[], None]) -> None:
    try:
        postmaster.wait_until_ready(on_wait=on_wait)
    except DatabaseDidNotStart as failure:
        if _ENDED_EARLY in last_lines(log, count=_LAST_WORDS):
            raise HistoryInterrupted(at) from failure
        raise
