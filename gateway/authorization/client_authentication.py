"""Who asks for a token: a front end by its name, anybody else by a signed proof of themselves."""

from collections.abc import Mapping

from foundation import clock
from foundation.identity import InvalidToken
from foundation.identity.jose import ForeignKeys, UnknownKey
from gateway.clients import assertions, keys, repository
from gateway.clients.assertions import Proof
from gateway.clients.domain import Client
from gateway.handles import digest
from gateway.state import GatewayState

from .errors import InvalidClient, InvalidRequest


async def authenticate(
    door: GatewayState, form: Mapping[str, str], *, credentials: str | None
) -> Client:
    """Return the client that asks (RFC 6749 §3.2.1, RFC 7523 §2.2).

    Raises:
        InvalidClient: unknown, suspended, or not proven. Shared secrets are not taken.
        InvalidRequest: half of a proof.
    """
    if credentials is not None or "client_secret" in form:
        raise InvalidClient("Client secrets are not accepted; use private_key_jwt.")
    assertion, kind = form.get("client_assertion"), form.get("client_assertion_type")
    if assertion is None and kind is None:
        return await _public(door, form.get("client_id"))
    if assertion is None or kind != assertions.ASSERTION_TYPE:
        raise InvalidRequest("client_assertion and client_assertion_type belong together.")
    try:
        return await _proven(door, assertion, named=form.get("client_id"))
    except assertions.WrongAudience as error:
        # Only the client itself can have signed it, so it may be told what to correct.
        raise InvalidClient(
            "aud of the client assertion must be the issuer, alone.", reason=f"assertion: {error}"
        ) from error
    except InvalidToken as error:
        raise InvalidClient(reason=f"assertion: {error}") from error


async def _public(door: GatewayState, client_id: str | None) -> Client:
    client = await _find(door, client_id) if client_id else None
    if client is None or not client.is_in_force(clock.now()) or client.is_confidential:
        raise InvalidClient(
            "No public client of this client_id; a confidential one shows a client_assertion.",
            reason="no public client of this name in force",
        )
    return client


async def _proven(door: GatewayState, assertion: str, *, named: str | None) -> Client:
    client_id = assertions.claimed_client(assertion)
    if named is not None and named != client_id:
        raise InvalidClient(reason="the request names another client than its proof")
    client = await _find(door, client_id)
    now = clock.now()
    if client is None or not client.is_in_force(now) or not client.is_confidential:
        raise InvalidClient(reason="no confidential client of this name in force")
    proof = await _judged(door, client, assertion)
    async with door.database.unbound() as work:
        fresh = await repository.use_assertion(
            work, client_id, jti_hash=digest(proof.token_id), expires_at=proof.expires_at
        )
        if fresh:
            await keys.note_use(work, client_id, proof.key_id, at=now)
    if not fresh:
        raise InvalidClient(reason="a proof shown twice")
    return client


async def _judged(door: GatewayState, client: Client, assertion: str) -> Proof:
    """Judge a proof by the keys the client has now; one it has just published is asked for."""
    if client.jwks_uri is None:
        async with door.database.unbound() as work:
            own = await keys.registered(work, client, now=clock.now())
        return _judge(door, client, assertion, own)
    published = await door.published_keys.of(client.jwks_uri)
    try:
        return _judge(door, client, assertion, published)
    except UnknownKey:
        newer = await door.published_keys.of(client.jwks_uri, newer=True)
        return _judge(door, client, assertion, newer)


def _judge(door: GatewayState, client: Client, assertion: str, own: ForeignKeys) -> Proof:
    issuer = door.settings.issuer
    names = {issuer}
    if not client.rules.issuer_is_the_only_audience:
        names |= {f"{issuer}/oauth/token", f"{issuer}/oauth/par"}
    return assertions.judge(
        assertion, client_id=client.client_id, keys=own, audiences=frozenset(names)
    )


async def _find(door: GatewayState, client_id: str) -> Client | None:
    if "\0" in client_id:
        return None
    async with door.database.unbound() as work:
        return await repository.find(work, client_id)
