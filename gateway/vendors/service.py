"""What a vendor does by itself, at any hour and with nobody's approval.

Everything is written in the sandbox's own transaction: its trail is where registrations are kept,
and a client that is registered can be used there before the answer is read.
"""

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from foundation import audit, clock
from foundation.database import Transaction
from foundation.identifiers import SANDBOX, new_id
from gateway import trail, withdrawals
from gateway.handles import digest
from gateway.state import GatewayState
from gateway.tenants import Municipality
from gateway.withdrawals import EVERYWHERE

from . import counts, endings, repository, shown
from .problems import (
    ClientKeyKnown,
    ClientKeyNotFound,
    ClientKeyRefused,
    ClientKeysFull,
    KeysAreElsewhere,
    RegistrationClosed,
    RegistrationTokenRefused,
    TooManyClients,
)
from .public_keys import MOST_ACTIVE, KeyRefused, PublicKey
from .registration import Registration, RegistrationFault, RegistrationRefused
from .repository import ClientKey, Registered, Vendor

MOST_CLIENTS: Final = 20
_PREFIXES: Final = {"sandbox": "sandbox", "production": "client"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A registration with the token to manage it, which is shown now and never again."""

    registered: Registered
    keys: list[ClientKey]
    token: str


async def register(
    door: GatewayState,
    found: Registration,
    vendor: Vendor,
    *,
    same_as: Registered | None,
    is_counted: bool = True,
) -> Issued:
    """Register a client; a sandbox client may act in the sandbox from this moment.

    Args:
        door: the open gateway.
        found: what is registered.
        vendor: the organisation as it names itself now.
        same_as: another client of the same vendor, whose token came with the request.
        is_counted: whether its day has an end; a developer's on her own machine has none.

    Raises:
        RegistrationClosed: there is no sandbox, or it is full.
        TooManyClients: the vendor has enough.
        RegistrationRefused: municipalities know this vendor by another name.
        EnoughForToday: the vendor registered enough for production today.
    """
    client_id = f"{_PREFIXES[found.environment]}-{secrets.token_hex(10)}"
    token, now = _new_token(client_id), clock.now()
    async with door.database.transaction(_sandbox(door).tenancy) as work:
        owner = await _owner(work, vendor, same_as=same_as)
        if found.environment == "sandbox" and not await endings.has_room(work):
            raise RegistrationClosed
        if found.environment == "production" and is_counted:
            # A name is anybody's to use up; whoever shows a token is counted by it alone.
            whose = counts.named(vendor.organization_name) if same_as is None else str(owner)
            await counts.take(work, whose, counts.PRODUCTION)
        await repository.add_client(work, client_id, found, owner=owner, at=now)
        await repository.add_registration(
            work,
            client_id,
            vendor_id=owner,
            token_hash=digest(token),
            about=found.about,
            at=now,
        )
        for key in found.keys:
            await repository.add_key(work, client_id, key.jwk, at=now, expires_at=None)
        if found.environment == "sandbox":
            await repository.give_sandbox(work, client_id, found.scopes, at=now)
        await _note(work, client_id, "platform.client.registered", environment=found.environment)
        return await _issued(work, client_id, token)


async def known(door: GatewayState, client_id: str, token: str | None) -> Registered:
    """Return the registration whose token was shown.

    Raises:
        RegistrationTokenRefused: it is not its token; a client that does not exist, or exists no
            more, answers the same way (RFC 7592 §2).
    """
    if token is None or "\0" in client_id:
        raise RegistrationTokenRefused
    async with door.database.unbound() as work:
        found = await repository.registered(work, client_id)
        given = digest(token)
        if (
            found is None
            or not hmac.compare_digest(found.token_hash, given)
            or found.status == "deleted"
        ):
            raise RegistrationTokenRefused
        await repository.note_seen(work, client_id, at=clock.now())
    return found


async def change(
    door: GatewayState, present: Registered, found: Registration, vendor: Vendor
) -> tuple[Registered, list[ClientKey]]:
    """Replace a registration (RFC 7592 §2.2). Keys and environment are not changed by this.

    Raises:
        RegistrationRefused: a municipality gave its leave to something else than this.
    """
    client_id = present.client_id
    async with door.database.transaction(_sandbox(door).tenancy) as work:
        held = await repository.hold(work, client_id)
        _require_as_shown(shown.faults(held, found, vendor))
        await repository.change_vendor(work, present.vendor_id, vendor)
        await repository.change_client(work, client_id, found)
        if found.environment == "sandbox":
            await repository.give_sandbox(work, client_id, found.scopes, at=clock.now())
        await _note(work, client_id, "platform.client.changed")
        issued = await _issued(work, client_id, "")
    return issued.registered, issued.keys


async def rotate_token(door: GatewayState, present: Registered) -> str:
    """Give a new token to manage a registration with; the present one ends now."""
    token = _new_token(present.client_id)
    async with door.database.transaction(_sandbox(door).tenancy) as work:
        await repository.rotate(work, present.client_id, digest(token), at=clock.now())
        await _note(work, present.client_id, "platform.client.token-rotated")
    return token


async def set_status(door: GatewayState, present: Registered, status: str) -> None:
    """Suspend, resume or delete a client; ended tokens are refused within a second everywhere."""
    if present.status == status:
        return
    async with door.database.transaction(_sandbox(door).tenancy) as work:
        await withdrawals.stand_still(work, present.client_id)
        await repository.set_status(work, present.client_id, status)
        if status != "active":
            await withdrawals.say_of_client(work, present.client_id, code=EVERYWHERE)
        await _note(work, present.client_id, f"platform.client.{status}")


async def keys_of(door: GatewayState, present: Registered) -> list[ClientKey]:
    """Return the keys of a client, with their last use."""
    async with door.database.unbound() as work:
        return await repository.keys_of(work, present.client_id)


async def add_key(
    door: GatewayState, present: Registered, key: PublicKey, *, expires_at: datetime | None
) -> ClientKey:
    """Register a further key, so that the next can be used before the last is withdrawn.

    Raises:
        KeysAreElsewhere: the client has a jwks_uri.
        ClientKeysFull, ClientKeyKnown, ClientKeyRefused, EnoughForToday: see there.
    """
    now = clock.now()
    if present.client["jwks_uri"] is not None:
        raise KeysAreElsewhere
    if expires_at is not None and expires_at <= now:
        raise ClientKeyRefused("The key would have expired already.")
    async with door.database.transaction(_sandbox(door).tenancy) as work:
        keys = await repository.keys_of(work, present.client_id)
        if sum(one.is_active(now) for one in keys) >= MOST_ACTIVE:
            raise ClientKeysFull
        if not await repository.add_key(
            work, present.client_id, key.jwk, at=now, expires_at=expires_at
        ):
            raise ClientKeyKnown
        await counts.take(work, present.client_id, counts.KEYS)
        await _note(work, present.client_id, "platform.client.key-added", key=key.kid)
        keys = await repository.keys_of(work, present.client_id)
    return next(one for one in keys if one.kid == key.kid)


async def revoke_key(door: GatewayState, present: Registered, kid: str) -> None:
    """Let a key prove nothing any more, from now on.

    Raises:
        ClientKeyNotFound: there is no active one of this name.
    """
    async with door.database.transaction(_sandbox(door).tenancy) as work:
        if "\0" in kid or not await repository.revoke_key(work, present.client_id, kid):
            raise ClientKeyNotFound
        await _note(work, present.client_id, "platform.client.key-revoked", key=kid)


def refused_key(refused: KeyRefused, *, pointer: str) -> ClientKeyRefused:
    """Return the refusal of a key that is none."""
    fault = {
        "pointer": pointer,
        "detail": refused.detail,
        "detail_ja": refused.detail_ja,
        "location": "body",
    }
    return ClientKeyRefused(refused.detail, detail_ja=refused.detail_ja, errors=[fault])


def client_of(token: str) -> str:
    """Return whose registration a token says it manages; it is not believed yet."""
    return token.partition(".")[0]


def _new_token(client_id: str) -> str:
    return f"{client_id}.{secrets.token_urlsafe(32)}"


async def _owner(work: Transaction, vendor: Vendor, *, same_as: Registered | None) -> UUID:
    if same_as is not None:
        if await repository.clients_of(work, same_as.vendor_id) >= MOST_CLIENTS:
            raise TooManyClients
        held = await repository.hold(work, same_as.client_id)
        _require_as_shown(shown.vendor_faults(held, vendor))
        await repository.change_vendor(work, same_as.vendor_id, vendor)
        return same_as.vendor_id
    owner = new_id()
    await repository.add_vendor(work, owner, vendor)
    return owner


async def _issued(work: Transaction, client_id: str, token: str) -> Issued:
    found = await repository.registered(work, client_id)
    if found is None:
        raise LookupError(client_id)
    return Issued(registered=found, keys=await repository.keys_of(work, client_id), token=token)


def _require_as_shown(faults: Iterable[RegistrationFault]) -> None:
    if found := list(faults):
        raise RegistrationRefused(found)


def _sandbox(door: GatewayState) -> Municipality:
    """Return the sandbox. Raises RegistrationClosed if this platform has none."""
    found = door.tenants.find(SANDBOX)
    if found is None or not found.takes_part:
        raise RegistrationClosed
    return found


async def _note(work: Transaction, client_id: str, action: str, **detail: str) -> None:
    entry = audit.Entry(
        service=trail.SERVICE,
        action=action,
        actor_kind="machine",
        actor=client_id,
        client_id=client_id,
        request_id=trail.request_id(),
        object=client_id,
        detail=detail,
    )
    await audit.record(work, entry)
