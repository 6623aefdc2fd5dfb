"""Where entries are kept, and what is published of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Date,
    DateTime,
    Integer,
    Text,
    Uuid,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from foundation.database import Row, Statement, Transaction, tenant_is
from foundation.identifiers import MunicipalityCode
from foundation.parameters import Declaration, Parameters, Step
from gateway.bulletin import count_up
from gateway.models import TenantRow

from .domain import Change, Entry, State, Timeline
from .models import ParameterPublicationRow, ParameterValueRow

PARAMETERS: Final = Parameters("platform")
"""What holds for whom the platform works for."""

Laid = defaultdict[MunicipalityCode, list[Step]]
"""Who laid what down."""

_v = ParameterValueRow
_p = ParameterPublicationRow
_COLUMNS: Final = tuple(one for one in _v.__table__.c if one.name != "tenant_id")
_KEY: Final = bindparam("key", type_=Text)
_JSON: Final = JSONB(none_as_null=True)
_TURN: Final = Statement(
    "platform.parameter_values.turn",
    select(TenantRow.tenant_id)
    .where(TenantRow.tenant_id == bindparam("tenant_id", type_=Integer))
    .with_for_update(),
)
_OF_KEY: Final = Statement(
    "platform.parameter_values.of_key",
    select(*_COLUMNS).where(tenant_is(_v), _v.key == _KEY, _v.state != State.WITHDRAWN.value),
)
_ONE: Final = Statement(
    "platform.parameter_values.one",
    select(*_COLUMNS).where(tenant_is(_v), _v.id == bindparam("value_id", type_=Uuid)),
)
_STANDING: Final = Statement(
    "platform.parameter_values.standing",
    select(*_COLUMNS).where(tenant_is(_v), _v.state == State.STANDING.value),
)
_HISTORY: Final = Statement(
    "platform.parameter_values.history",
    select(*_COLUMNS)
    .where(tenant_is(_v), _v.key == _KEY, _v.id < bindparam("before", type_=Uuid))
    .order_by(_v.id.desc())
    .limit(bindparam("limit", type_=Integer)),
)
_ADD: Final = Statement(
    "platform.parameter_values.add",
    insert(_v).values({one.key: bindparam(one.key, type_=one.type) for one in _v.__table__.c}),
)
_MOVE: Final = Statement(
    "platform.parameter_values.move",
    update(_v)
    .where(tenant_is(_v), _v.id == bindparam("value_id", type_=Uuid))
    .values(
        state=bindparam("new_state"),
        replaced_by=bindparam("by_value", type_=Uuid),
        changed_by=bindparam("by", type_=Text),
        changed_at=bindparam("at", type_=DateTime(timezone=True)),
        version=_v.version + 1,
    ),
)
_PUBLIC: Final = Statement(
    "platform.parameter_publications.of_keys",
    select(*_p.__table__.c).where(_p.key == func.any(bindparam("keys", type_=ARRAY(Text)))),
)
_UNPUBLISH: Final = Statement(
    "platform.parameter_publications.take_down",
    delete(_p).where(_p.municipality_code == bindparam("code", type_=Text), _p.key == _KEY),
)
_PUBLISH: Final = Statement(
    "platform.parameter_publications.add",
    insert(_p).values(
        municipality_code=bindparam("code", type_=Text),
        key=_KEY,
        starts_on=bindparam("starts_on", type_=Date),
        id=bindparam("id", type_=Uuid),
        value=bindparam("value", type_=_JSON),
    ),
)


class Book:
    """The settings of the one place a transaction belongs to."""

    def __init__(self, transaction: Transaction, *, code: str) -> None:
        self._tx = transaction
        self._code = code

    async def held(self, key: str) -> Timeline:
        """Return the entries of a parameter, and let nobody else enter any until this work ends."""
        await self._tx.fetch(_TURN)
        return Timeline(tuple(_entry(row) for row in await self._tx.fetch(_OF_KEY, key=key)))

    async def one(self, value_id: UUID) -> Entry | None:
        """Return one entry, whatever became of it."""
        row = await self._tx.fetch_one(_ONE, value_id=value_id)
        return None if row is None else _entry(row)

    async def standing(self) -> list[Entry]:
        """Return everything that counts, of every parameter."""
        return [_entry(row) for row in await self._tx.fetch(_STANDING)]

    async def history(self, key: str, *, before: UUID, limit: int) -> Sequence[Entry]:
        """Return what was ever entered, the last first."""
        rows = await self._tx.fetch(_HISTORY, key=key, before=before, limit=limit)
        return [_entry(row) for row in rows]

    async def make(self, declaration: Declaration, before: Timeline, change: Change) -> None:
        """Carry a change out; every gateway knows within half a second, services at once."""
        for entry in change.moved:
            await self._move(entry)
        for entry in change.added:
            await self._add(entry)
        for entry in change.restored:
            await self._move(entry)
        await self._publish(declaration, before.changed(change).standing)

    async def _add(self, entry: Entry) -> None:
        given: dict[str, Any] = {one.key: getattr(entry, one.key) for one in _COLUMNS}
        await self._tx.execute(_ADD, **(given | {"state": entry.state.value}))

    async def _move(self, entry: Entry) -> None:
        await self._tx.execute(
            _MOVE,
            value_id=entry.id,
            new_state=entry.state.value,
            by_value=entry.replaced_by,
            by=entry.changed_by,
            at=entry.changed_at,
        )

    async def _publish(self, declaration: Declaration, standing: Sequence[Entry]) -> None:
        """Lay open what of it is public: rules of nation and prefectures, and what is counted."""
        if self._code[2:5] != "000" and not declaration.is_public:
            return
        await self._tx.execute(_UNPUBLISH, code=self._code, key=declaration.key)
        for one in standing:
            await self._tx.execute(
                _PUBLISH,
                code=self._code,
                key=one.key,
                starts_on=one.starts_on,
                id=one.id,
                value=one.value,
            )
        await count_up(self._tx)


async def public_steps(tx: Transaction, declarations: Iterable[Declaration]) -> dict[str, Laid]:
    """Return what everybody laid down of parameters, by key and then by code."""
    laid: dict[str, Laid] = {one.key: defaultdict(list) for one in declarations}
    for row in await tx.fetch(_PUBLIC, keys=list(laid)):
        code = MunicipalityCode(row["municipality_code"])
        step = Step(level=code.kind, starts_on=row["starts_on"], value=row["value"], id=row["id"])
        laid[row["key"]][code].append(step)
    return laid


def _entry(row: Row) -> Entry:
    given: dict[str, Any] = {**row, "state": State(row["state"])}
    return Entry(**given)
