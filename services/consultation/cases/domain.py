"""What a case is: how it goes on, how closely it is kept, and who belongs to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

CaseId = NewType("CaseId", UUID)

MOST_MEMBERS = 50
"""Whoever has more confidants than this has none."""


class Theme(StrEnum):
    """What troubles the person most.

    Source: 厚生労働省 自立相談支援機関使用標準様式【1】相談受付・申込票「相談内容」.
    """

    HEALTH = "health"
    HOUSING = "housing"
    INCOME = "income"
    RENT_AND_LOANS = "rent_and_loans"
    TAXES_AND_UTILITIES = "taxes_and_utilities"
    DEBTS = "debts"
    SEEKING_WORK = "seeking_work"
    TROUBLE_AT_WORK = "trouble_at_work"
    NEIGHBOURHOOD = "neighbourhood"
    FAMILY = "family"
    CHILD_RAISING = "child_raising"
    NURSING_CARE = "nursing_care"
    WITHDRAWAL = "withdrawal"
    VIOLENCE = "violence"
    FOOD = "food"
    OTHER = "other"


class Confidentiality(StrEnum):
    """How closely a case is kept, also among its members; written from open to close."""

    ORDINARY = "ordinary"
    SENSITIVE = "sensitive"
    STRICT = "strict"


class CaseRole(StrEnum):
    """What a member does in the case."""

    LEAD = "lead"
    WORKER = "worker"
    READER = "reader"


class CaseState(StrEnum):
    """Where the support stands."""

    OPENED = "opened"
    ACTIVE = "active"
    CLOSED = "closed"
    REOPENED = "reopened"


class CaseAct(StrEnum):
    """What moves a case on."""

    ACTIVATED = "activated"
    CLOSED = "closed"
    REOPENED = "reopened"


TRANSITIONS: Mapping[tuple[CaseState, CaseAct], CaseState] = {
    (CaseState.OPENED, CaseAct.ACTIVATED): CaseState.ACTIVE,
    (CaseState.ACTIVE, CaseAct.CLOSED): CaseState.CLOSED,
    (CaseState.CLOSED, CaseAct.REOPENED): CaseState.REOPENED,
    (CaseState.REOPENED, CaseAct.CLOSED): CaseState.CLOSED,
}
"""The only ways on. No state is an end: people come back."""

UNDER_WAY = frozenset(CaseState) - {CaseState.CLOSED}
"""States in which support is given, so that there is something to record."""


class LeadFixed(Exception):
    """The lead is neither removed nor given another role; the case is handed over instead."""


class NoSuchMember(Exception):
    """The person has no role on the case."""


class MembersFull(Exception):
    """The case has as many members as a case may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultee:
    """Whom the case is about: a resident of the register, somebody else, or nobody named.

    `protected` tells of a protection measure (支援措置). A resident whom the register no longer
    shows counts as protected: not knowing is no reason to be less careful.
    """

    resident_id: UUID | None = None
    name: str | None = field(default=None, repr=False)
    contact: str | None = field(default=None, repr=False)
    protected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An official with a role on the case."""

    subject: str
    role: CaseRole
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What decides about somebody's access to a case, all of it read at one moment."""

    case_id: CaseId
    role: CaseRole
    state: CaseState
    confidentiality: Confidentiality
    resident_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What is true of a case, whoever looks at it."""

    id: CaseId
    theme: Theme
    classified_as: Confidentiality
    consultee: Consultee
    state: CaseState
    opened_by: str
    opened_at: datetime
    version: int

    @property
    def confidentiality(self) -> Confidentiality:
        """How closely it is kept: as classified, or strictly as long as the person is protected."""
        return effective(self.classified_as, protected=self.consultee.protected)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOfMember(CaseFacts):
    """A case as it stands in one member's list."""

    role: CaseRole


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(CaseFacts):
    """A case with all its members, of whom exactly one is its lead, from its opening on."""

    members: tuple[Member, ...]

    @property
    def lead(self) -> Member:
        (lead,) = (member for member in self.members if member.role is CaseRole.LEAD)
        return lead

    def standing_of(self, subject: str) -> Standing | None:
        """Return an official's standing on the case, or None if they have no role on it."""
        member = self._member(subject)
        if member is None:
            return None
        return Standing(
            case_id=self.id,
            role=member.role,
            state=self.state,
            confidentiality=self.confidentiality,
            resident_id=self.consultee.resident_id,
        )

    def after(self, act: CaseAct) -> "Case | None":
        """Return the case after an act, or None if the act does not begin where the case stands."""
        state = TRANSITIONS.get((self.state, act))
        return None if state is None else self._changed(state=state)

    def classified(self, *, theme: Theme, confidentiality: Confidentiality) -> "Case":
        return self._changed(theme=theme, classified_as=confidentiality)

    def with_member(self, member: Member) -> "Case":
        """Return the case with a member added, or in another role.

        Raises:
            LeadFixed: the person is the lead, or would become a second one.
            MembersFull: there is no room for another.
        """
        present = self._member(member.subject)
        if CaseRole.LEAD in {member.role, present.role if present else None}:
            raise LeadFixed
        if present is None:
            if len(self.members) >= MOST_MEMBERS:
                raise MembersFull
            return self._changed(members=(*self.members, member))
        if present.role is member.role:
            return self
        return self._with_roles({member.subject: member.role})

    def without(self, subject: str) -> "Case":
        """Return the case after a member has left it.

        Raises:
            NoSuchMember: the person has no role on it.
            LeadFixed: the person is the lead.
        """
        if self._required(subject).role is CaseRole.LEAD:
            raise LeadFixed
        return self._changed(
            members=tuple(member for member in self.members if member.subject != subject)
        )

    def handed_over_to(self, subject: str) -> "Case":
        """Return the case led by another of its members; who led it stays as a worker.

        Only a member can take over: a name mistyped here would leave a case that nobody can open.

        Raises:
            NoSuchMember: the person has no role on it.
        """
        if self._required(subject).role is CaseRole.LEAD:
            return self
        return self._with_roles({self.lead.subject: CaseRole.WORKER, subject: CaseRole.LEAD})

    def _with_roles(self, roles: Mapping[str, CaseRole]) -> "Case":
        return self._changed(
            members=tuple(
                replace(member, role=roles.get(member.subject, member.role))
                for member in self.members
            )
        )

    def _member(self, subject: str) -> Member | None:
        return next((member for member in self.members if member.subject == subject), None)

    def _required(self, subject: str) -> Member:
        member = self._member(subject)
        if member is None:
            raise NoSuchMember
        return member

    def _changed(self, **changes: object) -> "Case":
        return replace(self, version=self.version + 1, **changes)


def effective(classified_as: Confidentiality, *, protected: bool) -> Confidentiality:
    """Return how closely a case is kept, given how it was classified and the register's word."""
    return Confidentiality.STRICT if protected else classified_as
