"""Forgetting clients that nobody came back for, and how many more there is room for."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ARRAY, DateTime, Integer, Text, bindparam, exists, func, select, update

from foundation.database import Statement, Transaction
from gateway.models import ClientKeyRow, ClientRow

from .models import ClientRegistrationRow

SILENCE: Final = timedelta(days=90)
"""After so long without a sign of life a sandbox client is deleted."""
MOST_SANDBOX_CLIENTS: Final = 20_000
"""Rows that nobody vouches for are bounded; whoever fills them up stops only themselves."""

_BEFORE = bindparam("before", type_=DateTime(timezone=True))
_SILENT = (
    select(ClientRegistrationRow.client_id)
    .join(ClientRow, ClientRow.client_id == ClientRegistrationRow.client_id)
    .where(
        ClientRegistrationRow.last_seen_at < _BEFORE,
        ClientRow.environment == "sandbox",
        ClientRow.status != "deleted",
        ~exists().where(
            ClientKeyRow.client_id == ClientRow.client_id, ClientKeyRow.last_used_at >= _BEFORE
        ),
    )
    .limit(bindparam("most", type_=Integer))
)
_FORGET_SILENT = Statement(
    "platform.clients.forget_silent",
    update(ClientRow)
    .where(ClientRow.client_id == func.any(bindparam("clients", type_=ARRAY(Text))))
    .values(status="deleted"),
)
_FIND_SILENT = Statement("platform.client_registrations.silent", _SILENT)
_IN_SANDBOX = Statement(
    "platform.clients.in_sandbox",
    select(func.count().label("count")).select_from(
        select(ClientRow.client_id)
        .where(ClientRow.environment == "sandbox", ClientRow.status != "deleted")
        .limit(bindparam("most", type_=Integer))
        .subquery()
    ),
)


async def forget_silent(work: Transaction, *, now: datetime, most: int = 500) -> int:
    """Delete sandbox clients that were neither used nor looked after for 90 days.

    A production client stays: its municipality decides, by the end date it gave.
    """
    rows = await work.fetch(_FIND_SILENT, before=now - SILENCE, most=most)
    if not rows:
        return 0
    return await work.execute(_FORGET_SILENT, clients=[row["client_id"] for row in rows])


async def has_room(work: Transaction) -> bool:
    """Say whether one more sandbox client fits."""
    row = await work.fetch_one(_IN_SANDBOX, most=MOST_SANDBOX_CLIENTS)
    return row is not None and int(row["count"]) < MOST_SANDBOX_CLIENTS
