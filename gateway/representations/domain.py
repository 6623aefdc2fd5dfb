"""By what right somebody acts for another, how far it reaches, and when it ends.

Sources: Civil Code arts. 4, 818, 824 (parents), 838 and 859 (guardians), 876-4 and 876-9 (power of
representation granted to curators and assistants by the court), 99 and 104 (mandates); 年齢計算ニ
関する法律 (明治35年法律第50号).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from foundation.identity import RepresentationKind


class Ground(StrEnum):
    """On what the right rests."""

    PARENT = "parent"
    MINORS_GUARDIAN = "minors_guardian"
    ADULT_GUARDIAN = "adult_guardian"
    CURATOR = "curator"
    ASSISTANT = "assistant"
    MANDATE = "mandate"
    FACILITY = "facility"


class Act(StrEnum):
    """What may be done for another; more than these is nobody's to do for somebody."""

    SEE_BENEFITS = "benefits.see"
    APPLY_FOR_BENEFITS = "benefits.apply"
    SEE_RECORD = "registry.see"
    BE_RECEIVED = "windows.be_received"
    SEE_ACCESS_LOG = "access_log.see"


class Evidence(StrEnum):
    """The document that shows the right."""

    FAMILY_REGISTER = "family_register"
    RESIDENT_RECORD = "resident_record"
    REGISTRATION_CERTIFICATE = "registration_certificate"
    COURT_DECISION = "court_decision"
    MANDATE_LETTER = "mandate_letter"
    CARD_SIGNATURE = "card_signature"
    STAFF_CERTIFICATE = "staff_certificate"


SCOPES: Final[Mapping[Act, frozenset[str]]] = {
    Act.SEE_BENEFITS: frozenset({"benefits:read"}),
    Act.APPLY_FOR_BENEFITS: frozenset({"benefits:read", "benefits:write"}),
    Act.SEE_RECORD: frozenset({"registry:read"}),
    Act.BE_RECEIVED: frozenset({"window-dx:read", "window-dx:write"}),
    Act.SEE_ACCESS_LOG: frozenset({"platform:read"}),
}
"""What each act needs of an access token. Never `platform:self` or `platform:write`: nobody names
another representative, shows a code or ends a sign-in in somebody else's place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """One row: what a right on this ground may reach, and on which document.

    `receives`: leave to receive money for the person may be recorded. `needs_end`: it is recorded
    for a time. `revocable`: the represented person can end it by themselves.
    """

    kind: RepresentationKind
    acts: frozenset[Act]
    evidence: frozenset[Evidence]
    receives: bool = False
    needs_end: bool = False
    revocable: bool = False


_EVERY: Final = frozenset(Act)
_COURT: Final = frozenset({Evidence.REGISTRATION_CERTIFICATE, Evidence.COURT_DECISION})
LONGEST: Final = timedelta(days=366)
"""For how long a right that needs an end can be recorded at once."""

RULES: Final[Mapping[Ground, Rules]] = {
    Ground.PARENT: Rules(
        kind="legal",
        acts=_EVERY,
        evidence=frozenset({Evidence.FAMILY_REGISTER, Evidence.RESIDENT_RECORD}),
        receives=True,
    ),
    Ground.MINORS_GUARDIAN: Rules(
        kind="legal",
        acts=_EVERY,
        evidence=frozenset({Evidence.FAMILY_REGISTER, Evidence.COURT_DECISION}),
        receives=True,
    ),
    Ground.ADULT_GUARDIAN: Rules(kind="legal", acts=_EVERY, evidence=_COURT, receives=True),
    # 保佐人 and 補助人 represent only in the acts that the court listed (代理行為目録).
    Ground.CURATOR: Rules(
        kind="legal", acts=_EVERY - {Act.SEE_ACCESS_LOG}, evidence=_COURT, receives=True
    ),
    Ground.ASSISTANT: Rules(
        kind="legal", acts=_EVERY - {Act.SEE_ACCESS_LOG}, evidence=_COURT, receives=True
    ),
    Ground.MANDATE: Rules(
        kind="voluntary",
        acts=_EVERY - {Act.SEE_ACCESS_LOG},
        evidence=frozenset({Evidence.MANDATE_LETTER, Evidence.CARD_SIGNATURE}),
        receives=True,
        needs_end=True,
        revocable=True,
    ),
    Ground.FACILITY: Rules(
        kind="facility",
        acts=frozenset({Act.SEE_BENEFITS, Act.APPLY_FOR_BENEFITS, Act.BE_RECEIVED}),
        evidence=frozenset({Evidence.STAFF_CERTIFICATE}),
        needs_end=True,
        revocable=True,
    ),
}

OF_MINORS: Final = frozenset({Ground.PARENT, Ground.MINORS_GUARDIAN})
MAJORITY: Final = 18


def last_day_of_minority(born_on: date) -> date:
    """Return the last day on which somebody is a minor: the day before their 18th birthday.

    A year of age is complete at the end of the day before the birthday. Who was born on 29
    February completes it, in a common year, at the end of 28 February (Civil Code art. 143).
    """
    year = born_on.year + MAJORITY
    try:
        birthday = born_on.replace(year=year)
    except ValueError:
        birthday = date(year, 3, 1)
    return birthday - timedelta(days=1)


class Fault(StrEnum):
    """What is wrong with a right that somebody would record."""

    ACTS = "acts"
    EVIDENCE = "evidence"
    RECEIVES = "receives"
    NEEDS_END = "needs_end"
    TOO_LONG = "too_long"
    PERIOD = "period"
    NOT_A_MINOR = "not_a_minor"
    BIRTH_UNKNOWN = "birth_unknown"
    ONESELF = "oneself"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A right as somebody would record it; the last day is included."""

    ground: Ground
    acts: frozenset[Act]
    evidence: Evidence
    may_receive: bool
    starts_on: date
    ends_on: date | None


