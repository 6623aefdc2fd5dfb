"""`tamaire tenants restore|history`: a municipality at a past minute, and how far back one can go.

Looking takes one person. Putting back takes two.
"""

import getpass
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from operations.folder import DEFAULT_DATA
from operations.voice import Voice

from .cli import Passphrase, asked_for

if TYPE_CHECKING:
    from .restoring import Copy, Looked, Wish

Data = Annotated[Path, typer.Option("--data", help="データフォルダ / data folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="機械向けに JSON で答える / answer in JSON.")]

app = typer.Typer()


@app.command()
def restore(  # noqa: PLR0913 - each is an option of the command line
    *,
    code: Annotated[str, typer.Option("--code", help="自治体の 6 桁コード / the code.")],
    at: Annotated[str, typer.Option("--at", help="時刻 / the minute: 2026-11-24T10:15+09:00.")],
    take: Annotated[
        str,
        typer.Option("--take", help="戻す表。カンマ区切りか all / tables to put back, or all."),
    ] = "",
    export: Annotated[
        Path | None,
        typer.Option("--export", help="その時刻のすべてを書き出す先 / an archive of that minute."),
    ] = None,
    passphrase_file: Passphrase = None,
    by: Annotated[str, typer.Option("--by", help="申請した人 / who asks; you, by default.")] = "",
    confirmed_by: Annotated[
        str, typer.Option("--confirmed-by", help="承認した別の管理者 / another administrator.")
    ] = "",
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """過去のある時刻と今を比べ、指定した表を戻す / Compare with a past minute, and put back."""
    from . import premises  # noqa: PLC0415 - would slow every other command
    from .restoring import Wish, look_back  # noqa: PLC0415 - likewise
    from .taking import chosen  # noqa: PLC0415 - likewise

    voice = Voice(as_json=as_json)
    wish = Wish(
        code=code,
        at=_instant(at),
        by=by or getpass.getuser(),
        confirmed_by=confirmed_by,
        tables=chosen(take) if take else (),
        copy=_copy(export, passphrase_file),
    )
    waiting = lambda: voice.note("その時刻まで読み直しています", "reading up to that minute")  # noqa: E731 - a name for it
    with voice.step(f"{code} の {at} を開く", f"open {code} as of {at}"):
        looked = look_back(premises.site_of(data), wish, on_wait=waiting)
    _tell_looked(voice, wish, looked)


@app.command()
def history(
    *,
    renew: Annotated[
        bool, typer.Option("--renew", help="必要なら取り直す / take a base if one is due.")
    ] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """どこまで過去に戻れるかを見る / Show how far back a municipality can be restored."""
    from . import premises  # noqa: PLC0415 - would slow every other command

    voice, kept = Voice(as_json=as_json), premises.own_database(data).history
    if renew:
        kept.renew()
    bases = [base.whole_at.isoformat(timespec="seconds") for base in kept.bases()]
    figures: dict[str, Any] = {
        "days": kept.days,
        "since": bases[0] if bases else None,
        "bases": len(bases),
        "megabytes": round(kept.size_bytes() / 1_000_000, 1),
    }
    voice.answer(figures)
    _tell(voice, "過去の記録 / history", figures)


_KINDS = {"added": "追加 / added", "removed": "削除 / removed", "changed": "変更 / changed"}
_A_FEW = 5


def _tell_looked(voice: Voice, wish: "Wish", looked: "Looked") -> None:
    taken = None if looked.taken is None else asdict(looked.taken)
    voice.answer(
        {
            "of": wish.code,
            "at": wish.at.isoformat(),
            "tables": [asdict(one) for one in looked.differences],
            "put_back": taken,
        }
    )
    table = Table.grid(padding=(0, 3))
    for one in looked.differences:
        for kind, count in one.counts.items():
            columns = " ".join(one.columns) if kind == "changed" else ""
            table.add_row(one.table, _KINDS[kind], f"{count:,}", _some(one.rows[kind]), columns)
    voice.panel(f"{wish.code} {wish.at.isoformat()} → 今 / now", table)
    if taken is not None:
        _tell(voice, "戻した行 / put back", {**taken["rows"], "保護中 / kept": taken["withheld"]})


def _copy(to: Path | None, passphrase_file: Path | None) -> "Copy | None":
    from .restoring import Copy  # noqa: PLC0415 - would slow every other command

    if to is None:
        return None
    return Copy(path=to.resolve(), passphrase=asked_for(passphrase_file, twice=True))


def _some(rows: Sequence[str]) -> str:
    more = " …" if len(rows) > _A_FEW else ""
    return " ".join(rows[:_A_FEW]) + more


def _instant(text: str) -> datetime:
    from .refusals import NotATime  # noqa: PLC0415 - would slow every other command

    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise NotATime(text) from error
    if at.utcoffset() is None:
        raise NotATime(text)
    return at


def _tell(voice: Voice, title: str, figures: dict[str, Any]) -> None:
    table = Table.grid(padding=(0, 3))
    for name, figure in figures.items():
        table.add_row(name, str(figure))
    voice.panel(title, table)
