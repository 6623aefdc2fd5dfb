"""Ending what was begun with a provider's word when the provider takes that word back.

OpenID Connect Back-Channel Logout 1.0, with us as the relying party. Whoever signs out at the
town hall's directory, or whose account is closed there, is signed out here within a second: of
every front end, in every process.
"""

from typing import Final
from uuid import UUID

from foundation import clock
from foundation.database import Transaction
from foundation.identity import InvalidToken
from foundation.identity.farewell import Farewell
from foundation.identity.jose import unverified_claims
from foundation.identity.relying_party import Provider, ProviderUnreachable, UntrustworthyAnswer
from gateway.authorization import repository as sessions
from gateway.authorization.errors import InvalidRequest, TemporarilyUnavailable
from gateway.authorization.requests import provider_named
from gateway.clients import repository as clients
from gateway.handles import digest
from gateway.officials.providers import repository as officials
from gateway.officials.providers.domain import ProviderState
from gateway.signin import providers
from gateway.state import GatewayState
from gateway.tenants import Municipality

from . import repository
from .ending import end_open
from .problems import UpstreamNotFound

_OFFICIALS: Final = "official"
_SPOKEN_TO = (ProviderState.ACTIVE, ProviderState.RETIRING, ProviderState.RETIRED)


async def hear(door: GatewayState, place: Municipality, name: str, token: str) -> int:
    """Take a provider's word and return how many sign-ins it ended.

    Args:
        door: the open gateway.
        place: the municipality whose address the word came to.
        name: `resident`, `business`, `official`, or the identifier of one provider of officials.
        token: the logout token.

    Raises:
        UpstreamNotFound: the municipality has no such provider.
        InvalidRequest: the word is not to be believed, or was heard before.
        TemporarilyUnavailable: the provider's keys cannot be had.
    """
    async with door.database.transaction(place.tenancy) as work:
        provider = await _provider(door, work, name, token)
    if provider is None:
        raise UpstreamNotFound
    try:
        word = await door.relying_party.farewell(provider, token)
    except ProviderUnreachable as error:
        raise TemporarilyUnavailable(reason=f"provider: {error}") from error
    except UntrustworthyAnswer as error:
        raise InvalidRequest(
            "The logout token is not believed.", reason=f"not believed: {error}"
        ) from error
    async with door.database.transaction(place.tenancy) as work:
        await _use_up(work, place, provider, word)
        found = await _begun_with(door, work, place, provider, word)
        return sum([await _ended(work, one) for one in found])


async def _provider(
    door: GatewayState, work: Transaction, name: str, token: str
) -> Provider | None:
    """Return the provider; a retired one's word still ends what was begun with it."""
    if name == "resident" or name == "business":  # noqa: PLR1714 - so that the type is narrowed
        return (await providers.choose(door, work, name, named=None)).provider
    if name == _OFFICIALS:
        return await _by_issuer(door, work, token)
    provider_id = provider_named(name)
    if provider_id is None:
        return None
    one = await officials.get(work, providers.cipher_of(door, work), provider_id)
    if one is None or one.state not in _SPOKEN_TO:
        return None
    return providers.of_officials(door, one).provider


async def _by_issuer(door: GatewayState, work: Transaction, token: str) -> Provider | None:
    """Return the provider of officials a token names; its own keys then judge the token."""
    try:
        issuer = unverified_claims(token).get("iss")
    except InvalidToken as error:
        raise InvalidRequest("The logout token is not believed.", reason=str(error)) from error
    active = await officials.active(work, providers.cipher_of(door, work))
    named = [one for one in active if one.issuer == issuer]
    return providers.of_officials(door, named[0]).provider if named else None


async def _use_up(
    work: Transaction, place: Municipality, provider: Provider, word: Farewell
) -> None:
    """Remember the word for as long as it would be believed; a second time it is refused."""
    # One client may serve several municipalities, and each is told of the same farewell.
    is_new = await clients.use_assertion(
        work,
        provider.issuer,
        jti_hash=digest(f"{place.tenancy.tenant_id}.{word.jti}"),
        expires_at=word.good_until,
    )
    if not is_new:
        raise InvalidRequest("This logout token was used before.")


async def _begun_with(
    door: GatewayState, work: Transaction, place: Municipality, provider: Provider, word: Farewell
) -> list[UUID]:
    """Return the open sign-ins a word is about.

    Of a person's sessions at the provider one may be over: then only what was begun in it ends,
    and what was begun in a session the provider did not name to us.
    """
    tenant_id, now = place.tenancy.tenant_id, clock.now()
    session = None
    if word.session is not None:
        session = door.pseudonyms.upstream_session(
            word.session, tenant_id=tenant_id, issuer=provider.issuer
        )
    if word.subject is None:
        return await repository.open_in_upstream_session(work, session, now=now)
    person = door.pseudonyms.person(
        tenant_id=tenant_id, issuer=provider.issuer, subject=word.subject
    )
    begun = await repository.begun_by_person(work, person, now=now)
    return [one for one, upstream in begun if session is None or upstream in (None, session)]


async def _ended(work: Transaction, session_id: UUID) -> bool:
    session = await sessions.session_locked(work, session_id)
    return session is not None and await end_open(work, session, because="signed-out-upstream")
