"""`tamaire keys`: which keys sign our tokens, and how they are changed while everything runs.

The command writes files; each gateway looks at them twice a second, and services read the new
public keys when a token names one they have not seen. Nothing is restarted and no token refused.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from foundation.clock import JST
from foundation.identity.key_ring import KINDS, KeyRing, Kind

from .client_key import generate
from .failures import Failure, explained
from .folder import DEFAULT_DATA, DataFolder
from .voice import Voice

LEAD = timedelta(minutes=2)
"""How long a key is published before it signs: twice the time for which others keep our keys."""

Data = Annotated[Path, typer.Option("--data", help="データフォルダ / data folder.")]
Directory = Annotated[
    Path | None,
    typer.Option("--keys", help="鍵の置き場 / the gateway's own folder of keys."),
]
AsJson = Annotated[bool, typer.Option("--json", help="機械向けに JSON で答える / answer in JSON.")]
Which = Annotated[
    str,
    typer.Option("--only", help="access-tokens か internal だけ / only one of the two kinds."),
]

app = typer.Typer(
    help="トークンに署名する鍵を見る・替える / See and change the keys that sign tokens.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
)


app.command("generate")(generate)


class NoKeys(Failure):
    """The folder has no keys of a gateway: none has ever been started on it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} に入口(ゲートウェイ)の鍵がありません。",
            f"There are no keys of a gateway in {folder}.",
            remedy_ja="一度 `./tamaire up` で起動するか、`--data` か `--keys` で鍵のある"
            "フォルダを指定してください。",
            remedy="Start once with `./tamaire up`, or name the folder with `--data` or `--keys`.",
        )


class UnknownKind(Failure):
    """There is no such kind of key."""

    def __init__(self, name: str) -> None:
        known = ", ".join(kind.folder for kind in KINDS)
        super().__init__(
            f"「{name}」という種類の鍵はありません。",
            f"There is no kind of key called {name}.",
            remedy_ja=f"次のどれかを指定してください: {known}",
            remedy=f"Name one of: {known}",
        )


@app.command("list")
def show(*, data: Data = DEFAULT_DATA, keys: Directory = None, as_json: AsJson = False) -> None:
    """いまの鍵と、その段階を見る / Show each key and where it stands."""
    _show(_directory(data, keys), Voice(as_json=as_json))


@app.command()
def rotate(
    *,
    data: Data = DEFAULT_DATA,
    keys: Directory = None,
    only: Which = "",
    lead: Annotated[
        float, typer.Option("--lead", min=0, help="公開から使用までの秒数 / seconds until used.")
    ] = LEAD.total_seconds(),
    betrayed: Annotated[
        bool,
        typer.Option(
            "--betrayed",
            help="漏れたとき: いますぐ全部を無効にする / leaked: believe nothing signed until now.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """次の鍵を使い始め、その次を公開する / Use the next key and publish the one after it."""
    directory, voice = _directory(data, keys), Voice(as_json=as_json)
    for kind in _chosen(only):
        change(directory, kind, lead=timedelta(seconds=lead), betrayed=betrayed)
    _show(directory, voice)


def change(directory: Path, kind: Kind, *, lead: timedelta, betrayed: bool = False) -> None:
    """Rotate the keys of one kind.

    Args:
        directory: the gateway's own folder of keys.
        kind: which keys.
        lead: how long a key is published before it signs.
        betrayed: the keys are known to somebody else, so nothing they signed is believed any
            more; everybody signs in again.

    Raises:
        NoKeys: there are none.
        FolderUnwritable, DiskFull: the folder cannot be written.
    """
    try:
        ring = KeyRing(directory, kind)
        if betrayed:
            ring.replace()
        else:
            ring.rotate(lead=lead)
    except ValueError as error:
        raise NoKeys(directory) from error
    except OSError as error:
        raise explained(error, directory) from error


def _show(directory: Path, voice: Voice) -> None:
    table, found = Table.grid(padding=(0, 3)), list[dict[str, str | None]]()
    for kind in KINDS:
        try:
            states = KeyRing(directory, kind).states()
        except (OSError, ValueError) as error:
            raise NoKeys(directory) from error
        for key, state, kid in states:
            table.add_row(kind.folder, key.name, str(state), _time(key.used_from), kid)
            found.append(
                {
                    "kind": kind.folder,
                    "name": key.name,
                    "kid": kid,
                    "state": str(state),
                    "published_at": key.published_at.isoformat(),
                    "used_from": key.used_from.isoformat() if key.used_from else None,
                }
            )
    voice.panel("署名の鍵 / signing keys", table)
    voice.answer(found)


def _directory(data: Path, keys: Path | None) -> Path:
    return keys if keys is not None else DataFolder(data.resolve()).keys / "gateway"


def _chosen(name: str) -> Sequence[Kind]:
    chosen = [kind for kind in KINDS if name in ("", kind.folder)]
    if not chosen:
        raise UnknownKind(name)
    return chosen


def _time(at: datetime | None) -> str:
    return "待機 / waits" if at is None else f"{at.astimezone(JST):%Y-%m-%d %H:%M:%S}"
