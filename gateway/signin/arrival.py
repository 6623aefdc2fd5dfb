"""Receiving somebody back: who they are, which record of the register, and their session."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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
from gateway.authorization.domain import SESSION_LIFETIME, Binding, Code, Session
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
from gateway.bindings.recognition import Recognised, recognise
from gateway.clients import repository as clients
from gateway.consent import asking
from gateway.consent.domain import QUESTION_LIFETIME
from gateway.consent.repository import Question
from gateway.handles import Handle, digest
from gateway.state import GatewayState
from gateway.tenants import Municipality

from . import providers, repository, subjects
from .departure import LIFETIME, place_of, refused
from .problems import SignInNotFound
from .providers import Chosen
from .repository import Departure

_log = logging.getLogger(__name__)

_NEVER = datetime.fromtimestamp(0, UTC)
"""When somebody proved themselves whose provider does not say: nothing that needs a fresh proof
may rest on it."""

_KEPT = timedelta(days=30)
_DENIED = frozenset({"access_denied", "login_required", "interaction_required"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrival:
    """Somebody who came back, before their session is written."""

    place: Municipality
    departure: Departure
    chosen: Chosen
    found: Identification
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Card:
    """What a card says of its holder: the record that fits, and by what it is known again."""

    match: Match | None = None
    attributes: bytes | None = None
    is_unknown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """Where somebody who was received goes next, and the question they are asked on the way."""

    location: str
    question: asking.Ticket | None = None


async def arrive(
    door: GatewayState,
    parameters: Mapping[str, str],
    *,
    browser: str | None,
    at: UUID | None = None,
) -> Landing:
    """Receive somebody from their provider and return where to send them: with a code, or not.

    `at` is the provider whose own address the answer came to; None: to the one all others share.

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
        chosen = None if departure is None else await providers.chosen(door, work, departure)
    if departure is None or state is None or departure.expires_at <= clock.now():
        raise SignInNotFound
    try:
        if chosen is None:
            raise AccessDenied(reason="the provider is no longer in use")
        _check_address(chosen, at)
        found = await _identified(door, chosen, state, parameters)
        departure.demand.judge(
            found.acr, found.authenticated_at, began_at=departure.expires_at - LIFETIME
        )
        person = door.pseudonyms.person(
            tenant_id=place.tenancy.tenant_id, issuer=found.issuer, subject=found.subject
        )
        return await _received(
            door,
            _Arrival(place=place, departure=departure, chosen=chosen, found=found, person=person),
        )
    except OAuthError as error:
        _log.info("sign-in refused %s: %s", error.code, error)
        return Landing(location=refused(door, departure, error))


def _check_address(chosen: Chosen, at: UUID | None) -> None:
    """Refuse an answer that came to another provider's address (RFC 9700 §4.4.2)."""
    expected = chosen.provider_id if chosen.provider.redirect_uri is not None else None
    if at != expected:
        raise ServerError(reason="an answer at another provider's address")


async def _identified(
    door: GatewayState, chosen: Chosen, state: Handle, parameters: Mapping[str, str]
) -> Identification:
    named = parameters.get("iss")
    if named is not None and named != chosen.provider.issuer:
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
            chosen.provider,
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
    card = await _looked_up(door, arrival)
    async with door.database.transaction(place.tenancy) as work:
        client = await clients.find(work, departure.client_id)
        if client is None or not client.is_in_force(clock.now()):
            raise AccessDenied(reason="the client was suspended meanwhile")
        binding, found = await _recognised(work, arrival, card)
        subject = await subjects.of(
            door, work, arrival.chosen, arrival.found, _names(door, arrival, client.sector)
        )
        session = _session(door, arrival, subject=subject, binding=binding)
        await sessions.tidy(work, before=clock.now() - _KEPT)
        await sessions.open_session(work, session)
        await _note_contest(work, session, found)
        agreed = await asking.settled(work, client, session, departure.scopes)
        code = await _code(work, arrival, session, scopes=agreed, life=client.rules.code_lifetime)
        question = await _asked(work, arrival, session, code) if agreed is None else None
        await trail.note_session(
            work,
            (session.kind, session.subject, session.client_id),
            "platform.sign-in",
            subjects=[found.resident_id] if found and found.resident_id else [],
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


async def _looked_up(door: GatewayState, arrival: _Arrival) -> _Card:
    """Return what the register knows of a resident's card; nobody else is looked up in it.

    The register is asked outside any transaction: a slow answer must hold no connection.
    """
    card = card_face(arrival.found.claims) if arrival.departure.kind == "resident" else None
    if card is None:
        return _Card()
    tenancy = arrival.place.tenancy
    attributes = door.pseudonyms.attributes(*card.parts, tenant_id=tenancy.tenant_id)
    async with door.database.transaction(tenancy) as work:
        known = await bindings.find(work, arrival.person)
    if known is not None:
        return _Card(attributes=attributes)
    try:
        return _Card(attributes=attributes, match=await door.matcher.match(tenancy, card))
    except RegisterUnavailable as error:
        _log.warning("the register could not be asked: %s", error)
        return _Card(is_unknown=True)


async def _recognised(
    work: Transaction, arrival: _Arrival, card: _Card
) -> tuple[Binding, Recognised | None]:
    """Return how somebody stands to the register; only residents do."""
    if arrival.departure.kind != "resident":
        return "none", None
    found = await recognise(work, arrival.person, match=card.match, attributes=card.attributes)
    if found.resident_id is not None:
        return "bound", found
    return "unavailable" if card.is_unknown else "unmatched", found


async def _note_contest(work: Transaction, session: Session, found: Recognised | None) -> None:
    """Put on record that somebody fits a record that is another's; its holder can read it."""
    if found is not None and found.contested_id is not None:
        await trail.note_session(
            work,
            (session.kind, session.subject, session.client_id),
            "platform.binding.contest",
            decision="denied",
            subjects=[found.contested_id],
        )


def _names(door: GatewayState, arrival: _Arrival, sector: str) -> subjects.Names:
    """Return what somebody is called here; what the provider calls them is not kept."""
    kind, tenant_id = arrival.departure.kind, arrival.place.tenancy.tenant_id
    return subjects.Names(
        kind=kind,
        tenancy=arrival.place.tenancy,
        person=arrival.person,
        subject=door.pseudonyms.subject(
            arrival.person, tenant_id=tenant_id, kind=kind, sector=sector
        ),
    )


def _session(door: GatewayState, arrival: _Arrival, *, subject: str, binding: Binding) -> Session:
    now, departure, found = clock.now(), arrival.departure, arrival.found
    upstream = None
    if found.session is not None:
        upstream = door.pseudonyms.upstream_session(
            found.session, tenant_id=arrival.place.tenancy.tenant_id, issuer=found.issuer
        )
    return Session(
        id=new_id(),
        kind=departure.kind,
        person=arrival.person,
        subject=subject,
        client_id=departure.client_id,
        groups=(),  # what a directory says of a person is kept with their account
        acr=found.acr,
        auth_time=found.authenticated_at or _NEVER,
        binding=binding,
        created_at=now,
        expires_at=now + SESSION_LIFETIME[departure.kind],
        upstream_session=upstream,
    )


async def _code(
    work: Transaction,
    arrival: _Arrival,
    session: Session,
    *,
    scopes: frozenset[str] | None,
    life: timedelta,
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
        expires_at=session.created_at + life,
    )
    await sessions.add_code(work, handle.digest, code)
    return handle
