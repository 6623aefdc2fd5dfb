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
from gateway.figures.domain import rounded
from gateway.figures.repository import Figure
from gateway.memberships.repository import Memberships

_EVERY_SECONDS: Final = 900.0
_log = logger(__name__)


async def keep_counting(state: AppState) -> None:
    """Count, four times an hour, whoever was not counted today; a town that fails waits."""
    while True:
        await count_all(state.database)
        await asyncio.sleep(_EVERY_SECONDS)


async def count_all(database: Database) -> int:
    """Count every municipality that was not counted today; return how many there were."""
    today = clock.today()
    midnight = datetime.combine(today, time(), clock.JST)
    async with database.unbound() as work:
        waiting = await figures.due(work, since=midnight, today=today)
    counted = 0
    for row in waiting:
        code = MunicipalityCode.parse(row["municipality_code"])
        tenancy = Tenancy(TenantId(row["tenant_id"]), code)
        try:
            # Inside the town's own walls: nothing here can see the next one.
            async with database.transaction(tenancy) as work:
                counted += await count(work, str(code))
        except DatabaseProblem as error:
            _log.warning("municipality not counted", tenant=str(code), exc_info=error)
    return counted


async def count(work: Transaction, code: str) -> bool:
    """Count the municipality of this transaction; False where it lets nothing out."""
    _, reach = await Memberships(work, code=code).papers()
    if reach not in {"prefecture", "nation"}:
        await figures.withdraw(work, code)
        return False
    found = await figures.open_applications(work)
    # Rounded before it leaves the town: of fewer than ten residents nothing is written at all.
    residents = rounded(await figures.residents(work))
    if residents is not None:
        found.append(Figure(measure="residents", amount=residents))
    await figures.let_out(work, code, found, reach=reach, at=clock.now())
    return True
