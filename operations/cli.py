"""The `tamaire` command: one word for each thing an office wants of its machine."""

import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from .failures import Failure
from .supervision.down import down as stop
from .supervision.house import StopRequested
from .supervision.up import Wanted, up as stand
from .voice import Voice

_ROOT = Path(__file__).parents[1]
_DEFAULT_DATA = _ROOT / ".tamaire"
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

app = typer.Typer(
    name="tamaire",
    help="自治体共通サービス Tamaire を動かす / Run the municipalities' shared service.",
    no_args_is_help=True,
    add_completion=False,
    # A trace with local variables would show passwords and residents.
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
)


@app.command()
def up(
    *,
    port: Port = 8200,
    data: Data = _DEFAULT_DATA,
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
) -> None:
    """すべてを起動する / Start everything and stand until Ctrl+C."""
    stand(Wanted(data=data, port=port, database_url=database_url), Voice(as_json=as_json))


@app.command()
def down(
    *,
    data: Data = _DEFAULT_DATA,
    erase: Annotated[
        bool, typer.Option("--erase", help="データと鍵も消す / remove data and keys, too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """起動中のものを止める / Stop the instance of a data folder."""
    stop(data, Voice(as_json=as_json), erase=erase)


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
