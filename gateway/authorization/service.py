"""Giving tokens, carrying them on, and ending them.

A refusal that must leave a mark — a code or token used twice ends what it began — is decided
inside the transaction and raised after it: an exception inside would undo the mark.
"""

from dataclasses import dataclass
from uuid import UUID

from foundation import clock
from foundation.database import Transaction
from foundation.identity import InvalidToken
from foundation.tenancy import Tenancy
from gateway import trail
from gateway.bindings import repository as bindings
from gateway.clients import repository as clients
from gateway.clients.domain import Client
from gateway.handles import Handle
from gateway.state import GatewayState
from gateway.tenants import Municipality

from . import issuing, repository
from .domain import IDLE, Refresh, Session
from .errors import InvalidGrant, InvalidScope, UnauthorizedClient
from .issuing import Tokens
from .pkce import answers


async def redeem_code(
    door: GatewayState,
    client: Client,
    handle: Handle | None,
    *,
    redirect_uri: str | None,
    verifier: str | None,
) -> Tokens:
    """Exchange a code for tokens, once (OAuth 2.1 §4.1.3).

    Raises:
        InvalidGrant: the code is wrong, expired, another client's, for another address or another
            verifier; or it was used before, and then everything it gave has ended too.
    """
    place, handle = _place_of(door, handle)
    async with door.database.transaction(place.tenancy) as work:
        tokens = await _Counter(door, work, client).redeem(
            handle, redirect_uri=redirect_uri, verifier=verifier
        )
    if tokens is None:
        raise InvalidGrant(reason="code used twice")
    return tokens


async def carry_on(
    door: GatewayState, client: Client, handle: Handle | None, *, asked: frozenset[str] | None
) -> Tokens:
    """Exchange a refresh token for new tokens and its successor (OAuth 2.1 §4.3).

    Raises:
        InvalidGrant: it is wrong, expired or another client's; or it was used before, so that one
            of its two holders is a thief, and the session of both has ended.
        InvalidScope: more is asked for than was given.
    """
    place, handle = _place_of(door, handle)
    async with door.database.transaction(place.tenancy) as work:
        tokens = await _Counter(door, work, client).carry_on(handle, asked=asked)
    if tokens is None:
        raise InvalidGrant(reason="refresh token used twice")
    return tokens


async def admit_machine(
    door: GatewayState, client: Client, place: Municipality, *, asked: frozenset[str] | None
) -> Tokens:
    """Give a machine a token for one municipality that gave it leave (RFC 6749 §4.4).

    Raises:
        UnauthorizedClient: this municipality gave it none.
        InvalidScope: none of what it asks for.
    """
    async with door.database.transaction(place.tenancy) as work:
        leave = await clients.leave(work, client.client_id)
    if not leave:
        raise UnauthorizedClient("This client has no leave to act in this municipality.")
    scopes = client.granted(client.scopes if asked is None else asked, kind="machine", leave=leave)
    if not scopes:
        raise InvalidScope("None of the scopes asked for can be given.")
    token, life = issuing.for_machine(door, client.client_id, code=place.code, scopes=scopes)
    return Tokens(access_token=token, expires_in=life, scopes=scopes)


async def revoke(door: GatewayState, client: Client, token: str) -> None:
    """End a token of this client; of anything else nothing is said (RFC 7009 §2.2)."""
    if (handle := Handle.parse(token)) is not None:
        await _revoke_refresh(door, client, handle)
        return
    try:
        access = door.access.verify(token)
    except InvalidToken:
        return
    if access.caller.principal.client_id != client.client_id:
        return
    async with door.database.transaction(access.caller.tenancy) as work:
        await withdraw(work, "token", access.token_id)
        await trail.note_caller(work, access.caller, "platform.token.revoked", obj=access.token_id)


async def end(work: Transaction, session_id: UUID, *, because: str) -> bool:
    """End a session and every token given in it, at every gateway within a second.

    Returns:
        False when it was not open, so that there was nothing to end.
    """
    if not await repository.end_session(work, session_id, at=clock.now(), because=because):
        return False
    await withdraw(work, "session", str(session_id))
    return True


async def withdraw(work: Transaction, kind: str, value: str) -> None:
    """Put a token, session or client on the list, until the last of its tokens has expired."""
    now = clock.now()
    await repository.add_revocation(
        work,
        kind,
        value,
        code=str(_tenancy_of(work).code),
        at=now,
        until=issuing.all_expired(now),
    )


async def _revoke_refresh(door: GatewayState, client: Client, handle: Handle) -> None:
    place = door.tenants.find(handle.code)
    if place is None:
        return
    async with door.database.transaction(place.tenancy) as work:
        refresh = await repository.refresh_locked(work, handle.digest)
        session = await repository.session_locked(work, refresh.session_id) if refresh else None
        if session is None or session.client_id != client.client_id:
            return
        because = "revoked-by-client"
        if await end(work, session.id, because=because):
            await trail.note_session(
                work,
                (session.kind, session.subject, session.client_id),
                "platform.session.ended",
                detail={"session": str(session.id), "because": because},
            )


