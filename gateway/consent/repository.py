"""Consents and open questions of one municipality, as the database keeps them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from foundation import clock
from foundation.database import Row, Statement, Transaction, tenant_is
from foundation.identifiers import new_id
from gateway.models import AuthorizationCodeRow, ClientRow, SessionRow
from gateway.vendors.models import VendorRow

from .domain import Consent, expiry_of
from .models import ConsentRequestRow, ConsentRow

_CONSENT_COLUMNS = (
    ConsentRow.id,
    ConsentRow.client_id,
    ConsentRow.asked,
    ConsentRow.given,
    ConsentRow.given_at,
    ConsentRow.expires_at,
)
_IN_FORCE = Statement(
    "platform.consents.in_force",
    select(*_CONSENT_COLUMNS).where(
        tenant_is(ConsentRow),
        ConsentRow.person == bindparam("person"),
        ConsentRow.client_id == bindparam("client_id"),
        ConsentRow.ended_at.is_(None),
    ),
)
_OF_PERSON = Statement(
    "platform.consents.of_person",
    select(*_CONSENT_COLUMNS, ClientRow.name.label("client_name"))
    .join(ClientRow, ClientRow.client_id == ConsentRow.client_id)
    .where(
        tenant_is(ConsentRow),
        ConsentRow.person == bindparam("person"),
        ConsentRow.ended_at.is_(None),
        ConsentRow.expires_at > bindparam("now"),
    )
    .order_by(ConsentRow.client_id),
)
_ADD = Statement(
    "platform.consents.add",
    insert(ConsentRow).values(
        tenant_id=bindparam("tenant_id"),
        person=bindparam("person"),
        **{column.key: bindparam(column.key) for column in _CONSENT_COLUMNS},
    ),
)
_REPLACE = Statement(
    "platform.consents.replace",
    update(ConsentRow)
    .where(
        tenant_is(ConsentRow),
        ConsentRow.person == bindparam("whose"),
        ConsentRow.client_id == bindparam("client"),
        ConsentRow.ended_at.is_(None),
    )
    .values(ended_at=bindparam("at"), ended_because="replaced"),
)
_WITHDRAW = Statement(
    "platform.consents.withdraw",
    update(ConsentRow)
    .where(
        tenant_is(ConsentRow),
        ConsentRow.id == bindparam("consent"),
        ConsentRow.person == bindparam("whose"),
        ConsentRow.ended_at.is_(None),
    )
    .values(ended_at=bindparam("at"), ended_because="withdrawn")
    .returning(ConsentRow.client_id),
)
_SESSIONS = Statement(
    "platform.sessions.open_of_person_at_client",
    select(SessionRow.id).where(
        tenant_is(SessionRow),
        SessionRow.person == bindparam("person"),
        SessionRow.expires_at > bindparam("now"),
        SessionRow.client_id == bindparam("client_id"),
        SessionRow.ended_at.is_(None),
    ),
)
_REQUEST_COLUMNS = (
    ConsentRequestRow.session_id,
    ConsentRequestRow.code_hash,
    ConsentRequestRow.scopes,
    ConsentRequestRow.redirect_uri,
    ConsentRequestRow.client_state,
    ConsentRequestRow.expires_at,
)
_PUT = Statement(
    "platform.consent_requests.add",
    insert(ConsentRequestRow).values(
        tenant_id=bindparam("tenant_id"),
        request_hash=bindparam("request_hash"),
        browser_hash=bindparam("browser_hash"),
        **{column.key: bindparam(column.key) for column in _REQUEST_COLUMNS},
    ),
)
_PROVIDER = Statement(
    "platform.vendors.name_of_owner",
    select(VendorRow.organization_name).where(VendorRow.id == bindparam("owner", type_=Uuid)),
)
_THIS_REQUEST = (
    tenant_is(ConsentRequestRow),
    ConsentRequestRow.request_hash == bindparam("request_hash"),
    ConsentRequestRow.browser_hash == bindparam("browser_hash"),
)
_FIND = Statement("platform.consent_requests.find", select(*_REQUEST_COLUMNS).where(*_THIS_REQUEST))
_TAKE = Statement(
    "platform.consent_requests.take",
    delete(ConsentRequestRow).where(*_THIS_REQUEST).returning(*_REQUEST_COLUMNS),
)
_TIDY = Statement(
    "platform.consent_requests.tidy",
    delete(ConsentRequestRow).where(
        tenant_is(ConsentRequestRow), ConsentRequestRow.expires_at < bindparam("before")
    ),
)
_RELEASE = Statement(
    "platform.authorization_codes.release",
    update(AuthorizationCodeRow)
    .where(
        tenant_is(AuthorizationCodeRow),
        AuthorizationCodeRow.code_hash == bindparam("held"),
        AuthorizationCodeRow.redeemed_at.is_(None),
    )
    .values(
        code_hash=bindparam("released"), scopes=bindparam("given"), expires_at=bindparam("until")
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What one browser was asked, and the code that waits for the answer."""

    session_id: UUID
    code_hash: bytes
    scopes: frozenset[str]
    redirect_uri: str
    client_state: str | None
    expires_at: datetime


