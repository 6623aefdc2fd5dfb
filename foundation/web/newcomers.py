"""A municipality came on board while the service was running: its keys are made here.

Each service makes its own keys, in the folder that only it can read. It does so for whoever came
on board within a day: an older municipality whose keys are not there has lost them, and a new key
would only hide that until somebody asks for what the old one sealed.
"""

import asyncio
from datetime import timedelta
from itertools import count
from typing import Final

from sqlalchemy import BigInteger, DateTime, Integer, bindparam, column, select, table

from foundation import clock
from foundation.database import DatabaseProblem, Statement
from foundation.encryption import KeyUnavailable, fill_folders, settle_first_keys
from foundation.identifiers import TenantId
from foundation.telemetry import logger

from .state import AppState

_LOOKS_EVERY_SECONDS: Final = 0.5
_LOOKS_UNTIL_LEISURE: Final = 20
_NEW_FOR: Final = timedelta(days=1)
_bulletin = table("bulletin", column("revision", BigInteger), schema="platform")
_tenants = table(
    "tenants",
    column("tenant_id", Integer),
    column("onboarded_at", DateTime(timezone=True)),
    schema="platform",
)
_REVISION: Final = Statement("platform.newcomers.revision", select(_bulletin.c.revision))
_SINCE: Final = Statement(
    "platform.newcomers.since",
    select(_tenants.c.tenant_id).where(
        _tenants.c.onboarded_at > bindparam("moment", type_=DateTime(timezone=True))
    ),
)
_log = logger(__name__)


async def make_room(state: AppState) -> None:
    """Make the keys of whoever comes on board, for as long as the service serves."""
    seen, made = -1, set[TenantId]()
    for looks in count(1):
        try:
            seen = await _look(state, seen, made)
        except DatabaseProblem:
            _log.warning("newcomers could not be looked for")
        if looks % _LOOKS_UNTIL_LEISURE == 0:
            await asyncio.to_thread(settle_first_keys, state.keyring)
        await asyncio.sleep(_LOOKS_EVERY_SECONDS)


async def _look(state: AppState, seen: int, made: set[TenantId]) -> int:
    """Look for newcomers if anything public changed; return what was seen.

    Args:
        state: the service's.
        seen: what was seen last.
        made: whose keys were made or found already; whoever is new is added.
    """
    async with state.database.unbound() as tx:
        row = await tx.fetch_one(_REVISION)
        revision = 0 if row is None else int(row["revision"])
        if revision == seen:
            return seen
        found = await tx.fetch(_SINCE, moment=clock.now() - _NEW_FOR)
    newcomers = [one for row in found if (one := TenantId(row["tenant_id"])) not in made]
    await asyncio.to_thread(_create, state, newcomers)
    made.update(newcomers)
    return revision


def _create(state: AppState, newcomers: list[TenantId]) -> None:
    try:
        state.keyring.create_all(newcomers)
    except KeyUnavailable:
        _create_singly(state, newcomers)
    fill_folders(state.keyring)


def _create_singly(state: AppState, newcomers: list[TenantId]) -> None:
    """Make keys for all others where somebody's were destroyed."""
    for tenant_id in newcomers:
        try:
            state.keyring.create(tenant_id)
        except KeyUnavailable:
            _log.error("a newcomer's keys were destroyed", tenant=int(tenant_id))
