"""Whether a token still holds, told to those whom it concerns (RFC 7662).

A client may ask about what it was given itself. A machine that the municipality lets ask
(`platform:introspect`) may ask about any token of that municipality. For everybody else, and for
every other token, the answer is the same: not active.
"""

from typing import Any

from foundation import clock
from foundation.database import Transaction
from foundation.identity import InvalidToken, Machine, claims_of
from gateway.access import VerifiedAccess
from gateway.clients import repository as clients
from gateway.clients.domain import Client
from gateway.handles import Handle
from gateway.state import GatewayState

from . import repository
from .asking import Asking
from .errors import InvalidClient, InvalidRequest

SCOPE = "platform:introspect"

_FOR_WHOM = ("sub", "act", "representation", "assistance")
"""Who a token is about, who acts, by what right (RFC 8693 §4.1), and from which office."""
_INACTIVE: dict[str, Any] = {"active": False}


async def introspect(asking: Asking) -> dict[str, Any]:
    """Return what a token says, if it holds and the client may know.

    Raises:
        InvalidClient: a public client asks, which proves nothing of itself.
        InvalidRequest: no token is named.
    """
    if not asking.client.is_confidential:
        raise InvalidClient(reason="a public client may not introspect")
    text = asking.form.get("token")
    if text is None:
        raise InvalidRequest("token is missing.")
    if (handle := Handle.parse(text)) is not None:
        return await _refresh(asking.door, asking.client, handle)
    try:
        access = asking.door.access.verify(text)
    except InvalidToken:
        return _INACTIVE
    if asking.door.revocations.is_revoked(access):
        return _INACTIVE
    async with asking.door.database.transaction(access.caller.tenancy) as work:
        concerned = await _concerns(
            work, asking.client, client_id=access.caller.principal.client_id
        )
    return _document(asking.door, access) if concerned else _INACTIVE


async def _refresh(door: GatewayState, client: Client, handle: Handle) -> dict[str, Any]:
    place = door.tenants.find(handle.code)
    if place is None or not place.takes_part:
        return _INACTIVE
    now = clock.now()
    async with door.database.transaction(place.tenancy) as work:
        refresh = await repository.refresh_locked(work, handle.digest)
        if refresh is None or refresh.used_at is not None or now >= refresh.expires_at:
            return _INACTIVE
        session = await repository.session(work, refresh.session_id)
        if session is None or not session.is_open(now):
            return _INACTIVE
        if not await _concerns(work, client, client_id=session.client_id):
            return _INACTIVE
    return {
        "active": True,
        "iss": door.settings.issuer,
        "sub": session.subject,
        "client_id": session.client_id,
        "scope": " ".join(sorted(refresh.scopes)),
        "exp": int(refresh.expires_at.timestamp()),
        "sid": str(session.id),
        **_bound_to(refresh.dpop_jkt),
    }


async def _concerns(work: Transaction, client: Client, *, client_id: str) -> bool:
    """Whether the client was given the token, or the municipality lets it ask about any."""
    if client_id == client.client_id:
        return True
    leave = await clients.leave(work, client.client_id)
    return SCOPE in client.granted(frozenset({SCOPE}), kind="machine", leave=leave)


def _document(door: GatewayState, access: VerifiedAccess) -> dict[str, Any]:
    principal, issuer = access.caller.principal, door.settings.issuer
    said: dict[str, Any] = {
        "active": True,
        "iss": issuer,
        "aud": issuer,
        "sub": principal.subject,
        "client_id": principal.client_id,
        "scope": " ".join(sorted(principal.scopes)),
        "token_type": "Bearer" if access.jkt is None else "DPoP",
        "exp": int(access.expires_at),
        "jti": access.token_id,
        "tenant": str(access.caller.tenancy.code),
        "kind": principal.kind,
        **_bound_to(access.jkt),
    }
    claims = claims_of(principal)
    said |= {name: claims[name] for name in _FOR_WHOM if name in claims}
    if not isinstance(principal, Machine):
        said["acr"] = principal.acr
        said["auth_time"] = int(principal.auth_time.timestamp())
        said["sid"] = principal.session_id
    return said


def _bound_to(jkt: str | None) -> dict[str, Any]:
    return {} if jkt is None else {"cnf": {"jkt": jkt}}
