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

    def as_of(self) -> int:
        """Return a number that changes whenever something was added to the list.

        Raises a Problem when the list is too old to be believed.
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
    tenant_id: int
    code: str
    client_id: str
    clear_as_of: int = -1
    """The list of revocations on which it was last looked for, and not found."""
    internal: dict[tuple[str, str | None], tuple[bytes, float]] = field(
        default_factory=dict[tuple[str, str | None], tuple[bytes, float]]
    )

    @classmethod
    def of(cls, access: VerifiedAccess, proven_at: float) -> "Pass":
        caller = access.caller
        tenancy = caller.tenancy
        return cls(access, proven_at, tenancy.tenant_id, tenancy.code, caller.principal.client_id)


class TokenCache:
    """At most `capacity` tokens, least recently proven first to go; keys are digests of tokens.

    At every request the list of revocations is asked how old it is, for a list that has gone stale
    must stop everybody, and a token is looked for in it again whenever it grew. Every fifteen
    seconds a token is proven anew, so that a key withdrawn, or a municipality that left, does not
    live on in memory for the ten
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

    def forget(self) -> None:
        """Prove every token anew: a key was changed, and may be one that was betrayed."""
        self._passes.clear()

    def prove(self, token: str) -> Pass:
        """Return the pass for a token.

        Raises:
            InvalidToken: forged, expired, revoked, or none of ours.
        """
        raw = token.encode()
        found = self.recall(raw)
        return found if found is not None else self.judge(token)

    def judge(self, token: str) -> Pass:
        """Return the pass for a token that `recall` did not know.

        Raises:
            InvalidToken: as `prove`.
        """
        return self._judge(_key_of(token.encode()), token)

    def recall(self, raw: bytes) -> Pass | None:
        """Return the pass of a token proven lately, or None where it is to be proven.

        Raises:
            InvalidToken: it has expired or was revoked since.
        """
        key = hashlib.sha256(raw).digest()
        found = self._passes.get(key)
        if found is None:
            return None
        now = self._clock()
        if not found.proven_at <= now < found.proven_at + self._good_for:
            return None
        if found.access.expires_at <= now:
            self._passes.pop(key, None)
            raise InvalidToken("expired")
        if found.clear_as_of != self._revocations.as_of():
            self._clear(key, found)
        return found

    def _judge(self, key: bytes, token: str) -> Pass:
        now = self._clock()
        found = self._remember(key, token, now)
        if found.access.expires_at <= now:
            self._passes.pop(key, None)
            raise InvalidToken("expired")
        self._clear(key, found)
        return found

    def _clear(self, key: bytes, found: Pass) -> None:
        """Look for a token in the list of revocations as it stands now."""
        epoch = self._revocations.as_of()
        if self._revocations.is_revoked(found.access):
            self._passes.pop(key, None)
            raise InvalidToken("revoked")
        found.clear_as_of = epoch

    def _remember(self, key: bytes, token: str, now: float) -> Pass:
        known = self._passes.pop(key, None)
        made = Pass.of(self._verifier.verify(token), now)
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

    def token_for(self, holder: Pass, service: str, purpose: Purpose | None) -> bytes:
        """Return a token that is good for at least ten more seconds."""
        # By the purpose's text: an enumeration's hash is computed in Python each time.
        key = (service, None if purpose is None else purpose.value)
        now = self._clock()
        found = holder.internal.get(key)
        if found is not None and now < found[1]:
            return found[0]
        claimed = holder.access.caller
        caller = Caller(principal=claimed.principal, tenancy=claimed.tenancy, purpose=purpose)
        token = self._minter.mint(caller, audience=service).encode()
        holder.internal[key] = (token, now + _INTERNAL_SECONDS - _REMINT_SECONDS)
        return token


def _key_of(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()
