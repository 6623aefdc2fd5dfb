"""How a service reads what holds for the municipality it works for: always as of this moment.

The platform publishes two views: a municipality's own steps, behind row security, and those of the
nation and the prefectures, which are rules and public. Both are read in the transaction that needs
them, so that a value is never older than the work it decides.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ARRAY, Date, Integer, Text, Uuid, bindparam, column, func, select, table
from sqlalchemy.dialects.postgresql import JSONB

from foundation import clock
from foundation.database import Row, Statement, Transaction, tenant_is
from foundation.identifiers import CodeKind, MunicipalityCode

from .declaration import Declaration, Value
from .resolution import Resolved, Step, resolve

Steps = list[Step]

_OWN: Final = table(
    "standing_parameters",
    column("tenant_id", Integer),
    column("id", Uuid),
    column("key", Text),
    column("starts_on", Date),
    column("value", JSONB),
    schema="platform",
)
_ABOVE: Final = table(
    "parameters_above",
    column("municipality_code", Text),
    column("id", Uuid),
    column("key", Text),
    column("starts_on", Date),
    column("value", JSONB),
    schema="platform",
)
_KEYS: Final = bindparam("keys", type_=ARRAY(Text))


def chain_of(code: MunicipalityCode) -> Sequence[MunicipalityCode]:
    """Return whose values a place inherits, without its own: none is above the nation."""
    nation = MunicipalityCode("000000")
    if code.kind is CodeKind.NATION:
        return ()
    return (nation,) if code.kind is CodeKind.PREFECTURE else (nation, code.prefecture)


class Parameters:
    """What holds for whom a transaction belongs to, as one service reads it."""

    def __init__(self, service: str) -> None:
        self._own = Statement(
            f"{service}.parameters.own",
            select(_OWN.c.key, _OWN.c.id, _OWN.c.starts_on, _OWN.c.value).where(
                tenant_is(_OWN), _OWN.c.key == func.any(_KEYS)
            ),
        )
        self._above = Statement(
            f"{service}.parameters.above",
            select(
                _ABOVE.c.key,
                _ABOVE.c.municipality_code,
                _ABOVE.c.id,
                _ABOVE.c.starts_on,
                _ABOVE.c.value,
            ).where(
                _ABOVE.c.municipality_code == func.any(bindparam("codes", type_=ARRAY(Text))),
                _ABOVE.c.key == func.any(_KEYS),
            ),
        )

    async def steps(
        self, tx: Transaction, declarations: Sequence[Declaration]
    ) -> Mapping[str, Steps]:
        """Return every step of the place and of those above it, by key.

        Raises:
            ValueError: the transaction belongs to nobody.
        """
        if tx.tenancy is None:
            raise ValueError("Parameters hold for a municipality.")
        code = tx.tenancy.code
        keys = [one.key for one in declarations]
        found: dict[str, Steps] = {key: [] for key in keys}
        for row in await tx.fetch(self._own, keys=keys):
            found[row["key"]].append(_step(row, code.kind))
        if above := [str(one) for one in chain_of(code)]:
            for row in await tx.fetch(self._above, codes=above, keys=keys):
                level = MunicipalityCode(row["municipality_code"]).kind
                found[row["key"]].append(_step(row, level))
        return found

    async def resolved(
        self, tx: Transaction, declaration: Declaration, *, day: date | None = None
    ) -> Resolved:
        """Return what holds on a day, in Japan; today, unless another is asked for."""
        steps = await self.steps(tx, [declaration])
        return resolve(declaration, steps[declaration.key], day=day or clock.today())

    async def lasting(self, tx: Transaction, declaration: Declaration) -> timedelta:
        """Return how long something lasts today."""
        return declaration.lasting((await self.resolved(tx, declaration)).value)


def _step(row: Row, level: CodeKind) -> Step:
    value: Value | None = _plain(row["value"])
    return Step(level=level, starts_on=row["starts_on"], value=value, id=row["id"])


def _plain(value: Any) -> Value | None:
    """Return a value as it was kept; what is no plain value says nothing."""
    return value if isinstance(value, bool | int | str) else None
