"""Each municipality's own count, once a day, as far as it lets its figures go."""

import asyncio
from datetime import datetime, time
from typing import Final

from foundation import clock
from foundation.database import Database, DatabaseProblem, Transaction
from foundation.identifiers import MunicipalityCode, TenantId
from foundation.telemetry import logger
from foundation.tenancy import Tenancy
from foundation.web import AppState
from gateway.figures import repository as figures
from gateway.figures.repository import Figure
from gateway.memberships.domain import Stage
from gateway.memberships.repository import Memberships

_EVERY_SECONDS: Final = 900.0
_REST_SECONDS: Final = 0.01
"""Between two towns: who counts all of Japan must be in nobody's way."""
_log = logger(__name__)


async def keep_counting(state: AppState) -> None:
    """Count, four times an hour, whoever was not counted today; a town that fails waits."""
    silent: dict[int, int] = {}
    while True:
        await count_all(state.database, silent=silent)
        await asyncio.sleep(_EVERY_SECONDS)


async def count_all(database: Database, *, silent: dict[int, int] | None = None) -> int:
    """Count every municipality that was not counted today; return how many let figures out.

    `silent` remembers who lets nothing out, by the version of their membership, which changes when
    they say otherwise: until then they are not asked again.
    """
    today, known = clock.today(), {} if silent is None else silent
    midnight = datetime.combine(today, time(), clock.JST)
    async with database.unbound() as work:
        waiting = await figures.due(work, since=midnight, today=today)
    counted = 0
    for row in waiting:
        tenant_id, version = row["tenant_id"], row["membership_version"]
        if known.get(tenant_id) == version:
            continue
        code = MunicipalityCode.parse(row["municipality_code"])
        lets_out = await _counted(database, Tenancy(TenantId(tenant_id), code))
        counted += bool(lets_out)
        if lets_out is False:
            known[tenant_id] = version
        await asyncio.sleep(_REST_SECONDS)
    return counted


async def _counted(database: Database, tenancy: Tenancy) -> bool | None:
    """Count one municipality inside its own walls: nothing there can see the next one.

    None where it could not be counted: it is asked again.
    """
    try:
        async with database.transaction(tenancy) as work:
            return await count(work, str(tenancy.code))
    except DatabaseProblem as error:
        _log.warning("municipality not counted", tenant=str(tenancy.code), exc_info=error)
        return None


async def count(work: Transaction, code: str) -> bool:
    """Count the municipality of this transaction; False where it lets nothing out.

    How far it lets its figures go is asked again before they are written, with its membership held:
    what was said, or ended, while it was counted holds. Held no longer, so that it is in nobody's
    way to count a city.
    """
    book = Memberships(work, code=code)
    if await _reach(book) is None:
        await figures.withdraw(work, code)
        return False
    found = await figures.open_applications(work)
    residents = await figures.residents(work)
    if residents:
        found.append(Figure(measure="residents", amount=residents))
    membership = await book.held()
    reach = await _reach(book)
    if reach is None or membership.stage not in {Stage.LIVE, Stage.TRIAL}:
        await figures.withdraw(work, code)
        return False
    await figures.let_out(work, code, found, reach=reach, at=clock.now())
    return True


async def _reach(book: Memberships) -> str | None:
    """Return how far figures may go; None where nowhere."""
    _, reach = await book.papers()
    return reach if reach in {"prefecture", "nation"} else None
