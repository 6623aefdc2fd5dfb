"""By which records a sign-in is or was known, and by which sign-ins a record.

Somebody renews a card, is bound anew, waits at the counter to be bound: each leaves a trace of its
own. Who is to be kept away from a person must be recognised by any of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, func, literal_column, or_, select, union_all

from foundation.database import Statement, Transaction, tenant_is
from gateway.models import ResidentBindingRow

from .models import CounterSlipRow, PastBindingRow


def _traces(table: Any, person: Any, record: Any, *more: Any) -> Any:
    return select(person.label("person"), record.label("record")).where(
        tenant_is(table),
        record.is_not(None),
        or_(person == func.any(bindparam("persons")), record == func.any(bindparam("records"))),
        *more,
    )


_TRACES: Final = Statement(
    "platform.identities.traces",
    union_all(
        _traces(ResidentBindingRow, ResidentBindingRow.subject, ResidentBindingRow.resident_id),
        _traces(PastBindingRow, PastBindingRow.subject, PastBindingRow.resident_id),
        _traces(CounterSlipRow, CounterSlipRow.person, CounterSlipRow.candidate_id),
        _traces(
            CounterSlipRow,
            CounterSlipRow.person,
            CounterSlipRow.resident_id,
            CounterSlipRow.state != literal_column("'declined'"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Identities:
    """What ties sign-ins to records, now or once, among those that were asked about."""

    ties: frozenset[tuple[str, UUID]]

    def records(self, *, person: str | None, record: UUID | None) -> frozenset[UUID]:
        """Return every record a holder is or was known by; nothing where nobody can tell."""
        own = {record} if record is not None else set[UUID]()
        persons = {one for one, tied in self.ties if tied in own}
        if person is not None:
            persons.add(person)
        return frozenset(own | {tied for one, tied in self.ties if one in persons})


async def known(
    work: Transaction, *, persons: Iterable[str], records: Iterable[UUID]
) -> Identities:
    """Return what ties these sign-ins and records, and the sign-ins of these records, to others."""
    asked, sought = set(persons), set(records)
    ties = await _ties(work, asked, sought)
    others = {person for person, record in ties if record in sought} - asked
    return Identities(frozenset(ties | (await _ties(work, others, set()) if others else set())))


async def _ties(work: Transaction, persons: set[str], records: set[UUID]) -> set[tuple[str, UUID]]:
    rows = await work.fetch(_TRACES, persons=sorted(persons), records=sorted(records))
    return {(row["person"], row["record"]) for row in rows}
