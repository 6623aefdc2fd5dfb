"""Clients as the database keeps them, and the leave each municipality gives them."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, Text, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from foundation import clock
from foundation.database import Statement, Transaction, tenant_is
from gateway import withdrawals
from gateway.models import ClientGrantRow, ClientKeyRow, ClientRow, UsedAssertionRow

from .domain import Client, Leave

_SETS = ("kinds", "scopes", "redirect_uris", "post_logout_redirect_uris", "origins")
_CLIENT = Statement(
    "platform.clients.by_id",
    select(
        ClientRow.client_id,
        ClientRow.name,
        ClientRow.kinds,
        ClientRow.scopes,
        ClientRow.redirect_uris,
        ClientRow.sector,
        ClientRow.status,
        ClientRow.jwks,
        ClientRow.profile,
        ClientRow.jwks_uri,
        ClientRow.post_logout_redirect_uris,
        ClientRow.backchannel_logout_uri,
        ClientRow.origins,
        ClientRow.dpop_bound,
        ClientRow.par_required,
        ClientRow.owner,
        ClientRow.environment,
        ClientRow.expires_at,
        exists().where(ClientKeyRow.client_id == ClientRow.client_id).label("has_keys"),
    ).where(ClientRow.client_id == bindparam("client_id", type_=Text)),
)
_LEAVE = Statement(
    "platform.client_grants.in_force",
    select(ClientGrantRow.scopes).where(
        tenant_is(ClientGrantRow),
        ClientGrantRow.client_id == bindparam("client_id", type_=Text),
        ClientGrantRow.withdrawn_at.is_(None),
        or_(
            ClientGrantRow.expires_at.is_(None),
            ClientGrantRow.expires_at > bindparam("now", type_=DateTime(timezone=True)),
        ),
    ),
)
_TO_GIVE_ON = Statement(
    "platform.client_grants.to_give_on",
    select(
        ClientGrantRow.scopes,
        func.least(ClientGrantRow.expires_at, ClientRow.expires_at).label("until"),
    )
    .join(ClientRow, ClientRow.client_id == ClientGrantRow.client_id)
    .where(
        tenant_is(ClientGrantRow),
        ClientGrantRow.client_id == bindparam("client_id", type_=Text),
        ClientGrantRow.withdrawn_at.is_(None),
        ClientRow.status == "active",
    ),
)
_USE_GRAIN = timedelta(minutes=1)
_NOTE_USE = Statement(
    "platform.client_grants.note_use",
    update(ClientGrantRow)
    .where(
        tenant_is(ClientGrantRow),
        ClientGrantRow.client_id == bindparam("client", type_=Text),
        or_(
            ClientGrantRow.last_used_at.is_(None),
            ClientGrantRow.last_used_at < bindparam("stale", type_=DateTime(timezone=True)),
        ),
    )
    .values(last_used_at=bindparam("at")),
)
_WITHDRAW = Statement(
    "platform.client_grants.withdraw",
    update(ClientGrantRow)
    .where(
        tenant_is(ClientGrantRow),
        ClientGrantRow.client_id == bindparam("client", type_=Text),
        ClientGrantRow.withdrawn_at.is_(None),
    )
    .values(withdrawn_at=bindparam("at")),
)
_EVER = Statement(
    "platform.client_grants.ever",
    select(ClientGrantRow.client_id).where(
        tenant_is(ClientGrantRow), ClientGrantRow.client_id == bindparam("client_id", type_=Text)
    ),
)
_USE = Statement(
    "platform.used_assertions.use",
    insert(UsedAssertionRow)
    .values(
        client_id=bindparam("client_id"),
        jti_hash=bindparam("jti_hash"),
        expires_at=bindparam("expires_at"),
    )
    .on_conflict_do_nothing(),
)
_FORGET = Statement(
    "platform.used_assertions.forget",
    delete(UsedAssertionRow).where(UsedAssertionRow.expires_at < bindparam("before")),
)


async def find(work: Transaction, client_id: str) -> Client | None:
    """Return a client, also a suspended one; the caller decides what that means."""
    row = await work.fetch_one(_CLIENT, client_id=client_id)
    if row is None:
        return None
    values: dict[str, Any] = {**row, "active": row["status"] == "active"}
    del values["status"]
    values |= {name: frozenset(row[name]) for name in _SETS}
    return Client(**values)


async def leave(work: Transaction, client_id: str) -> frozenset[str]:
    """Return the scopes this municipality lets the client ask for; empty when it gives no leave."""
    row = await work.fetch_one(_LEAVE, client_id=client_id, now=clock.now())
    return frozenset(row["scopes"]) if row is not None else frozenset()


async def leave_to_give_on(work: Transaction, client_id: str) -> Leave:
    """Return the leave tokens are given on; without scopes when there is none.

    The transaction has said that it gives to this client (`withdrawals.giving_to`): so the leave
    cannot end, and the client not be stopped, between this and the token.
    """
    issued_at = int(clock.now().timestamp())
    row = await work.fetch_one(_TO_GIVE_ON, client_id=client_id)
    given_at = await withdrawals.given_now(work, client_id)
    scopes, until = (row["scopes"], row["until"]) if row is not None else ((), None)
    found = Leave(scopes=frozenset(scopes), until=until, issued_at=issued_at, given_at=given_at)
    ends = found.ends()
    # In its last second a leave gives nothing more: the token would be over when it is shown.
    return found if ends is None or issued_at < ends else replace(found, scopes=frozenset())


async def note_use(work: Transaction, client_id: str, *, at: datetime) -> None:
    """Remember that a leave was used, to the minute: what is not used can be taken back."""
    await work.execute(_NOTE_USE, client=client_id, at=at, stale=at - _USE_GRAIN)


async def withdraw_leave(work: Transaction, client_id: str, *, at: datetime) -> bool:
    """End a client's leave in this municipality; False when it had none."""
    return await work.execute(_WITHDRAW, client=client_id, at=at) > 0


async def had_leave(work: Transaction, client_id: str) -> bool:
    """Say whether this municipality ever gave the client leave, also if it was withdrawn."""
    return await work.fetch_one(_EVER, client_id=client_id) is not None


async def use_assertion(
    work: Transaction, client_id: str, *, jti_hash: bytes, expires_at: datetime
) -> bool:
    """Use up a proof; False when it was used before, here or at another gateway."""
    return (
        await work.execute(_USE, client_id=client_id, jti_hash=jti_hash, expires_at=expires_at) > 0
    )


async def forget_assertions(work: Transaction, *, before: datetime) -> int:
    """Drop the memory of proofs that have expired anyway."""
    return await work.execute(_FORGET, before=before)