def settled_end(proposal: Proposal, *, born_on: date | None) -> date | None:
    """Return the last day it holds: a right over a minor ends when the minor comes of age."""
    if proposal.ground not in OF_MINORS or born_on is None:
        return proposal.ends_on
    majority = last_day_of_minority(born_on)
    return majority if proposal.ends_on is None else min(proposal.ends_on, majority)


def faults_of(proposal: Proposal, *, born_on: date | None, today: date) -> list[Fault]:
    """Return everything that is wrong with it; nothing means that it can be recorded."""
    rules, faults = RULES[proposal.ground], list[Fault]()
    if not proposal.acts or not proposal.acts <= rules.acts:
        faults.append(Fault.ACTS)
    if proposal.evidence not in rules.evidence:
        faults.append(Fault.EVIDENCE)
    if proposal.may_receive and not rules.receives:
        faults.append(Fault.RECEIVES)
    return [*faults, *_faults_of_time(proposal, rules, born_on=born_on, today=today)]


def _faults_of_time(
    proposal: Proposal, rules: Rules, *, born_on: date | None, today: date
) -> list[Fault]:
    faults, end = list[Fault](), proposal.ends_on
    if end is not None and end < max(proposal.starts_on, today):
        faults.append(Fault.PERIOD)
    if rules.needs_end and end is None:
        faults.append(Fault.NEEDS_END)
    if rules.needs_end and end is not None and end - proposal.starts_on > LONGEST:
        faults.append(Fault.TOO_LONG)
    if proposal.ground in OF_MINORS:
        if born_on is None:
            faults.append(Fault.BIRTH_UNKNOWN)
        elif last_day_of_minority(born_on) < max(today, proposal.starts_on):
            faults.append(Fault.NOT_A_MINOR)
    return faults


def is_barred(
    *, is_listed: bool, is_protected: bool, shares_household: bool, holder_is_protected: bool
) -> bool:
    """Tell whether somebody may never act for a person, because that person is protected.

    Listed as the one they are protected from; or of the household they are protected in, without
    being protected with them. To whoever is barred, the person must be as one who does not exist.
    """
    return is_listed or (is_protected and shares_household and not holder_is_protected)


