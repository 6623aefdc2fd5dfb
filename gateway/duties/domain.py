"""What a duty is in time: given by a group or by name, from a midnight until a midnight.

Japanese offices change hands on a day. A duty begins at the first moment of its first day and
ends at the last moment of its last, by the clocks of Japan, and no token outlives either.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

from foundation.clock import JST
from foundation.identity import Role

SENSITIVE = frozenset({Role.ADMINISTRATOR, Role.TREASURER, Role.AUDITOR})
"""Duties nobody gives to themselves, and nobody gives alone."""

LEAST_ADMINISTRATORS = 2
"""With fewer, one illness locks a town hall out of its own house."""

INCOMPATIBLE: tuple[tuple[Role, Role, str, str], ...] = (
    (
        Role.BENEFITS_OFFICER,
        Role.TREASURER,
        "Who proposes a payment must not also pay it (Local Autonomy Act, Article 232-4).",
        "支出を起案する職員は、出納を兼ねられません(地方自治法第232条の4)。",
    ),
    (
        Role.TREASURER,
        Role.AUDITOR,
        "Who pays must not also audit the payments.",
        "出納を担当する職員は、その監査を兼ねられません。",
    ),
    (
        Role.ADMINISTRATOR,
        Role.AUDITOR,
        "Who gives access must not also audit who had it.",
        "権限を付与する職員は、その監査を兼ねられません。",
    ),
)

NamedBy = Literal["subject", "employee_id", "email"]


class GrantState(StrEnum):
    """Where the giving of a duty stands; that its last day has passed is no state of its own."""

    PROPOSED = "proposed"
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"


class GrantAct(StrEnum):
    """What moves it on."""

    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"


TRANSITIONS: Mapping[tuple[GrantState, GrantAct], GrantState] = {
    (GrantState.PROPOSED, GrantAct.APPROVED): GrantState.GRANTED,
    (GrantState.PROPOSED, GrantAct.DECLINED): GrantState.DECLINED,
    (GrantState.PROPOSED, GrantAct.WITHDRAWN): GrantState.WITHDRAWN,
    (GrantState.GRANTED, GrantAct.REVOKED): GrantState.REVOKED,
}


class NotTwoPeople(Exception):
    """The second pair of eyes belongs to the first, or to whom the duty is for."""


class ActNotPossible(Exception):
    """The act does not begin where the grant stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From a moment until a moment, or for as long as nobody ends it."""

    starts_at: datetime
    ends_at: datetime | None = None

    @classmethod
    def of_days(cls, first: date, last: date | None) -> "Period":
        """Return the period of whole days, the last one included."""
        ends_at = None if last is None else midnight(last + timedelta(days=1))
        return cls(starts_at=midnight(first), ends_at=ends_at)

    def contains(self, moment: datetime) -> bool:
        return self.starts_at <= moment and (self.ends_at is None or moment < self.ends_at)

    @property
    def first_day(self) -> date:
        return self.starts_at.astimezone(JST).date()

    @property
    def last_day(self) -> date | None:
        if self.ends_at is None:
            return None
        return (self.ends_at - timedelta(microseconds=1)).astimezone(JST).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One duty given to one person by name."""

    id: UUID
    subject: str | None
    named_by: NamedBy
    name: str | None = field(repr=False)
    name_hash: bytes | None = field(repr=False)
    role: Role
    period: Period
    reason: str = field(repr=False)
    state: GrantState
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    ended_by: str | None = None
    reassignment_id: UUID | None = None
    changed_at: datetime
    version: int = 1

    @property
    def needs_four_eyes(self) -> bool:
        return self.role in SENSITIVE

    def after(self, act: GrantAct, *, by: str, at: datetime) -> "Grant":
        """Return the grant after an act.

        Raises:
            ActNotPossible: it does not begin where the grant stands.
            NotTwoPeople: who proposed a sensitive duty, or is to have it, would approve it.
        """
        state = TRANSITIONS.get((self.state, act))
        if state is None:
            raise ActNotPossible
        if act is GrantAct.APPROVED and by in {self.proposed_by, self.subject}:
            raise NotTwoPeople
        if act is GrantAct.WITHDRAWN and by != self.proposed_by:
            raise ActNotPossible
        changed = replace(self, state=state, changed_at=at, version=self.version + 1)
        if act is GrantAct.REVOKED:
            ended = at if self.period.ends_at is None else min(at, self.period.ends_at)
            return replace(changed, ended_by=by, period=replace(self.period, ends_at=ended))
        return replace(changed, decided_by=by, decided_at=at)

    def ending(self, last: date, *, at: datetime) -> "Grant":
        """Return the grant with another last day."""
        ends_at = midnight(last + timedelta(days=1))
        return replace(
            self,
            period=replace(self.period, ends_at=ends_at),
            changed_at=at,
            version=self.version + 1,
        )


@dataclass(frozen=True, slots=True)
class Duties:
    """What somebody may do now, and the moment at which that changes by itself."""

    roles: frozenset[Role]
    until: datetime | None = None


def duties_at(
    moment: datetime, *, by_group: Iterable[Role], by_name: Iterable[tuple[Role, Period]]
) -> Duties:
    """Return the duties of a moment; a token given then holds until `until` at most."""
    given = list(by_name)
    roles = frozenset(by_group) | {role for role, period in given if period.contains(moment)}
    borders = [
        border
        for _, period in given
        for border in (period.starts_at, period.ends_at)
        if border is not None and border > moment
    ]
    return Duties(roles=roles, until=min(borders, default=None))


def conflicts_of(roles: Iterable[Role]) -> list[tuple[Role, Role, str, str]]:
    """Return the pairs of duties that one person should not have together, and why."""
    held = frozenset(roles)
    return [pair for pair in INCOMPATIBLE if {pair[0], pair[1]} <= held]


def midnight(day: date) -> datetime:
    """Return the first moment of a day in Japan."""
    return datetime.combine(day, time.min, tzinfo=JST)


def employee_id_of(text: str) -> str:
    """Return an employee's number as the town writes it, without the blanks around it."""
    return text.strip()


def email_of(text: str) -> str:
    """Return an e-mail address by which two spellings of one address are equal."""
    return text.strip().casefold()
