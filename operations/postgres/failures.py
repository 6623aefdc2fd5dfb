"""What can stand in the way of the database, each with the way out."""

from pathlib import Path

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
