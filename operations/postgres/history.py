"""What was written, kept for some days, so that a past minute can be looked at beside the present.

base backups   <home>/history/bases/<when it was whole>/, one a day, packed
the log        <home>/history/log/<segment>.gz, each handed over by the server when it is full

From a base and the log that follows it any minute since can be brought back (`past`). It lies on
the disk of the database: it undoes a mistake, and is no substitute for a backup elsewhere.
"""

import json
import shlex
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from foundation import clock
from operations.files import last_lines, write_private
from operations.tether import tethered

from .failures import HistoryNotKept, HistoryOff, HistoryToolMissing
from .initdb import SUPERUSER
from .passwords import Passwords
from .place import Place, wheel
from .postmaster import ENVIRONMENT

MOST_DAYS: Final = 30
"""Longer than this nobody's names lie in a copy that an erasure does not reach: ADR 0020."""
RENEWED_AFTER: Final = timedelta(hours=23)
_TOOLS: Final = ("gzip", "sync", "cmp", "mv")
_STAMP: Final = "%Y%m%dT%H%M%S.%fZ"
_SEGMENT_BYTES: Final = 16 * 1024 * 1024
_SEGMENT_NAME: Final = 24
_TAKES_AT_MOST: Final = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The whole database as of one moment."""

    folder: Path
    whole_at: datetime
    """From here on every minute can be reached."""

    @property
    def archive(self) -> Path:
        return self.folder / "base.tar.gz"

    @property
    def first_segment(self) -> str:
        """Return the oldest piece of the log that this base needs."""
        manifest = json.loads((self.folder / "backup_manifest").read_text(encoding="utf-8"))
        start = manifest["WAL-Ranges"][0]
        high, low = (int(half, 16) for half in start["Start-LSN"].split("/"))
        return f"{start['Timeline']:08X}{high:08X}{low // _SEGMENT_BYTES:08X}"


class History:
    """The history of one cluster; nothing of it exists before it is switched on."""

    def __init__(self, place: Place, passwords: Passwords) -> None:
        self._place, self._passwords = place, passwords
        self._folder = place.home / "history"
        self._wish = place.home / "history.json"

    @property
    def days(self) -> int:
        """For how many days it is kept; 0 where it is off."""
        if not self._wish.is_file():
            return 0
        return int(json.loads(self._wish.read_text(encoding="utf-8"))["days"])

    @property
    def log(self) -> Path:
        return self._folder / "log"

    @property
    def _secret(self) -> Path:
        return self._folder / "base.password"

    def keep(self, days: int) -> None:
        """Switch it on for so many days, or, with 0, off: what was kept is then removed.

        Holds from the next start of the server, and until it is said otherwise.

        Raises:
            HistoryToolMissing: the machine lacks a programme that the server would call.
        """
        if days == 0:
            self._wish.unlink(missing_ok=True)
            shutil.rmtree(self._folder, ignore_errors=True)
            return
        path = ENVIRONMENT["PATH"]
        if missing := [tool for tool in _TOOLS if shutil.which(tool, path=path) is None]:
            raise HistoryToolMissing(missing[0])
        write_private(self._wish, json.dumps({"days": min(days, MOST_DAYS)}))

    def settings(self) -> dict[str, str]:
        """Return what the server is configured with, beside everything else."""
        if self.days == 0:
            return {}
        self._secret.unlink(missing_ok=True)  # left where taking a base was killed
        for folder in (self._folder, self.log, self._folder / "bases"):
            folder.mkdir(exist_ok=True)
            self._place.give(folder)
        kept, coming = self._shell("%f.gz"), self._shell(".%f.coming")
        # A crash between the last step and the server's note of it hands the same piece over twice.
        hand_over = (
            f"if test -f {kept}; then gzip -dc {kept} | cmp -s - %p; "
            f"else gzip -1 < %p > {coming} && sync {coming} && mv {coming} {kept}; fi"
        )
        return {
            "wal_level": "replica",
            "max_wal_senders": "4",
            "archive_mode": "on",
            "archive_command": _quoted(hand_over),
            # A quiet night is handed over, too; a restore asks for the present piece itself.
            "archive_timeout": "1h",
        }

    def settings_of_the_past(self, at: datetime) -> dict[str, str]:
        """Return what makes a copy of a base live again up to `at`, and touch nothing of ours."""
        return {
            "archive_mode": "off",
            "fsync": "off",
            "max_connections": "10",
            "shared_buffers": "32MB",
            "autovacuum": "off",
            "hot_standby": "off",
            "restore_command": _quoted(f"gzip -dc {self._shell('%f.gz')} > %p"),
            "recovery_target_time": _quoted(at.astimezone(UTC).isoformat(sep=" ")),
            "recovery_target_action": "'promote'",
        }

    def has(self, segment: str) -> bool:
        """Tell whether a piece of the log has been handed over."""
        return (self.log / f"{segment}.gz").is_file()

    def gone_by(self) -> datetime | None:
        """Return when nothing of what is written now is in it any more; None where it is off."""
        return clock.now() + timedelta(days=self.days) if self.days else None

    def waiting(self) -> int:
        """Return how many pieces of the log the server has yet to hand over."""
        return len(list((self._place.data / "pg_wal" / "archive_status").glob("*.ready")))

    def size_bytes(self) -> int:
        """Return how much of the disk it takes."""
        return sum(file.stat().st_size for file in self._folder.rglob("*") if file.is_file())

    def bases(self) -> list[Base]:
        """Return the bases, oldest first."""
        folder = self._folder / "bases"
        found = sorted(folder.iterdir()) if folder.is_dir() else []
        return [
            Base(folder=one, whole_at=datetime.strptime(one.name, _STAMP).replace(tzinfo=UTC))
            for one in found
            if not one.name.startswith(".")
        ]

    def base_before(self, at: datetime) -> Base | None:
        """Return the youngest base that was whole at `at`."""
        earlier = [base for base in self.bases() if base.whole_at <= at]
        return earlier[-1] if earlier else None

    def renew(self) -> Base | None:
        """Take a base if the youngest is a day old, and remove what is too old.

        Raises:
            HistoryOff: no history is kept.
            HistoryNotKept: the server would not give one.
        """
        if self.days == 0:
            raise HistoryOff
        bases = self.bases()
        fresh = bool(bases) and clock.now() - bases[-1].whole_at < RENEWED_AFTER
        taken = None if fresh else self.take_base()
        self.expire()
        return taken

    def take_base(self) -> Base:
        """Copy the running database as it is; it is served meanwhile.

        Raises:
            HistoryNotKept: it could not be copied, and nothing is left of the attempt.
        """
        unfinished = self._folder / "bases" / ".unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        secret = self._secret
        write_private(secret, f"*:*:*:{SUPERUSER}:{self._passwords.of(SUPERUSER)}\n")
        self._place.give(secret)
        try:
            self._copy(unfinished, secret)
            now = clock.now().astimezone(UTC)
            folder = unfinished.with_name(now.strftime(_STAMP))
            unfinished.rename(folder)
        finally:
            secret.unlink(missing_ok=True)
            shutil.rmtree(unfinished, ignore_errors=True)
        return Base(folder=folder, whole_at=now)

    def expire(self) -> None:
        """Remove bases that are too old, but for the only one, and the log that none needs."""
        oldest_kept = clock.now() - timedelta(days=self.days)
        bases = self.bases()
        for base in bases[:-1]:
            if base.whole_at < oldest_kept:
                shutil.rmtree(base.folder)
        if not (kept := self.bases()):
            return
        first = kept[0].first_segment
        for piece in self.log.glob("*.gz"):
            if len(piece.name) > _SEGMENT_NAME and piece.name[:_SEGMENT_NAME] < first:
                piece.unlink()

    def _copy(self, into: Path, secret: Path) -> None:
        account, words = self._place.account, self._folder / "base.words"
        command = [
            str(self._place.programs(wheel()) / "pg_basebackup"),
            *(f"--host={self._place.socket()}", "--port=5432", f"--username={SUPERUSER}"),
            *(f"--pgdata={into}", "--format=tar", "--compress=client-gzip:1"),
            *("--wal-method=none", "--checkpoint=fast", "--no-password"),
        ]
        with words.open("wb") as record, suppress(subprocess.TimeoutExpired):
            finished = subprocess.run(
                tethered(command, on_orphaned=signal.SIGTERM, uid=account.uid, gid=account.gid),
                env=ENVIRONMENT | {"PGPASSFILE": str(secret)},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=record,
                stderr=subprocess.STDOUT,
                timeout=_TAKES_AT_MOST.total_seconds(),
                check=False,
            )
            if finished.returncode == 0:
                return
        raise HistoryNotKept(last_lines(words))

    def _shell(self, name: str) -> str:
        """Return a path of the log for the shell; the server puts the piece's name for `%f`."""
        return f"{shlex.quote(str(self.log)).replace('%', '%%')}/{name}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
