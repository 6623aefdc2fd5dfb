"""`tamaire tenants onboard|show|list|pause|resume|leave|stay|close`: for the operators."""

import getpass
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from foundation.identifiers import MunicipalityCode
from operations.folder import DEFAULT_DATA, DataFolder
from operations.limits import NoSuchCode
from operations.supervision.status import running
from operations.voice import Voice

from .refusals import NotForEverybody, NothingNamed

Data = Annotated[Path, typer.Option("--data", help="データフォルダ / data folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="機械向けに JSON で答える / answer in JSON.")]
Code = Annotated[str, typer.Argument(help="自治体の 6 桁コード / the municipality's code.")]
Reason = Annotated[str, typer.Option("--reason", help="記録に残す理由 / why, for the record.")]
Message = Annotated[
    str, typer.Option("--message", help="来た人に示す文(公開) / what whoever comes is told.")
]
InEnglish = Annotated[str, typer.Option("--message-en", help="英語で / the same in English.")]

_PAUSED: Final = "ただいま、オンラインのサービスを休止しています。"
_PAUSED_EN: Final = "The online services are paused at the moment."

app = typer.Typer()
"""Its commands stand beside those that move a municipality's data, under `tamaire tenants`."""


@app.command()
def onboard(  # noqa: PLR0913 - each is an option of the command line
    code: Annotated[str, typer.Argument(help="6 桁コード / the code of six digits.")] = "",
    *,
    everybody: Annotated[
        bool, typer.Option("--all", help="すべての市区町村 / all municipalities of Japan.")
    ] = False,
    administrator: Annotated[
        list[str] | None,
        typer.Option("--administrator", help="最初の管理者(メールか職員番号) / e-mail or number."),
    ] = None,
    directory: Annotated[
        Path | None,
        typer.Option(
            "--directory", help="職員の認証基盤(JSON) / the officials' directory, a file."
        ),
    ] = None,
    sample_residents: Annotated[
        bool, typer.Option("--sample-residents", help="架空の住民も / invented residents, too.")
    ] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """自治体の利用を開始する / Take a municipality on, on trial; nothing is restarted."""
    voice = Voice(as_json=as_json)
    if everybody:
        if code or administrator or directory or sample_residents:
            raise NotForEverybody
        _onboard_all(data, voice)
        return
    known = _known(code)
    from . import newcomer  # noqa: PLC0415 - would slow every other command

    with voice.step(f"{known} の利用を開始する", f"take {known} on"):
        made = newcomer.take_on(
            data,
            known,
            administrators=administrator or [],
            directory=directory,
            with_residents=sample_residents,
        )
    _tell(voice, made)


@app.command()
def show(code: Code, *, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """段階とチェックリストを見る / Show how far it has come, and what it lacks."""
    voice = Voice(as_json=as_json)
    with _operator(data) as operator:
        found = operator.membership(_known(code))
    if voice.is_for_a_machine:
        voice.answer(found)
        return
    table = Table.grid(padding=(0, 3))
    for item in found["checklist"]:
        mark = "済 / met" if item["is_met"] else "未 / missing"
        table.add_row(mark, item["title_ja"], "" if item["is_met"] else item["remedy_ja"])
    voice.panel(f"{found['code']} {found['state']}", table)


@app.command("list")
def list_(*, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """利用している自治体を見る / List who takes part, and how far each has come."""
    from . import newcomer  # noqa: PLC0415 - would slow every other command

    found = newcomer.on_board(data)
    voice = Voice(as_json=as_json)
    if voice.is_for_a_machine:
        voice.answer(found)
        return
    table = Table.grid(padding=(0, 3))
    for one in found:
        table.add_row(one["code"], one["name"], one["state"], " ".join(one["services"]))
    voice.panel(f"自治体 {len(found)} / municipalities", table)


@app.command()
def pause(
    code: Code,
    *,
    reason: Reason,
    message: Message = _PAUSED,
    message_en: InEnglish = _PAUSED_EN,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """自治体全体を休止する(1 秒以内に効く) / Pause all of it; it holds within a second."""
    notice = {"message_ja": message, "message_en": message_en}
    _order(code, "pause", reason, data=data, as_json=as_json, notice=notice)


@app.command()
def resume(
    code: Code, *, reason: Reason, data: Data = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """休止を終える / End a pause."""
    _order(code, "resume", reason, data=data, as_json=as_json)


@app.command()
def leave(
    code: Code,
    *,
    reason: Reason,
    message: Message,
    message_en: InEnglish,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """利用終了を受け付ける(以後は照会のみ) / Let it leave; from now on it can only be read."""
    notice = {"message_ja": message, "message_en": message_en}
    _order(code, "leave", reason, data=data, as_json=as_json, notice=notice)


@app.command()
def stay(code: Code, *, reason: Reason, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """利用終了の申出を取り下げる / It thought better of it: paused, or on trial as it was."""
    _order(code, "stay", reason, data=data, as_json=as_json)


@app.command()
def close(
    code: Code, *, reason: Reason, data: Data = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """申出から 30 日後に閉じる / Close it, thirty days after it said that it leaves."""
    _order(code, "close", reason, data=data, as_json=as_json)


def _order(
    code: str, act: str, reason: str, *, data: Path, as_json: bool, notice: Any = None
) -> None:
    with _operator(data) as operator:
        made = operator.act(_known(code), act, reason=reason, notice=notice)
    _tell(Voice(as_json=as_json), made)


def _onboard_all(data: Path, voice: Voice) -> None:
    from . import newcomer  # noqa: PLC0415 - would slow every other command

    with voice.step("すべての市区町村の利用を開始する", "take all municipalities on"):
        arrived = newcomer.take_all_on(data, by=getpass.getuser())
    _tell(
        voice,
        {
            "municipalities": arrived.municipalities,
            "keys_s": round(arrived.keys_s, 2),
            "rows_s": round(arrived.rows_s, 2),
        },
    )


def _operator(data: Path) -> Any:
    from .operator import Operator  # noqa: PLC0415 - would slow every other command

    return Operator(running(data).base_url, DataFolder(data.resolve()).root)


def _known(code: str) -> str:
    if not code:
        raise NothingNamed
    try:
        return str(MunicipalityCode.parse(code))
    except ValueError as error:
        raise NoSuchCode(code) from error


def _tell(voice: Voice, made: dict[str, Any]) -> None:
    if voice.is_for_a_machine:
        voice.answer(made)
        return
    table = Table.grid(padding=(0, 3))
    for name, value in made.items():
        table.add_row(name, str(value))
    voice.panel("自治体 / municipality", table)
