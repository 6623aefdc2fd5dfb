"""What can stand in the way of the database, each with the way out."""

from datetime import datetime
from pathlib import Path

from foundation import clock
from operations.failures import Failure


class DatabaseFolderBroken(Failure):
    """The folder holds something that is no database, or only a part of one."""

    def __init__(self, folder: Path, *, reason: str) -> None:
        super().__init__(
            f"データベースのフォルダ {folder} が壊れています({reason})。",
            f"The database folder {folder} is damaged ({reason}).",
            remedy_ja="バックアップから戻すか、消してよいデータなら、同じ `--data` を付けて "
            "`./tamaire down --erase` のあと `./tamaire up` を実行してください。",
            remedy="Restore it from a backup, or, if the data may go, run, with the same `--data`, "
            "`./tamaire down --erase` and then `./tamaire up`.",
        )


class DatabaseVersionWrong(Failure):
    """The folder was written by another major version of PostgreSQL."""

    def __init__(self, folder: Path, *, found: str, wanted: str) -> None:
        super().__init__(
            f"データベースのフォルダ {folder} は PostgreSQL {found} のものです"
            f"(必要なのは {wanted})。",
            f"The database folder {folder} was made by PostgreSQL {found}; {wanted} is needed.",
            remedy_ja="別のフォルダを `--data` で指定するか、pg_upgrade で移行してください。",
            remedy="Name another folder with `--data`, or migrate this one with pg_upgrade.",
        )


class DatabaseInUse(Failure):
    """Another postmaster serves this very folder."""

    def __init__(self, folder: Path, *, pid: int) -> None:
        super().__init__(
            f"データベースのフォルダ {folder} は別のプロセス(PID {pid})が使用中です。",
            f"Another process (PID {pid}) is serving the database folder {folder}.",
            remedy_ja=f"`kill {pid}` で止めるか、`--data` で別のフォルダを指定してください。",
            remedy=f"Stop it with `kill {pid}`, or name another folder with `--data`.",
        )


class NoUnprivilegedAccount(Failure):
    """We are root, PostgreSQL refuses root, and there is nobody to hand it to."""

    def __init__(self, *, reason: str) -> None:
        super().__init__(
            f"PostgreSQL は root では動かず、代わりのアカウントも使えません({reason})。",
            f"PostgreSQL refuses to run as root and no other account can be used ({reason}).",
            remedy_ja="ふつうのアカウントで実行するか、`--database-url` で外部の PostgreSQL を"
            "指定してください。",
            remedy="Run this as an ordinary account, or name an external PostgreSQL with "
            "`--database-url`.",
        )


class DatabaseDidNotStart(Failure):
    """The server ended, or fell silent, for a reason only its own log tells."""

    def __init__(self, log: Path, *, last_lines: str) -> None:
        super().__init__(
            f"データベースが起動しませんでした。最後の記録: {last_lines or '(なし)'}",
            f"The database did not start. Its last words: {last_lines or '(none)'}",
            remedy_ja=f"{log} を確かめ、`./tamaire doctor` を実行してください。",
            remedy=f"Read {log} and run `./tamaire doctor`.",
        )


class DatabaseProgramsMissing(Failure):
    """The wheel that carries PostgreSQL is not there, or not for this machine."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"PostgreSQL の実行ファイルが {folder} にありません。",
            f"The programs of PostgreSQL are not in {folder}.",
            remedy_ja=".venv を消して `./tamaire up` をもう一度実行するか、`--database-url` で"
            "外部の PostgreSQL を指定してください。",
            remedy="Remove .venv and run `./tamaire up` again, or name an external PostgreSQL "
            "with `--database-url`.",
        )


class HistoryOff(Failure):
    """Nothing was kept that a past minute could be brought back from."""

    def __init__(self) -> None:
        super().__init__(
            "過去の記録を残す設定になっていません。",
            "No history of the database is kept here.",
            remedy_ja="`./tamaire up --keep-history 7` で起動し直すと、そのときから残ります。"
            "それより前は `./tamaire tenants restore-all` で夜間の控えから戻せます。",
            remedy="Start with `./tamaire up --keep-history 7`; it is kept from then on. What was "
            "before comes from a night's backup: `./tamaire tenants restore-all`.",
        )


class HistoryElsewhere(Failure):
    """Whoever runs the server keeps its history, and brings it back."""

    def __init__(self) -> None:
        super().__init__(
            "外部の PostgreSQL の過去の記録は、ここでは扱いません。",
            "The history of an external PostgreSQL is not kept here.",
            remedy_ja="その PostgreSQL の管理者に、時点復旧(PITR)を頼んでください。",
            remedy="Ask whoever runs that PostgreSQL for point-in-time recovery.",
        )


class HistoryToolMissing(Failure):
    """The server hands its log over with programmes that this machine does not have."""

    def __init__(self, tool: str) -> None:
        super().__init__(
            f"過去の記録を残すのに必要な {tool} が /usr/bin にも /bin にもありません。",
            f"{tool}, which keeps the history, is neither in /usr/bin nor in /bin.",
            remedy_ja=f"{tool} を入れるか、`--keep-history 0` で起動してください。",
            remedy=f"Install {tool}, or start with `--keep-history 0`.",
        )


class HistoryNotKept(Failure):
    """The server did not hand over what a past minute would be brought back from."""

    def __init__(self, words: str) -> None:
        super().__init__(
            f"過去の記録が取れませんでした: {words or '(応答なし)'}",
            f"The history could not be taken: {words or '(no answer)'}",
            remedy_ja="ディスクの空きと log/postgres.log を確かめ、"
            "`./tamaire tenants history --renew` を実行してください。",
            remedy="Look at the free space and at log/postgres.log, and run "
            "`./tamaire tenants history --renew`.",
        )


class NotThatFarBack(Failure):
    """The history begins later than the minute that was asked for."""

    def __init__(self, at: datetime, *, reach: datetime | None) -> None:
        first = "-" if reach is None else reach.astimezone(clock.JST).isoformat(timespec="minutes")
        super().__init__(
            f"{at.isoformat()} までは戻れません。残っているのは {first} からです。",
            f"{at.isoformat()} is out of reach: the history begins at {first}.",
            remedy_ja="それより後の時刻を指定するか、夜間の控えを別の環境に戻してください。",
            remedy="Name a later time, or restore a night's backup into another installation.",
        )


class HistoryInterrupted(Failure):
    """A piece of the log between the base and the minute is missing."""

    def __init__(self, at: datetime) -> None:
        super().__init__(
            f"{at.isoformat()} までの記録が途中で切れています。何も変えていません。",
            f"The history breaks off before {at.isoformat()}. Nothing was changed.",
            remedy_ja="少し前の時刻を指定し、`./tamaire tenants history --renew` で"
            "記録を取り直してください。",
            remedy="Name an earlier time, and begin anew with `./tamaire tenants history --renew`.",
        )


class AnotherPast(Failure):
    """Somebody looks back at this moment; two copies could fill the disk."""

    def __init__(self) -> None:
        super().__init__(
            "別の人が過去の状態を開いています。",
            "Somebody else is looking back at this moment.",
            remedy_ja="終わるのを待って、もう一度実行してください。",
            remedy="Wait until they are done, and run it again.",
        )
