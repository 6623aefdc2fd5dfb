"""What can stand in the way of the house as a whole."""

from collections.abc import Sequence
from pathlib import Path

from operations.failures import Failure


class PortTaken(Failure):
    """Another process listens where we are to listen."""

    def __init__(self, port: int, *, use: str, free: int, option: str = "") -> None:
        super().__init__(
            f"ポート {port}({use})は別のプロセスが使用中です。",
            f"Port {port} ({use}) is in use by another process.",
            remedy_ja=f"`./tamaire up --port {free}{option}` で別のポートを使ってください。",
            remedy=f"Use another one: `./tamaire up --port {free}{option}`.",
        )


class PortForbidden(Failure):
    """The system does not let this account listen there."""

    def __init__(self, port: int, *, free: int, option: str = "") -> None:
        super().__init__(
            f"ポート {port} を開く権限がありません。",
            f"This account may not listen on port {port}.",
            remedy_ja=f"`./tamaire up --port {free}{option}` のように 1024 以上のポートを"
            "使ってください。",
            remedy=f"Use one from 1024 up: `./tamaire up --port {free}{option}`.",
        )


class ProcessEnded(Failure):
    """A process of the house ended before the house was ready."""

    def __init__(self, name: str, *, status: int, last_lines: str, log: Path) -> None:
        super().__init__(
            f"{name} が起動できずに終わりました(状態 {status})。"
            f"最後の記録: {last_lines or '(なし)'}",
            f"{name} ended while starting (status {status}). Its last words: "
            f"{last_lines or '(none)'}",
            remedy_ja=f"{log} を確かめ、`./tamaire doctor` を実行してください。",
            remedy=f"Read {log} and run `./tamaire doctor`.",
        )


class NotReadyInTime(Failure):
    """Every process runs, and yet the gateway does not call the house ready."""

    def __init__(self, *, seconds: int, unready: Sequence[str], logs: Path) -> None:
        names = ", ".join(unready) or "gateway"
        super().__init__(
            f"{seconds} 秒待っても準備ができません(未完了: {names})。",
            f"Not ready after {seconds} seconds (waiting for: {names}).",
            remedy_ja=f"{logs} の記録を確かめ、`./tamaire doctor` を実行してください。",
            remedy=f"Read the logs in {logs} and run `./tamaire doctor`.",
        )


class StepFailed(Failure):
    """A step of preparation ended in a way nobody foresaw; its trace is in the log."""

    def __init__(self, step: str, *, error: BaseException, log: Path | None) -> None:
        reason = f"{type(error).__name__}: {error}".strip().rstrip(":")
        where = str(log) if log else "stderr"
        super().__init__(
            f"準備の途中「{step}」で失敗しました({reason})。",
            f'Preparation failed at "{step}" ({reason}).',
            remedy_ja=f"{where} の記録を確かめてください。直したあとの `./tamaire up` は"
            "続きから始まります。",
            remedy=f"Read {where}. Once mended, `./tamaire up` goes on from there.",
        )


class DatabaseUnreachable(Failure):
    """The PostgreSQL of `--database-url` does not let us in, or is too old."""

    def __init__(self, *, reason: str) -> None:
        super().__init__(
            f"`--database-url` の PostgreSQL を使えません({reason})。",
            f"The PostgreSQL of `--database-url` cannot be used ({reason}).",
            remedy_ja="PostgreSQL 18 以降で、ロールとデータベースを作れるアカウントの URL を"
            "指定してください。",
            remedy="Name a PostgreSQL 18 or later, as an account that may create roles and "
            "databases.",
        )
