"""Sending somebody to prove who they are, with everything about their return settled first.

What binds the two ends: a state only this sign-in has, a cookie only this browser has, a provider
chosen before leaving, and a nonce and a PKCE secret derived from the state with our own key.
"""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from foundation import clock
from foundation.database import Transaction
from foundation.identity.relying_party import ProviderUnreachable
from gateway.authorization.errors import OAuthError, TemporarilyUnavailable, UnauthorizedClient
from gateway.authorization.requests import AuthorizationRequest, refusal_at
from gateway.clients import repository as clients
from gateway.handles import Handle, digest
from gateway.state import GatewayState
from gateway.tenants import Municipality

from . import repository
from .problems import SignInNotFound
from .repository import UNTIED, Departure

LIFETIME = timedelta(minutes=10)
_SCOPES = {"resident": "openid name address birthdate gender", "official": "openid profile groups"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One step of a sign-in: where the browser goes, and the cookie that ties it to this one."""

    location: str
    state: Handle
    browser: str | None = field(default=None, repr=False)


async def depart(
    door: GatewayState, place: Municipality, request: AuthorizationRequest, *, at_home: bool
) -> Ticket:
    """Settle the sign-in and return where to send the browser.

    Args:
        door: the gateway.
        place: the municipality.
        request: what the front end asked for.
        at_home: whether the browser is at the issuer's own host. At a municipality's own address
            it first goes there, because a cookie set here would not come back to the callback.

    Raises:
        UnauthorizedClient: the municipality gave this front end no leave.
        TemporarilyUnavailable: it has no provider, or the provider does not answer.
    """
    state = Handle.new(place.code)
    browser = secrets.token_urlsafe(32) if at_home else None
    async with door.database.transaction(place.tenancy) as work:
        departure = await _settled(work, request)
        await repository.tidy(work, before=clock.now() - LIFETIME)
        await repository.add(
            work,
            departure,
            state_hash=state.digest,
            browser_hash=digest(browser) if browser else UNTIED,
        )
    if browser is None:
        location = f"{door.settings.issuer}/oauth/continue?state={state.text}"
        return Ticket(location=location, state=state)
    location = await _way_out(door, place, departure, state)
    return Ticket(location=location, state=state, browser=browser)


async def go_on(door: GatewayState, state: Handle | None) -> Ticket:
    """Tie a sign-in begun at a municipality's own address to this browser, and send it on.

    Raises:
        SignInNotFound: it was tied before, is over, or never was.
    """
    place = place_of(door, state)
    browser = secrets.token_urlsafe(32)
    async with door.database.transaction(place.tenancy) as work:
        departure = await repository.tie(
            work,
            state_hash=state.digest if state else b"",
            browser_hash=digest(browser),
            now=clock.now(),
        )
    if departure is None or state is None:
        raise SignInNotFound
    try:
        location = await _way_out(door, place, departure, state)
    except OAuthError as error:
        return Ticket(location=refused(door, departure, error), state=state)
    return Ticket(location=location, state=state, browser=browser)


async def _settled(work: Transaction, request: AuthorizationRequest) -> Departure:
    client = request.client
    leave = await clients.leave(work, client.client_id)
    scopes = client.granted(request.scopes, kind=request.kind, leave=leave)
    if not scopes:
        raise UnauthorizedClient("This application has no leave to act in this municipality.")
    provider = await repository.provider_of(work, request.kind)
    if provider is None:
        raise TemporarilyUnavailable("This municipality has no identity provider for this.")
    return Departure(
        kind=request.kind,
        issuer=provider[0].issuer,
        issuer_client_id=provider[0].client_id,
        client_id=client.client_id,
        redirect_uri=request.redirect_uri,
        scopes=scopes,
        client_state=request.state,
        client_nonce=request.nonce,
        code_challenge=request.code_challenge,
        dpop_jkt=request.dpop_jkt,
        demand=request.demand,
        expires_at=clock.now() + LIFETIME,
    )


async def _way_out(
    door: GatewayState, place: Municipality, departure: Departure, state: Handle
) -> str:
    async with door.database.transaction(place.tenancy) as work:
        provider = await repository.provider_of(work, departure.kind)
    wanted = departure.demand.upstream(provider[1] if provider is not None else "")
    try:
        return await door.relying_party.authorization_url(
            departure.provider,
            verifier=door.pseudonyms.verifier(state.text),
            nonce=door.pseudonyms.nonce(state.text),
            state=state.text,
            scope=_SCOPES[departure.kind],
            **wanted,
        )
    except ProviderUnreachable as error:
        raise TemporarilyUnavailable(
            "The identity provider does not answer.", reason=f"provider: {error}"
        ) from error


def place_of(door: GatewayState, state: Handle | None) -> Municipality:
    """Return the municipality a sign-in was begun for.

    Raises:
        SignInNotFound: this is no state of ours.
    """
    found = door.tenants.find(state.code) if state is not None else None
    if found is None or not found.takes_part:
        raise SignInNotFound
    return found


def refused(door: GatewayState, departure: Departure, error: OAuthError) -> str:
    """Return where the browser takes a refusal: to the address settled before it left."""
    return refusal_at(
        departure.redirect_uri, error, issuer=door.settings.issuer, state=departure.client_state
    )
