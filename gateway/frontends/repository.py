"""Browser sessions and sign-ins that will begin one, as the database keeps them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from foundation.database import Row, Statement, Transaction, tenant_is
from gateway.models import SessionRow

from .domain import BrowserSession
from .models import BrowserSessionRow, FrontEndSignInRow

_OWN = (
    BrowserSessionRow.session_id,
    BrowserSessionRow.secret_hash,
    BrowserSessionRow.previous_hash,
    BrowserSessionRow.previous_until,
    BrowserSessionRow.scopes,
    BrowserSessionRow.rotated_at,
    BrowserSessionRow.seen_at,
)


def _found(name: str, condition: ColumnElement[bool]) -> Statement:
    return Statement(
        f"platform.browser_sessions.{name}",
        select(*_OWN, SessionRow.expires_at, SessionRow.ended_at)
        .join(
            SessionRow,
            (SessionRow.tenant_id == BrowserSessionRow.tenant_id)
            & (SessionRow.id == BrowserSessionRow.session_id),
        )
        .where(tenant_is(BrowserSessionRow), tenant_is(SessionRow), condition),
    )


_BY_SECRET = _found("by_secret", BrowserSessionRow.secret_hash == bindparam("shown"))
_BY_PREVIOUS = _found("by_previous", BrowserSessionRow.previous_hash == bindparam("shown"))
_ADD = Statement(
    "platform.browser_sessions.add",
    insert(BrowserSessionRow).values(
        tenant_id=bindparam("tenant_id"), **{column.key: bindparam(column.key) for column in _OWN}
    ),
)
_SEEN = Statement(
    "platform.browser_sessions.seen",
    update(BrowserSessionRow)
    .where(tenant_is(BrowserSessionRow), BrowserSessionRow.session_id == bindparam("session"))
    .values(seen_at=func.greatest(BrowserSessionRow.seen_at, bindparam("now"))),
)
_ROTATE = Statement(
    "platform.browser_sessions.rotate",
    update(BrowserSessionRow)
    .where(
        tenant_is(BrowserSessionRow),
        BrowserSessionRow.session_id == bindparam("session"),
        BrowserSessionRow.secret_hash == bindparam("replaced"),
    )
    .values(
        secret_hash=bindparam("following"),
        previous_hash=bindparam("replaced"),
        previous_until=bindparam("until"),
        rotated_at=bindparam("now"),
    ),
)
_SIGN_IN = (FrontEndSignInRow.client_id, FrontEndSignInRow.return_to, FrontEndSignInRow.expires_at)
_LEAVE = Statement(
    "platform.front_end_sign_ins.add",
    insert(FrontEndSignInRow).values(
        tenant_id=bindparam("tenant_id"),
        state_hash=bindparam("state_hash"),
        browser_hash=bindparam("browser_hash"),
        **{column.key: bindparam(column.key) for column in _SIGN_IN},
    ),
)
_TAKE = Statement(
    "platform.front_end_sign_ins.take",
    delete(FrontEndSignInRow)
    .where(
        tenant_is(FrontEndSignInRow),
        FrontEndSignInRow.state_hash == bindparam("state_hash"),
        FrontEndSignInRow.browser_hash == bindparam("browser_hash"),
    )
    .returning(*_SIGN_IN),
)
_TIDY = Statement(
    "platform.front_end_sign_ins.tidy",
    delete(FrontEndSignInRow).where(
        tenant_is(FrontEndSignInRow), FrontEndSignInRow.expires_at < bindparam("before")
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A browser on its way, and where it wants to be afterwards."""

    client_id: str
    return_to: str
    expires_at: datetime


async def find(work: Transaction, shown: bytes, *, idle: timedelta) -> BrowserSession | None:
    """Return the session that has this id now, or had it just before.

    Args:
        work: in the municipality.
        shown: the hash of the id.
        idle: how long a browser may do nothing there.
    """
    row = await work.fetch_one(_BY_SECRET, shown=shown)
    row = row if row is not None else await work.fetch_one(_BY_PREVIOUS, shown=shown)
    return _session_of(row, idle=idle) if row is not None else None


async def add(work: Transaction, session: BrowserSession) -> None:
    """Write down a session that a browser is about to be given."""
    await work.execute(
        _ADD,
        session_id=session.session_id,
        secret_hash=session.secret_hash,
        previous_hash=session.previous_hash,
        previous_until=session.previous_until,
        scopes=sorted(session.scopes),
        rotated_at=session.rotated_at,
        seen_at=session.seen_at,
    )


async def note_use(work: Transaction, session_id: UUID, *, now: datetime) -> None:
    """Write down that a session was used; of several such notes the latest stands."""
    await work.execute(_SEEN, session=session_id, now=now)


async def rotate(work: Transaction, following: BrowserSession) -> bool:
    """Put the next id in place of the present one; False when another request did so first."""
    return (
        await work.execute(
            _ROTATE,
            session=following.session_id,
            replaced=following.previous_hash,
            following=following.secret_hash,
            until=following.previous_until,
            now=following.rotated_at,
        )
        > 0
    )


async def leave(
    work: Transaction, sign_in: SignIn, *, state_hash: bytes, browser_hash: bytes
) -> None:
    """Write down a sign-in before the browser leaves."""
    await work.execute(
        _LEAVE,
        state_hash=state_hash,
        browser_hash=browser_hash,
        client_id=sign_in.client_id,
        return_to=sign_in.return_to,
        expires_at=sign_in.expires_at,
    )


async def take(work: Transaction, *, state_hash: bytes, browser_hash: bytes) -> SignIn | None:
    """Return a sign-in that came back to the browser it left from; it cannot come back twice."""
    row = await work.fetch_one(_TAKE, state_hash=state_hash, browser_hash=browser_hash)
    return SignIn(**row) if row is not None else None


async def tidy(work: Transaction, *, before: datetime) -> int:
    """Forget sign-ins that never came back."""
    return await work.execute(_TIDY, before=before)


def _session_of(row: Row, *, idle: timedelta) -> BrowserSession:
    values: dict[str, Any] = {**row, "scopes": frozenset(row["scopes"]), "idle": idle}
    return BrowserSession(**values)
