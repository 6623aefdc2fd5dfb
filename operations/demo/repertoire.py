"""Which journeys there are, in which order they are played, and how a play ends."""

import asyncio
import time
from pathlib import Path

import httpx
from rich.table import Table

from operations.failures import Failure

from .board import Board
from .company import Company, Journey
from .consultation import JOURNEY as CONSULTATION
from .counter import JOURNEY as COUNTER
from .resident import JOURNEY as RESIDENT
from .stage import PATIENCE_S, Stage
from .strangers import JOURNEY as STRANGERS
from .vendor import JOURNEY as VENDOR


class NoSuchJourney(Failure):
    """The name is none of a journey."""

    exit_status = 2  # as of any wrong use of a command

    def __init__(self, name: str) -> None:
        known = ", ".join(JOURNEYS)
        super().__init__(
            f"「{name}」という流れはありません。",
            f"There is no journey called {name!r}.",
            remedy_ja=f"{known} のどれかを指定するか、名前なしで全部を演じてください。",
            remedy=f"Name one of {known}, or none to play them all.",
        )


JOURNEYS = {journey.name: journey for journey in (RESIDENT, COUNTER, CONSULTATION, VENDOR)}
_ALL = "all"
_LEAVE_RECORDS = {"resident", _ALL}
"""After these there is something of a resident's that another municipality might try to see."""


def play(name: str, base_url: str, data: Path, *, as_json: bool = False) -> int:
    """Play one journey, or all of them, against a running house, and return the exit status.

    `data` is the data folder of the house: the vendor's private key is read from it, nothing else.
    """
    board = Board(as_json=as_json)
    try:
        asyncio.run(_play(_chosen(name), base_url, data, board))
    except Failure as failure:
        board.failure(failure)
        return failure.exit_status
    return 0


def _chosen(name: str) -> list[Journey]:
    """Return what to play, in order.

    Raises:
        NoSuchJourney: there is none of that name.
    """
    if name != _ALL and name not in JOURNEYS:
        raise NoSuchJourney(name)
    chosen = [*JOURNEYS.values()] if name == _ALL else [JOURNEYS[name]]
    return [*chosen, STRANGERS] if name in _LEAVE_RECORDS else chosen


async def _play(chosen: list[Journey], base_url: str, data: Path, board: Board) -> None:
    began = time.monotonic()
    calls: dict[Journey, int] = {}
    # The house is on this machine; the office's proxy does not lead to it.
    async with httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False) as http:
        stage = Stage(base_url, data, http, board)
        company = Company(stage)
        for journey in chosen:
            before = stage.calls
            await journey.begin(company)
            calls[journey] = stage.calls - before
    _sum_up(stage, board, calls, seconds=time.monotonic() - began)


def _sum_up(stage: Stage, board: Board, calls: dict[Journey, int], *, seconds: float) -> None:
    table = Table.grid(padding=(0, 3))
    for journey, count in calls.items():
        table.add_row(journey.name, journey.title, f"{count} 回")
    each = stage.spent_ms / stage.calls
    table.add_row("合計", f"{seconds:.1f} 秒、1回あたり {each:.0f} ms", f"{stage.calls} 回")
    table.add_row("断られるべき呼出し", "すべて理由と直し方つき", f"{stage.refusals} 回")
    table.add_row("Idempotency-Key", "書込みごとに一つ", f"{len(stage.keys)} 個")
    board.curtain(
        table,
        {
            "calls": stage.calls,
            "refusals": stage.refusals,
            "idempotency_keys": len(stage.keys),
            "seconds": round(seconds, 2),
            "journeys": {journey.name: count for journey, count in calls.items()},
        },
    )