@dataclass(frozen=True, slots=True)
class _Counter:
    """One client at one municipality's counter, within one transaction."""

    door: GatewayState
    work: Transaction
    client: Client

    async def redeem(
        self, handle: Handle, *, redirect_uri: str | None, verifier: str | None
    ) -> Tokens | None:
        """Return the tokens; None when the code was used before and its session is now ended.

        Another client's attempt ends nothing: otherwise whoever sees a code could sign people out.
        """
        code = await repository.code_locked(self.work, handle.digest)
        if code is None or code.client_id != self.client.client_id:
            raise InvalidGrant(reason="no such code of this client")
        session = await repository.session_locked(self.work, code.session_id)
        if code.redeemed_at is not None:
            await self._end_stolen(session, because="code-reuse")
            return None
        if clock.now() >= code.expires_at:
            raise InvalidGrant(reason="code expired")
        if redirect_uri != code.redirect_uri:
            raise InvalidGrant(reason="another redirect_uri")
        if not answers(code.code_challenge, verifier):
            raise InvalidGrant(reason="another verifier")
        await repository.redeem(self.work, handle.digest, at=clock.now())
        return await self._give(session, code.scopes, asked=code.scopes, nonce=code.nonce)

    async def carry_on(self, handle: Handle, *, asked: frozenset[str] | None) -> Tokens | None:
        """Return new tokens; None when this one was used before and its session is now ended."""
        refresh = await repository.refresh_locked(self.work, handle.digest)
        if refresh is None:
            raise InvalidGrant(reason="no such refresh token")
        session = await repository.session_locked(self.work, refresh.session_id)
        if session is None or session.client_id != self.client.client_id:
            raise InvalidGrant(reason="another client's refresh token")
        if refresh.used_at is not None:
            await self._end_stolen(session, because="refresh-token-reuse")
            return None
        if clock.now() >= refresh.expires_at:
            raise InvalidGrant(reason="refresh token expired")
        if asked is not None and not asked <= refresh.scopes:
            raise InvalidScope("More is asked for than was given.")
        await repository.use_refresh(self.work, handle.digest, at=clock.now())
        return await self._give(session, refresh.scopes, asked=asked or refresh.scopes)

    async def _end_stolen(self, session: Session | None, *, because: str) -> None:
        """End a session of whose two holders one is a thief, and leave it in the trail."""
        if session is not None and await end(self.work, session.id, because=because):
            await trail.note_session(
                self.work,
                (session.kind, session.subject, session.client_id),
                "platform.session.ended",
                decision="denied",
                detail={"session": str(session.id), "because": because},
            )

    async def _give(
        self,
        session: Session | None,
        scopes: frozenset[str],
        *,
        asked: frozenset[str],
        nonce: str | None = None,
    ) -> Tokens:
        """Give what is true of the person now: leave, roles and binding are those of this moment.

        The successor may carry `scopes` on, even where fewer were `asked` for this time.
        """
        now = clock.now()
        if session is None or not session.is_open(now):
            raise InvalidGrant(reason="the session has ended")
        leave = await clients.leave(self.work, self.client.client_id)
        allowed = self.client.granted(asked, kind=session.kind, leave=leave)
        if not allowed:
            raise InvalidGrant(reason="the municipality withdrew its leave")
        code = _tenancy_of(self.work).code
        holder = issuing.Holder(
            session=session,
            code=code,
            roles=await repository.roles_of(self.work, session.groups),
            resident_id=await bindings.find(self.work, session.person),
        )
        following = Handle.new(code)
        until = min(now + IDLE, session.expires_at)
        await repository.add_refresh(
            self.work,
            following.digest,
            Refresh(session_id=session.id, scopes=scopes, expires_at=until),
        )
        token, life = issuing.for_person(self.door, holder, scopes=allowed)
        return Tokens(
            access_token=token,
            expires_in=life,
            scopes=allowed,
            refresh_token=following.text,
            id_token=issuing.id_token(self.door, session, nonce=nonce)
            if "openid" in allowed
            else None,
        )


def _place_of(door: GatewayState, handle: Handle | None) -> tuple[Municipality, Handle]:
    found = door.tenants.find(handle.code) if handle is not None else None
    if handle is None or found is None or not found.takes_part:
        raise InvalidGrant(reason="no handle of ours")
    return found, handle


def _tenancy_of(work: Transaction) -> Tenancy:
    if work.tenancy is None:
        raise TypeError("This work belongs to one municipality.")
    return work.tenancy
