"""What an access token says, and whether it still may be believed.

The token is a JWT in the profile of RFC 9068. It lives ten minutes at most; what must end sooner
is on a list that every gateway reads twice a second.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any

from foundation import clock
from foundation.database import Database, DatabaseProblem, Row
from foundation.identity import (
    Caller,
    InvalidToken,
    Machine,
    Official,
    Principal,
    Resident,
    principal_from,
)
from foundation.identity.claims import text_in, whole_in
from foundation.identity.key_ring import KeyRing
from foundation.problems import ServiceUnavailable

from . import withdrawals
from .tenants import TenantDirectory
from .withdrawals import EVERYWHERE

TYPE = "at+jwt"
GIVEN_AT = "given_at"
"""The claim that says when a token was given by the database's clock; `iat` is the gateway's."""
LIFETIME_SECONDS = withdrawals.TOKEN_SECONDS
_POLL_SECONDS = 0.4
_WHOLE_SECONDS = 30.0
_STALE_SECONDS = 5.0

_log = logging.getLogger(__name__)

_Name = tuple[str, str, str]
"""Kind, municipality code, value."""
_Entry = tuple[float, float]
"""When it was taken back and when that may be forgotten, in seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class VerifiedAccess:
    """A token that was ours and has not expired; `expires_at` in seconds since the epoch.

    `jkt` is the key it is bound to (RFC 9449 §6): good only with a proof of it, never as Bearer.
    Whether it was revoked since is a second question, asked at every request: `Revocations`.
    `given_at`, in whole seconds by the database's clock, counts when a client's tokens were taken
    back: that is dated by the same clock, however far apart those of two gateways are.
    """

    caller: Caller
    token_id: str
    expires_at: float
    jkt: str | None = None
    given_at: float = 0.0


class MunicipalityClosed(InvalidToken):
    """The municipality the token names has left; it is not the token that is to blame."""


class AccessTokens:
    """Reads our own tokens; it remembers none, since that is the data path's to decide."""

    def __init__(self, keys: KeyRing, *, issuer: str, tenants: TenantDirectory) -> None:
        self._keys = keys
        self._issuer = issuer
        self._tenants = tenants

    def verify(self, token: str) -> VerifiedAccess:
        """Return who acts, for which municipality; the purpose is not the token's to say.

        Raises:
            InvalidToken: forged, another's, expired, or of a municipality that takes no part;
                `MunicipalityClosed` of one that did.
        """
        claims = self._keys.public.verify(token, typ=TYPE, algorithm="ES256")
        if claims.get("iss") != self._issuer or claims.get("aud") != self._issuer:
            raise InvalidToken("for somebody else")
        try:
            return self._read(claims)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise InvalidToken("claims that make no caller") from error

    def _read(self, claims: dict[str, Any]) -> VerifiedAccess:
        issued_at, expires_at = whole_in(claims, "iat"), whole_in(claims, "exp")
        now = clock.now().timestamp()
        if not now < expires_at <= issued_at + LIFETIME_SECONDS:
            raise InvalidToken("expired")
        if issued_at > now + withdrawals.SKEW_SECONDS:
            raise InvalidToken("from the future")
        municipality = self._tenants.find(text_in(claims, "tenant"))
        if municipality is not None and municipality.status == "closed":
            raise MunicipalityClosed("a municipality that has left")
        if municipality is None or not municipality.takes_part:
            raise InvalidToken("a municipality that takes no part")
        principal = principal_from(claims)
        self._require_office(principal)
        caller = Caller(principal=principal, tenancy=municipality.tenancy)
        return VerifiedAccess(
            caller=caller,
            token_id=text_in(claims, "jti"),
            expires_at=float(expires_at),
            jkt=_key_in(claims),
            given_at=float(whole_in(claims, GIVEN_AT) if GIVEN_AT in claims else issued_at),
        )

    def _require_office(self, principal: Principal) -> None:
        """Refuse who assists from an office that has left itself.

        Raises:
            InvalidToken: it takes no part.
        """
        if isinstance(principal, Official) and (lent := principal.assistance) is not None:
            office = self._tenants.find(str(lent.office))
            if office is None or not office.takes_part:
                raise InvalidToken("from an office that takes no part")


class RevocationsUnknown(ServiceUnavailable):
    """What was taken back cannot be read, so nothing can be believed for the moment."""

    slug = "platform/revocations-unknown"
    title = "It cannot be checked at the moment whether your sign-in is still valid."
    title_ja = "サインインが有効かどうかを、現在確認できません。"


