"""Ending a sign-in because the application, or the person at it, asks for it."""

from dataclasses import dataclass
from uuid import UUID

from foundation import clock
from foundation.database import Transaction
from foundation.identity import InvalidToken
from gateway import trail
from gateway.authorization import repository as sessions
from gateway.authorization.domain import Session
from gateway.authorization.service import end
from gateway.clients import repository as clients
from gateway.clients.domain import Client
from gateway.state import GatewayState
from gateway.tenants import Municipality

from . import repository
from .problems import LogoutRedirectNotRegistered

_TYPE = "JWT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A sign-in as an ID token of ours names it; it may have ended or the token have expired."""

    place: Municipality
    session_id: UUID
    client_id: str
    subject: str


def hint_of(door: GatewayState, token: str | None) -> Hint | None:
    """Read an `id_token_hint` (RP-Initiated Logout §2); None when it is none of ours.

    An expired token still names its sign-in, as §4 asks for: who signs out after a long pause
    has only an old one.
    """
    if token is None:
        return None
    try:
        claims = door.keys.access_tokens.public.verify(token, typ=_TYPE, algorithm="ES256")
        place = door.tenants.find(str(claims["tenant"]))
        if place is None or not place.takes_part or claims["iss"] != door.settings.issuer:
            return None
        return Hint(
            place=place,
            session_id=UUID(str(claims["sid"])),
            client_id=str(claims["aud"]),
            subject=str(claims["sub"]),
        )
    except (InvalidToken, KeyError, ValueError):
        return None


async def client_of(door: GatewayState, hint: Hint | None, named: str | None) -> Client | None:
    """Return which application asks; None when that is not known, or two are named."""
    client_id = named if hint is None else hint.client_id
    if client_id is None or (named is not None and named != client_id) or "\0" in client_id:
        return None
    async with door.database.unbound() as work:
        found = await clients.find(work, client_id)
    return found if found is not None and found.is_in_force(clock.now()) else None


def destination(client: Client | None, address: str | None) -> str | None:
    """Return where the browser goes afterwards; None when it stays here.

    Raises:
        LogoutRedirectNotRegistered: the address is not one of the application's, to the letter.
    """
    if address is None:
        return None
    if client is None or address not in client.post_logout_redirect_uris:
        raise LogoutRedirectNotRegistered
    return address


async def end_hinted(door: GatewayState, hint: Hint) -> None:
    """End the sign-in of a hint; one that has ended already stays so."""
    async with door.database.transaction(hint.place.tenancy) as work:
        session = await sessions.session_locked(work, hint.session_id)
        if session is not None and (session.client_id, session.subject) == (
            hint.client_id,
            hint.subject,
        ):
            await end_open(work, session, because="signed-out-by-application")


async def end_every(door: GatewayState, place: Municipality, session: Session) -> None:
    """End all a person has open in this municipality, through whatever application."""
    async with door.database.transaction(place.tenancy) as work:
        for one in await repository.open_of_person(work, session.person, now=clock.now()):
            found = await sessions.session_locked(work, one.id)
            if found is not None:
                await end_open(work, found, because="signed-out-everywhere")


async def end_open(work: Transaction, session: Session, *, because: str) -> bool:
    """End a sign-in and leave that in the trail; False when it had ended before."""
    if ended := await end(work, session.id, because=because):
        await trail.note_session(
            work,
            (session.kind, session.subject, session.client_id),
            "platform.session.ended",
            detail={"session": str(session.id), "because": because},
        )
    return ended
