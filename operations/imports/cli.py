"""`tamaire imports preview|send|confirm|discard`: a town hall brings its register."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from foundation.identifiers import MunicipalityCode
from operations.folder import DEFAULT_DATA, DataFolder
from operations.limits import NoSuchCode
from operations.supervision.status import running
from operations.voice import Voice

_OPERATIONS: Final = "operations"

Code = Annotated[str, typer.Option("--municipality", help="6 桁コード / the code of six digits.")]
Named = Annotated[Path, typer.Argument(help="住民の CSV(.gz も) / the CSV, packed or not.")]
ImportId = Annotated[str, typer.Argument(help="取込みの id / the import's id.")]
Layout = Annotated[str, typer.Option("--layout", help="登録ずみの見出しの対応 / a kept layout.")]
CharacterSet = Annotated[
    str, typer.Option("--charset", help="utf-8 か shift_jis。省けば見分ける / or found out.")
]
Url = Annotated[str, typer.Option("--url", help="接続先。省けばこの機械 / or this machine.")]
ClientId = Annotated[str, typer.Option("--client-id", help="機械のクライアント / a machine's id.")]
Key = Annotated[
    Path | None, typer.Option("--key", help="その秘密鍵(PEM) / that machine's private key.")
]
TokenFile = Annotated[
    Path | None,
    typer.Option("--token-file", help="サインインした職員のトークン / an official's token."),
]
Yes = Annotated[bool, typer.Option("--yes", help="確認せずに取り込む / do not ask.")]
LeaveOut = Annotated[
    bool, typer.Option("--leave-out-faulty", help="直すべき行を除いて / without faulty lines.")
]
EndMissing = Annotated[
    str, typer.Option("--end-missing-on", help="載っていない人を消除する日 / ends who is missing.")
]
Data = Annotated[Path, typer.Option("--data", help="データフォルダ / data folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="機械向けに JSON で答える / answer in JSON.")]

app = typer.Typer(
    help="住民の CSV を見る・送る・取り込む / Preview, send and confirm a register.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
)


@app.command()
def preview(  # noqa: PLR0913 - each is an option of the command line
    file: Named,
    *,
    municipality: Code,
    layout: Layout = "",
    charset: CharacterSet = "",
    url: Url = "",
    client_id: ClientId = _OPERATIONS,
    key: Key = None,
    token_file: TokenFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """先頭がどう読み取られるかを見る / See how it would be read; only its beginning is sent."""
    from . import sending  # noqa: PLC0415 - would slow every other command
    from .file import RegisterFile  # noqa: PLC0415 - the same

    voice = Voice(as_json=as_json)
    found = RegisterFile.open(file, character_set=charset)
    session = _Session(municipality, url, client_id, key, token_file, data)
    voice.answer(session.ask(lambda door: sending.preview(door, found, voice, layout=layout)))


@app.command()
def send(  # noqa: PLR0913 - each is an option of the command line
    file: Named,
    *,
    municipality: Code,
    full: Annotated[
        bool, typer.Option("--full", help="全件のファイル / the whole register, not changes.")
    ] = False,
    layout: Layout = "",
    charset: CharacterSet = "",
    faulty_rows: Annotated[
        Path | None,
        typer.Option("--faulty-rows", help="直すべき行の CSV / where they are written."),
    ] = None,
    leave_out_faulty: LeaveOut = False,
    end_missing_on: EndMissing = "",
    yes: Yes = False,
    url: Url = "",
    client_id: ClientId = _OPERATIONS,
    key: Key = None,
    token_file: TokenFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """送って確認し、尋ねてから取り込む / Send it, have it checked, and let it in when agreed."""
    from . import sending  # noqa: PLC0415 - would slow every other command
    from .file import RegisterFile  # noqa: PLC0415 - the same

    voice = Voice(as_json=as_json)
    found = RegisterFile.open(file, character_set=charset)
    wish = sending.Wish(
        load="full" if full else "delta",
        layout=layout,
        faulty_rows=faulty_rows,
        leave_out_faulty=leave_out_faulty,
        end_missing_on=end_missing_on,
        agrees=_asking(voice, yes=yes),
    )
    session = _Session(municipality, url, client_id, key, token_file, data)
    voice.answer(session.ask(lambda door: sending.send(door, found, voice, wish)))


@app.command()
def confirm(  # noqa: PLR0913 - each is an option of the command line
    import_id: ImportId,
    *,
    municipality: Code,
    leave_out_faulty: LeaveOut = False,
    end_missing_on: EndMissing = "",
    yes: Yes = False,
    url: Url = "",
    client_id: ClientId = _OPERATIONS,
    key: Key = None,
    token_file: TokenFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """確認ずみのものを取り込む / Let in what was checked."""
    from . import sending  # noqa: PLC0415 - would slow every other command

    voice = Voice(as_json=as_json)
    wish = sending.Wish(
        leave_out_faulty=leave_out_faulty,
        end_missing_on=end_missing_on,
        agrees=_asking(voice, yes=yes),
    )
    session = _Session(municipality, url, client_id, key, token_file, data)
    voice.answer(session.ask(lambda door: sending.confirm(door, import_id, voice, wish)))


@app.command()
def discard(  # noqa: PLR0913 - each is an option of the command line
    import_id: ImportId,
    *,
    municipality: Code,
    url: Url = "",
    client_id: ClientId = _OPERATIONS,
    key: Key = None,
    token_file: TokenFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """送ったファイルを破棄する / Have the lines of a file forgotten."""
    voice = Voice(as_json=as_json)
    session = _Session(municipality, url, client_id, key, token_file, data)
    found = session.ask(lambda door: door.decide(import_id, "disposal"))
    voice.answer(found)
    voice.note(f"{import_id} を破棄しました", f"{import_id} was forgotten")


class _Session:
    """Who asks whom, as the command line says it."""

    def __init__(
        self,
        code: str,
        url: str,
        client_id: str,
        key: Path | None,
        token_file: Path | None,
        data: Path,
    ) -> None:
        try:
            self._code = MunicipalityCode.parse(code)
        except ValueError as error:
            raise NoSuchCode(code) from error
        self._url = url or running(data).base_url
        folder = DataFolder(data.resolve()).root
        self._client_id = client_id
        self._key = key or folder / "keys" / "clients" / f"{client_id}.pem"
        self._token_file = token_file

    def ask(self, what: Callable[[Any], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        """Do one thing at the door, and leave."""
        from .door import Door, Machine  # noqa: PLC0415 - would slow every other command
        from .keys import key_of, token_of  # noqa: PLC0415 - the same

        identity = (
            token_of(self._token_file)
            if self._token_file is not None
            else Machine(client_id=self._client_id, key=key_of(self._key), code=self._code)
        )

        async def asked() -> dict[str, Any]:
            async with Door(self._url, identity) as door:
                return await what(door)

        return asyncio.run(asked())


def _asking(voice: Voice, *, yes: bool) -> Callable[[str], bool]:
    """Return who agrees: the option, or whoever sits there; a pipe and a machine never do."""
    if yes:
        return lambda _: True
    if voice.is_terminal and not voice.is_for_a_machine:
        return typer.confirm
    return lambda _: False
