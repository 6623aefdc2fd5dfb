"""The sign-ins of one person, as they may see them themselves."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, bindparam, select

from foundation.database import Statement, Transaction, tenant_is
from gateway.frontends.models import BrowserSessionRow
from gateway.models import ClientRow, SessionRow

_OF_PERSON = Statement(
    "platform.sessions.open_of_person",
    select(
        SessionRow.id,
        SessionRow.client_id,
        ClientRow.name.label("client_name"),
        SessionRow.kind,
        SessionRow.acr,
        SessionRow.auth_time,
        SessionRow.created_at,
        SessionRow.expires_at,
        BrowserSessionRow.seen_at,
    )
    .join(ClientRow, ClientRow.client_id == SessionRow.client_id)
    .outerjoin(
        BrowserSessionRow,
        (BrowserSessionRow.tenant_id == SessionRow.tenant_id)
        & (BrowserSessionRow.session_id == SessionRow.id),
    )
    .where(
        tenant_is(SessionRow),
        SessionRow.person == bindparam("person"),
        SessionRow.expires_at > bindparam("now"),
        SessionRow.ended_at.is_(None),
    )
    .order_by(SessionRow.created_at.desc(), SessionRow.id),
)

_OPEN = (
    tenant_is(SessionRow),
    SessionRow.expires_at > bindparam("now"),
    SessionRow.ended_at.is_(None),
)
_BEGUN_BY_PERSON = Statement(
    "platform.sessions.begun_by_person",
    select(SessionRow.id, SessionRow.upstream_session).where(
        *_OPEN, SessionRow.person == bindparam("person")
    ),
)
_IN_UPSTREAM_SESSION = Statement(
    "platform.sessions.in_upstream_session",
    select(SessionRow.id).where(
        *_OPEN, SessionRow.upstream_session == bindparam("session", type_=LargeBinary)
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """One open session as its person sees it; `seen_at` only of one that is a browser's cookie."""

    id: UUID
    client_id: str
    client_name: str
    kind: str
    acr: str
    auth_time: datetime
    created_at: datetime
    expires_at: datetime
    seen_at: datetime | None


async def open_of_person(work: Transaction, person: str, *, now: datetime) -> list[SignIn]:
    """Return a person's open sessions through whatever application, the newest first."""
    return [SignIn(**row) for row in await work.fetch(_OF_PERSON, person=person, now=now)]


async def begun_by_person(
    work: Transaction, person: str, *, now: datetime
) -> list[tuple[UUID, bytes | None]]:
    """Return a person's open sessions, each with the provider's session it was begun in."""
    rows = await work.fetch(_BEGUN_BY_PERSON, person=person, now=now)
    return [(row["id"], row["upstream_session"]) for row in rows]


async def open_in_upstream_session(
    work: Transaction, session: bytes | None, *, now: datetime
) -> list[UUID]:
    """Return the open sessions that were begun in one session at a provider."""
    rows = await work.fetch(_IN_UPSTREAM_SESSION, session=session, now=now)
    return [row["id"] for row in rows]
