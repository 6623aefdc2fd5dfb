"""Receiving somebody back: who they are, which record of the register, and their session."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from foundation import clock
from foundation.database import Transaction
from foundation.identifiers import new_id
from foundation.identity.relying_party import (
    Identification,
    ProviderError,
    ProviderUnreachable,
    UntrustworthyAnswer,
)
from gateway import trail
from gateway.authorization import repository as sessions
from gateway.authorization.domain import CODE_LIFETIME, SESSION_LIFETIME, Binding, Code, Session
from gateway.authorization.errors import (
    AccessDenied,
    OAuthError,
    ServerError,
    TemporarilyUnavailable,
    UnmetAuthenticationRequirements,
)
from gateway.authorization.requests import answer_at
from gateway.bindings import repository as bindings
from gateway.bindings.matching import Match, RegisterUnavailable, card_face
from gateway.clients import repository as clients
from gateway.consent import asking
from gateway.consent.domain import QUESTION_LIFETIME
from gateway.consent.repository import Question
from gateway.handles import Handle, digest
from gateway.state import GatewayState
from gateway.tenants import Municipality

from . import repository
from .departure import LIFETIME, place_of, refused
from .problems import SignInNotFound
from .repository import Departure

_log = logging.getLogger(__name__)

_NEVER = datetime.fromtimestamp(0, UTC)
"""When somebody proved themselves whose provider does not say: nothing that needs a fresh proof
may rest on it."""

_KEPT = timedelta(days=30)
_MOST_GROUPS = 200
_LONGEST_GROUP = 255
_DENIED = frozenset({"access_denied", "login_required", "interaction_required"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrival:
    """Somebody who came back, before their session is written."""

    place: Municipality
    departure: Departure
    found: Identification
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """Where somebody who was received goes next, and the question they are asked on the way."""

    location: str
    question: asking.Ticket | None = None


async def arrive(
    door: GatewayState, parameters: Mapping[str, str], *, browser: str | None
) -> Landing:
    """Receive somebody from their provider and return where to send them: with a code, or not.

    Raises:
        SignInNotFound: no sign-in of this browser has this state; nothing is said to anybody else.
    """
    state = Handle.parse(parameters.get("state"))
    place = place_of(door, state)
    async with door.database.transaction(place.tenancy) as work:
        departure = (
            await repository.take(work, state_hash=state.digest, browser_hash=digest(browser or ""))
            if state
            else None
        )
    if departure is None or state is None or departure.expires_at <= clock.now():
        raise SignInNotFound
    try:
        found = await _identified(door, departure, state, parameters)
        departure.demand.judge(
            found.acr, found.authenticated_at, began_at=departure.expires_at - LIFETIME
        )
        person = door.pseudonyms.person(
            tenant_id=place.tenancy.tenant_id, issuer=found.issuer, subject=found.subject
        )
        return await _received(
            door, _Arrival(place=place, departure=departure, found=found, person=person)
        )
    except OAuthError as error:
        _log.info("sign-in refused %s: %s", error.code, error)
        return Landing(location=refused(door, departure, error))


async def _identified(
    door: GatewayState, departure: Departure, state: Handle, parameters: Mapping[str, str]
) -> Identification:
    named = parameters.get("iss")
    if named is not None and named != departure.issuer:
        raise ServerError(reason="another issuer answers")
    if parameters.get("error") == UnmetAuthenticationRequirements.code:
        raise UnmetAuthenticationRequirements(reason="the provider cannot meet the demand")
    if "error" in parameters:
        denied = parameters["error"] in _DENIED
        raise AccessDenied if denied else ServerError(reason="the provider reports an error")
    if "code" not in parameters:
        raise ServerError(reason="neither a code nor an error")
    try:
        return await door.relying_party.identify(
            departure.provider,
            code=parameters["code"],
            verifier=door.pseudonyms.verifier(state.text),
            nonce=door.pseudonyms.nonce(state.text),
            named=named,
        )
    except ProviderUnreachable as error:
        raise TemporarilyUnavailable(reason=f"provider: {error}") from error
    except ProviderError as error:
        raise AccessDenied(reason=f"provider: {error.code}") from error
    except UntrustworthyAnswer as error:
        raise ServerError(reason=f"not believed: {error}") from error


async def _received(door: GatewayState, arrival: _Arrival) -> Landing:
    """Write session, binding, code and audit entry in one transaction; return where to go."""
    departure, place = arrival.departure, arrival.place
    match, binding = await _looked_up(door, arrival)
    async with door.database.transaction(place.tenancy) as work:
        client = await clients.find(work, departure.client_id)
        if client is None or not client.is_in_force(clock.now()):
            raise AccessDenied(reason="the client was suspended meanwhile")
        session = _session(door, arrival, sector=client.sector, binding=binding)
        resident_id = await _bind(work, arrival.person, match)
        await sessions.tidy(work, before=clock.now() - _KEPT)
        await sessions.open_session(work, session)
        agreed = await asking.settled(work, client, session, departure.scopes)
        code = await _code(work, arrival, session, scopes=agreed)
        question = await _asked(work, arrival, session, code) if agreed is None else None
        await trail.note_session(
            work,
            (session.kind, session.subject, session.client_id),
            "platform.sign-in",
            subjects=[resident_id] if resident_id else [],
            detail={"session": str(session.id), "binding": binding},
        )
    if question is not None:
        location = f"{door.settings.issuer}/oauth/consent?request={question.request.text}"
        return Landing(location=location, question=question)
    return Landing(
        location=answer_at(
            departure.redirect_uri,
            issuer=door.settings.issuer,
            code=code.text,
            state=departure.client_state,
        )
    )


async def _asked(
    work: Transaction, arrival: _Arrival, session: Session, code: Handle
) -> asking.Ticket:
    """Put the question that stands between somebody and their code; the code's text is dropped."""
    departure = arrival.departure
    question = Question(
        session_id=session.id,
        code_hash=code.digest,
        scopes=departure.scopes,
        redirect_uri=departure.redirect_uri,
        client_state=departure.client_state,
        expires_at=clock.now() + QUESTION_LIFETIME,
    )
    return await asking.put(work, question, Handle.new(arrival.place.code))


