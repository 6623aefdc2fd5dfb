"""Where residents are kept, and read by who they are."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Uuid, bindparam, exists, func, select
from sqlalchemy.orm import aliased

from foundation.database import Row, Statement, Transaction, tenant_is
from foundation.encryption import Cipher, Field

from .domain import Household, Resident, ResidentId
from .models import HouseholdRow, ProtectedAddressRow, ResidentRow

ADDRESS = Field("registry.protected_addresses.address")
POSTAL_CODE = Field("registry.protected_addresses.postal_code")
LAST_CHARACTER = "\U0010ffff"
"""Sorts after every character a name can have."""

_SHOWN = (
    "id",
    "household_id",
    "resident_number",
    "history_number",
    "relationship",
    "is_householder",
    "name_formal",
    "name_display",
    "name_kana",
    "name_kana_verified",
    "alias",
    "name_latin",
    "birth_text",
    "birth_on",
    "gender",
    "nationality_kind",
    "postal_code",
    "address",
    "resident_from",
    "resident_until",
    "protection",
    "version",
)
_OURS = tenant_is(ResidentRow)
_housemate = aliased(ResidentRow)
_LIVES_WITH_PROTECTED = (
    exists()
    .where(
        tenant_is(_housemate),
        _housemate.tenant_id == ResidentRow.tenant_id,
        _housemate.household_id == ResidentRow.household_id,
        _housemate.protection != "",
        _housemate.resident_until.is_(None),
    )
    .label("lives_with_protected")
)
_COLUMNS = (*(ResidentRow.__table__.c[name] for name in _SHOWN), _LIVES_WITH_PROTECTED)
_LIMIT = bindparam("limit", type_=Integer)

_OF_ID = Statement(
    "registry.residents.of_id", select(*_COLUMNS).where(_OURS, ResidentRow.id == bindparam("id"))
)


_OF_IDS = Statement(
    "registry.residents.of_ids",
    select(*_COLUMNS).where(_OURS, ResidentRow.id == func.any(bindparam("ids", type_=ARRAY(Uuid)))),
)
_BY_BIRTH = Statement(
    "registry.residents.by_birth",
    select(*_COLUMNS)
    .where(
        _OURS,
        ResidentRow.birth_on == bindparam("birth_on"),
        ResidentRow.id > bindparam("after_id"),
    )
    .order_by(ResidentRow.id)
    .limit(_LIMIT),
)
_CANDIDATES = Statement(
    "registry.residents.candidates",
    select(*_COLUMNS)
    .where(
        _OURS,
        ResidentRow.name_search == bindparam("name_search"),
        ResidentRow.birth_on == bindparam("birth_on"),
        ResidentRow.resident_until.is_(None),
    )
    .order_by(ResidentRow.id)
    .limit(20),
)
_HOUSEHOLD = Statement(
    "registry.households.of_id",
    select(*HouseholdRow.__table__.c).where(
        tenant_is(HouseholdRow), HouseholdRow.id == bindparam("id")
    ),
)
_MEMBERS = Statement(
    "registry.residents.of_household",
    select(*_COLUMNS)
    .where(
        _OURS,
        ResidentRow.household_id == bindparam("household_id"),
        ResidentRow.resident_until.is_(None),
    )
    .order_by(ResidentRow.is_householder.desc(), ResidentRow.birth_on, ResidentRow.id)
    .limit(200),
)
_SEALED = Statement(
    "registry.protected_addresses.of_residents",
    select(ProtectedAddressRow.resident_id, ProtectedAddressRow.address_sealed).where(
        tenant_is(ProtectedAddressRow),
        ProtectedAddressRow.resident_id == bindparam("resident_id"),
    ),
)


class Residents:
    """The residents of one municipality."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def get(self, resident_id: UUID) -> Resident | None:
        row = await self._tx.fetch_one(_OF_ID, id=resident_id)
        return _resident_of(row) if row else None

    async def of_ids(self, ids: Sequence[UUID]) -> list[Resident]:
        """Return these residents in the order in which they were asked for."""
        found = {row["id"]: row for row in await self._tx.fetch(_OF_IDS, ids=list(ids))}
        return [_resident_of(found[one]) for one in ids if one in found]

    async def born_on(self, birth_on: date, *, after: UUID, limit: int) -> list[Resident]:
        rows = await self._tx.fetch(_BY_BIRTH, birth_on=birth_on, after_id=after, limit=limit)
        return [_resident_of(row) for row in rows]

    async def candidates(self, name_search: str, birth_on: date) -> list[Resident]:
        """Return present residents of one name and day of birth; more than a few is nobody."""
        rows = await self._tx.fetch(_CANDIDATES, name_search=name_search, birth_on=birth_on)
        return [_resident_of(row) for row in rows]

    async def sealed_address(self, resident: Resident, cipher: Cipher) -> str:
        """Open a protected person's address, to compare it and for nothing else."""
        row = await self._tx.fetch_one(_SEALED, resident_id=resident.id)
        if row is None:
            return ""
        return cipher.decrypt(row["address_sealed"], field=ADDRESS, row_id=resident.resident_number)

    async def household(self, household_id: UUID) -> Household | None:
        row = await self._tx.fetch_one(_HOUSEHOLD, id=household_id)
        if row is None:
            return None
        members = await self._tx.fetch(_MEMBERS, household_id=household_id)
        return Household(
            id=row["id"],
            household_number=row["household_number"],
            members=tuple(_resident_of(member) for member in members),
            version=row["version"],
        )


def _resident_of(row: Row) -> Resident:
    given: dict[str, Any] = {name: row[name] for name in _SHOWN} | {
        "id": ResidentId(row["id"]),
        "lives_with_protected": row["lives_with_protected"],
    }
    return Resident(**given)
