"""Giving tokens, carrying them on, and ending them.

A refusal that must leave a mark — a code or token used twice ends what it began — is decided
inside the transaction and raised after it: an exception inside would undo the mark.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from foundation import clock
from foundation.database import Transaction
from foundation.identity import InvalidToken, Machine
from foundation.tenancy import Tenancy
from gateway import farewells, trail
from gateway.access import VerifiedAccess
from gateway.clients import repository as clients
from gateway.clients.domain import Client
from gateway.handles import Handle
from gateway.state import GatewayState
from gateway.withdrawals import Kind, Withdrawal, giving_to, say, say_of_client, tokens_of

from . import issuing, repository
from .asking import Asking
from .domain import Refresh, Session
from .errors import InvalidGrant, InvalidScope, UnauthorizedClient
from .holders import holder_of
from .issuing import Tokens
from .pkce import answers

MOST_TOKENS: Final = 64
"""Single tokens of one client that may be on the list of one municipality at once."""


async def redeem_code(asking: Asking) -> Tokens:
    """Exchange a code for tokens, once (OAuth 2.1 §4.1.3).

    Raises:
        InvalidGrant: the code is wrong, expired, another client's, for another address, verifier
            or key; or it was used before, and then everything it gave has ended too.
    """
    place, handle = asking.handle("code")
    async with asking.door.database.transaction(place.tenancy) as work:
        await giving_to(work, asking.client.client_id)
        tokens = await _Counter(asking, work).redeem(handle)
    if tokens is None:
        raise InvalidGrant(reason="code used twice")
    return tokens


async def carry_on(asking: Asking) -> Tokens:
    """Exchange a refresh token for new tokens and its successor (OAuth 2.1 §4.3).

    Raises:
        InvalidGrant: it is wrong, expired, another client's or another key's; or it was used
            before, so that one of its two holders is a thief, and the session of both has ended.
        InvalidScope: more is asked for than was given.
    """
    place, handle = asking.handle("refresh_token")
    async with asking.door.database.transaction(place.tenancy) as work:
        await giving_to(work, asking.client.client_id)
        tokens = await _Counter(asking, work).carry_on(handle)
    if tokens is None:
        raise InvalidGrant(reason="refresh token used twice")
    return tokens


async def admit_machine(asking: Asking) -> Tokens:
    """Give a machine a token for one municipality that gave it leave (RFC 6749 §4.4).

    Raises:
        UnauthorizedClient: this municipality gave it none.
        InvalidScope: none of what it asks for.
    """
    door, client, place = asking.door, asking.client, asking.place()
    async with door.database.transaction(place.tenancy) as work:
        await giving_to(work, client.client_id)
        leave = await clients.leave_to_give_on(work, client.client_id)
        if leave.scopes:
            await clients.note_use(work, client.client_id, at=clock.now())
    if not leave.scopes:
        raise UnauthorizedClient("This client has no leave to act in this municipality.")
    asked = client.scopes if asking.scopes is None else asking.scopes
    scopes = client.granted(asked, kind="machine", leave=leave.scopes)
    if not scopes:
        raise InvalidScope("None of the scopes asked for can be given.")
    token, life = issuing.for_machine(
        door, client.client_id, code=place.code, scopes=scopes, leave=leave, jkt=asking.jkt
    )
    return Tokens(access_token=token, expires_in=life, scopes=scopes, jkt=asking.jkt)


async def revoke(door: GatewayState, client: Client, token: str) -> None:
    """End a token of this client; of anything else nothing is said (RFC 7009 §2.2)."""
    if (handle := Handle.parse(token)) is not None:
        await _revoke_refresh(door, client, handle)
        return
    try:
        access = door.access.verify(token)
    except InvalidToken:
        return
    if access.caller.principal.client_id != client.client_id or door.revocations.is_revoked(access):
        return
    async with door.database.transaction(access.caller.tenancy) as work:
        await _take_back(work, access)
        await trail.note_caller(work, access.caller, "platform.token.revoked", obj=access.token_id)


async def _take_back(work: Transaction, access: VerifiedAccess) -> None:
    """End one token; beyond `MOST_TOKENS` of a client here, end with it what it was given in.

    To refuse would let a stolen token live on, and to go on would let whoever asks for tokens only
    to return them fill every gateway's memory. A session is on the list once, whatever was given
    in it, and a client once; its next token is believed.
    """
    principal, code = access.caller.principal, str(access.caller.tenancy.code)
    client_id = principal.client_id
    if await tokens_of(work, client_id, code=code, most=MOST_TOKENS) < MOST_TOKENS:
        await withdraw(work, "token", access.token_id, client_id=client_id)
    elif isinstance(principal, Machine):
        await say_of_client(work, client_id, code=code)
    else:
        await end(work, UUID(principal.session_id), because="revoked-by-client")


async def end(work: Transaction, session_id: UUID, *, because: str) -> bool:
    """End a session and every token given in it, at every gateway within a second.

    Returns:
        False when it was not open, so that there was nothing to end.
    """
    if not await repository.end_session(work, session_id, at=clock.now(), because=because):
        return False
    await withdraw(work, "session", str(session_id))
    await farewells.leave_word(work, session_id)
    return True


async def withdraw(work: Transaction, kind: Kind, value: str, *, client_id: str = "") -> None:
    """Put a token, session or right on the list, until the last of its tokens has expired."""
    code = str(_tenancy_of(work).code)
    await say(work, Withdrawal(kind=kind, value=value, code=code, client_id=client_id))


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

    asking: Asking
    work: Transaction

    async def redeem(self, handle: Handle) -> Tokens | None:
        """Return the tokens; None when the code was used before and its session is now ended.

        Another client's attempt ends nothing: otherwise whoever sees a code could sign people out.
        """
        code = await repository.code_locked(self.work, handle.digest)
        if code is None or code.client_id != self.asking.client.client_id:
            raise InvalidGrant(reason="no such code of this client")
        session = await repository.session_locked(self.work, code.session_id)
        if code.redeemed_at is not None:
            await self._end_stolen(session, because="code-reuse")
            return None
        if clock.now() >= code.expires_at:
            raise InvalidGrant(reason="code expired")
        if self.asking.form.get("redirect_uri") != code.redirect_uri:
            raise InvalidGrant(reason="another redirect_uri")
        if not answers(code.code_challenge, self.asking.form.get("code_verifier")):
            raise InvalidGrant(reason="another verifier")
        if code.dpop_jkt is not None and code.dpop_jkt != self.asking.jkt:
            raise InvalidGrant(reason="another key than the code is bound to")
        await repository.redeem(self.work, handle.digest, at=clock.now())
        return await self._give(session, code.scopes, asked=code.scopes, nonce=code.nonce)

    async def carry_on(self, handle: Handle) -> Tokens | None:
        """Return new tokens; None when this one was used before and its session is now ended."""
        refresh = await repository.refresh_locked(self.work, handle.digest)
        if refresh is None:
            raise InvalidGrant(reason="no such refresh token")
        session = await repository.session_locked(self.work, refresh.session_id)
        if session is None or session.client_id != self.asking.client.client_id:
            raise InvalidGrant(reason="another client's refresh token")
        if refresh.used_at is not None:
            await self._end_stolen(session, because="refresh-token-reuse")
            return None
        if clock.now() >= refresh.expires_at:
            raise InvalidGrant(reason="refresh token expired")
        if refresh.dpop_jkt is not None and refresh.dpop_jkt != self.asking.jkt:
            raise InvalidGrant(reason="another key than the refresh token is bound to")
        asked = self.asking.scopes
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
        now, client, door = clock.now(), self.asking.client, self.asking.door
        if session is None or not session.is_open(now):
            raise InvalidGrant(reason="the session has ended")
        leave = await clients.leave_to_give_on(self.work, client.client_id)
        allowed = client.granted(asked, kind=session.kind, leave=leave.scopes)
        if not allowed:
            raise InvalidGrant(reason="the municipality withdrew its leave")
        await clients.note_use(self.work, client.client_id, at=now)
        holder = await holder_of(self.work, session)
        following = await self._following(session, scopes, now=now)
        token, life = issuing.for_person(
            door, holder, scopes=allowed, leave=leave, jkt=self.asking.jkt
        )
        return Tokens(
            access_token=token,
            expires_in=life,
            scopes=allowed,
            jkt=self.asking.jkt,
            refresh_token=following.text,
            id_token=issuing.id_token(door, holder, nonce=nonce) if "openid" in allowed else None,
        )

    async def _following(
        self, session: Session, scopes: frozenset[str], *, now: datetime
    ) -> Handle:
        """Write down the one refresh token of this family that may be used next."""
        following = Handle.new(_tenancy_of(self.work).code)
        idle = self.asking.client.rules.refresh_idle
        refresh = Refresh(
            session_id=session.id,
            scopes=scopes,
            dpop_jkt=self.asking.jkt,
            expires_at=min(now + idle, session.expires_at),
        )
        await repository.add_refresh(self.work, following.digest, refresh)
        return following


def _tenancy_of(work: Transaction) -> Tenancy:
    if work.tenancy is None:
        raise TypeError("This work belongs to one municipality.")
    return work.tenancy
