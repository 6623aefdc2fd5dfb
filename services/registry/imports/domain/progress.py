"""How an import goes on: checked when it arrives, confirmed once, or discarded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from .faults import FaultGroup

ImportId = NewType("ImportId", UUID)


class ImportState(StrEnum):
    """Where an import stands."""

    RECEIVED = "received"
    CHECKED = "checked"
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"


TRANSITIONS: Mapping[ImportState, frozenset[ImportState]] = {
    ImportState.RECEIVED: frozenset({ImportState.CHECKED}),
    ImportState.CHECKED: frozenset({ImportState.CONFIRMED, ImportState.DISCARDED}),
    ImportState.CONFIRMED: frozenset(),
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

    def may_become(self, state: ImportState) -> bool:
        return state in TRANSITIONS[self.state]
