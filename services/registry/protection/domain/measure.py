"""A measure of protection and the steps it takes; only two people together can end one.

From the application on, whoever it names is protected. Time ends nothing: a measure whose last
day is over is overdue, and protects as before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NewType
from uuid import UUID

from .periods import notice_day, warning_day

MeasureId = NewType("MeasureId", UUID)


class MeasureState(StrEnum):
    """Where a measure stands."""

    APPLIED = "applied"
    PROVISIONAL = "provisional"
    GRANTED = "granted"
    EXTENDED = "extended"
    EXPIRING = "expiring"
    OVERDUE = "overdue"
    RELEASED = "released"


class Act(StrEnum):
    """What moves a measure on."""

    PROVIDE = "provide"
    GRANT = "grant"
    WARN = "warn"
    RUN_OVER = "run_over"
    EXTEND = "extend"
    RELEASE = "release"


class Origin(StrEnum):
    """How the office came to know."""

    APPLICATION = "application"
    TRANSFER = "transfer"
    REGISTER = "register"


class OfficeWork(StrEnum):
    """Which dealings of the office are to be barred (支援を求める事務)."""

    BASIC_LEDGER_INSPECTION = "basic_ledger_inspection"
    RESIDENT_RECORD_PRESENT = "resident_record_present"
    RESIDENT_RECORD_PREVIOUS = "resident_record_previous"
    SUPPLEMENTARY_REGISTER = "supplementary_register"


class Part(StrEnum):
    """As what somebody is protected by a measure."""

    APPLICANT = "applicant"
    ACCOMPANYING = "accompanying"


_S = MeasureState
_IN_FORCE = (_S.GRANTED, _S.EXTENDED, _S.EXPIRING, _S.OVERDUE)
TRANSITIONS: Mapping[tuple[MeasureState, Act], MeasureState] = {
    (_S.APPLIED, Act.PROVIDE): _S.PROVISIONAL,
    (_S.APPLIED, Act.GRANT): _S.GRANTED,
    (_S.PROVISIONAL, Act.GRANT): _S.GRANTED,
    (_S.GRANTED, Act.WARN): _S.EXPIRING,
    (_S.EXTENDED, Act.WARN): _S.EXPIRING,
    (_S.EXPIRING, Act.RUN_OVER): _S.OVERDUE,
    **{(state, Act.EXTEND): _S.EXTENDED for state in _IN_FORCE},
    **{(state, Act.RELEASE): _S.RELEASED for state in _S if state is not _S.RELEASED},
}
"""Nothing else happens. No act of the clock (WARN, RUN_OVER) leads to the end."""

BY_TWO = frozenset({Act.GRANT, Act.RELEASE})
"""What one official proposes and another decides."""


class IllegalStep(ValueError):
    """The measure does not stand where this step begins."""


class TooEarlyToExtend(ValueError):
    """An extension is recorded from a month before the last day on."""


def may_follow(state: MeasureState, act: Act) -> bool:
    """Tell whether an act begins where a measure stands."""
    return (state, act) in TRANSITIONS


def after(state: MeasureState, act: Act) -> MeasureState:
    """Return where an act leads.

    Raises:
        IllegalStep: it does not begin there.
    """
    if not may_follow(state, act):
        raise IllegalStep(f"{act} does not begin at {state}.")
    return TRANSITIONS[state, act]


def protects(state: MeasureState) -> bool:
    """Tell whether whoever the measure names is protected: always, until two people end it."""
    return state is not _S.RELEASED


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedPerson:
    """One who is protected; `relation` is to the applicant."""

    resident_id: UUID
    part: Part
    relation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Perpetrator:
    """From whom: as the applicant told it, and the record if they are in this register."""

    name: str
    birth_on: date | None = None
    address: str = ""
    note: str = ""
    resident_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An act that waits for the word of a second official."""

    act: Act
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measure as the office keeps it.

    `caretaker` is the official who is told of whatever happens to it; `excluded_officials` are
    those for whom there is no such measure, such as relations of the one it protects from.
    """

    id: MeasureId
    origin: Origin
    state: MeasureState
    applied_on: date
    ends_on: date | None
    caretaker: str
    office_work: frozenset[OfficeWork]
    excluded_officials: frozenset[str]
    informed_by: str
    informed_on: date | None
    notes: str
    persons: tuple[ProtectedPerson, ...]
    perpetrators: tuple[Perpetrator, ...]
    proposal: Proposal | None
    opened_by: str
    opened_at: datetime
    version: int

    def require_extensible(self, *, today: date) -> None:
        """Insist that the year is near its end.

        Raises:
            IllegalStep: it has not been granted, or is over for good.
            TooEarlyToExtend: its last day is more than a month away.
        """
        after(self.state, Act.EXTEND)
        if self.ends_on is None or today < warning_day(self.ends_on):
            raise TooEarlyToExtend

    def due(self, *, today: date, ahead: timedelta) -> Act | None:
        """Return what the calendar has to say of it today, if anything.

        Args:
            today: the day in Japan.
            ahead: how long before its last day the ending is announced, at the latest.
        """
        if self.ends_on is None:
            return None
        if today > self.ends_on and may_follow(self.state, Act.RUN_OVER):
            return Act.RUN_OVER
        if today >= notice_day(self.ends_on, ahead=ahead) and may_follow(self.state, Act.WARN):
            return Act.WARN
        return None
