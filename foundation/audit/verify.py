"""How anyone with the public key finds out whether the trail is still what was sealed.

Nothing here trusts the database: every entry is hashed anew, every tree is grown anew, and the
roots must be those of the notes that lie outside. What can be told apart is: which entry's text
was changed, between which two seals entries were changed, removed, added or put in another order,
and which seals are not ours or contradict each other.
"""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Integer, Uuid, any_, bindparam, exists, func, select, tuple_

from foundation.database import Database, Statement
from foundation.identifiers import TenantId

from .entry import canonical
from .merkle import Tree, leaf_hash
from .note import Checkpoint, NoteRefused, Verifier
from .sealing import CHECKPOINTS
from .trail import ENTRIES, SUBJECTS

_PAGE: Final = 2_000


class FaultKind(StrEnum):
    """What is wrong."""

    ENTRY_EDITED = "entry_edited"
    """An entry no longer hashes to its own leaf."""
    PAST_CHANGED = "past_changed"
    """Between two seals something was changed, removed, added or put in another order."""
    PAST_SHORTENED = "past_shortened"
    """There are fewer entries than were sealed."""
    SUBJECTS_CHANGED = "subjects_changed"
    """A resident's view of the trail shows an entry too many or too few."""
    SEAL_NOT_OURS = "seal_not_ours"
    """A note that our key did not sign, or of another tenant."""
    SEALS_CONTRADICT = "seals_contradict"
    """Two seals of one size with different roots: two histories were shown."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One finding and where to look: an entry's id, or the sizes of the seals around it."""

    kind: FaultKind
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the verifier saw: `sealed` of `entries` lie under a seal that fits."""

    entries: int
    sealed: int
    faults: Sequence[Fault]

    @property
    def is_clean(self) -> bool:
        return not self.faults


async def verify(
    tenant_id: TenantId,
    entries: AsyncIterable[Mapping[str, Any]],
    notes: Iterable[str],
    verifier: Verifier,
) -> Report:
    """Check a tenant's entries, given in the order of `(tx, id)`, against its seals.

    Needs no database: entries may come from an export, notes from the municipality's own copy.
    """
    seals, faults = _read(tenant_id, notes, verifier)
    tree = Tree()
    fitting = 0
    broken = False
    async for row in entries:
        leaf = leaf_hash(canonical(tenant_id, row))
        if leaf != bytes(row["leaf"]):
            faults.append(Fault(FaultKind.ENTRY_EDITED, str(row["id"])))
        tree.add(leaf)
        root = seals.pop(tree.size, None)
        if root is None or broken:
            continue
        if root == tree.root:
            fitting = tree.size
        else:
            broken = True
            faults.append(Fault(FaultKind.PAST_CHANGED, f"{fitting}..{tree.size}"))
    if seals:
        faults.append(Fault(FaultKind.PAST_SHORTENED, f"{tree.size} of {max(seals)}"))
    return Report(entries=tree.size, sealed=fitting, faults=tuple(faults))


def _read(
    tenant_id: TenantId, notes: Iterable[str], verifier: Verifier
) -> tuple[dict[int, bytes], list[Fault]]:
    """Return the root promised for each size, and what is wrong with the notes themselves."""
    seals: dict[int, bytes] = {}
    faults: list[Fault] = []
    for number, note in enumerate(dict.fromkeys(notes), start=1):
        try:
            seal: Checkpoint = verifier.open(note)
        except NoteRefused:
            faults.append(Fault(FaultKind.SEAL_NOT_OURS, f"note {number}"))
            continue
        if seal.tenant_id != tenant_id:
            faults.append(Fault(FaultKind.SEAL_NOT_OURS, f"note {number}"))
        elif seals.setdefault(seal.size, seal.root) != seal.root:
            faults.append(Fault(FaultKind.SEALS_CONTRADICT, f"size {seal.size}"))
    return seals, faults


def _of_tenant(table: Any) -> Any:
    return table.c.tenant_id == bindparam("of_tenant", type_=Integer)


_ENTRIES_IN_ORDER: Final = Statement(
    "audit.verify.entries",
    select(*ENTRIES.c)
    .where(
        _of_tenant(ENTRIES),
        tuple_(ENTRIES.c.tx, ENTRIES.c.id)
        > tuple_(bindparam("after_tx", type_=BigInteger), bindparam("after_id", type_=Uuid)),
    )
    .order_by(ENTRIES.c.tx, ENTRIES.c.id)
    .limit(bindparam("limit", type_=Integer)),
)
_NOTES: Final = Statement(
    "audit.verify.notes",
    select(CHECKPOINTS.c.note).where(_of_tenant(CHECKPOINTS)).order_by(CHECKPOINTS.c.size),
)


def _subjects_too_many() -> Any:
    named = (
        exists()
        .where(
            ENTRIES.c.tenant_id == SUBJECTS.c.tenant_id,
            ENTRIES.c.id == SUBJECTS.c.entry_id,
            ENTRIES.c.at == SUBJECTS.c.at,
            SUBJECTS.c.subject_id == any_(ENTRIES.c.subjects),
        )
        .correlate(SUBJECTS)
    )
    return select(SUBJECTS.c.entry_id).where(_of_tenant(SUBJECTS), ~named).distinct()


def _subjects_too_few() -> Any:
    named = (
        select(
            ENTRIES.c.id,
            ENTRIES.c.at,
            func.unnest(ENTRIES.c.subjects).label("subject_id"),
        )
        .where(_of_tenant(ENTRIES))
        .subquery("named")
    )
    shown = exists().where(
        _of_tenant(SUBJECTS),
        SUBJECTS.c.subject_id == named.c.subject_id,
        SUBJECTS.c.at == named.c.at,
        SUBJECTS.c.entry_id == named.c.id,
    )
    return select(named.c.id.label("entry_id")).where(~shown).distinct()


_TOO_MANY: Final = Statement("audit.verify.subjects_too_many", _subjects_too_many())
_TOO_FEW: Final = Statement("audit.verify.subjects_too_few", _subjects_too_few())


async def verify_tenant(
    database: Database, tenant_id: TenantId, notes: Iterable[str], verifier: Verifier
) -> Report:
    """Check one tenant's trail as it lies in the database, as the role `audit_worker`.

    The seals inside the database are checked along with those given from outside: a file that
    was cut short does not make a shorter trail true.
    """
    async with database.unbound() as tx:
        inside = [row["note"] for row in await tx.fetch(_NOTES, of_tenant=tenant_id)]
        misplaced = [
            *await tx.fetch(_TOO_MANY, of_tenant=tenant_id),
            *await tx.fetch(_TOO_FEW, of_tenant=tenant_id),
        ]
    report = await verify(tenant_id, _stored(database, tenant_id), [*notes, *inside], verifier)
    subjects = dict.fromkeys(str(row["entry_id"]) for row in misplaced)
    return Report(
        entries=report.entries,
        sealed=report.sealed,
        faults=(*report.faults, *(Fault(FaultKind.SUBJECTS_CHANGED, id_) for id_ in subjects)),
    )


async def _stored(database: Database, tenant_id: TenantId) -> AsyncIterator[Mapping[str, Any]]:
    place: tuple[int, UUID] = (-1, UUID(int=0))
    while True:
        async with database.unbound() as tx:
            page = await tx.fetch(
                _ENTRIES_IN_ORDER,
                of_tenant=tenant_id,
                after_tx=place[0],
                after_id=place[1],
                limit=_PAGE,
            )
        if not page:
            return
        for row in page:
            yield row
        place = (page[-1]["tx"], page[-1]["id"])
