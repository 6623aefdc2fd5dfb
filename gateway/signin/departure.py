"""Sending somebody to prove who they are, with everything about their return settled first.

What binds the two ends: a state only this sign-in has, a cookie only this browser has, a provider
chosen before leaving, and a nonce and a PKCE secret derived from the state with our own key.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from foundation import clock
from foundation.database import Transaction
from foundation.identity.relying_party import ProviderUnreachable
from gateway.authorization.errors import OAuthError, TemporarilyUnavailable, UnauthorizedClient
from gateway.authorization.requests import AuthorizationRequest, refusal_at
from gateway.clients import repository as clients
from gateway.handles import Handle, digest
from gateway.officials.providers import repository as officials
from gateway.officials.providers.domain import IdentityProvider
from gateway.state import GatewayState
from gateway.tenants import Municipality

from . import providers, repository
from .problems import SignInNotFound
from .repository import UNTIED, Departure

LIFETIME = timedelta(minutes=10)


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
    async with door.database.transaction(place.tenancy) as work:
        departure = await _settled(door, work, request)
        # Where there is a choice, the browser is tied to the sign-in when it has chosen.
        is_settled = at_home and departure.issuer != ""
        browser = secrets.token_urlsafe(32) if is_settled else None
        await repository.tidy(work, before=clock.now() - LIFETIME)
        await repository.add(
            work,
            departure,
            state_hash=state.digest,
            browser_hash=digest(browser) if browser else UNTIED,
        )
    if browser is None:
        step = "continue" if departure.issuer else "providers"
        location = f"{door.settings.issuer}/oauth/{step}?state={state.text}"
        return Ticket(location=location, state=state)
    location = await _way_out(door, place, departure, state)
    return Ticket(location=location, state=state, browser=browser)


async def offered(door: GatewayState, state: Handle | None) -> Sequence[IdentityProvider]:
    """Return the providers somebody can choose from.

    Raises:
        SignInNotFound: this is no state of ours.
    """
    place = place_of(door, state)
    async with door.database.transaction(place.tenancy) as work:
        return await officials.active(work, providers.cipher_of(door, work))


async def go_on(door: GatewayState, state: Handle | None, *, named: UUID | None = None) -> Ticket:
    """Tie a sign-in to this browser and send it on; `named` is the provider the person chose.

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
        if departure is not None and state is not None and not departure.issuer:
            departure = await _chosen(door, work, departure, state, named)
    if departure is None or state is None:
        raise SignInNotFound
    try:
        location = await _way_out(door, place, departure, state)
    except OAuthError as error:
        return Ticket(location=refused(door, departure, error), state=state)
    return Ticket(location=location, state=state, browser=browser)


async def _chosen(
    door: GatewayState,
    work: Transaction,
    departure: Departure,
    state: Handle,
    named: UUID | None,
) -> Departure | None:
    """Write down the provider a person chose, or nothing if it is none they were offered."""
    try:
        found = await providers.choose(door, work, departure.kind, named=named)
    except (providers.SeveralProviders, OAuthError):
        return None
    await repository.settle_provider(
        work,
        state_hash=state.digest,
        issuer=found.provider.issuer,
        client_id=found.provider.client_id,
        provider_id=found.provider_id,
    )
    return replace(
        departure,
        issuer=found.provider.issuer,
        issuer_client_id=found.provider.client_id,
        provider_id=found.provider_id,
    )


async def _settled(
    door: GatewayState, work: Transaction, request: AuthorizationRequest
) -> Departure:
    client = request.client
    leave = await clients.leave(work, client.client_id)
    scopes = client.granted(request.scopes, kind=request.kind, leave=leave)
    if not scopes:
        raise UnauthorizedClient("This application has no leave to act in this municipality.")
    try:
        found = await providers.choose(door, work, request.kind, named=request.provider_id)
    except providers.SeveralProviders:
        found = None
    return Departure(
        kind=request.kind,
        issuer=found.provider.issuer if found else "",
        issuer_client_id=found.provider.client_id if found else "",
        provider_id=found.provider_id if found else None,
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
        found = await providers.chosen(door, work, departure)
    if found is None:
        raise TemporarilyUnavailable("This identity provider is no longer in use.")
    wanted = departure.demand.upstream(found.acr_values)
    try:
        return await door.relying_party.authorization_url(
            found.provider,
            verifier=door.pseudonyms.verifier(state.text),
            nonce=door.pseudonyms.nonce(state.text),
            state=state.text,
            scope=found.scope,
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
