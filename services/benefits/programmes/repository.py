"""Where programmes are kept and found."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, bindparam, func, insert, select, update

from foundation.database import Row, Statement, Transaction, UniqueViolation, tenant_is
from foundation.money import Yen

from .domain import Condition, Programme, ProgrammeId, ProgrammeState, Terms
from .models import ProgrammeRow
from .problems import ProgrammeCodeTaken

_TERMS = (
    "code",
    "name",
    "legal_ground",
    "fiscal_year",
    "amount_per_household_yen",
    "reference_on",
    "condition",
    "application_from",
    "application_until",
    "seizure_ban",
    "tax_free",
    "signature_required",
)
_OURS = tenant_is(ProgrammeRow)
_THIS = (_OURS, ProgrammeRow.id == bindparam("id"))
PROGRAMME_COLUMNS = tuple(ProgrammeRow.__table__.c)

_ADD = Statement(
    "benefits.programmes.add",
    insert(ProgrammeRow).values(
        tenant_id=bindparam("tenant_id", type_=Integer),
        id=bindparam("id"),
        state=ProgrammeState.DRAFT.value,
        version=1,
        **{term: bindparam(term) for term in _TERMS},
    ),
)
_OF_ID = Statement("benefits.programmes.of_id", select(*PROGRAMME_COLUMNS).where(*_THIS))
_LOCKED = Statement(
    "benefits.programmes.locked",
    select(*PROGRAMME_COLUMNS).where(*_THIS).with_for_update(key_share=True),
)
_HELD = Statement(
    "benefits.programmes.held", select(*PROGRAMME_COLUMNS).where(*_THIS).with_for_update(read=True)
)
_NEWEST = Statement(
    "benefits.programmes.newest",
    select(*PROGRAMME_COLUMNS)
    .where(
        _OURS,
        ProgrammeRow.id < bindparam("before"),
        ProgrammeRow.state == func.any(bindparam("states")),
    )
    .order_by(ProgrammeRow.id.desc())
    .limit(bindparam("limit", type_=Integer)),
)
_REWRITE = Statement(
    "benefits.programmes.rewrite",
    update(ProgrammeRow)
    .where(*_THIS)
    .values(version=bindparam("version"), **{term: bindparam(term) for term in _TERMS}),
)
_MOVE = Statement(
    "benefits.programmes.move",
    update(ProgrammeRow)
    .where(*_THIS)
    .values(state=bindparam("state"), version=bindparam("version")),
)
LAST_ID = UUID(int=2**128 - 1)
"""Comes after every id: the first page of a newest-first list starts before it."""


class Programmes:
    """The programmes of one municipality."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def add(self, programme_id: ProgrammeId, terms: Terms) -> Programme:
        """Enter a draft.

        Raises:
            ProgrammeCodeTaken: the code already names another programme (409).
        """
        try:
            await self._tx.execute(_ADD, id=programme_id, **_plain(terms))
        except UniqueViolation as taken:
            raise ProgrammeCodeTaken from taken
        return Programme(id=programme_id, terms=terms, state=ProgrammeState.DRAFT, version=1)

    async def get(self, programme_id: UUID) -> Programme | None:
        row = await self._tx.fetch_one(_OF_ID, id=programme_id)
        return programme_of(row) if row else None

    async def get_for_change(self, programme_id: UUID) -> Programme | None:
        """Return the programme and keep everybody else's hands off it until the work ends."""
        row = await self._tx.fetch_one(_LOCKED, id=programme_id)
        return programme_of(row) if row else None

    async def get_and_hold(self, programme_id: UUID) -> Programme | None:
        """Return the programme and keep it as it is until the work ends; others may do the same."""
        row = await self._tx.fetch_one(_HELD, id=programme_id)
        return programme_of(row) if row else None

    async def newest(
        self, *, states: Sequence[ProgrammeState], before: UUID, limit: int
    ) -> list[Row]:
        """Return them as they are kept: a list only shows them."""
        return await self._tx.fetch(
            _NEWEST, states=[str(state) for state in states], before=before, limit=limit
        )

    async def rewrite(self, programme: Programme) -> None:
        """Keep a draft's changed terms.

        Raises:
            ProgrammeCodeTaken: the new code already names another programme (409).
        """
        try:
            await self._tx.execute(
                _REWRITE,
                id=programme.id,
                version=programme.version,
                **_plain(programme.terms),
            )
        except UniqueViolation as taken:
            raise ProgrammeCodeTaken from taken

    async def move(self, programme: Programme) -> None:
        """Keep the state a programme has moved to."""
        await self._tx.later(
            _MOVE, id=programme.id, state=str(programme.state), version=programme.version
        )


def _plain(terms: Terms) -> Mapping[str, Any]:
    return asdict(terms) | {"condition": str(terms.condition)}


def programme_of(row: Row) -> Programme:
    """Read a programme from a row that has its columns."""
    terms: dict[str, Any] = {term: row[term] for term in _TERMS} | {
        "amount_per_household_yen": Yen(row["amount_per_household_yen"]),
        "condition": Condition(row["condition"]),
    }
    return Programme(
        id=ProgrammeId(row["id"]),
        terms=Terms(**terms),
        state=ProgrammeState(row["state"]),
        version=row["version"],
    )