def falls_with_bar(*, known_as: frozenset[UUID], barred: frozenset[UUID]) -> bool:
    """Tell whether a right ends when somebody is barred from the represented person.

    It does when its holder is, by any record they are or were known by, whoever is barred. It also
    does when nothing tells who its holder is: a sign-in that is bound to no record may be the
    very one. An official who knows better records it anew.
    """
    return not known_as or not known_as.isdisjoint(barred)


class State(StrEnum):
    """Where a right stands."""

    REQUESTED = "requested"
    AWAITING_SECOND = "awaiting_second"
    ACTIVE = "active"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class Event(StrEnum):
    """What can befall it."""

    CONFIRM = "confirm"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    END = "end"


TRANSITIONS: Final[Mapping[tuple[State, Event], State]] = {
    (State.REQUESTED, Event.CONFIRM): State.ACTIVE,
    (State.REQUESTED, Event.DECLINE): State.DECLINED,
    (State.REQUESTED, Event.WITHDRAW): State.WITHDRAWN,
    (State.AWAITING_SECOND, Event.CONFIRM): State.ACTIVE,
    (State.AWAITING_SECOND, Event.DECLINE): State.DECLINED,
    (State.AWAITING_SECOND, Event.WITHDRAW): State.WITHDRAWN,
    (State.ACTIVE, Event.WITHDRAW): State.WITHDRAWN,
    (State.REQUESTED, Event.END): State.ENDED,
    (State.AWAITING_SECOND, Event.END): State.ENDED,
    (State.ACTIVE, Event.END): State.ENDED,
}
OVER: Final = frozenset({State.DECLINED, State.WITHDRAWN, State.ENDED})
"""Where nothing befalls a right any more."""


class IllegalTransition(ValueError):
    """This cannot befall a right that stands where this one does."""

    def __init__(self, state: State, event: Event) -> None:
        super().__init__(f"{event} does not follow {state}")
        self.state = state


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """The official who would confirm, by every name the house has for them.

    `known_as` are the records they are or were known by, as a resident, if by any.
    """

    subject: str
    person: str
    known_as: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A right as it is recorded; the holder is a record here or, living elsewhere, a sign-in."""

    id: UUID
    represented_id: UUID
    holder_id: UUID | None
    holder_person: str | None
    ground: Ground
    relationship: str
    acts: frozenset[Act]
    may_receive: bool
    evidence: Evidence
    evidence_seen_on: date | None
    signature_id: UUID | None
    state: State
    starts_on: date
    ends_on: date | None
    recorded_by: str
    second_by: str | None = None
    version: int = 1

    @property
    def kind(self) -> RepresentationKind:
        return RULES[self.ground].kind

    @property
    def scopes(self) -> frozenset[str]:
        """The most an access token can carry that is given on this right."""
        return frozenset[str]().union(*(SCOPES[act] for act in self.acts))

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    def is_held_by(self, *, person: str, record: UUID | None) -> bool:
        """Tell whether it is somebody's, by their sign-in or by the record they are bound to."""
        return self.holder_person == person or (record is not None and self.holder_id == record)

    def may_be_confirmed_by(self, official: Deciding) -> bool:
        """Tell whether an official is none of those it is about: who recorded, holds or gave it."""
        is_recorder = self.recorded_by in {official.subject, official.person}
        is_holder = self.holder_person == official.person or self.holder_id in official.known_as
        return not (is_recorder or is_holder or self.represented_id in official.known_as)

    def after(self, event: Event) -> State:
        """Return where it stands afterwards.

        Raises:
            IllegalTransition: this cannot happen to it now.
        """
        try:
            return TRANSITIONS[self.state, event]
        except KeyError:
            raise IllegalTransition(self.state, event) from None

    def is_in_force(self, today: date) -> bool:
        """Tell whether it holds on a day; its last day is included."""
        begun = self.state is State.ACTIVE and self.starts_on <= today
        return begun and (self.ends_on is None or today <= self.ends_on)
