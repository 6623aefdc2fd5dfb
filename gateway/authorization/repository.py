"""Sessions, codes and refresh tokens of one municipality, as the database keeps them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from foundation.database import Row, Statement, Transaction, tenant_is
from gateway.models import AuthorizationCodeRow, RefreshTokenRow, SessionRow

from .domain import Code, Refresh, Session

_SESSION_COLUMNS = (
    SessionRow.id,
    SessionRow.kind,
    SessionRow.person,
    SessionRow.subject,
    SessionRow.client_id,
    SessionRow.groups,
    SessionRow.acr,
    SessionRow.auth_time,
    SessionRow.binding,
    SessionRow.created_at,
    SessionRow.expires_at,
    SessionRow.ended_at,
    SessionRow.upstream_session,
)
_OPEN_SESSION = Statement(
    "platform.sessions.open",
    insert(SessionRow).values(
        tenant_id=bindparam("tenant_id"),
        **{column.key: bindparam(column.key) for column in _SESSION_COLUMNS},
    ),
)
_SESSION = Statement(
    "platform.sessions.by_id",
    select(*_SESSION_COLUMNS).where(tenant_is(SessionRow), SessionRow.id == bindparam("id")),
)
_SESSION_LOCKED = Statement(
    "platform.sessions.by_id_locked",
    select(*_SESSION_COLUMNS)
    .where(tenant_is(SessionRow), SessionRow.id == bindparam("id"))
    .with_for_update(),
)
_OPEN_SESSIONS_OF_CLIENT = Statement(
    "platform.sessions.open_of_client",
    select(SessionRow.id).where(
        tenant_is(SessionRow),
        SessionRow.expires_at > bindparam("now"),
        SessionRow.client_id == bindparam("client_id"),
        SessionRow.ended_at.is_(None),
    ),
)
_OPEN_SESSIONS_OF_SUBJECT = Statement(
    "platform.sessions.open_of_subject",
    select(SessionRow.id).where(
        tenant_is(SessionRow),
        SessionRow.expires_at > bindparam("now"),
        SessionRow.subject == bindparam("subject"),
        SessionRow.ended_at.is_(None),
    ),
)
_END_SESSION = Statement(
    "platform.sessions.end",
    update(SessionRow)
    .where(
        tenant_is(SessionRow), SessionRow.id == bindparam("session"), SessionRow.ended_at.is_(None)
    )
    .values(ended_at=bindparam("at"), ended_because=bindparam("because")),
)
_CODE_COLUMNS = (
    AuthorizationCodeRow.session_id,
    AuthorizationCodeRow.client_id,
    AuthorizationCodeRow.redirect_uri,
    AuthorizationCodeRow.scopes,
    AuthorizationCodeRow.nonce,
    AuthorizationCodeRow.code_challenge,
    AuthorizationCodeRow.expires_at,
    AuthorizationCodeRow.redeemed_at,
    AuthorizationCodeRow.dpop_jkt,
)
_ADD_CODE = Statement(
    "platform.authorization_codes.add",
    insert(AuthorizationCodeRow).values(
        tenant_id=bindparam("tenant_id"),
        code_hash=bindparam("code_hash"),
        **{column.key: bindparam(column.key) for column in _CODE_COLUMNS},
    ),
)
_CODE_LOCKED = Statement(
    "platform.authorization_codes.locked",
    select(*_CODE_COLUMNS)
    .where(
        tenant_is(AuthorizationCodeRow), AuthorizationCodeRow.code_hash == bindparam("code_hash")
    )
    .with_for_update(),
)
_REDEEM = Statement(
    "platform.authorization_codes.redeem",
    update(AuthorizationCodeRow)
    .where(tenant_is(AuthorizationCodeRow), AuthorizationCodeRow.code_hash == bindparam("hash"))
    .values(redeemed_at=bindparam("at")),
)
_REFRESH_COLUMNS = (
    RefreshTokenRow.session_id,
    RefreshTokenRow.scopes,
    RefreshTokenRow.expires_at,
    RefreshTokenRow.used_at,
    RefreshTokenRow.dpop_jkt,
)
_ADD_REFRESH = Statement(
    "platform.refresh_tokens.add",
    insert(RefreshTokenRow).values(
        tenant_id=bindparam("tenant_id"),
        token_hash=bindparam("token_hash"),
        **{column.key: bindparam(column.key) for column in _REFRESH_COLUMNS},
    ),
)
_REFRESH_LOCKED = Statement(
    "platform.refresh_tokens.locked",
    select(*_REFRESH_COLUMNS)
    .where(tenant_is(RefreshTokenRow), RefreshTokenRow.token_hash == bindparam("token_hash"))
    .with_for_update(),
)
_USE_REFRESH = Statement(
    "platform.refresh_tokens.use",
    update(RefreshTokenRow)
    .where(tenant_is(RefreshTokenRow), RefreshTokenRow.token_hash == bindparam("hash"))
    .values(used_at=bindparam("at")),
)
_TIDY_SESSIONS = Statement(
    "platform.sessions.tidy",
    delete(SessionRow).where(tenant_is(SessionRow), SessionRow.expires_at < bindparam("before")),
)


async def open_session(work: Transaction, session: Session) -> None:
    """Write down a sign-in."""
    await work.execute(
        _OPEN_SESSION,
        id=session.id,
        kind=session.kind,
        person=session.person,
        subject=session.subject,
        client_id=session.client_id,
        groups=list(session.groups),
        acr=session.acr,
        auth_time=session.auth_time,
        binding=session.binding,
        created_at=session.created_at,
        expires_at=session.expires_at,
        ended_at=session.ended_at,
        upstream_session=session.upstream_session,
    )


async def session(work: Transaction, session_id: UUID) -> Session | None:
    """Return a session of this municipality, open or not."""
    row = await work.fetch_one(_SESSION, id=session_id)
    return _session_of(row) if row is not None else None


async def session_locked(work: Transaction, session_id: UUID) -> Session | None:
    """Return a session that nobody else can end or carry on before this work is done."""
    row = await work.fetch_one(_SESSION_LOCKED, id=session_id)
    return _session_of(row) if row is not None else None


async def open_sessions_of_client(
    work: Transaction, client_id: str, *, now: datetime
) -> list[UUID]:
    """Return the sessions still open through a client."""
    rows = await work.fetch(_OPEN_SESSIONS_OF_CLIENT, client_id=client_id, now=now)
    return [row["id"] for row in rows]


async def open_sessions_of_subject(work: Transaction, subject: str, *, now: datetime) -> list[UUID]:
    """Return the sessions somebody still has open, through whatever client."""
    rows = await work.fetch(_OPEN_SESSIONS_OF_SUBJECT, subject=subject, now=now)
    return [row["id"] for row in rows]


async def end_session(work: Transaction, session_id: UUID, *, at: datetime, because: str) -> bool:
    """Mark a session as ended; False when it was not open."""
    return await work.execute(_END_SESSION, session=session_id, at=at, because=because) > 0


async def add_code(work: Transaction, code_hash: bytes, code: Code) -> None:
    """Keep a code under its hash."""
    await work.execute(
        _ADD_CODE,
        code_hash=code_hash,
        session_id=code.session_id,
        client_id=code.client_id,
        redirect_uri=code.redirect_uri,
        scopes=sorted(code.scopes),
        nonce=code.nonce,
        code_challenge=code.code_challenge,
        expires_at=code.expires_at,
        redeemed_at=code.redeemed_at,
        dpop_jkt=code.dpop_jkt,
    )


async def code_locked(work: Transaction, code_hash: bytes) -> Code | None:
    """Return a code that nobody else can redeem before this work is done."""
    row = await work.fetch_one(_CODE_LOCKED, code_hash=code_hash)
    if row is None:
        return None
    values: dict[str, Any] = {**row, "scopes": frozenset(row["scopes"])}
    return Code(**values)


async def redeem(work: Transaction, code_hash: bytes, *, at: datetime) -> None:
    """Mark a code as used; the mark stays, so that a second use is recognised."""
    await work.execute(_REDEEM, hash=code_hash, at=at)


async def add_refresh(work: Transaction, token_hash: bytes, refresh: Refresh) -> None:
    """Keep a refresh token under its hash."""
    await work.execute(
        _ADD_REFRESH,
        token_hash=token_hash,
        session_id=refresh.session_id,
        scopes=sorted(refresh.scopes),
        expires_at=refresh.expires_at,
        used_at=refresh.used_at,
        dpop_jkt=refresh.dpop_jkt,
    )


async def refresh_locked(work: Transaction, token_hash: bytes) -> Refresh | None:
    """Return a refresh token that nobody else can use before this work is done."""
    row = await work.fetch_one(_REFRESH_LOCKED, token_hash=token_hash)
    if row is None:
        return None
    values: dict[str, Any] = {**row, "scopes": frozenset(row["scopes"])}
    return Refresh(**values)


async def use_refresh(work: Transaction, token_hash: bytes, *, at: datetime) -> None:
    """Mark a refresh token as used; the mark stays, so that a second use is recognised."""
    await work.execute(_USE_REFRESH, hash=token_hash, at=at)


async def tidy(work: Transaction, *, before: datetime) -> int:
    """Forget sessions that expired long ago, with their codes and tokens."""
    return await work.execute(_TIDY_SESSIONS, before=before)


def _session_of(row: Row) -> Session:
    values: dict[str, Any] = {**row, "groups": tuple(row["groups"])}
    return Session(**values)
