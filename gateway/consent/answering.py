"""What becomes of an answer: a code with what was agreed to, or a refusal, at the application."""

from dataclasses import dataclass

from foundation import clock
from foundation.database import Transaction
from gateway import trail
from gateway.authorization import repository as sessions
from gateway.authorization.domain import Session
from gateway.authorization.errors import AccessDenied
from gateway.authorization.requests import answer_at, refusal_at
from gateway.clients import repository as clients
from gateway.clients.domain import Client
from gateway.handles import Handle, digest
from gateway.state import GatewayState
from gateway.tenants import Municipality

from . import repository
from .domain import chosen
from .problems import ConsentRequestNotFound
from .repository import Question
from .sentences import askable


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as its page shows it: who asks, for which municipality, for what."""

    place: Municipality
    client: Client
    session: Session
    question: Question
    provider: str


async def read(door: GatewayState, handle: Handle | None, *, browser: str) -> Asked:
    """Return a question that was put to this browser and is still open.

    Raises:
        ConsentRequestNotFound: there is none.
    """
    place, handle = _place_of(door, handle)
    async with door.database.transaction(place.tenancy) as work:
        question = await repository.find(
            work, request_hash=handle.digest, browser_hash=digest(browser)
        )
        return await _about(work, place, question)


async def accept(
    door: GatewayState, handle: Handle | None, *, browser: str, ticked: frozenset[str] | None
) -> str:
    """Write down what somebody agreed to and return where to send them, with a code.

    Args:
        door: the gateway.
        handle: which question is answered.
        browser: what this browser shows of the question's cookie.
        ticked: the scopes agreed to; None for all of them.

    Raises:
        ConsentRequestNotFound: there is no such open question.
        NothingChosen: they agreed to nothing; the question stays open.
    """
    place, handle = _place_of(door, handle)
    released = Handle.new(place.code)
    async with door.database.transaction(place.tenancy) as work:
        asked = await _taken(work, place, handle, browser)
        question, session = asked.question, asked.session
        wanted = askable(question.scopes)
        given = wanted if ticked is None else chosen(wanted, ticked)
        # What has no sentence was not on the page, so it is neither asked nor given.
        answer = (_narrowed(question, wanted), given)
        await repository.give(work, session.person, session.client_id, answer)
        if not await repository.release(
            work,
            question.code_hash,
            released=released.digest,
            given=given,
            until=clock.now() + asked.client.rules.code_lifetime,
        ):
            raise ConsentRequestNotFound
        await _note(work, asked, "platform.consent.given", scopes=given)
    return answer_at(
        question.redirect_uri,
        issuer=door.settings.issuer,
        code=released.text,
        state=question.client_state,
    )


async def refuse(door: GatewayState, handle: Handle | None, *, browser: str) -> str:
    """End the sign-in that somebody said no to and return where to send them.

    Raises:
        ConsentRequestNotFound: there is no such open question.
    """
    place, handle = _place_of(door, handle)
    async with door.database.transaction(place.tenancy) as work:
        asked = await _taken(work, place, handle, browser)
        # No token was ever given in this session, so there is nothing to put on the list.
        await sessions.end_session(
            work, asked.session.id, at=clock.now(), because="consent-refused"
        )
        await _note(work, asked, "platform.consent.refused", scopes=asked.question.scopes)
    return refusal_at(
        asked.question.redirect_uri,
        AccessDenied("The person did not agree."),
        issuer=door.settings.issuer,
        state=asked.question.client_state,
    )


async def _taken(work: Transaction, place: Municipality, handle: Handle, browser: str) -> Asked:
    question = await repository.take(work, request_hash=handle.digest, browser_hash=digest(browser))
    return await _about(work, place, question)


async def _about(work: Transaction, place: Municipality, question: Question | None) -> Asked:
    if question is None or question.expires_at <= clock.now():
        raise ConsentRequestNotFound
    session = await sessions.session_locked(work, question.session_id)
    client = await clients.find(work, session.client_id) if session is not None else None
    if session is None or client is None or not session.is_open(clock.now()):
        raise ConsentRequestNotFound
    if not client.is_in_force(clock.now()):
        raise ConsentRequestNotFound
    provider = await repository.provider_of(work, client.owner)
    return Asked(place=place, client=client, session=session, question=question, provider=provider)


def _narrowed(question: Question, wanted: frozenset[str]) -> Question:
    return Question(
        session_id=question.session_id,
        code_hash=question.code_hash,
        scopes=wanted,
        redirect_uri=question.redirect_uri,
        client_state=question.client_state,
        expires_at=question.expires_at,
    )


async def _note(work: Transaction, asked: Asked, action: str, *, scopes: frozenset[str]) -> None:
    session = asked.session
    await trail.note_session(
        work,
        (session.kind, session.subject, session.client_id),
        action,
        detail={"session": str(session.id), "scopes": " ".join(sorted(scopes))},
    )


def _place_of(door: GatewayState, handle: Handle | None) -> tuple[Municipality, Handle]:
    found = door.tenants.find(handle.code) if handle is not None else None
    if handle is None or found is None or not found.takes_part:
        raise ConsentRequestNotFound
    return found, handle
