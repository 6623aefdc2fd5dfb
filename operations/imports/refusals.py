"""Why a register was not handed in: each refusal says what to do instead."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import httpx

from operations.failures import Failure


class Refused(Failure):
    """The house did not do it; its own words say why, and what to do."""

    def __init__(self, answer: httpx.Response) -> None:
        problem = document_of(answer)
        title = str(problem.get("title", problem.get("error", answer.status_code)))
        said_ja = [str(problem.get("title_ja", title)), str(problem.get("detail_ja", ""))]
        said = [title, str(problem.get("detail", ""))]
        super().__init__(
            " ".join(filter(None, said_ja)),
            " ".join(filter(None, said)),
            remedy_ja=str(problem.get("remedy_ja", "接続先と認証の指定を確認してください。")),
            remedy=str(problem.get("remedy", "Look at the address and the credentials you gave.")),
        )


class Unreachable(Failure):
    """Nobody answers at that address, or the line broke again and again."""

    def __init__(self, base_url: str) -> None:
        super().__init__(
            f"{base_url} につながらないか、途中で何度も切れました。",
            f"{base_url} cannot be reached, or the line broke again and again.",
            remedy_ja="接続先(--url)と回線を確認して、もう一度実行してください。同じファイルを"
            "二度送っても、二重に取り込まれることはありません。",
            remedy="Look at the address (--url) and the line, and run it again. The same file sent "
            "twice is not taken in twice.",
        )


class InTheOpen(Failure):
    """A register would travel over a network that others can read."""

    def __init__(self, base_url: str) -> None:
        super().__init__(
            f"{base_url} への通信は暗号化されません。何も送っていません。",
            f"What goes to {base_url} is not encrypted. Nothing was sent.",
            remedy_ja="https:// で始まる接続先を指定してください。",
            remedy="Name an address that begins with https://.",
        )


class NoSuchFile(Failure):
    """There is no file of that name, or it may not be read."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} を読めません。",
            f"{path} cannot be read.",
            remedy_ja="ファイルの名前と権限を確認してください。",
            remedy="Look at its name and permissions.",
        )


class DamagedPackage(Failure):
    """The file is called .gz and cannot be unpacked."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} は gzip として展開できません。",
            f"{path} cannot be unpacked as gzip.",
            remedy_ja="圧縮し直すか、圧縮せずに指定してください。",
            remedy="Pack it again, or name it unpacked.",
        )


class PlaceTaken(Failure):
    """Something is already where the lines to mend would be written."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} はすでにあります。上書きしません。",
            f"{path} exists already and is not written over.",
            remedy_ja="`--faulty-rows` で別の名前を指定してください。",
            remedy="Give another name with `--faulty-rows`.",
        )


class NotCsvInside(Failure):
    """Somewhere in the file its lines cannot be told apart; nothing of it was taken."""

    def __init__(self) -> None:
        super().__init__(
            "ファイルの途中に、CSV として読み取れないところがあります。何も取り込んでいません。",
            "Somewhere in the file it is not CSV. Nothing was taken in.",
            remedy_ja="二重引用符が閉じているか確認して、出力し直してください。",
            remedy="See that every quotation mark is closed, and export it again.",
        )


class FaultsRemain(Failure):
    """Lines would be left out, and nobody has said that they may."""

    def __init__(self, import_id: str, *, count: int) -> None:
        super().__init__(
            f"直すべき行が {count:,} 行あるため、取り込んでいません。",
            f"{count:,} lines are to be mended; nothing was taken in.",
            remedy_ja="直して送り直すか、残りの行だけを取り込むなら "
            f"`./tamaire imports confirm {import_id} --leave-out-faulty` を実行してください。",
            remedy="Mend them and send the file again, or let the others in with "
            f"`./tamaire imports confirm {import_id} --leave-out-faulty`.",
        )


def document_of(answer: httpx.Response) -> Mapping[str, Any]:
    """Return the problem an answer carries (RFC 9457), or nothing."""
    try:
        body = answer.json()
    except ValueError:
        return {}
    return cast("dict[str, Any]", body) if isinstance(body, dict) else {}
