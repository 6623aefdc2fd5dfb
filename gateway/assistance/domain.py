"""What a municipality consents to when another office helps it, and when that holds.

Sources: Local Autonomy Act arts. 252-14 (entrusting of affairs), 252-16-2 (acting in another's
stead) and 252-17 (lending of officials): each names the affairs, the ground and the time. What is
kept here is the municipality's leave to its data; the agreement itself stays on paper, and is named
as the ground.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from foundation.identifiers import CodeKind, MunicipalityCode
from foundation.identity import NEVER_LENT, Role
from gateway.duties.domain import Period

LENDABLE: Final = frozenset(Role) - NEVER_LENT
"""What may be done by officials of another office. Never to give roles or consents, to pay, or to
see who did what: those are how a municipality stays master in its own house."""

SCOPES: Final = frozenset(
    {
        "benefits:read",
        "benefits:write",
        "consultation:read",
        "consultation:write",
        "platform:read",
        "registry:read",
        "window-dx:read",
        "window-dx:write",
    }
)
"""The most a token of an assistant carries. Not `registry:write`, by which protections are kept and
protected addresses opened; not `platform:write`, by which the municipality is run."""


class State(StrEnum):
    """Where a consent stands; that its last day has passed is no state of its own."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What moves it on."""

    CONFIRM = "confirm"
    WITHDRAW = "withdraw"


TRANSITIONS: Final[Mapping[tuple[State, Act], State]] = {
    (State.PROPOSED, Act.CONFIRM): State.CONFIRMED,
    (State.PROPOSED, Act.WITHDRAW): State.WITHDRAWN,
    (State.CONFIRMED, Act.WITHDRAW): State.WITHDRAWN,
}


class ActNotPossible(Exception):
    """The act does not begin where the consent stands."""

    def __init__(self, state: State) -> None:
        super().__init__(f"nothing of this kind follows {state}")
        self.state = state


class NotTwoPeople(Exception):
    """Who proposed it would confirm it."""


class Fault(StrEnum):
    """What is wrong with a consent that somebody would propose."""

    OFFICE = "office"
    ROLES = "roles"
    PERIOD = "period"
    TOO_FAR = "too_far"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is consented to; the last day is included."""

    office: MunicipalityCode
    roles: frozenset[Role]
    purpose: str
    ground: str
    starts_on: date
    ends_on: date

    @property
    def period(self) -> Period:
        return Period.of_days(self.starts_on, self.ends_on)


def faults_of(terms: Terms, *, town: MunicipalityCode, today: date) -> list[Fault]:
    """Return everything that is wrong with the terms; nothing means that they can be proposed."""
    faults = list[Fault]()
    if not may_assist(terms.office, town):
        faults.append(Fault.OFFICE)
    if not terms.roles or not terms.roles <= LENDABLE:
        faults.append(Fault.ROLES)
    if terms.starts_on < today or terms.ends_on < terms.starts_on:
        faults.append(Fault.PERIOD)
    elif terms.starts_on > a_year_after(a_year_after(today)):
        faults.append(Fault.TOO_FAR)
    elif terms.ends_on >= a_year_after(terms.starts_on):
        faults.append(Fault.TOO_LONG)
    return faults


def may_assist(office: MunicipalityCode, town: MunicipalityCode) -> bool:
    """Tell whether an office could act for a town: its own prefecture, or another municipality.

    Only municipalities are assisted. Neither the nation nor another prefecture assists any.
    """
    if town.kind is not CodeKind.MUNICIPALITY or office == town:
        return False
    if office.kind is CodeKind.MUNICIPALITY:
        return True
    return office.kind is CodeKind.PREFECTURE and office == town.prefecture


def a_year_after(day: date) -> date:
    """Return the same day of the next year; of 29 February, the 28th, as PostgreSQL counts."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A consent as it is recorded: who proposed it, who confirmed it, who took it back."""

    id: UUID
    terms: Terms
    state: State
    proposed_by: str
    proposed_at: datetime
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None
    version: int = 1

    def confirmed(self, *, by: str, at: datetime) -> "Consent":
        """Return it as the second person confirmed it.

        Raises:
            ActNotPossible: it was confirmed or withdrawn already, or its last day has passed.
            NotTwoPeople: who proposed it confirms it.
        """
        state = self._after(Act.CONFIRM)
        if self.is_over(at):
            raise ActNotPossible(self.state)
        if by == self.proposed_by:
            raise NotTwoPeople
        return replace(
            self, state=state, confirmed_by=by, confirmed_at=at, version=self.version + 1
        )

    def withdrawn(self, *, by: str, at: datetime) -> "Consent":
        """Return it as somebody took it back: one person is enough, and any day is the day.

        Raises:
            ActNotPossible: it was withdrawn already.
        """
        state = self._after(Act.WITHDRAW)
        return replace(
            self, state=state, withdrawn_by=by, withdrawn_at=at, version=self.version + 1
        )

    def holds(self, now: datetime) -> bool:
        """Tell whether somebody may act on it at a moment."""
        return self.state is State.CONFIRMED and self.terms.period.contains(now)

    def is_over(self, now: datetime) -> bool:
        """Tell whether its last day has passed."""
        ends_at = self.terms.period.ends_at
        return ends_at is not None and now >= ends_at

    def lends(self, office: MunicipalityCode, roles: frozenset[Role], now: datetime) -> set[Role]:
        """Return what an official of an office may be here: what is lent, as far as they are it."""
        if office != self.terms.office or not self.holds(now):
            return set()
        return set(self.terms.roles & roles & LENDABLE)

    def _after(self, act: Act) -> State:
        state = TRANSITIONS.get((self.state, act))
        if state is None:
            raise ActNotPossible(self.state)
        return state
