"""Telling an application, behind the browser's back, that a sign-in has ended.

OpenID Connect Back-Channel Logout 1.0. The address was written down by somebody else, so the way
to it is the guarded one that leads to no machine of the house; and it is only told, never asked.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import httpx

from foundation import clock
from foundation.database import Database, Transaction
from foundation.events import Handler, Job, Patience, Worker
from foundation.identifiers import new_id
from gateway.authorization import repository as sessions
from gateway.authorization.domain import Session
from gateway.clients import repository as clients
from gateway.farewells import KIND
from gateway.state import GatewayState

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
TYPE: Final = "logout+jwt"
LIFETIME: Final = timedelta(minutes=2)
PATIENCE: Final = Patience(attempts=10, first=timedelta(seconds=2), longest=timedelta(minutes=15))
"""Ten attempts within an hour; what is refused ten times is laid aside, to be looked at."""

_SECONDS: Final = 4.0
_TOLD: Final = frozenset({200, 204})
_log = logging.getLogger(__name__)


class NotTold(Exception):
    """The application did not take the word; it will be told again, later and later."""


def logout_token(door: GatewayState, session: Session) -> str:
    """Return the note that a session ended (§2.4): for one client, and never with a nonce."""
    now = clock.now()
    claims: dict[str, Any] = {
        "iss": door.settings.issuer,
        "sub": session.subject,
        "aud": session.client_id,
        "iat": int(now.timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
        "jti": str(new_id()),
        "sid": str(session.id),
        "events": {EVENT: {}},
    }
    return door.keys.access_tokens.signing.sign(claims, typ=TYPE)


def handlers(
    door: GatewayState, transport: httpx.AsyncBaseTransport | None = None
) -> Mapping[str, Handler]:
    """Return what delivers the word; a test brings its own way out."""
    way = transport or door.transport

    async def tell(work: Transaction, job: Job) -> None:
        session = await sessions.session(work, UUID(str(job.payload["session"])))
        client = await clients.find(work, session.client_id) if session is not None else None
        if session is None or client is None or client.backchannel_logout_uri is None:
            return  # forgotten meanwhile, or it no longer wishes to be told
        await _deliver(way, client.backchannel_logout_uri, logout_token(door, session))
        _log.info("told %s of an ended sign-in", client.client_id)

    return {KIND: tell}


async def _deliver(way: httpx.AsyncBaseTransport, address: str, token: str) -> None:
    """Hand over the note (§2.5). No redirect is followed and no answer's body is read.

    Raises:
        NotTold: it was not taken, for whatever reason; the reason names nobody.
    """
    request = httpx.Request(
        "POST",
        address,
        data={"logout_token": token},
        headers={"Accept": "*/*", "User-Agent": "tamaire"},
        extensions={"timeout": httpx.Timeout(_SECONDS).as_dict()},
    )
    try:
        answer = await way.handle_async_request(request)
    except (httpx.HTTPError, OSError) as error:
        raise NotTold(type(error).__name__) from error
    await answer.aclose()
    if answer.status_code not in _TOLD:
        raise NotTold(f"HTTP {answer.status_code}")


def messenger(
    door: GatewayState,
    worker_database: Database,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Worker:
    """Return who delivers every municipality's words, fairly, until told to stop."""
    return Worker(
        "platform",
        door.database,
        worker_database,
        handlers(door, transport),
        patience=PATIENCE,
    )
