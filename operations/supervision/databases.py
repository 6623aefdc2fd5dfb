"""Which database an instance works on: our own for as long as it stands, or somebody else's."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

from operations.failures import Failure
from operations.folder import DataFolder, Instance
from operations.postgres import Cluster
from operations.postgres.external import ExternalServer, Server
from operations.postgres.failures import HistoryElsewhere
from operations.postgres.passwords import Passwords
from operations.postgres.past import sweep
from operations.voice import Voice

_PAUSE_S = 5.0


@contextmanager
def database(
    folder: DataFolder, voice: Voice, *, url: str | None, keep_history: int | None = None
) -> Generator[tuple[Server, Callable[[], None]]]:
    """Give a server for as long as the context lasts, and what to call now and then to keep it.

    `keep_history` is for how many days past minutes can be brought back; as before if not given.

    Raises:
        HistoryElsewhere: the history of somebody else's server is not ours to keep.
    """
    if url is not None:
        if keep_history:
            raise HistoryElsewhere
        yield ExternalServer(url, passwords=Passwords(folder.passwords)), lambda: None
        return
    with voice.step("データベースを起動する", "database"):
        cluster = opened(folder)
        if keep_history is not None:
            cluster.history.keep(keep_history)
        sweep(cluster.place)
        cluster.start(on_wait=lambda: _say_recovery(voice))
    try:
        yield cluster, _keeping(cluster, voice)
    finally:
        cluster.stop()


def database_of(folder: DataFolder, instance: Instance) -> Server:
    """Return the database a running instance works on; the instance keeps it, not we.

    Of somebody else's we know the roles' passwords, and not the administrator's.
    """
    if instance.database:
        return ExternalServer(instance.database, passwords=Passwords(folder.passwords))
    return opened(folder)


def without_account(url: str) -> str:
    """Return the URL without the administrator's name and password: it is written down."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def opened(folder: DataFolder) -> Cluster:
    """Return our own database of a folder, whether it runs or not."""
    return Cluster.create(folder.postgres, passwords=folder.passwords, log=folder.log("postgres"))


def _keeping(cluster: Cluster, voice: Voice) -> Callable[[], None]:
    due, said = 0.0, ""

    def keep() -> None:
        nonlocal due, said
        if cluster.is_running or time.monotonic() < due:
            return
        if not said:
            voice.note("データベースが止まったので再開します", "the database ended; starting it")
        try:
            cluster.start(on_wait=lambda: _say_recovery(voice))
            said = ""
        except Failure as failure:
            if failure.english != said:  # once: it may be hours until somebody makes room
                voice.failure(failure)
            due, said = time.monotonic() + _PAUSE_S, failure.english

    return keep


def _say_recovery(voice: Voice) -> None:
    voice.note("前回の続きから回復しています", "recovering what the last run left")
