"""Telling a client that somebody it was told of has signed out here, or may sign in no more.

OpenID Connect Back-Channel Logout 1.0. Told once and not again: a provider in development that
kept trying would only hide that the client did not listen.
"""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import httpx

from infra.identity.clock import Clock
from infra.identity.register import ClientRecord
from infra.identity.stores import ExpiringStore

from .signing_key import SigningKey

SESSION_LIFETIME: Final = timedelta(hours=12)
_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
_TYPE: Final = "logout+jwt"
_LIFETIME: Final = timedelta(minutes=2)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody signed in here for one client; `account` is what this provider calls them."""

    client: ClientRecord
    subject: str
    account: str


class Farewells:
    """The open sessions of one issuer, and the way to say that one is over."""

    def __init__(
        self, issuer: str, *, key: SigningKey, http: httpx.AsyncClient, clock: Clock
    ) -> None:
        self._issuer = issuer
        self._key = key
        self._http = http
        self._clock = clock
        self._open = ExpiringStore[Session](clock, SESSION_LIFETIME)

    def begin(self, session: Session) -> str:
        """Remember a session and return its `sid`."""
        return self._open.put(session)

    async def end(self, sid: str) -> bool:
        """End a session and tell its client; False when there is none."""
        session = self._open.take(sid)
        if session is None:
            return False
        await self._tell(session, sid)
        return True

    async def end_those(self, is_over: Callable[[Session], bool]) -> int:
        """End every session of which this is true, such as those of a closed account."""
        found = [sid for sid, session in self._open.items() if is_over(session)]
        return sum([await self.end(sid) for sid in found])

    async def _tell(self, session: Session, sid: str) -> None:
        address = session.client.backchannel_logout_uri
        if address is None:
            return
        now = self._clock()
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "sub": session.subject,
            "aud": session.client.client_id,
            "iat": int(now.timestamp()),
            "exp": int((now + _LIFETIME).timestamp()),
            "jti": secrets.token_urlsafe(16),
            "sid": sid,
            "events": {_EVENT: {}},
        }
        form = {"logout_token": self._key.sign(claims, type_=_TYPE)}
        try:
            answer = await self._http.post(address, data=form)
        except httpx.HTTPError as error:
            _log.warning("%s was not told: %s", session.client.client_id, type(error).__name__)
            return
        if answer.is_error:
            _log.warning("%s did not take it: %d", session.client.client_id, answer.status_code)
