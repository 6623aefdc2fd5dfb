"""`tamaire tenants export|import|verify …`: what a municipality brings, takes along, or has erased.

Whatever moves a whole municipality's data takes two people: who asks and who agrees.
"""

import asyncio
import getpass
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from operations.folder import DEFAULT_DATA
from operations.voice import Voice

Data = Annotated[Path, typer.Option("--data", help="データフォルダ / data folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="機械向けに JSON で答える / answer in JSON.")]
Code = Annotated[str, typer.Argument(help="自治体の 6 桁コード / the municipality's code.")]
By = Annotated[str, typer.Option("--by", help="申請した人 / who asks; you, by default.")]
Confirmed = Annotated[
    str, typer.Option("--confirmed-by", help="承認した別の管理者 / another administrator.")
]
Passphrase = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="合言葉のファイル / a file with the passphrase."),
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option("--database-url", help="外部の PostgreSQL の管理者 / its administrator's URL."),
]
Archived = Annotated[Path, typer.Argument(help="書き出したもの / the archive: a folder or .tar.")]

app = typer.Typer(
    help="自治体を載せる・出す・消す・合わせる / Municipalities come, go, end and merge.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
)


@app.command()
def export(  # noqa: PLR0913 - each is an option of the command line
    code: Code,
    to: Annotated[Path, typer.Argument(help="置き場所。.tar なら 1 ファイル / where; or a .tar.")],
    *,
    confirmed_by: Confirmed,
    by: By = "",
    passphrase_file: Passphrase = None,
    database_url: DatabaseUrl = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """すべてを公開形式で書き出す / Write everything in an open format, as of one instant."""
    from . import premises  # noqa: PLC0415 - would slow every other command

    voice, house = Voice(as_json=as_json), premises.of(data, url=database_url)
    with voice.step(f"{code} を書き出す", f"export {code}"):
        manifest = asyncio.run(
            premises.export_ordered(
                house,
                code,
                to.resolve(),
                passphrase=_passphrase(passphrase_file, twice=True),
                people=(by or getpass.getuser(), confirmed_by),
            )
        )
    _tell(voice, str(to), manifest.totals)
    voice.note(
        "合言葉は、こちらには残りません。なくすと封印された欄は読めません。",
        "the passphrase is kept nowhere here; without it sealed fields cannot be read",
    )


@app.command("import")
def import_(
    archive: Archived,
    *,
    by: By = "",
    passphrase_file: Passphrase = None,
    database_url: DatabaseUrl = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """書き出したものを新しい環境に取り込む / Import into an installation without its data."""
    from . import premises  # noqa: PLC0415 - would slow every other command

    voice, house = Voice(as_json=as_json), premises.of(data, url=database_url)
    with voice.step(f"{archive} を取り込む", f"import {archive}"):
        arrived = asyncio.run(
            premises.import_ordered(
                house,
                archive.resolve(),
                passphrase=_passphrase(passphrase_file, twice=False),
                by=by or getpass.getuser(),
            )
        )
    _tell(voice, arrived.manifest.code, {"rows": arrived.rows, **arrived.manifest.totals})


@app.command()
def verify(archive: Archived, *, as_json: AsJson = False) -> None:
    """書き出したものを、データベースなしで確かめる / Check an archive without a database."""
    from . import premises  # noqa: PLC0415 - would slow every other command

    voice = Voice(as_json=as_json)
    with voice.step(f"{archive} を確かめる", f"verify {archive}"):
        manifest, sealed = asyncio.run(premises.verified(archive.resolve()))
    _tell(voice, manifest.code, {**manifest.totals, "sealed_entries": sealed})


def _passphrase(file: Path | None, *, twice: bool) -> str:
    if file is not None:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    asked: str = typer.prompt(
        "合言葉 / passphrase", hide_input=True, confirmation_prompt=twice, err=True
    )
    return asked


def _tell(voice: Voice, title: str, figures: Mapping[str, Any]) -> None:
    voice.answer({"of": title, **figures})
    table = Table.grid(padding=(0, 3))
    for name, figure in figures.items():
        table.add_row(name, f"{figure:,}" if isinstance(figure, int) else str(figure))
    voice.panel(title, table)
