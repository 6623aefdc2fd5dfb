"""`tamaire limits`: how much a municipality, or one client of it, may ask for.

Every gateway takes a change up within a second, without a restart. Who changed what is kept beside
it in the same transaction, in a table that no service may write.
"""

import asyncio
import getpass
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import asyncpg
import typer
from rich.table import Table

from foundation.identifiers import MunicipalityCode

from .failures import Failure
from .folder import DEFAULT_DATA, DataFolder
from .supervision.databases import database_of
from .supervision.status import running
from .voice import Voice

Found = TypeVar("Found")
if TYPE_CHECKING:
    Connection = asyncpg.Connection[Any]
else:
    Connection = asyncpg.Connection  # generic in its stubs only


_ROLE: Final = "platform_owner"
_ALL: Final = (
    "SELECT municipality_code, client_id, per_minute, burst, at_once, weight"
    " FROM platform.traffic_limits ORDER BY 1, 2"
)
_ONE: Final = (
    "SELECT municipality_code, client_id, per_minute, burst, at_once, weight"
    " FROM platform.traffic_limits WHERE municipality_code = $1 AND client_id = $2 FOR UPDATE"
)
_SET: Final = (
    "INSERT INTO platform.traffic_limits"
    " (municipality_code, client_id, per_minute, burst, at_once, weight)"
    " VALUES ($1, $2, $3, $4, $5, $6)"
    " ON CONFLICT (municipality_code, client_id) DO UPDATE SET per_minute = excluded.per_minute,"
    " burst = excluded.burst, at_once = excluded.at_once, weight = excluded.weight"
)
_CLEAR: Final = (
    "DELETE FROM platform.traffic_limits WHERE municipality_code = $1 AND client_id = $2"
)
_NOTE: Final = (
    "INSERT INTO platform.traffic_limit_changes"
    " (municipality_code, client_id, before, after, changed_by) VALUES ($1, $2, $3, $4, $5)"
)
_CHANGES: Final = (
    "SELECT municipality_code, client_id, before, after, changed_by, changed_at"
    " FROM platform.traffic_limit_changes ORDER BY id DESC LIMIT 50"
)
_COUNT_UP: Final = "UPDATE platform.bulletin SET revision = revision + 1"

