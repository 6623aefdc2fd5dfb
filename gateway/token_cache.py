"""Tokens already proven, remembered for as long as they hold and not a moment longer."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from foundation.identity import Caller, InvalidToken, Purpose

from .access import VerifiedAccess

_REMINT_SECONDS: Final = 10.0
_INTERNAL_SECONDS: Final = 30.0
PROVEN_FOR_SECONDS: Final = 15.0
"""After so long a token is proven anew, whatever it says of itself."""


class Verifier(Protocol):
    """Whoever proves an access token from its signature."""

    def verify(self, token: str) -> VerifiedAccess:
        """Raise InvalidToken unless the token is ours, unaltered and unexpired."""
        ...


class RevocationList(Protocol):
    """Whoever knows what was taken back, from memory and at most a second late."""

    def is_revoked(self, access: VerifiedAccess) -> bool:
        """Whether the token, its session, its client or its subject was revoked.

        Raises a Problem when that cannot be told.
        """
        ...


class Minter(Protocol):
    """Whoever signs the token that travels behind the gateway."""

    def mint(self, caller: Caller, *, audience: str) -> str:
        """Return a token for one service, good for 30 seconds."""
        ...


@dataclass(slots=True)
class Pass:
    """One proven access token and what has been derived from it.

    Everything derived lives and dies with the token: a revoked token takes its internal tokens
    along, and no other caller can be given them.
    """

    access: VerifiedAccess
    proven_at: float
    internal: dict[tuple[str, Purpose | None], tuple[str, float]] = field(
        default_factory=dict[tuple[str, Purpose | None], tuple[str, float]]
    )


class TokenCache:
    """At most `capacity` tokens, least recently proven first to go; keys are digests of tokens.

    The list of revocations is asked at every request, not only when it grew: a list that has gone
    stale must stop everybody, and only asking tells. Every fifteen seconds a token is proven anew,
    so that a key withdrawn, or a municipality that left, does not live on in memory for the ten
    minutes of a token. An invalid token is never remembered: anybody could fill the cache.
    """

    def __init__(
        self,
        verifier: Verifier,
        revocations: RevocationList,
        *,
        capacity: int = 16_384,
        good_for: float = PROVEN_FOR_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._verifier = verifier
        self._good_for = good_for
        self._revocations = revocations
        self._capacity = capacity
        self._clock = clock
        self._passes: OrderedDict[bytes, Pass] = OrderedDict()

    def __len__(self) -> int:
        return len(self._passes)

    def prove(self, token: str) -> Pass:
        """Return the pass for a token.

        Raises:
            InvalidToken: forged, expired, revoked, or none of ours.
        """
        key = hashlib.sha256(token.encode()).digest()
        now = self._clock()
        found = self._passes.get(key)
        if found is None or not found.proven_at <= now < found.proven_at + self._good_for:
            found = self._remember(key, token, now)
        if found.access.expires_at <= now:
            self._passes.pop(key, None)
            raise InvalidToken("expired")
        if self._revocations.is_revoked(found.access):
            self._passes.pop(key, None)
            raise InvalidToken("revoked")
        return found

    def _remember(self, key: bytes, token: str, now: float) -> Pass:
        known = self._passes.pop(key, None)
        made = Pass(self._verifier.verify(token), now)
        if known is not None and known.access == made.access:
            made.internal = known.internal
        self._passes[key] = made
        if len(self._passes) > self._capacity:
            self._passes.popitem(last=False)
        return made


class InternalTokens:
    """The token for one service and purpose, minted once per pass and replaced in good time."""

    def __init__(self, minter: Minter, *, clock: Callable[[], float] = time.time) -> None:
        self._minter = minter
        self._clock = clock

    def token_for(self, holder: Pass, service: str, purpose: Purpose | None) -> str:
        """Return a token that is good for at least ten more seconds."""
        key = (service, purpose)
        now = self._clock()
        found = holder.internal.get(key)
        if found is not None and now < found[1]:
            return found[0]
        claimed = holder.access.caller
        caller = Caller(principal=claimed.principal, tenancy=claimed.tenancy, purpose=purpose)
        token = self._minter.mint(caller, audience=service)
        holder.internal[key] = (token, now + _INTERNAL_SECONDS - _REMINT_SECONDS)
        return token
