"""How an import goes on: checked when it arrives, confirmed once, or discarded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from .characters import Degrading
from .faults import FaultGroup
from .layouts import Arrival

ImportId = NewType("ImportId", UUID)


class ImportState(StrEnum):
    """Where an import stands."""

    RECEIVED = "received"
    CHECKED = "checked"
    CONFIRMING = "confirming"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    DISCARDED = "discarded"


TRANSITIONS: Mapping[ImportState, frozenset[ImportState]] = {
    ImportState.RECEIVED: frozenset(
        {ImportState.CHECKED, ImportState.REFUSED, ImportState.DISCARDED}
    ),
    ImportState.CHECKED: frozenset(
        {ImportState.CONFIRMING, ImportState.CONFIRMED, ImportState.DISCARDED}
    ),
    ImportState.CONFIRMING: frozenset({ImportState.CONFIRMED, ImportState.CHECKED}),
    ImportState.CONFIRMED: frozenset(),
    ImportState.REFUSED: frozenset(),
    ImportState.DISCARDED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a file would do, before it does anything."""

    rows: int
    good: int
    new: int
    changed: int
    unchanged: int
    already_imported: bool
    faults: tuple[FaultGroup, ...]
    missing: int = 0
    """How many present residents a full load does not speak of."""
    characters: tuple[Degrading, ...] = ()


NOTHING_YET = Report(
    rows=0, good=0, new=0, changed=0, unchanged=0, already_imported=False, faults=()
)


class Kind(StrEnum):
    """Whether a file is the whole register, or only what changed."""

    FULL = "full"
    DELTA = "delta"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What somebody said is to be done with a file."""

    by: str
    leave_out_faulty: bool
    ended_on: date | None = None
    """The day on which whoever is missing from a full load ended; nobody is ended without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One file and what became of it."""

    id: ImportId
    state: ImportState
    digest: bytes
    report: Report
    created_at: datetime
    confirmed_at: datetime | None
    version: int
    arrival: Arrival
    kind: Kind = Kind.DELTA
    parts: int = 0
    decision: Decision | None = None

    def may_become(self, state: ImportState) -> bool:
        return state in TRANSITIONS[self.state]