Data = Annotated[Path, typer.Option("--data", help="データフォルダ / data folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="機械向けに JSON で答える / answer in JSON.")]
Code = Annotated[str, typer.Argument(help="自治体の 6 桁コード / the municipality's code.")]
Client = Annotated[
    str, typer.Option("--client", help="1 つのクライアントだけ / one client of it only.")
]
By = Annotated[str, typer.Option("--by", help="変更する人 / who changes it; you, by default.")]

app = typer.Typer(
    help="自治体とクライアントの上限を見る・変える / See and change how much may be asked for.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
)


class NoSuchCode(Failure):
    """What was given is not a municipality's code."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"「{code}」は自治体のコードではありません。",
            f"{code} is not a municipality's code.",
            remedy_ja="検査数字を含む 6 桁のコードを指定してください(例: 012084)。",
            remedy="Give the code of six digits, check digit included, such as 012084.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How much one municipality, or where `client_id` is not empty one client of it, may ask for.

    `at_once` requests of it are carried at once; where others wait too, it is served `weight`
    times for each time that they are.
    """

    municipality_code: str
    client_id: str = ""
    per_minute: int
    burst: int
    at_once: int
    weight: int = 1


@app.command()
def show(
    *,
    data: Data = DEFAULT_DATA,
    history: Annotated[
        bool, typer.Option("--history", help="だれがいつ変えたか / who changed what, and when.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """定めた上限を見る / Show what was set; whoever is not listed has what is usual."""
    voice = Voice(as_json=as_json)
    if history:
        _tell(_on(data, changes), voice)
    else:
        _tell([asdict(one) for one in _on(data, every)], voice)


@app.command("set")
def set_(  # noqa: PLR0913 - each is an option of the command line
    code: Code,
    *,
    per_minute: Annotated[int, typer.Option("--per-minute", min=1, help="1 分あたり / a minute.")],
    burst: Annotated[int, typer.Option("--burst", min=1, help="一度に / in one go.")],
    at_once: Annotated[int, typer.Option("--at-once", min=1, help="同時に / at the same time.")],
    weight: Annotated[int, typer.Option("--weight", min=1, max=16, help="順番の重み / turns.")] = 1,
    client: Client = "",
    by: By = "",
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """上限を定める(1 秒以内に効く) / Set a limit; every gateway knows within a second."""
    allowance = Allowance(
        municipality_code=_known(code),
        client_id=client,
        per_minute=per_minute,
        burst=burst,
        at_once=at_once,
        weight=weight,
    )
    _on(data, lambda connection: grant(connection, allowance, by=by or getpass.getuser()))
    _tell([asdict(allowance)], Voice(as_json=as_json))


@app.command()
def clear(code: Code, *, client: Client = "", by: By = "", data: Data = DEFAULT_DATA) -> None:
    """定めた上限を取り消す / Take a limit back; what is usual holds again."""
    place = _known(code), client
    changed_by = by or getpass.getuser()
    was_set = _on(data, lambda connection: withdraw(connection, *place, by=changed_by))
    if was_set:
        Voice().note("取り消しました。", "What is usual holds again.")
    else:
        Voice().note("定められていませんでした。", "Nothing was set.")


async def grant(connection: Connection, allowance: Allowance, *, by: str) -> None:
    """Set an allowance, note who did, and tell the gateways; all of it or nothing."""
    given = asdict(allowance)
    place = allowance.municipality_code, allowance.client_id
    async with connection.transaction():
        before = await _before(connection, *place)
        await connection.execute(_SET, *given.values())
        await connection.execute(_NOTE, *place, before, json.dumps(given), by)
        await connection.execute(_COUNT_UP)


async def withdraw(connection: Connection, code: str, client_id: str, *, by: str) -> bool:
    """Take an allowance back, likewise; False if there was none, and nothing is noted."""
    async with connection.transaction():
        before = await _before(connection, code, client_id)
        if before is None:
            return False
        await connection.execute(_CLEAR, code, client_id)
        await connection.execute(_NOTE, code, client_id, before, None, by)
        await connection.execute(_COUNT_UP)
    return True


async def every(connection: Connection) -> list[Allowance]:
    """Return all that was set."""
    return [Allowance(**dict(row)) for row in await connection.fetch(_ALL)]


async def changes(connection: Connection) -> list[dict[str, Any]]:
    """Return the last fifty changes, the newest first."""
    rows = await connection.fetch(_CHANGES)
    return [{**dict(row), "changed_at": row["changed_at"].isoformat()} for row in rows]


async def _before(connection: Connection, code: str, client_id: str) -> str | None:
    row = await connection.fetchrow(_ONE, code, client_id)
    return None if row is None else json.dumps(dict(row))


def _known(code: str) -> str:
    try:
        return str(MunicipalityCode.parse(code))
    except ValueError as error:
        raise NoSuchCode(code) from error


def _on(data: Path, work: Callable[[Connection], Awaitable[Found]]) -> Found:
    """Do something on the database of the running instance.

    Raises:
        NotRunning: there is no instance on the data folder.
    """
    database = database_of(DataFolder(data.resolve()), running(data))

    async def do() -> Found:
        connection = await asyncpg.connect(database.dsn(_ROLE))
        try:
            return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(do())


def _tell(found: list[dict[str, Any]], voice: Voice) -> None:
    if voice.is_for_a_machine:
        voice.answer(found)
        return
    table = Table.grid(padding=(0, 3))
    for one in found:
        table.add_row(*(f"{name}={value}" for name, value in one.items() if value != ""))
    voice.panel("上限 / limits", table)
