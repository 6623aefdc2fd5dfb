"""`tamaire sandbox reset`: the municipality that is none, as it was on its first day."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from .folder import DEFAULT_DATA, DataFolder
from .supervision.databases import database_of
from .supervision.status import running
from .voice import Voice

Data = Annotated[Path, typer.Option("--data", help="データフォルダ / data folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="機械向けに JSON で答える / answer in JSON.")]

app = typer.Typer(
    help="事業者が試す「試験市」を扱う / The municipality in which vendors try things.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
)


@app.callback()
def sandbox() -> None:
    """事業者が試す「試験市」を扱う / The municipality in which vendors try things."""


@app.command()
def reset(*, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """試験市を最初の状態に戻す / Undo what was tried; registers, keys and clients stay."""
    from .sandbox import clear, furnish  # noqa: PLC0415 - would slow every other command

    voice, instance = Voice(as_json=as_json), running(data)
    folder = DataFolder(data.resolve())
    server = database_of(folder, instance)
    with voice.step("試したものを片づける", "clear away what was tried"):
        removed = asyncio.run(clear(server.dsn))
    with voice.step("給付金と窓口を用意する", "programmes and windows"):
        asyncio.run(furnish(instance.base_url, folder.root))
    if voice.is_for_a_machine:
        voice.answer({"removed_rows": removed})
    voice.note(f"{removed} 行を消しました", f"{removed} rows removed")
