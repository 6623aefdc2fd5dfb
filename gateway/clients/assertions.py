"""How a machine proves who it is: a signed note, good once, good for minutes (RFC 7523 §3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from foundation import clock
from foundation.identity import InvalidToken
from foundation.identity.jose import (
    ASYMMETRIC,
    ForeignKeys,
    audiences_of,
    instant_of,
    text_of,
    unverified_claims,
    unverified_header,
)

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MAXIMUM_LIFETIME = timedelta(minutes=5)
_LEEWAY = timedelta(seconds=30)  # FAPI 2.0: accept clocks up to 10 s ahead, none beyond 60 s
_TYPES = frozenset({None, "JWT", "client-authentication+jwt"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A valid assertion; it counts only once its `token_id` has been used up.

    `key_id` is the key it was signed with, so that the owner can see which of theirs are in use.
    """

    token_id: str
    expires_at: datetime
    key_id: str


class WrongAudience(InvalidToken):
    """The client's own word, but not addressed to us by the name its profile asks for."""


def claimed_client(assertion: str) -> str:
    """Return whose assertion this says it is, to find the keys that must judge it.

    Raises:
        InvalidToken: it does not say, or two different things.
    """
    claims = unverified_claims(assertion)
    subject = claims.get("sub")
    if not isinstance(subject, str) or claims.get("iss") != subject:
        raise InvalidToken("issuer and subject are not one client")
    return subject


def judge(assertion: str, *, client_id: str, keys: ForeignKeys, audiences: frozenset[str]) -> Proof:
    """Check an assertion against the client's keys.

    Args:
        assertion: as it came.
        client_id: who must have signed it.
        keys: the client's public keys.
        audiences: the names of ours that this client may use. Exactly one must be named, alone,
            so that a note written to another server is never good here.

    Raises:
        InvalidToken: not signed by this client, not for us, not now, or not once.
    """
    claims = keys.verify(assertion, algorithms=ASYMMETRIC, types=_TYPES)
    if text_of(claims, "iss") != client_id or text_of(claims, "sub") != client_id:
        raise InvalidToken("another client's")
    named = audiences_of(claims)
    if len(named) != 1 or named[0] not in audiences:
        raise WrongAudience("for another server")
    now, expires_at = clock.now(), instant_of(claims, "exp")
    if expires_at <= now:
        raise InvalidToken("expired")
    if expires_at > now + MAXIMUM_LIFETIME + _LEEWAY:
        raise InvalidToken("good for too long")
    for name in ("iat", "nbf"):
        if name in claims and instant_of(claims, name) > now + _LEEWAY:
            raise InvalidToken("from the future")
    return Proof(
        token_id=text_of(claims, "jti"),
        expires_at=expires_at,
        key_id=str(unverified_header(assertion)["kid"]),
    )
