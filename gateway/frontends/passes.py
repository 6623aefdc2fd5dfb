"""Turning a browser's cookie into the access it stands for, on the way to a service.

No token reaches the browser, and none is kept: what a session may do is worked out from its rows,
as it would be for a token given at this moment, and remembered for fifteen seconds. A session that
is ended is on the list of revocations, which is asked at every request.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from foundation import clock
from foundation.audit import Decision
from foundation.database import DatabaseProblem, Transaction
from foundation.identity import Caller, InvalidToken, Resident
from foundation.problems import Problem, ServiceUnavailable
from gateway import trail
from gateway.access import VerifiedAccess
from gateway.authorization import issuing, repository as sessions
from gateway.authorization.domain import Session
from gateway.authorization.exchange import TAKE_UP, acting_on
from gateway.authorization.holders import holder_of
from gateway.authorization.service import end
from gateway.clients import repository as clients
from gateway.clients.domain import Client, Leave
from gateway.handles import Handle
from gateway.representations import repository as representations, taking_up
from gateway.state import GatewayState
from gateway.token_cache import Pass
from gateway.withdrawals import giving_to

from . import repository
from .cookies import session_cookie
from .domain import REASONS, BrowserSession, State
from .presented import Presented
from .problems import RepresentationRefused, SessionOver

_REMEMBERED_SECONDS: Final = 15.0
_CAPACITY: Final = 16_384


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a page shows: one id of a session, and the right to act for another it takes up."""

    handle: Handle
    right_id: UUID | None

    @property
    def key(self) -> tuple[bytes, UUID | None]:
        return self.handle.digest, self.right_id


@dataclass(frozen=True, slots=True)
class _Known:
    """What was shown, as it was read, and what its pages must show besides."""

    holder: Pass
    origins: frozenset[str]
    csrf: str
    read_at: float
    good_until: float
    """Seconds since the epoch after which it must be looked up again, whatever else holds."""


class SessionPasses:
    """Passes of browser sessions; at most 16,384 are remembered, the longest unused go first."""

    def __init__(self, door: GatewayState, *, capacity: int = _CAPACITY) -> None:
        self._door = door
        self._capacity = capacity
        self._known: OrderedDict[tuple[bytes, UUID | None], _Known] = OrderedDict()
        self._cookie_name = session_cookie(is_https=door.settings.is_https)

    def __len__(self) -> int:
        return len(self._known)

    def forget(self) -> None:
        """Look every session up anew: what was signed for it was signed by a key of before."""
        self._known.clear()

    def presented(self, method: str, headers: Iterable[tuple[bytes, bytes]]) -> Presented | None:
        """Return what a request shows of a browser's session; None when it has no such cookie."""
        found = Presented.of(method, headers, cookie_name=self._cookie_name)
        return found if found.cookies else None

    async def admit(self, presented: Presented) -> Pass:
        """Return the pass of a browser's request to a service.

        Raises:
            SessionOver: the cookie is of no session that is open, or there are two of them.
            ForeignOrigin, CsrfTokenRefused: another site's page sent this.
            RepresentationRefused: it takes up a right to act for another that is not theirs.
            ServiceUnavailable: it cannot be told.
        """
        presented.require_near_site()
        try:
            known = await self._find(presented.cookie, presented.acts_on)
        except DatabaseProblem as error:
            raise ServiceUnavailable from error
        presented.require_page_of(known.origins, issuer=self._door.settings.issuer)
        presented.require_token(known.csrf)
        return known.holder

    async def pass_of(self, cookie: str | None, *, right_id: UUID | None = None) -> Pass:
        """Return the pass a cookie stands for, without judging the page that sends it.

        Raises:
            SessionOver: it is of no session that is open.
            RepresentationRefused: the right is not this person's, or does not hold.
        """
        return (await self._find(cookie, right_id)).holder

    async def _find(self, cookie: str | None, right_id: UUID | None) -> _Known:
        handle = Handle.parse(cookie)
        if handle is None:
            raise SessionOver
        shown = _Shown(handle, right_id)
        now, known = clock.now().timestamp(), self._known.get(shown.key)
        if known is None or not _is_fresh(known, now):
            known = await self._read(shown)
        if self._door.revocations.is_revoked(known.holder.access):
            # The rows say what has ended: the session, or only the right to act for another.
            known = await self._read(shown)
            if self._door.revocations.is_revoked(known.holder.access):
                self._known.pop(shown.key, None)
                raise SessionOver
        self._known.move_to_end(shown.key)
        return known

    async def _read(self, shown: _Shown) -> _Known:
        """Look a session up, note that it is used, and remember what was shown of it.

        What ends here ends inside the transaction, and is raised after it.
        """
        before = self._known.pop(shown.key, None)
        place = self._door.tenants.find(shown.handle.code)
        if place is None or not place.takes_part:
            raise SessionOver
        async with self._door.database.transaction(place.tenancy) as work:
            browser = await settled(work, shown.handle, idle=self._door.idle(place.code))
            reading = _Reading(self._door, work, shown, is_new=before is None)
            known = await reading.known(browser) if browser is not None else SessionOver()
        if isinstance(known, Problem):
            raise known
        self._known[shown.key] = known
        if len(self._known) > self._capacity:
            self._known.popitem(last=False)
        return known


