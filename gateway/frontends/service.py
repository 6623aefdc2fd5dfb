"""Beginning, carrying on and ending a session in a browser.

The gateway is the front end's confidential client: it sends the browser to sign in, takes the code
back itself, and redeems it without a token ever being written. What the browser keeps is a cookie.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode, urlsplit, urlunsplit
from uuid import UUID

from foundation import clock
from foundation.database import Transaction
from foundation.problems import Problem
from gateway import trail
from gateway.authorization import repository as sessions
from gateway.authorization.domain import Session
from gateway.authorization.errors import OAuthError
from gateway.authorization.pkce import answers, challenge_of
from gateway.authorization.requests import read
from gateway.authorization.service import end
from gateway.clients import repository as clients
from gateway.clients.domain import Client
from gateway.handles import Handle, digest
from gateway.signin import departure
from gateway.signin.problems import SignInNotFound
from gateway.state import GatewayState
from gateway.tenants import Municipality

from . import repository
from .domain import GRACE, BrowserSession
from .passes import settled
from .problems import SessionOver
from .repository import SignIn

LIFETIME = timedelta(minutes=20)
"""How long a browser may be away: the sign-in itself, and a question put on the way back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """A browser about to leave: where to, and the two cookies that tie it to its return."""

    ticket: departure.Ticket
    state: Handle
    browser: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """A browser back from its sign-in: where it wanted to be, and its session if it has one."""

    location: str
    secret: Handle | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """An open session as its own front end is told of it."""

    place: Municipality
    session: Session
    browser: BrowserSession
    client: Client
    csrf: str = field(repr=False)


def redirect_uri(door: GatewayState) -> str:
    """Return where codes for sessions of a browser come back to: here."""
    return f"{door.settings.issuer}/session/callback"


async def begin(
    door: GatewayState,
    place: Municipality,
    client: Client,
    asked: Mapping[str, str],
    *,
    return_to: str,
) -> Departure:
    """Send a browser to sign in for a front end.

    Args:
        door: the gateway.
        place: the municipality.
        client: the front end.
        asked: what it says of the sign-in: as whom, how surely, for which scopes; without any,
            for all it may have.
        return_to: where the browser wants to be afterwards; one of the front end's own pages.

    Raises:
        OAuthError: what is asked for is not offered, the municipality gave this front end no
            leave, or it has no provider.
    """
    state, browser = Handle.new(place.code), secrets.token_urlsafe(32)
    parameters = {
        "scope": " ".join(sorted(client.scopes)),
        **asked,
        "response_type": "code",
        "redirect_uri": redirect_uri(door),
        "state": state.text,
        "code_challenge": challenge_of(door.pseudonyms.verifier(state.text)),
        "code_challenge_method": "S256",
    }
    # Nobody but us wrote these down, so they count as pushed.
    made = read(parameters, client, is_pushed=True)
    async with door.database.transaction(place.tenancy) as work:
        await repository.tidy(work, before=clock.now() - LIFETIME)
        await repository.leave(
            work,
            SignIn(
                client_id=client.client_id,
                return_to=return_to,
                expires_at=clock.now() + LIFETIME,
            ),
            state_hash=state.digest,
            browser_hash=digest(browser),
        )
    ticket = await departure.depart(door, place, made, at_home=True)
    return Departure(ticket=ticket, state=state, browser=browser)


def refused(return_to: str, error: OAuthError) -> str:
    """Return where a refusal is told: at the page the browser wanted to be."""
    return _with(return_to, error=error.code)


async def finish(
    door: GatewayState,
    state: Handle | None,
    *,
    code: str | None,
    error: str | None,
    browser: str,
) -> Return:
    """Receive a browser back and give it a session with an id nobody has seen before.

    Raises:
        SignInNotFound: this browser left for no such sign-in, or its code is not for it.
    """
    place = departure.place_of(door, state)
    async with door.database.transaction(place.tenancy) as work:
        sign_in = (
            await repository.take(work, state_hash=state.digest, browser_hash=digest(browser))
            if state is not None
            else None
        )
    if sign_in is None or state is None or sign_in.expires_at <= clock.now():
        raise SignInNotFound
    if code is None:
        return Return(location=_with(sign_in.return_to, error=error or "server_error"))
    secret = Handle.new(place.code)
    async with door.database.transaction(place.tenancy) as work:
        session, scopes = await _redeemed(door, work, sign_in, state=state, code=code)
        now = clock.now()
        await repository.add(
            work,
            BrowserSession(
                session_id=session.id,
                secret_hash=secret.digest,
                previous_hash=None,
                previous_until=None,
                scopes=scopes,
                rotated_at=now,
                seen_at=now,
                expires_at=session.expires_at,
                ended_at=None,
                idle=door.idle(place.code),
            ),
        )
        await _note(work, session, "platform.browser-session.begun")
    return Return(location=sign_in.return_to, secret=secret)


