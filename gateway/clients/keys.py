"""The keys a client may prove itself by: registered here, or published at its own address."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Text, bindparam, or_, select, update

from foundation.database import Statement, Transaction
from foundation.identity.jose import ForeignKeys
from gateway.models import ClientKeyRow

from .domain import Client

_NOTED_EVERY = timedelta(minutes=1)

_IN_FORCE = Statement(
    "platform.client_keys.in_force",
    select(ClientKeyRow.kid, ClientKeyRow.jwk)
    .where(
        ClientKeyRow.client_id == bindparam("client_id", type_=Text),
        ClientKeyRow.status == "active",
        or_(ClientKeyRow.expires_at.is_(None), ClientKeyRow.expires_at > bindparam("now")),
    )
    .order_by(ClientKeyRow.kid)
    .limit(20),
)
_NOTE_USE = Statement(
    "platform.client_keys.note_use",
    update(ClientKeyRow)
    .where(
        ClientKeyRow.client_id == bindparam("client", type_=Text),
        ClientKeyRow.kid == bindparam("key", type_=Text),
        or_(ClientKeyRow.last_used_at.is_(None), ClientKeyRow.last_used_at < bindparam("noted")),
    )
    .values(last_used_at=bindparam("at")),
)


async def registered(work: Transaction, client: Client, *, now: datetime) -> ForeignKeys:
    """Return the keys on record that are neither withdrawn nor expired.

    Raises:
        InvalidToken: what was registered is no key set.
    """
    rows = await work.fetch(_IN_FORCE, client_id=client.client_id, now=now)
    own = {row["kid"]: {**row["jwk"], "kid": row["kid"]} for row in rows}
    return ForeignKeys({"keys": [*_beside(client.jwks, own), *own.values()]})


async def note_use(work: Transaction, client_id: str, kid: str, *, at: datetime) -> None:
    """Write down that a key was used; once a minute is enough to see which one is not any more."""
    await work.execute(_NOTE_USE, client=client_id, key=kid, at=at, noted=at - _NOTED_EVERY)


def _beside(jwks: Mapping[str, Any] | None, own: Mapping[str, Any]) -> list[Any]:
    """Return the keys that came with the registration, less those kept one by one since."""
    keys: object = (jwks or {}).get("keys", [])
    if not isinstance(keys, list):
        return []
    return [key for key in cast("list[Any]", keys) if key.get("kid") not in own]
