"""A provider's word that somebody has signed out there (OpenID Connect Back-Channel Logout 1.0).

It comes without a browser, from whoever can reach us. So it is believed only if that very provider
signed it, for us, a moment ago, and if it is this kind of token and no other (§2.4, §2.6).
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, cast

from foundation import clock

from .jose import VerifiedClaims, audiences_of, instant_of, text_of
from .keys import InvalidToken

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
TYPES: Final = frozenset[str | None]({"logout+jwt"})
"""Named for what it is (§2.4): without that, an ID token would be one claim away from it."""

_LEEWAY: Final = timedelta(seconds=30)
_MAXIMUM_AGE: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Farewell:
    """Whose sessions at the provider are over: a person's, one session, or one of a person's.

    `good_until` is when the same word would be refused for its age, and `jti` be forgotten.
    """

    subject: str | None = field(repr=False)
    session: str | None = field(repr=False)
    jti: str
    good_until: datetime


def judged(claims: VerifiedClaims, *, issuer: str, client_id: str) -> Farewell:
    """Return what a token with a good signature says.

    Raises:
        InvalidToken: it is another's, for another, old, or no word of farewell.
    """
    if text_of(claims, "iss") != issuer:
        raise InvalidToken("another issuer's")
    if client_id not in audiences_of(claims):
        raise InvalidToken("for another client")
    now, issued_at = clock.now(), instant_of(claims, "iat")
    if not now - _MAXIMUM_AGE <= issued_at <= now + _LEEWAY:
        raise InvalidToken("not issued just now")
    if instant_of(claims, "exp") <= now - _LEEWAY:
        raise InvalidToken("expired")
    if "nonce" in claims:
        raise InvalidToken("an answer to a sign-in")
    _check_event(claims)
    subject = text_of(claims, "sub") if "sub" in claims else None
    session = text_of(claims, "sid") if "sid" in claims else None
    if subject is None and session is None:
        raise InvalidToken("nobody's farewell")
    return Farewell(
        subject=subject,
        session=session,
        jti=text_of(claims, "jti"),
        good_until=issued_at + _MAXIMUM_AGE + _LEEWAY,
    )


def _check_event(claims: VerifiedClaims) -> None:
    events: object = claims.get("events")
    if not isinstance(events, dict) or not isinstance(
        cast("dict[str, Any]", events).get(EVENT), dict
    ):
        raise InvalidToken("another event")