async def _redeemed(
    door: GatewayState, work: Transaction, sign_in: SignIn, *, state: Handle, code: str
) -> tuple[Session, frozenset[str]]:
    """Use a code up as its client would (OAuth 2.1 §4.1.3); no token is made of it."""
    handle, now = Handle.parse(code), clock.now()
    found = await sessions.code_locked(work, handle.digest) if handle is not None else None
    if (
        handle is None
        or found is None
        or found.redeemed_at is not None
        or now >= found.expires_at
        or (found.client_id, found.redirect_uri) != (sign_in.client_id, redirect_uri(door))
        or not answers(found.code_challenge, door.pseudonyms.verifier(state.text))
    ):
        raise SignInNotFound
    session = await sessions.session_locked(work, found.session_id)
    if session is None or not session.is_open(now):
        raise SignInNotFound
    await sessions.redeem(work, handle.digest, at=now)
    return session, found.scopes


async def present(door: GatewayState, cookie: str | None) -> Present:
    """Return the open session of a cookie.

    Being asked is no use of it: a page that watches the clock must not keep it open.

    Raises:
        SessionOver: it is of no session that is open.
    """
    place, handle = _own(door, cookie)
    found: Present | None = None
    async with door.database.transaction(place.tenancy) as work:
        browser = await settled(work, handle, idle=door.idle(place.code))
        if browser is not None:
            found = await _present(door, work, (place, browser))
    if found is None:
        raise SessionOver
    return found


async def renewed(door: GatewayState, here: Present, cookie: str | None) -> Handle | None:
    """Return the session's next id if it is due, to the one request of several that is first.

    The answer must hand it over: an id that is lost on the way takes the session with it.
    """
    handle, now = Handle.parse(cookie), clock.now()
    if handle is None or not here.browser.is_due_for_rotation(handle.digest, now):
        return None
    fresh = Handle.new(handle.code)
    following = here.browser.rotated(fresh.digest, now, grace=GRACE)
    async with door.database.transaction(here.place.tenancy) as work:
        is_first = await repository.rotate(work, following)
    return fresh if is_first else None


async def _present(
    door: GatewayState,
    work: Transaction,
    of: tuple[Municipality, BrowserSession],
) -> Present | None:
    (place, browser), now = of, clock.now()
    session = await sessions.session(work, browser.session_id)
    client = await clients.find(work, session.client_id) if session is not None else None
    if session is None or client is None or not client.is_in_force(now):
        return None
    return Present(
        place=place,
        session=session,
        browser=browser,
        client=client,
        csrf=door.pseudonyms.csrf(str(session.id)),
    )


async def sign_out(door: GatewayState, here: Present) -> None:
    """End a session and everything given in it, at every gateway within a second."""
    async with door.database.transaction(here.place.tenancy) as work:
        await _end(work, here.session.id, because="signed-out")


async def leave_behind(door: GatewayState, cookie: str | None) -> None:
    """End the session a browser had before it signed in anew; none of it goes on under the new."""
    try:
        place, handle = _own(door, cookie)
    except Problem:
        return
    async with door.database.transaction(place.tenancy) as work:
        browser = await settled(work, handle, idle=door.idle(place.code))
        if browser is not None:
            await _end(work, browser.session_id, because="signed-in-anew")


async def _end(work: Transaction, session_id: UUID, *, because: str) -> None:
    session = await sessions.session_locked(work, session_id)
    if session is not None and await end(work, session_id, because=because):
        await _note(work, session, "platform.session.ended", because=because)


async def _note(work: Transaction, session: Session, action: str, **detail: str) -> None:
    await trail.note_session(
        work,
        (session.kind, session.subject, session.client_id),
        action,
        detail={"session": str(session.id), **detail},
    )


def _own(door: GatewayState, cookie: str | None) -> tuple[Municipality, Handle]:
    handle = Handle.parse(cookie)
    place = door.tenants.find(handle.code) if handle is not None else None
    if handle is None or place is None or not place.takes_part:
        raise SessionOver
    return place, handle


def _with(address: str, **parameters: str) -> str:
    parts = urlsplit(address)
    query = "&".join(filter(None, (parts.query, urlencode(parameters))))
    return urlunsplit(parts._replace(query=query))
