"""Gives the sandbox what a vendor can try, by the way a municipality does it: its own officials.

Nothing is written past the gateway and no service knows the place, so whatever happens here would
happen in a real municipality with the same data. What is there is left as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import httpx
from typing_extensions import override

from foundation import clock
from foundation.identifiers import SANDBOX
from operations.demo.board import Board, Line
from operations.demo.company import Company
from operations.demo.players import Player
from operations.demo.signin import official
from operations.demo.stage import PATIENCE_S, Stage
from operations.population.generator import AS_OF

AMOUNT_YEN: Final = 30_000
OPEN_CODE, OVER_CODE = "SANDBOX-OPEN", "SANDBOX-OVER"
WINDOWS: Final = {"SHIKEN-1": "試験用 1番窓口", "SHIKEN-2": "試験用 2番窓口"}

_BENEFITS: Final = "/benefits/v1"
_OPEN_DAYS: Final = 365
_TAKEN: Final = (HTTPStatus.CONFLICT,)


@dataclass(frozen=True, slots=True)
class _Programme:
    """A sample: its code, and from when until when it takes answers, in days from today."""

    code: str
    name: str
    first_day: int
    last_day: int


_PROGRAMMES: Final = (
    _Programme(OPEN_CODE, "受付中の給付金(試験用)", 0, _OPEN_DAYS),
    _Programme(OVER_CODE, "受付の終わった給付金(試験用)", -30, -1),
)


class _Silence(Board):
    """Says nothing: the steps of a start are announced by whoever starts."""

    def __init__(self) -> None:
        super().__init__(as_json=False)

    @override
    def heading(self, journey: str, title: str) -> None: ...

    @override
    def show(self, line: Line) -> None: ...


async def furnish(
    base_url: str, data: Path, *, transport: httpx.AsyncBaseTransport | None = None
) -> None:
    """Open the sample programmes and windows that are not there yet.

    Raises:
        Unexpected: a step went otherwise than it must.
    """
    async with httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False, transport=transport) as http:
        company = Company(Stage(base_url, data, http, _Silence()))
        section = await company.player(
            official("試験市の給付係", "benefits1", SANDBOX, scopes="benefits:read benefits:write")
        )
        for programme in _PROGRAMMES:
            await _open(section, programme)
        desk = await company.player(
            official("試験市の管理者", "administrator1", SANDBOX, scopes="window-dx:write")
        )
        for code, name in WINDOWS.items():
            await desk.post(
                "/window-dx/v1/windows",
                {"code": code, "name": name},
                expect=HTTPStatus.CREATED,
                also=_TAKEN,
            )


async def _open(section: Player, programme: _Programme) -> None:
    """Define, publish and offer a programme; one of this code that is there is left alone."""
    drafted = await section.post(
        f"{_BENEFITS}/programmes",
        _terms(programme),
        expect=HTTPStatus.CREATED,
        also=_TAKEN,
    )
    if drafted.status in _TAKEN:
        return
    path = f"{_BENEFITS}/programmes/{drafted['id']}"
    await section.post(f"{path}/publication")
    await section.post(f"{path}/roster")


def _terms(programme: _Programme) -> Mapping[str, Any]:
    today = clock.today()
    first = today + timedelta(days=programme.first_day)
    reference_on = min(AS_OF, first)
    return {
        "code": programme.code,
        "name": programme.name,
        "legal_ground": "試験市給付金支給要綱(架空)",
        "fiscal_year": reference_on.year - (reference_on.month < 4),  # noqa: PLR2004 - April
        "amount_per_household_yen": AMOUNT_YEN,
        "reference_on": reference_on.isoformat(),
        "condition": "household_tax_exempt",
        "application_from": first.isoformat(),
        "application_until": (today + timedelta(days=programme.last_day)).isoformat(),
        "seizure_ban": True,
        "tax_free": True,
    }
