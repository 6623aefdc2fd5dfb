"""To whom somebody is sent to prove who they are, and how that provider is spoken to.

Chosen before the browser leaves and written down with the sign-in: whoever answers, the answer is
judged as that provider's and nobody else's (RFC 9700 §4.4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from foundation.database import Transaction
from foundation.encryption import Cipher, KeyUnavailable
from foundation.identity.relying_party import Provider
from foundation.tenancy import Tenancy
from gateway.authorization.errors import InvalidRequest, TemporarilyUnavailable
from gateway.businesses import repository as businesses
from gateway.officials.providers import repository as officials
from gateway.officials.providers.desk import spoken_to
from gateway.officials.providers.domain import Claims, IdentityProvider, ProviderState
from gateway.state import GatewayState

from . import repository
from .repository import Departure, Kind

_RESIDENT_SCOPE = "openid name address birthdate gender"
_BUSINESS_SCOPE = "openid profile mandate"
_GOES_ON = (ProviderState.ACTIVE, ProviderState.RETIRING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A provider for one sign-in. `provider_id` and `claims` are those of officials' own."""

    provider: Provider
    scope: str
    acr_values: str
    provider_id: UUID | None = None
    claims: Claims | None = None


class SeveralProviders(Exception):
    """The municipality has more than one in use: the person says which."""

    def __init__(self, offered: Sequence[IdentityProvider]) -> None:
        super().__init__("several providers")
        self.offered = offered


async def choose(
    door: GatewayState, work: Transaction, kind: Kind, *, named: UUID | None
) -> Chosen:
    """Return the provider a sign-in goes to.

    Raises:
        InvalidRequest: none in use is called so.
        SeveralProviders: there are several, and none was named.
        TemporarilyUnavailable: the municipality has none for this.
    """
    if kind == "official":
        return await _officials(door, work, named)
    if kind == "business":
        return await _businesses(door, work)
    row = await repository.resident_issuer(work)
    if row is None:
        raise TemporarilyUnavailable("This municipality has no identity provider for this.")
    return Chosen(
        provider=Provider(issuer=row["issuer"], client_id=row["client_id"]),
        scope=_RESIDENT_SCOPE,
        acr_values=row["acr_values"],
    )


async def chosen(door: GatewayState, work: Transaction, departure: Departure) -> Chosen | None:
    """Return the provider a sign-in was sent to; None if it is no longer that."""
    if departure.provider_id is None:
        found = await choose(door, work, departure.kind, named=None)
        same = (found.provider.issuer, found.provider.client_id) == (
            departure.issuer,
            departure.issuer_client_id,
        )
        return found if same else None
    one = await officials.get(work, cipher_of(door, work), departure.provider_id)
    if one is None or one.state not in _GOES_ON or one.issuer != departure.issuer:
        return None
    return of_officials(door, one)


def of_officials(door: GatewayState, one: IdentityProvider) -> Chosen:
    """Return how a municipality's own provider is spoken to."""
    return Chosen(
        provider=spoken_to(door.settings.issuer, one),
        scope=one.scope,
        acr_values=one.acr_values,
        provider_id=one.id,
        claims=one.claims,
    )


def cipher_of(door: GatewayState, work: Transaction) -> Cipher:
    """Return the keys of the municipality this work belongs to.

    Raises:
        TemporarilyUnavailable: they are not there, so nobody can be received.
    """
    return cipher(door, work.tenancy)


def cipher(door: GatewayState, tenancy: Tenancy | None) -> Cipher:
    """Return the keys of a municipality.

    Raises:
        TemporarilyUnavailable: they are not there, so nobody can be received.
    """
    if tenancy is None:
        raise TypeError("This work belongs to one municipality.")
    try:
        return door.keyring.cipher(tenancy.tenant_id)
    except KeyUnavailable as error:
        raise TemporarilyUnavailable(reason=f"keys: {error}") from error


async def _officials(door: GatewayState, work: Transaction, named: UUID | None) -> Chosen:
    active = await officials.active(work, cipher_of(door, work))
    if named is not None:
        active = [one for one in active if one.id == named]
        if not active:
            raise InvalidRequest("identity_provider names none in use here.")
    if not active:
        raise TemporarilyUnavailable("This municipality has no identity provider for this.")
    if len(active) > 1:
        raise SeveralProviders(active)
    return of_officials(door, active[0])


async def _businesses(door: GatewayState, work: Transaction) -> Chosen:
    found = await businesses.issuer_of(work)
    if found is None:
        raise TemporarilyUnavailable("This municipality does not receive businesses here.")
    issuer, client_id, acr_values = found
    return Chosen(
        provider=Provider(
            issuer=issuer,
            client_id=client_id,
            client_authentication="client_secret_basic",
            client_secret=door.keys.business_secret,
            algorithms=("RS256",),
        ),
        scope=_BUSINESS_SCOPE,
        acr_values=acr_values,
    )