async def _looked_up(door: GatewayState, arrival: _Arrival) -> tuple[Match | UUID | None, Binding]:
    """Return the record a resident is bound to, or was found to be; officials are not looked up.

    The register is asked outside any transaction: a slow answer must hold no connection.
    """
    if arrival.departure.kind == "official":
        return None, "none"
    async with door.database.transaction(arrival.place.tenancy) as work:
        known = await bindings.find(work, arrival.person)
    if known is not None:
        return known, "bound"
    card = card_face(arrival.found.claims)
    if card is None:
        return None, "unmatched"
    try:
        match = await door.matcher.match(arrival.place.tenancy, card)
    except RegisterUnavailable as error:
        _log.warning("the register could not be asked: %s", error)
        return None, "unavailable"
    return match, "unmatched" if match is None else "bound"


async def _bind(work: Transaction, person: str, match: Match | UUID | None) -> UUID | None:
    """Bind a person found in the register for the first time; the first binding stands."""
    if not isinstance(match, Match):
        return match
    if await bindings.bind(
        work, person, resident_id=match.resident_id, grade=match.grade, at=clock.now()
    ):
        return match.resident_id
    return await bindings.find(work, person)


def _session(door: GatewayState, arrival: _Arrival, *, sector: str, binding: Binding) -> Session:
    now, departure, found = clock.now(), arrival.departure, arrival.found
    return Session(
        id=new_id(),
        kind=departure.kind,
        person=arrival.person,
        subject=door.pseudonyms.subject(
            arrival.person,
            tenant_id=arrival.place.tenancy.tenant_id,
            kind=departure.kind,
            sector=sector,
        ),
        client_id=departure.client_id,
        groups=_groups(found.claims) if departure.kind == "official" else (),
        acr=found.acr,
        auth_time=found.authenticated_at or _NEVER,
        binding=binding,
        created_at=now,
        expires_at=now + SESSION_LIFETIME[departure.kind],
    )


async def _code(
    work: Transaction, arrival: _Arrival, session: Session, *, scopes: frozenset[str] | None
) -> Handle:
    """Keep a code for `scopes`; None: for all that was asked, until the person has answered."""
    departure, handle = arrival.departure, Handle.new(arrival.place.code)
    code = Code(
        session_id=session.id,
        client_id=departure.client_id,
        redirect_uri=departure.redirect_uri,
        scopes=departure.scopes if scopes is None else scopes,
        nonce=departure.client_nonce,
        code_challenge=departure.code_challenge,
        dpop_jkt=departure.dpop_jkt,
        expires_at=session.created_at + CODE_LIFETIME,
    )
    await sessions.add_code(work, handle.digest, code)
    return handle


def _groups(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the groups of the municipality's own directory; what is no list of texts is none."""
    named: object = claims.get("groups")
    if not isinstance(named, list):
        return ()
    texts = [one for one in cast("list[object]", named) if isinstance(one, str)]
    return tuple(sorted({one for one in texts if 0 < len(one) <= _LONGEST_GROUP})[:_MOST_GROUPS])
