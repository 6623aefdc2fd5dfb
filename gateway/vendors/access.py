"""What a vendor asks of a municipality, and what becomes of it: one table of transitions.

A request is the vendor's until it is decided, and the municipality's from then on. What was
granted ends by its date, or in a second by the municipality's word.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

LONGEST: Final = timedelta(days=3 * 366)
"""No leave outlives three years without being looked at again."""


class AccessState(StrEnum):
    """Where a request stands."""

    REQUESTED = "requested"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    EXPIRED = "expired"


TRANSITIONS: Mapping[AccessState, frozenset[AccessState]] = {
    AccessState.REQUESTED: frozenset(
        {AccessState.GRANTED, AccessState.REFUSED, AccessState.WITHDRAWN}
    ),
    AccessState.GRANTED: frozenset({AccessState.ENDED, AccessState.EXPIRED}),
    AccessState.REFUSED: frozenset(),
    AccessState.WITHDRAWN: frozenset(),
    AccessState.ENDED: frozenset(),
    AccessState.EXPIRED: frozenset(),
}


class IllegalStep(ValueError):
    """The request is not in a state from which this can become of it."""


class MoreThanAsked(ValueError):
    """More was to be granted than the vendor asked for, or nothing at all."""


class NoSuchEnd(ValueError):
    """The leave would end before it begins, or not for years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who decided what, and when; `by` is the official's name in this municipality."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequest:
    """One request of one client to one municipality."""

    id: UUID
    client_id: str
    scopes: frozenset[str]
    purpose: str
    requested_at: datetime
    state: AccessState = AccessState.REQUESTED
    granted_scopes: frozenset[str] = field(default_factory=frozenset[str])
    expires_at: datetime | None = None
    decision: Decision | None = None
    version: int = 1

    def granted(
        self, scopes: frozenset[str], *, until: datetime, decision: Decision
    ) -> "AccessRequest":
        """Grant a part of what was asked, or all of it, until an end.

        Raises:
            IllegalStep, MoreThanAsked, NoSuchEnd: see there.
        """
        if not scopes or not scopes <= self.scopes:
            raise MoreThanAsked
        if not decision.at < until <= decision.at + LONGEST:
            raise NoSuchEnd
        stepped = self._to(AccessState.GRANTED, decision)
        return replace(stepped, granted_scopes=scopes, expires_at=until)

    def refused(self, decision: Decision) -> "AccessRequest":
        """Say no, with the reason the vendor reads. Raises IllegalStep."""
        return self._to(AccessState.REFUSED, decision)

    def withdrawn(self, decision: Decision) -> "AccessRequest":
        """Take the request back, as its vendor. Raises IllegalStep."""
        return self._to(AccessState.WITHDRAWN, decision)

    def ended(self) -> "AccessRequest":
        """End what was granted; who granted it stays on record. Raises IllegalStep."""
        return self._to(AccessState.ENDED, self.decision)

    def seen_at(self, now: datetime) -> "AccessRequest":
        """Return the request as it stands now: a leave past its end has expired by itself."""
        is_granted = self.state is AccessState.GRANTED and self.expires_at is not None
        if is_granted and now >= (self.expires_at or now):
            return replace(self, state=AccessState.EXPIRED)
        return self

    def _to(self, state: AccessState, decision: Decision | None) -> "AccessRequest":
        if state not in TRANSITIONS[self.state]:
            raise IllegalStep(f"{self.state} cannot become {state}")
        return replace(self, state=state, decision=decision, version=self.version + 1)