async def in_force(work: Transaction, person: str, client_id: str) -> Consent | None:
    """Return what a person agreed to for a client, if they did and did not take it back."""
    row = await work.fetch_one(_IN_FORCE, person=person, client_id=client_id)
    return _consent(row) if row is not None else None


async def of_person(work: Transaction, person: str, *, now: datetime) -> list[tuple[Consent, str]]:
    """Return what a person agreed to, each with the name of the application."""
    rows = await work.fetch(_OF_PERSON, person=person, now=now)
    found: list[tuple[Consent, str]] = []
    for row in rows:
        values = dict(row)
        name = values.pop("client_name")
        found.append((_consent(values), name))
    return found


async def provider_of(work: Transaction, owner: UUID | None) -> str:
    """Return the name of the organisation an application belongs to; nothing if it is our own."""
    row = await work.fetch_one(_PROVIDER, owner=owner) if owner is not None else None
    return row["organization_name"] if row is not None else ""


async def give(
    work: Transaction, person: str, client_id: str, answer: tuple[Question, frozenset[str]]
) -> None:
    """Write down a yes, given as the question and what was agreed to, over any earlier one."""
    (question, given), now = answer, clock.now()
    await work.execute(_REPLACE, whose=person, client=client_id, at=now)
    await work.execute(
        _ADD,
        id=new_id(),
        person=person,
        client_id=client_id,
        asked=sorted(question.scopes),
        given=sorted(given),
        given_at=now,
        expires_at=expiry_of(now),
    )


async def withdraw(work: Transaction, consent_id: UUID, *, person: str, at: datetime) -> str | None:
    """Take a person's own consent back and return for which client; None if there is none."""
    row = await work.fetch_one(_WITHDRAW, consent=consent_id, whose=person, at=at)
    return row["client_id"] if row is not None else None


async def open_sessions(
    work: Transaction, person: str, client_id: str, *, now: datetime
) -> list[UUID]:
    """Return the sessions a person has open at one client."""
    rows = await work.fetch(_SESSIONS, person=person, client_id=client_id, now=now)
    return [row["id"] for row in rows]


async def put(
    work: Transaction, question: Question, *, request_hash: bytes, browser_hash: bytes
) -> None:
    """Keep a question under its hash, for one browser."""
    await work.execute(
        _PUT,
        request_hash=request_hash,
        browser_hash=browser_hash,
        session_id=question.session_id,
        code_hash=question.code_hash,
        scopes=sorted(question.scopes),
        redirect_uri=question.redirect_uri,
        client_state=question.client_state,
        expires_at=question.expires_at,
    )


async def find(work: Transaction, *, request_hash: bytes, browser_hash: bytes) -> Question | None:
    """Return a question that was put to this browser."""
    row = await work.fetch_one(_FIND, request_hash=request_hash, browser_hash=browser_hash)
    return _question(row) if row is not None else None


async def take(work: Transaction, *, request_hash: bytes, browser_hash: bytes) -> Question | None:
    """Return a question to answer it; it cannot be answered twice."""
    row = await work.fetch_one(_TAKE, request_hash=request_hash, browser_hash=browser_hash)
    return _question(row) if row is not None else None


async def release(
    work: Transaction, held: bytes, *, released: bytes, given: frozenset[str], until: datetime
) -> bool:
    """Give a held code the hash of a text that now leaves the house, and the scopes agreed to."""
    return (
        await work.execute(_RELEASE, held=held, released=released, given=sorted(given), until=until)
        > 0
    )


async def tidy(work: Transaction, *, before: datetime) -> int:
    """Forget questions nobody answered."""
    return await work.execute(_TIDY, before=before)


def _consent(row: Row) -> Consent:
    values: dict[str, Any] = {
        **row,
        "asked": frozenset(row["asked"]),
        "given": frozenset(row["given"]),
    }
    return Consent(**values)


def _question(row: Row) -> Question:
    values: dict[str, Any] = {**row, "scopes": frozenset(row["scopes"])}
    return Question(**values)