class Revocations:
    """Everything given that is to be believed no more, at most a second old.

    Each look reads what was written since the last, and every half minute the whole list. What
    has been forgotten for good, because no token it concerns is alive, leaves memory by itself.
    """

    def __init__(
        self, database: Database, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._monotonic = monotonic
        self._entries: dict[_Name, _Entry] = {}
        self._ends: list[tuple[float, _Name]] = []
        self._since: int | None = None
        self._whole_at = self._read_at = monotonic()
        self._task: asyncio.Task[None] | None = None
        self.epoch = 0
        """Grows whenever something was revoked: who keeps verified tokens looks again."""

    def __len__(self) -> int:
        return len(self._entries)

    async def start(self) -> None:
        """Read the list, and again every 0.4 s.

        Raises:
            DatabaseProblem: it cannot be read at all; a gateway without it does not open.
        """
        await self.refresh()
        self._task = asyncio.create_task(self._keep_reading())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def as_of(self) -> int:
        """Return the epoch of the list: under the same number nothing was added to it.

        Raises:
            RevocationsUnknown: the list could not be read for five seconds (fail closed).
        """
        if self._monotonic() - self._read_at > _STALE_SECONDS:
            raise RevocationsUnknown
        return self.epoch

    def is_revoked(self, access: VerifiedAccess) -> bool:
        """Say whether the token, its session, client, subject or what it rests on was revoked.

        A token, a session, a right to act for another and a consent to assist are taken back for
        good. A client or a person may come back: what they are given after the second in which
        they were refused is believed; of that second itself nothing is. Whoever assists from
        elsewhere is asked for in both: session and person are those of their own office.

        Raises:
            RevocationsUnknown: the list could not be read for five seconds (fail closed).
        """
        self.as_of()
        entries = self._entries
        if not entries:
            return False
        principal, code = access.caller.principal, str(access.caller.tenancy.code)
        home = _home_of(principal, code)
        for_good = [("token", code, access.token_id), *_rests_on(principal, code, home)]
        if any(name in entries for name in for_good):
            return True
        return any(
            (found := entries.get(name)) is not None and access.given_at <= found[0]
            for name in (
                ("client", code, principal.client_id),
                ("client", home, principal.client_id),
                ("client", EVERYWHERE, principal.client_id),
                ("subject", code, principal.subject),
                ("subject", home, principal.subject),
            )
        )

    async def refresh(self) -> None:
        """Read what is new on the list now, or all of it where that is due."""
        began = self._monotonic()
        since = None if began - self._whole_at >= _WHOLE_SECONDS else self._since
        async with self._database.unbound() as work:
            if since is None:
                horizon, rows = await withdrawals.in_force(work)
            else:
                horizon, rows = await withdrawals.news(work, since=since)
        if since is None:
            self._whole_at = began
        self._take_up(rows, is_whole=since is None)
        self._since, self._read_at = horizon, began

    def _take_up(self, rows: Iterable[Row], *, is_whole: bool) -> None:
        before, now = self._entries, clock.now().timestamp()
        if is_whole:
            self._entries, self._ends = {}, []
        has_grown = False
        for row in rows:
            name = (row["kind"], row["municipality_code"], row["value"])
            entry = (row["revoked_at"].timestamp(), row["expires_at"].timestamp())
            known = before.get(name)
            has_grown = has_grown or known is None or known[0] < entry[0]
            if is_whole or known != entry:
                self._entries[name] = entry
                heappush(self._ends, (entry[1], name))
        while self._ends and self._ends[0][0] <= now:
            ended, name = heappop(self._ends)
            if name in self._entries and self._entries[name][1] <= ended:
                del self._entries[name]
        self.epoch += has_grown

    async def _keep_reading(self) -> None:
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            try:
                await self.refresh()
            except DatabaseProblem:
                _log.warning("revocations could not be read")


def _home_of(principal: Principal, code: str) -> str:
    """Return where somebody signed in: elsewhere, if they assist."""
    lent = principal.assistance if isinstance(principal, Official) else None
    return code if lent is None else str(lent.office)


def _rests_on(principal: Principal, code: str, home: str) -> list[_Name]:
    """Return what a token falls with, once that is taken back, for good."""
    match principal:
        case Machine():
            return []
        case Resident(representation=held) if held is not None:
            right = ("representation", code, str(held.representation_id))
            return [("session", home, principal.session_id), right]
        case Official(assistance=lent) if lent is not None:
            consent = ("assistance", code, str(lent.assistance_id))
            return [("session", home, principal.session_id), consent]
        case _:
            return [("session", home, principal.session_id)]


def _key_in(claims: dict[str, Any]) -> str | None:
    """Return the key a token is bound to; a binding that cannot be read is none of ours."""
    if "cnf" not in claims:
        return None
    if not isinstance(jkt := claims["cnf"]["jkt"], str):
        raise TypeError("no thumbprint")
    return jkt
