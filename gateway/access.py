"""What an access token says, and whether it still may be believed.

The token is a JWT in the profile of RFC 9068. It lives ten minutes at most; what must end sooner
is on a list that every gateway reads twice a second.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import DateTime, bindparam, select

from foundation import clock
from foundation.database import Database, DatabaseProblem, Statement
from foundation.identity import Caller, InvalidToken, Machine, Resident, principal_from
from foundation.identity.claims import text_in, whole_in
from foundation.identity.key_ring import KeyRing
from foundation.problems import ServiceUnavailable

from .models import RevocationRow
from .tenants import TenantDirectory

TYPE = "at+jwt"
LIFETIME_SECONDS = 600
_SKEW_SECONDS = 60  # two gateways of ours never differ by more; FAPI 2.0 §5.3.2.1
_POLL_SECONDS = 0.4
_STALE_SECONDS = 5.0

_log = logging.getLogger(__name__)

_IN_FORCE = Statement(
    "platform.revocations.in_force",
    select(RevocationRow.kind, RevocationRow.municipality_code, RevocationRow.value).where(
        RevocationRow.expires_at > bindparam("now", type_=DateTime(timezone=True))
    ),
)


@dataclass(frozen=True, slots=True)
class VerifiedAccess:
    """A token that was ours and has not expired; `expires_at` in seconds since the epoch.

    `jkt` is the key it is bound to (RFC 9449 §6): good only with a proof of it, never as Bearer.
    Whether it was revoked since is a second question, asked at every request: `Revocations`.
    """

    caller: Caller
    token_id: str
    expires_at: float
    jkt: str | None = None


class AccessTokens:
    """Reads our own tokens; it remembers none, since that is the data path's to decide."""

    def __init__(self, keys: KeyRing, *, issuer: str, tenants: TenantDirectory) -> None:
        self._keys = keys
        self._issuer = issuer
        self._tenants = tenants

    def verify(self, token: str) -> VerifiedAccess:
        """Return who acts, for which municipality; the purpose is not the token's to say.

        Raises:
            InvalidToken: forged, another's, expired, or of a municipality that takes no part.
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
        if issued_at > now + _SKEW_SECONDS:
            raise InvalidToken("from the future")
        municipality = self._tenants.find(text_in(claims, "tenant"))
        if municipality is None or not municipality.takes_part:
            raise InvalidToken("a municipality that takes no part")
        caller = Caller(principal=principal_from(claims), tenancy=municipality.tenancy)
        return VerifiedAccess(caller, text_in(claims, "jti"), float(expires_at), _key_in(claims))


class RevocationsUnknown(ServiceUnavailable):
    """What was taken back cannot be read, so nothing can be believed for the moment."""

    slug = "platform/revocations-unknown"
    title = "It cannot be checked at the moment whether your sign-in is still valid."
    title_ja = "サインインが有効かどうかを、現在確認できません。"


class Revocations:
    """Everything given that is to be believed no more, at most a second old."""

    def __init__(
        self, database: Database, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._monotonic = monotonic
        self._entries: frozenset[tuple[str, str, str]] = frozenset()
        self._read_at = monotonic()
        self._task: asyncio.Task[None] | None = None
        self.epoch = 0
        """Grows whenever something was revoked: who keeps verified tokens looks again."""

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
        """Say whether the token, its session, client, subject or representation was revoked.

        Raises:
            RevocationsUnknown: the list could not be read for five seconds (fail closed).
        """
        self.as_of()
        if not self._entries:
            return False
        principal, code = access.caller.principal, str(access.caller.tenancy.code)
        keys = {
            ("token", code, access.token_id),
            ("client", code, principal.client_id),
            ("subject", code, principal.subject),
        }
        if not isinstance(principal, Machine):
            keys.add(("session", code, principal.session_id))
        if isinstance(principal, Resident) and (held := principal.representation) is not None:
            keys.add(("representation", code, str(held.representation_id)))
        return not self._entries.isdisjoint(keys)

    async def refresh(self) -> None:
        """Read the list now."""
        async with self._database.unbound() as work:
            rows = await work.fetch(_IN_FORCE, now=clock.now())
        entries = frozenset((r["kind"], r["municipality_code"], r["value"]) for r in rows)
        if entries - self._entries:
            self.epoch += 1
        self._entries = entries
        self._read_at = self._monotonic()

    async def _keep_reading(self) -> None:
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            try:
                await self.refresh()
            except DatabaseProblem:
                _log.warning("revocations could not be read")


def _key_in(claims: dict[str, Any]) -> str | None:
    """Return the key a token is bound to; a binding that cannot be read is none of ours."""
    if "cnf" not in claims:
        return None
    if not isinstance(jkt := claims["cnf"]["jkt"], str):
        raise TypeError("no thumbprint")
    return jkt