@dataclass(frozen=True, slots=True)
class _Reading:
    """One look at the rows behind what was shown; `is_new`: this gateway did not know it before."""

    door: GatewayState
    work: Transaction
    shown: _Shown
    _: KW_ONLY
    is_new: bool

    async def known(self, browser: BrowserSession) -> _Known | Problem:
        """Return what is true of it now, or why it is refused."""
        now = clock.now()
        if browser.is_due_to_be_seen(now):
            await repository.note_use(self.work, browser.session_id, now=now)
            browser = browser.used(now)
        session = await sessions.session(self.work, browser.session_id)
        client = await clients.find(self.work, session.client_id) if session is not None else None
        if session is None or client is None or not client.is_in_force(now):
            return SessionOver()
        access = await self._access(session, client, browser.scopes)
        if isinstance(access, Problem):
            return access
        digest = self.shown.handle.digest
        return _Known(
            holder=Pass.of(replace(access, token_id=token_id_of(digest)), now.timestamp()),
            origins=client.origins,
            csrf=self.door.pseudonyms.csrf(str(session.id)),
            read_at=now.timestamp(),
            good_until=min(browser.good_until(digest).timestamp(), access.expires_at),
        )

    async def _access(
        self, session: Session, client: Client, given: frozenset[str]
    ) -> VerifiedAccess | Problem:
        await giving_to(self.work, client.client_id)
        leave = await clients.leave_to_give_on(self.work, client.client_id)
        scopes = client.granted(given, kind=session.kind, leave=leave.scopes)
        if not scopes:
            return SessionOver()
        holder = await holder_of(self.work, session)
        # Made and read as any token is, so that a cookie opens exactly what a token would.
        token, _ = issuing.for_person(self.door, holder, scopes=scopes, leave=leave)
        try:
            access = self.door.access.verify(token)
            if self.shown.right_id is None:
                return access
            return await self._for_another(access, session, leave)
        except InvalidToken:
            return SessionOver()

    async def _for_another(
        self, access: VerifiedAccess, session: Session, leave: Leave
    ) -> VerifiedAccess | Problem:
        """Return the access on the right that is taken up, as the token exchange would give it."""
        right_id, principal = self.shown.right_id, access.caller.principal
        right = (
            await taking_up.taken_up(self.work, right_id, person=session.person)
            if right_id is not None and isinstance(principal, Resident)
            else None
        )
        if right is None or not isinstance(principal, Resident):
            await self._note(access.caller, decision="denied")
            return RepresentationRefused()
        acting = acting_on(principal, right)
        if not acting.scopes:
            return RepresentationRefused()
        token, life = issuing.for_representative(
            self.door,
            acting,
            code=access.caller.tenancy.code,
            until=taking_up.end_of(right),
            leave=leave,
        )
        until = clock.now() + timedelta(seconds=life)
        await representations.note_live(self.work, right.id, until=until)
        found = self.door.access.verify(token)
        if self.is_new:
            await self._note(found.caller)
        return found

    async def _note(self, caller: Caller, *, decision: Decision = "allowed") -> None:
        await trail.note_caller(
            self.work, caller, TAKE_UP, decision=decision, obj=str(self.shown.right_id)
        )


async def settled(work: Transaction, handle: Handle, *, idle: timedelta) -> BrowserSession | None:
    """Return the open session this id is of; one that is found to have run out is ended here."""
    session = await repository.find(work, handle.digest, idle=idle)
    if session is None:
        return None
    state = session.state(handle.digest, clock.now())
    if state is State.OPEN:
        return session
    if state is not State.ENDED:
        await end(work, session.session_id, because=REASONS[state])
    return None


def token_id_of(secret_hash: bytes) -> str:
    """Return the name under which one id of a session can be put on the list of revocations."""
    return f"browser-{secret_hash.hex()[:32]}"


def _is_fresh(known: _Known, now: float) -> bool:
    return known.read_at <= now < min(known.read_at + _REMEMBERED_SECONDS, known.good_until)
