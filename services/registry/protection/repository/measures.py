"""Where measures of protection are kept; every text of theirs is sealed on its way in."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Text, any_, bindparam, insert, not_, select, update

from foundation.database import Row, Statement, Transaction, tenant_is
from foundation.encryption import Cipher, Field
from foundation.identifiers import new_id
from services.registry.protection.domain import (
    Act,
    Measure,
    MeasureId,
    MeasureState,
    OfficeWork,
    Origin,
    Part,
    Perpetrator,
    Proposal,
    ProtectedPerson,
)
from services.registry.protection.models import (
    MeasureRow,
    PerpetratorRow,
    ProtectedPersonRow,
    StepRow,
)

_m, _p, _x, _t = MeasureRow, ProtectedPersonRow, PerpetratorRow, StepRow
_NOTES = Field("registry.protection_measures.notes")
_PROPOSAL = Field("registry.protection_measures.proposal")
_REASON = Field("registry.protection_steps.reason")
_RELATION = Field("registry.protected_persons.relation")
_DETAILS = Field("registry.protection_perpetrators.details")


def _inserted(name: str, row: Any) -> Statement:
    """Return the statement that writes every column of a row."""
    values = {column.name: bindparam(column.name, type_=column.type) for column in row.__table__.c}
    return Statement(f"registry.protection.add_{name}", insert(row).values(values))


_ADD = _inserted("measure", _m)
_ADD_PERSON = _inserted("person", _p)
_ADD_PERPETRATOR = _inserted("perpetrator", _x)
_ADD_STEP = _inserted("step", _t)
_OF_ID = (tenant_is(_m), _m.id == bindparam("id"))
_GET = Statement("registry.protection.measure_of_id", select(*_m.__table__.c).where(*_OF_ID))
_LOCKED = Statement(
    "registry.protection.measure_locked", select(*_m.__table__.c).where(*_OF_ID).with_for_update()
)
_IDS = bindparam("ids", type_=ARRAY(_m.__table__.c.id.type))
_PERSONS = Statement(
    "registry.protection.persons_of",
    select(*_p.__table__.c)
    .where(tenant_is(_p), _p.measure_id == any_(_IDS))
    .order_by(_p.measure_id, _p.part.desc(), _p.resident_id),
)
_PERPETRATORS = Statement(
    "registry.protection.perpetrators_of",
    select(*_x.__table__.c)
    .where(tenant_is(_x), _x.measure_id == any_(_IDS))
    .order_by(_x.measure_id, _x.place),
)
_LISTED = Statement(
    "registry.protection.measures_listed",
    select(*_m.__table__.c)
    .where(
        tenant_is(_m),
        _m.id > bindparam("after"),
        _m.state == any_(bindparam("states", type_=ARRAY(Text))),
        not_(bindparam("asker", type_=Text) == any_(_m.excluded_officials)),
    )
    .order_by(_m.id)
    .limit(bindparam("limit", type_=Integer)),
)
_MOVE = Statement(
    "registry.protection.measure_move",
    update(_m)
    .where(*_OF_ID)
    .values(
        state=bindparam("state"),
        ends_on=bindparam("ends_on"),
        proposed_act=bindparam("proposed_act"),
        proposed_by=bindparam("proposed_by"),
        proposed_at=bindparam("proposed_at"),
        proposal_sealed=bindparam("proposal_sealed"),
        changed_at=bindparam("at"),
        version=_m.version + 1,
    ),
)


class Measures:
    """The measures of protection of one municipality."""

    def __init__(self, transaction: Transaction, cipher: Cipher) -> None:
        self._tx = transaction
        self._cipher = cipher

    async def add(self, measure: Measure) -> None:
        """Keep a new measure, whom it protects and from whom."""
        notes = self._seal(_NOTES, measure.notes, measure.id) if measure.notes else None
        await self._tx.execute(
            _ADD,
            id=measure.id,
            origin=measure.origin.value,
            state=measure.state.value,
            applied_on=measure.applied_on,
            ends_on=measure.ends_on,
            caretaker=measure.caretaker,
            office_work=sorted(measure.office_work),
            excluded_officials=sorted(measure.excluded_officials),
            informed_by=measure.informed_by,
            informed_on=measure.informed_on,
            notes_sealed=notes,
            proposed_act=None,
            proposed_by=None,
            proposed_at=None,
            proposal_sealed=None,
            opened_by=measure.opened_by,
            opened_at=measure.opened_at,
            changed_at=measure.opened_at,
            version=measure.version,
        )
        for person in measure.persons:
            await self.add_person(measure.id, person)
        for place, perpetrator in enumerate(measure.perpetrators, start=1):
            await self._tx.execute(
                _ADD_PERPETRATOR,
                measure_id=measure.id,
                place=place,
                resident_id=perpetrator.resident_id,
                details_sealed=self._seal(_DETAILS, _written(perpetrator), f"{measure.id}/{place}"),
            )

    async def add_person(self, measure_id: UUID, person: ProtectedPerson) -> None:
        """Protect somebody more by a measure.

        Raises:
            UniqueViolation: the measure protects them already.
        """
        sealed = None
        if person.relation:
            sealed = self._seal(_RELATION, person.relation, f"{measure_id}/{person.resident_id}")
        await self._tx.execute(
            _ADD_PERSON,
            measure_id=measure_id,
            resident_id=person.resident_id,
            part=person.part.value,
            relation_sealed=sealed,
        )

    async def get(self, measure_id: UUID) -> Measure | None:
        row = await self._tx.fetch_one(_GET, id=measure_id)
        return (await self._whole([row]))[0] if row else None

    async def get_for_change(self, measure_id: UUID) -> Measure | None:
        """Return a measure and keep everybody else's hands off it until the work ends."""
        row = await self._tx.fetch_one(_LOCKED, id=measure_id)
        return (await self._whole([row]))[0] if row else None

    async def listed(
        self, *, asker: str, states: Sequence[MeasureState], after: UUID, limit: int
    ) -> list[Measure]:
        """Return measures in these states, but those that are not for the asker to know."""
        rows = await self._tx.fetch(
            _LISTED,
            asker=asker,
            states=[state.value for state in states],
            after=after,
            limit=limit,
        )
        return await self._whole(rows)

    async def move(
        self,
        measure: Measure,
        *,
        state: MeasureState,
        ends_on: date | None,
        proposal: Proposal | None,
        at: datetime,
    ) -> None:
        """Keep where a measure stands now, and what waits for a second word."""
        sealed = self._seal(_PROPOSAL, proposal.reason, measure.id) if proposal else None
        await self._tx.execute(
            _MOVE,
            id=measure.id,
            state=state.value,
            ends_on=ends_on,
            proposed_act=proposal.act.value if proposal else None,
            proposed_by=proposal.by if proposal else None,
            proposed_at=at if proposal else None,
            proposal_sealed=sealed,
            at=at,
        )

    async def took(
        self, measure: Measure, act: str, *, by: str, proposal: Proposal | None, at: datetime
    ) -> None:
        """Add a step to what a measure went through.

        Raises:
            CheckViolation: of an act of two, both were one; the table refuses that by itself.
        """
        step_id = new_id()
        await self._tx.execute(
            _ADD_STEP,
            id=step_id,
            measure_id=measure.id,
            act=act,
            taken_by=by,
            proposed_by=proposal.by if proposal else None,
            taken_at=at,
            reason_sealed=self._seal(_REASON, proposal.reason, step_id) if proposal else None,
        )

    async def _whole(self, rows: Sequence[Row]) -> list[Measure]:
        ids = [row["id"] for row in rows]
        persons: dict[UUID, list[ProtectedPerson]] = {one: [] for one in ids}
        for row in await self._tx.fetch(_PERSONS, ids=ids):
            persons[row["measure_id"]].append(self._person(row))
        perpetrators: dict[UUID, list[Perpetrator]] = {one: [] for one in ids}
        for row in await self._tx.fetch(_PERPETRATORS, ids=ids):
            perpetrators[row["measure_id"]].append(self._perpetrator(row))
        return [
            self._measure(row, tuple(persons[row["id"]]), tuple(perpetrators[row["id"]]))
            for row in rows
        ]

    def _measure(
        self,
        row: Row,
        persons: tuple[ProtectedPerson, ...],
        perpetrators: tuple[Perpetrator, ...],
    ) -> Measure:
        proposal = None
        if row["proposed_act"] is not None:
            reason = self._open(_PROPOSAL, row["proposal_sealed"], row["id"])
            proposal = Proposal(act=Act(row["proposed_act"]), by=row["proposed_by"], reason=reason)
        return Measure(
            id=MeasureId(row["id"]),
            origin=Origin(row["origin"]),
            state=MeasureState(row["state"]),
            applied_on=row["applied_on"],
            ends_on=row["ends_on"],
            caretaker=row["caretaker"],
            office_work=frozenset(OfficeWork(work) for work in row["office_work"]),
            excluded_officials=frozenset(row["excluded_officials"]),
            informed_by=row["informed_by"],
            informed_on=row["informed_on"],
            notes=self._open(_NOTES, row["notes_sealed"], row["id"]),
            persons=persons,
            perpetrators=perpetrators,
            proposal=proposal,
            opened_by=row["opened_by"],
            opened_at=row["opened_at"],
            version=row["version"],
        )

    def _person(self, row: Row) -> ProtectedPerson:
        place = f"{row['measure_id']}/{row['resident_id']}"
        return ProtectedPerson(
            resident_id=row["resident_id"],
            part=Part(row["part"]),
            relation=self._open(_RELATION, row["relation_sealed"], place),
        )

    def _perpetrator(self, row: Row) -> Perpetrator:
        place = f"{row['measure_id']}/{row['place']}"
        said: dict[str, str] = json.loads(self._open(_DETAILS, row["details_sealed"], place))
        return Perpetrator(
            name=said["name"],
            birth_on=date.fromisoformat(said["birth_on"]) if said["birth_on"] else None,
            address=said["address"],
            note=said["note"],
            resident_id=row["resident_id"],
        )

    def _seal(self, field: Field, text: str, row_id: UUID | str) -> bytes:
        return self._cipher.encrypt(text, field=field, row_id=row_id)

    def _open(self, field: Field, sealed: bytes | None, row_id: UUID | str) -> str:
        return self._cipher.decrypt(sealed, field=field, row_id=row_id) if sealed else ""


def _written(perpetrator: Perpetrator) -> str:
    return json.dumps(
        {
            "name": perpetrator.name,
            "birth_on": perpetrator.birth_on.isoformat() if perpetrator.birth_on else "",
            "address": perpetrator.address,
            "note": perpetrator.note,
        },
        ensure_ascii=False,
    )
