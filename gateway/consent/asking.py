"""Between a sign-in and its code: whether the person must be asked first, and the question itself.

The code exists when the question is put, but nobody has its text: it is kept under the hash of a
text that was thrown away. So whatever else a code carries needs no second place to wait in.
"""

import secrets
from dataclasses import dataclass, field

from foundation import clock
from foundation.database import Transaction
from gateway.authorization.domain import Session
from gateway.clients.domain import Client
from gateway.handles import Handle, digest

from . import repository
from .domain import QUESTION_LIFETIME
from .repository import Question
from .sentences import askable


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A question on its way to a browser: its name, and the cookie that ties it to this one."""

    request: Handle
    browser: str = field(repr=False)


def must_be_asked(client: Client, session: Session) -> bool:
    """Whether a person's own word is needed beside the municipality's leave.

    An official acts for the municipality, which gave its leave already; everybody else acts for
    themselves.
    """
    return client.needs_consent and session.kind != "official"


async def settled(
    work: Transaction, client: Client, session: Session, scopes: frozenset[str]
) -> frozenset[str] | None:
    """Return what may be given without asking now; None when the person must be asked."""
    if not must_be_asked(client, session):
        return scopes
    known = await repository.in_force(work, session.person, client.client_id)
    wanted = askable(scopes)
    return known.covers(wanted, now=clock.now()) if known is not None else None


async def put(work: Transaction, question: Question, request: Handle) -> Ticket:
    """Keep a question for the browser that signs in now."""
    browser = secrets.token_urlsafe(32)
    await repository.tidy(work, before=clock.now() - QUESTION_LIFETIME)
    await repository.put(work, question, request_hash=request.digest, browser_hash=digest(browser))
    return Ticket(request=request, browser=browser)
