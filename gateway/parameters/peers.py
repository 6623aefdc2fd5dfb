"""Who takes part and is of one class with a municipality, and what holds there."""

from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Final

from sqlalchemy import Date, bindparam, or_, select

from foundation.database import Statement, Transaction
from foundation.identifiers import MunicipalityCode
from foundation.parameters import ALL, Declaration, Value, chain_of, resolve
from gateway.models import TenantCodeRow, TenantRow

from .comparison import LEAST, Share, SizeClass, distribution, size_class
from .repository import Laid, public_steps

PUBLIC: Final = tuple(one for one in ALL if one.is_public)
_TODAY: Final = bindparam("today", type_=Date)
_TAKING_PART: Final = Statement(
    "platform.tenants.taking_part",
    select(TenantCodeRow.municipality_code, TenantRow.name)
    .join(TenantRow, TenantRow.tenant_id == TenantCodeRow.tenant_id)
    .where(
        TenantRow.status != "listed",
        TenantRow.status != "closed",
        TenantCodeRow.valid_from <= _TODAY,
        or_(TenantCodeRow.valid_until.is_(None), TenantCodeRow.valid_until > _TODAY),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """One parameter beside those of one's class: nothing, where they are fewer than five."""

    declaration: Declaration
    value: Value
    shares: list[Share]


async def beside(
    tx: Transaction, code: MunicipalityCode, *, day: date
) -> tuple[SizeClass | None, list[Beside]]:
    """Return one's class, and how many of it hold what; one's own value is among them."""
    names = {
        MunicipalityCode(row["municipality_code"]): str(row["name"])
        for row in await tx.fetch(_TAKING_PART, today=day)
    }
    own = size_class(code, names.get(code, ""))
    group = [
        one
        for one, name in names.items()
        if own is not None and not one.is_sandbox and size_class(one, name) is own
    ]
    if len(group) < LEAST:
        return own, []
    laid = await public_steps(tx, PUBLIC)
    return own, [
        Beside(
            declaration=one,
            value=_held(one, laid[one.key], code, day),
            shares=distribution(_held(one, laid[one.key], place, day) for place in group),
        )
        for one in PUBLIC
    ]


def _held(declaration: Declaration, laid: Laid, code: MunicipalityCode, day: date) -> Value:
    steps = chain.from_iterable(laid.get(one, ()) for one in (*chain_of(code), code))
    return resolve(declaration, steps, day=day).value
