"""The first day of a database folder: made whole under another name, or not at all."""

import shutil
import signal
import subprocess
from pathlib import Path

from operations.failures import DiskFull
from operations.files import last_lines, write_private
from operations.tether import tethered

from .configuration import HBA, INCLUDE
from .failures import DatabaseDidNotStart, DatabaseFolderBroken, DatabaseVersionWrong
from .place import MAJOR_VERSION, Place
from .postmaster import ENVIRONMENT

SUPERUSER = "postgres"


def check(data: Path) -> None:
    """Refuse a folder that this PostgreSQL could not serve.

    Raises:
        DatabaseFolderBroken: parts are missing without which no server starts.
        DatabaseVersionWrong: another major version wrote it; its files cannot be read.
    """
    version = data / "PG_VERSION"
    if not version.is_file():
        raise DatabaseFolderBroken(data, reason="PG_VERSION")
    if (found := version.read_text(encoding="ascii", errors="replace").strip()) != MAJOR_VERSION:
        raise DatabaseVersionWrong(data, found=found, wanted=MAJOR_VERSION)
    for part in ("base", "global/pg_control", "pg_wal", "pg_hba.conf", "postgresql.conf"):
        if not (data / part).exists():
            raise DatabaseFolderBroken(data, reason=part)


def create_data(place: Place, *, programs: Path, password: str, log: Path, durable: bool) -> None:
    """Make the data folder of `place` with `password` for the superuser.

    What a killed or failed attempt leaves has another name and is never taken for a database.
    """
    unfinished = place.home / "data.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    place.give(unfinished)
    secret = place.home / "initdb.password"
    write_private(secret, password)
    place.give(secret)
    try:
        _run(place, programs / "initdb", secret=secret, log=log, durable=durable)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    finally:
        secret.unlink(missing_ok=True)
    (unfinished / "pg_hba.conf").write_text(HBA, encoding="utf-8")
    with (unfinished / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write(f"\n{INCLUDE}\n")
    unfinished.rename(place.data)


def _run(place: Place, initdb: Path, *, secret: Path, log: Path, durable: bool) -> None:
    account = place.account
    command = [
        str(initdb),
        f"--pgdata={place.home / 'data.new'}",
        f"--username={SUPERUSER}",
        f"--pwfile={secret}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--no-locale",
        "--no-instructions",
        *([] if durable else ["--no-sync"]),
    ]
    with log.open("ab") as record:
        finished = subprocess.run(
            tethered(command, on_orphaned=signal.SIGTERM, uid=account.uid, gid=account.gid),
            env=ENVIRONMENT,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=record,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if finished.returncode == 0:
        return
    words = last_lines(log, count=4)
    if "No space left on device" in words:
        raise DiskFull(place.home)
    raise DatabaseDidNotStart(log, last_lines=words)
