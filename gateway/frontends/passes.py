"""Turning a browser's cookie into the access it stands for, on the way to a service.

No token reaches the browser, and none is kept: what a session may do is worked out from its rows,
as it would be for a token given at this moment, and remembered for fifteen seconds. A session that
is ended is on the list of revocations, which is asked at every request.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from foundation import clock
from foundation.database import DatabaseProblem, Transaction
from foundation.identity import InvalidToken
from foundation.problems import ServiceUnavailable
from gateway.authorization import issuing, repository as sessions
from gateway.authorization.holders import holder_of
from gateway.authorization.service import end
from gateway.clients import repository as clients
from gateway.handles import Handle
from gateway.state import GatewayState
from gateway.token_cache import Pass

from . import repository
from .cookies import session_cookie
from .domain import REASONS, BrowserSession, State
from .presented import Presented
from .problems import SessionOver

_REMEMBERED_SECONDS: Final = 15.0
_CAPACITY: Final = 16_384


@dataclass(frozen=True, slots=True)
class _Known:
    """One id of a session as it was read, and what its pages must show."""

    holder: Pass
    session: BrowserSession
    origins: frozenset[str]
    csrf: str
    read_at: float
    good_until: float
    """Seconds since the epoch after which the id must be looked up again, whatever else holds."""


class SessionPasses:
    """Passes of browser sessions; at most 16,384 are remembered, the longest unused go first."""

    def __init__(self, door: GatewayState, *, capacity: int = _CAPACITY) -> None:
        self._door = door
        self._capacity = capacity
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._cookie_name = session_cookie(is_https=door.settings.is_https)

    def __len__(self) -> int:
        return len(self._known)

    def presented(self, method: str, headers: Iterable[tuple[bytes, bytes]]) -> Presented | None:
        """Return what a request shows of a browser's session; None when it has no such cookie."""
        found = Presented.of(method, headers, cookie_name=self._cookie_name)
        return found if found.cookies else None

    async def admit(self, presented: Presented) -> Pass:
        """Return the pass of a browser's request to a service.

        Raises:
            SessionOver: the cookie is of no session that is open, or there are two of them.
            ForeignOrigin, CsrfTokenRefused: another site's page sent this.
            ServiceUnavailable: it cannot be told.
        """
        try:
            known = await self._find(presented.cookie)
        except DatabaseProblem as error:
            raise ServiceUnavailable from error
        presented.require_page_of(known.origins, issuer=self._door.settings.issuer)
        presented.require_token(known.csrf)
        return known.holder

    async def pass_of(self, cookie: str | None) -> Pass:
        """Return the pass a cookie stands for, without judging the page that sends it.

        Raises:
            SessionOver: it is of no session that is open.
        """
        return (await self._find(cookie)).holder

    async def _find(self, cookie: str | None) -> _Known:
        handle = Handle.parse(cookie)
        if handle is None:
            raise SessionOver
        now, known = clock.now().timestamp(), self._known.get(handle.digest)
        if known is None or not _is_fresh(known, now):
            known = await self._read(handle)
        if self._door.revocations.is_revoked(known.holder.access):
            self._known.pop(handle.digest, None)
            raise SessionOver
        self._known.move_to_end(handle.digest)
        return known

    async def _read(self, handle: Handle) -> _Known:
        """Look a session up, note that it is used, and remember it under this id.

        What ends here ends inside the transaction, and is raised after it.
        """
        self._known.pop(handle.digest, None)
        place = self._door.tenants.find(handle.code)
        if place is None or not place.takes_part:
            raise SessionOver
        async with self._door.database.transaction(place.tenancy) as work:
            session = await settled(work, handle)
            known = await self._remembered(work, handle, session) if session is not None else None
        if known is None:
            raise SessionOver
        self._known[handle.digest] = known
        if len(self._known) > self._capacity:
            self._known.popitem(last=False)
        return known

    async def _remembered(
        self, work: Transaction, handle: Handle, browser: BrowserSession
    ) -> _Known | None:
        now = clock.now()
        if browser.is_due_to_be_seen(now):
            await repository.note_use(work, browser.session_id, now=now)
            browser = browser.used(now)
        session = await sessions.session(work, browser.session_id)
        client = await clients.find(work, session.client_id) if session is not None else None
        if session is None or client is None or not client.is_in_force(now):
            return None
        leave = await clients.leave(work, client.client_id)
        scopes = client.granted(browser.scopes, kind=session.kind, leave=leave)
        if not scopes:
            return None
        holder = await holder_of(work, session)
        # Made and read as any token is, so that a cookie opens exactly what a token would.
        token, _ = issuing.for_person(self._door, holder, scopes=scopes)
        try:
            access = self._door.access.verify(token)
        except InvalidToken:
            return None
        access = replace(access, token_id=token_id_of(handle.digest))
        return _Known(
            holder=Pass(access, now.timestamp()),
            session=browser,
            origins=client.origins,
            csrf=self._door.pseudonyms.csrf(str(session.id)),
            read_at=now.timestamp(),
            good_until=browser.good_until(handle.digest).timestamp(),
        )


async def settled(work: Transaction, handle: Handle) -> BrowserSession | None:
    """Return the open session this id is of; one that is found to have run out is ended here."""
    session = await repository.find(work, handle.digest)
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
