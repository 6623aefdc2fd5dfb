"""`tamaire tenants export|import|verify …`: what a municipality brings, takes along, or has erased.

Whatever moves a whole municipality's data takes two people: who asks and who agrees.
"""

import asyncio
import getpass
from collections.abc import Mapping
from datetime import datetime
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
                passphrase=asked_for(passphrase_file, twice=True),
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
                passphrase=asked_for(passphrase_file, twice=False),
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


@app.command()
def erase(  # noqa: PLR0913 - each is an option of the command line
    code: Code,
    *,
    confirmed_by: Confirmed,
    ground: Annotated[str, typer.Option("--ground", help="消去の根拠 / on what ground.")],
    by: By = "",
    database_url: DatabaseUrl = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """退会した自治体のすべてを消し、証明書を出す / Erase whoever left, and certify it."""
    from . import premises  # noqa: PLC0415 - would slow every other command
    from .erasure import Order  # noqa: PLC0415 - likewise

    voice, house = Voice(as_json=as_json), premises.of(data, url=database_url)
    order = Order(code=code, by=by or getpass.getuser(), confirmed_by=confirmed_by, ground=ground)
    with voice.step(f"{code} を消去する", f"erase {code}"):
        certificate = asyncio.run(premises.erasure_ordered(house, order))
    voice.line(certificate)
    voice.answer({"certificate": certificate, "key": premises.certificate_key(house)})


@app.command()
def certificate(
    file: Annotated[Path, typer.Argument(help="消去証明書 / the certificate.")],
    *,
    key: Annotated[str, typer.Option("--key", help="公開鍵 / the public key you were given.")],
    as_json: AsJson = False,
) -> None:
    """消去証明書を確かめる / Check a certificate of erasure; needs nothing of ours."""
    from .certificate import checked  # noqa: PLC0415 - would slow every other command

    said = checked(file.read_text(encoding="utf-8"), public=key)
    voice = Voice(as_json=as_json)
    voice.note(f"署名は正しいです: {said['municipality_code']}", "the signature is right")
    voice.answer(said)


@app.command("certificate-key")
def certificate_key(*, data: Data = DEFAULT_DATA) -> None:
    """証明書の公開鍵を出す / Print the public key; give it to a town when it comes on board."""
    from . import premises  # noqa: PLC0415 - would slow every other command

    Voice().line(premises.certificate_key(premises.of(data)))


@app.command()
def merge(  # noqa: PLR0913 - each is an option of the command line
    codes: Annotated[list[str], typer.Argument(help="合併される自治体 / those that join.")],
    *,
    into: Annotated[str, typer.Option("--into", help="合併先のコード / the one they join.")],
    confirmed_by: Confirmed,
    by: By = "",
    on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="合併の日 / the day; today by default."),
    ] = None,
    for_real: Annotated[
        bool, typer.Option("--for-real", help="実行する。なければ予行 / else a rehearsal.")
    ] = False,
    database_url: DatabaseUrl = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """合併する。まずは予行 / Merge; a rehearsal at first, which keeps nothing."""
    from foundation import clock  # noqa: PLC0415 - would slow every other command

    from . import premises  # noqa: PLC0415 - likewise
    from .merging import Merger  # noqa: PLC0415 - likewise

    voice, house = Voice(as_json=as_json), premises.of(data, url=database_url)
    merger = Merger(joining=codes, into=into, on=on.date() if on else clock.today())
    with voice.step(f"{into} への合併", f"merger into {into}"):
        report = asyncio.run(
            premises.merger_ordered(
                house, merger, people=(by or getpass.getuser(), confirmed_by), rehearse=not for_real
            )
        )
    _tell(voice, into, {**report.after, "renamed": len(report.renamed)})
    if report.rehearsed:
        voice.note("予行です。何も変わっていません", "a rehearsal: nothing was changed")


@app.command()
def backup(
    *,
    into: Annotated[
        Path | None, typer.Option("--into", help="置き場所 / where; <data>/backups by default.")
    ] = None,
    keep: Annotated[int, typer.Option("--keep", min=1, help="残す数 / how many to keep.")] = 30,
    database_url: DatabaseUrl = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """自治体ごとの鍵で閉じた控えをとる / Back every municipality up, each under its own key."""
    from . import premises  # noqa: PLC0415 - would slow every other command

    voice, house = Voice(as_json=as_json), premises.of(data, url=database_url)
    with voice.step("控えをとる", "back up"):
        files = asyncio.run(premises.backed_up(house, into, keep=keep))
    _tell(voice, str(files[0].parent) if files else "-", {"municipalities": len(files)})


@app.command("restore-all")
def restore_all(
    source: Annotated[Path, typer.Argument(help="一晩の控え / the folder of one night.")],
    *,
    database_url: DatabaseUrl = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """空の環境に控えを戻す。消去ずみは戻らない / Restore a night; whoever was erased stays gone."""
    from . import premises  # noqa: PLC0415 - would slow every other command

    voice, house = Voice(as_json=as_json), premises.of(data, url=database_url)
    with voice.step("控えから戻す", "restore"):
        restored = asyncio.run(premises.restored(house, source.resolve()))
    figures = {one.manifest.code: one.rows for one in restored.arrived}
    _tell(voice, str(source), {**figures, "erased": ", ".join(restored.erased) or "-"})


@app.command("enforce-erasures")
def enforce_erasures(
    *, database_url: DatabaseUrl = None, data: Data = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """戻したデータベースから、消去ずみの自治体を消す / Sweep a restored database by the list."""
    from . import premises  # noqa: PLC0415 - would slow every other command

    voice, house = Voice(as_json=as_json), premises.of(data, url=database_url)
    with voice.step("消去の記録を当てる", "apply the list of erasures"):
        swept = asyncio.run(premises.swept(house))
    _tell(voice, "消去 / erased", swept)


def asked_for(file: Path | None, *, twice: bool) -> str:
    """Return the passphrase of a file, or ask for it; it is kept nowhere."""
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
