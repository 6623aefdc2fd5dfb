"""The `tamaire` command: one word for each thing an office wants of its machine."""

import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from .checking import CHECKS, ROOT, examine as examine_sources, quick_checks
from .doctor import examine as examine_machine
from .failures import Failure
from .folder import DEFAULT_DATA
from .imports.cli import app as imports
from .keys import app as keys
from .limits import app as limits
from .portability.cli import app as tenants
from .portability.past_cli import app as looking_back
from .postgres.history import MOST_DAYS
from .resetting import app as sandbox
from .settings import OperationsSettings
from .supervision.down import down as stop
from .supervision.house import StopRequested
from .supervision.prepare import migrate as bring_to_present, prepare_external
from .supervision.readiness import fetch
from .supervision.restarting import restart as restart_running
from .supervision.status import running, status as show_status
from .supervision.steps import AFTER_OPENING, BEFORE_OPENING, SCHEMA
from .supervision.up import Wanted, up as stand
from .tenants.cli import app as membership
from .voice import Voice

_INTERRUPTED = 130

Data = Annotated[Path, typer.Option("--data", help="データフォルダ / data folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="機械向けに JSON で答える / answer in JSON.")]
Port = Annotated[
    int, typer.Option("--port", min=1, max=65534, help="入口のポート / the gateway's port.")
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option("--database-url", help="外部の PostgreSQL 18+ / an administrator's URL."),
]
KeepHistory = Annotated[
    int | None,
    typer.Option(
        "--keep-history",
        min=0,
        max=MOST_DAYS,
        help="過去に戻れる日数。0 でやめて消す / days a past minute can be brought back.",
    ),
]

app = typer.Typer(
    name="tamaire",
    help="自治体共通サービス Tamaire を動かす / Run the municipalities' shared service.",
    no_args_is_help=True,
    add_completion=False,
    # A trace with local variables would show passwords and residents.
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
)
app.add_typer(keys, name="keys")
app.add_typer(sandbox, name="sandbox")
app.add_typer(limits, name="limits")
app.add_typer(imports, name="imports")
tenants.registered_commands += membership.registered_commands
tenants.registered_commands += looking_back.registered_commands
app.add_typer(tenants, name="tenants")


@app.command()
def up(
    *,
    port: Port = 8200,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
    keep_history: KeepHistory = None,
) -> None:
    """すべてを起動する / Start everything and stand until Ctrl+C."""
    wanted = Wanted(data=data, port=port, database_url=database_url, keep_history=keep_history)
    stand(wanted, Voice(as_json=as_json))


@app.command()
def down(
    *,
    data: Data = DEFAULT_DATA,
    erase: Annotated[
        bool, typer.Option("--erase", help="データと鍵も消す / remove data and keys, too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """起動中のものを止める / Stop the instance of a data folder."""
    stop(data, Voice(as_json=as_json), erase=erase)


@app.command()
def restart(
    names: Annotated[
        list[str] | None, typer.Argument(help="gateway, benefits, …; すべて / all.")
    ] = None,
    *,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """順に再起動する / Replace the running processes one by one; no request is refused."""
    running(data)
    restart_running(data, Voice(as_json=as_json), names=names or [])


@app.command()
def status(*, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """起動中のものを見る / Show what is running and whether it answers."""
    if not show_status(data, Voice(as_json=as_json)):
        raise typer.Exit(1)


@app.command()
def doctor(
    *,
    port: Annotated[
        int | None,
        typer.Option("--port", min=1, max=65534, help="入口のポート / the gateway's port."),
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """この機械とデータを診る / Look for what stands in the way, each with its remedy."""
    examine_machine(data, Voice(as_json=as_json), port=port)


@app.command("test")
def check(
    *,
    quick: Annotated[
        bool, typer.Option("--quick", help="変更の近くだけ、約 1 分 / only what is near a change.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """すべての検査をする / Run every check: format, lint, types, imports, tests."""
    voice = Voice(as_json=as_json)
    examine_sources(quick_checks(ROOT) if quick else CHECKS, voice)
    if quick:
        voice.note("すべての検査ではありません: ./tamaire test", "not every check: ./tamaire test")


@app.command()
def migrate(*, data: Data = DEFAULT_DATA, database_url: DatabaseUrl = None) -> None:
    """表だけを最新にする / Bring roles and tables to the present, and nothing else."""
    bring_to_present(data, Voice(), steps=SCHEMA, url=database_url)


@app.command()
def prepare(
    *,
    folders: Annotated[Path, typer.Option("--folders", help="鍵などの置き場 / where keys go.")],
    opened: Annotated[
        bool, typer.Option("--opened", help="入口が開いたあとの分 / the part after opening.")
    ] = False,
) -> None:
    """コンテナ用の準備 / Prepare the database named by TAMAIRE_OPERATIONS_DATABASE_URL."""
    settings = OperationsSettings.from_environment()
    prepare_external(
        settings.required_database_url(),
        Voice(),
        passwords=settings.passwords(folders),
        folders=folders,
        steps=AFTER_OPENING if opened else BEFORE_OPENING,
    )


@app.command()
def demo(
    name: Annotated[
        str, typer.Argument(help="resident, counter, consultation, vendor; すべて / all.")
    ] = "all",
    *,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """実際の流れを演じる / Play a person's real journey against the running instance."""
    from .demo import play  # noqa: PLC0415 - would slow every other command

    base_url = running(data).base_url
    raise typer.Exit(play(name, base_url, data.resolve(), as_json=as_json))


@app.command()
def audit(*, data: Data = DEFAULT_DATA) -> None:
    """監査証跡が封印と合うか確かめる / Check the trail against its seals."""
    from .supervision.trail import verify as verify_trail  # noqa: PLC0415 - would slow every other command

    if not verify_trail(data, Voice()):
        raise typer.Exit(1)


@app.command()
def openapi(*, data: Data = DEFAULT_DATA) -> None:
    """全体の OpenAPI を出力する / Print the OpenAPI of the running whole."""
    sys.stdout.write(fetch(running(data).port, "/openapi.json"))


def main() -> None:
    """Run the command; a failure is a sentence and a status, never a trace."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app(prog_name="./tamaire")
    except Failure as failure:
        Voice(as_json="--json" in sys.argv).failure(failure)
        sys.exit(failure.exit_status)
    except (KeyboardInterrupt, StopRequested):
        sys.exit(_INTERRUPTED)
