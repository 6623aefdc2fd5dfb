"""How an address leaves everything that can be read, and how it comes back.

In one transaction with the word that hides it: the present address, every earlier one, and the
lines of files that wait for a word. What remains is the sealed table.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    DateTime,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    any_,
    bindparam,
    column,
    delete,
    select,
    table,
    update,
)
from sqlalchemy.dialects import postgresql

from foundation.database import Row, Statement, Transaction, tenant_is
from foundation.encryption import Cipher
from services.registry.protection.models import MeasureRow, ProtectedPersonRow
from services.registry.residents.models import (
    THIS_TRANSACTION,
    ProtectedAddressRow,
    ResidentHistoryRow,
    ResidentRow,
)
from services.registry.residents.repository import ADDRESS, POSTAL_CODE

_r, _h, _s = ResidentRow, ResidentHistoryRow, ProtectedAddressRow
_m, _p = MeasureRow, ProtectedPersonRow
_AT = bindparam("at", type_=DateTime(timezone=True))
_TENANT = bindparam("tenant_id", type_=Integer)
_IDS = bindparam("ids", type_=ARRAY(Uuid))
_NUMBER = bindparam("resident_number", type_=Text)
_SEALED = {
    name: bindparam(name, type_=LargeBinary) for name in ("postal_code_sealed", "address_sealed")
}
# The lines of files that wait belong to the room above; this is all that is known of them here.
_waiting = table(
    "staging_rows",
    column("tenant_id", Integer),
    column("resident_number", Text),
    column("postal_code", Text),
    column("address", Text),
    column("faulty", Boolean),
    schema="registry",
)

_HELD = Statement(
    "registry.protection.hold_residents",
    select(_r.id, _r.resident_number, _r.postal_code, _r.address, _r.protection)
    .where(tenant_is(_r), _r.id == any_(_IDS))
    .order_by(_r.id)
    .with_for_update(),
)
_MASK = Statement(
    "registry.protection.mask_resident",
    update(_r)
    .where(tenant_is(_r), _r.id == bindparam("id", type_=Uuid))
    .values(
        postal_code="",
        address="",
        protection="dv",
        changed_at=_AT,
        changed_tx=THIS_TRANSACTION,
        version=_r.version + 1,
    ),
)
_sealing = postgresql.insert(_s).values(
    tenant_id=_TENANT,
    resident_id=bindparam("id", type_=Uuid),
    changed_at=_AT,
    **_SEALED,
)
_SEAL = Statement(
    "registry.protection.seal_address",
    _sealing.on_conflict_do_update(
        index_elements=["tenant_id", "resident_id"],
        set_={name: _sealing.excluded[name] for name in (*_SEALED, "changed_at")},
    ),
)
_READABLE_HISTORY = Statement(
    "registry.protection.readable_history",
    select(_h.resident_number, _h.history_number, _h.postal_code, _h.address)
    .join(_r, (_r.tenant_id == _h.tenant_id) & (_r.resident_number == _h.resident_number))
    .where(
        tenant_is(_h),
        tenant_is(_r),
        _r.id == any_(_IDS),
        (_h.address != "") | (_h.postal_code != ""),
    ),
)
_ALL_READABLE_HISTORY = Statement(
    "registry.protection.all_readable_history",
    select(_h.resident_number, _h.history_number, _h.postal_code, _h.address)
    .join(_r, (_r.tenant_id == _h.tenant_id) & (_r.resident_number == _h.resident_number))
    .where(tenant_is(_h), tenant_is(_r), _r.protection != "", _h.address != ""),
)
_SEAL_HISTORY = Statement(
    "registry.protection.seal_history",
    update(_h)
    .where(
        tenant_is(_h),
        _h.resident_number == _NUMBER,
        _h.history_number == bindparam("history_number", type_=Integer),
    )
    .values(postal_code="", address="", **_SEALED),
)
_SCRUB_WAITING = Statement(
    "registry.protection.scrub_waiting",
    update(_waiting)
    .where(tenant_is(_waiting), _waiting.c.resident_number == _NUMBER)
    .values(postal_code="", address="", faulty=True),
)
_PROTECTED_STILL = Statement(
    "registry.protection.protected_still",
    select(_p.resident_id)
    .join(_m, (_m.tenant_id == _p.tenant_id) & (_m.id == _p.measure_id))
    .where(tenant_is(_p), tenant_is(_m), _p.resident_id == any_(_IDS), _m.state != "released"),
)
_SEALED_OF = Statement(
    "registry.protection.sealed_of",
    select(_s.resident_id, _r.resident_number, _s.postal_code_sealed, _s.address_sealed)
    .join(_r, (_r.tenant_id == _s.tenant_id) & (_r.id == _s.resident_id))
    .where(tenant_is(_s), tenant_is(_r), _s.resident_id == any_(_IDS)),
)
_SHOW = Statement(
    "registry.protection.show_resident",
    update(_r)
    .where(tenant_is(_r), _r.id == bindparam("id", type_=Uuid))
    .values(
        postal_code=bindparam("postal_code", type_=Text),
        address=bindparam("address", type_=Text),
        protection="",
        changed_at=_AT,
        changed_tx=THIS_TRANSACTION,
        version=_r.version + 1,
    ),
)
_FORGET_SEALED = Statement(
    "registry.protection.forget_sealed",
    delete(_s).where(tenant_is(_s), _s.resident_id == bindparam("id", type_=Uuid)),
)
# One measure for each person whom a file has under protection and no measure of ours knows.
_unknown = (
    select(_r.tenant_id, _r.id)
    .where(
        tenant_is(_r),
        _r.protection != "",
        ~select(_p.resident_id)
        .join(_m, (_m.tenant_id == _p.tenant_id) & (_m.id == _p.measure_id))
        .where(
            tenant_is(_p),
            tenant_is(_m),
            _p.tenant_id == _r.tenant_id,
            _p.resident_id == _r.id,
            _m.state != "released",
        )
        .exists(),
    )
    .order_by(_r.id)
)
_NUMBERS = Statement(
    "registry.protection.numbers",
    select(_r.resident_number).where(tenant_is(_r), _r.protection != ""),
)
_UNKNOWN = Statement("registry.protection.of_register_only", _unknown)


class Concealment:
    """What takes addresses of one municipality out of sight, and brings them back."""

    def __init__(self, transaction: Transaction, cipher: Cipher) -> None:
        self._tx = transaction
        self._cipher = cipher

    async def hide(self, resident_ids: Collection[UUID], *, at: datetime) -> set[UUID]:
        """Hide where these people live and lived; return who of them the register knows."""
        ids = list(resident_ids)
        held = await self._tx.fetch(_HELD, ids=ids)
        for row in held:
            if row["protection"] == "":
                await self._tx.execute(_SEAL, id=row["id"], at=at, **self._sealed(row))
                await self._tx.execute(_MASK, id=row["id"], at=at)
            await self._tx.execute(_SCRUB_WAITING, resident_number=row["resident_number"])
        await self._seal_history(await self._tx.fetch(_READABLE_HISTORY, ids=ids))
        return {row["id"] for row in held}

    async def seal_all_history(self) -> None:
        """Seal what a file that was let in left readable of whoever is protected by now."""
        await self._seal_history(await self._tx.fetch(_ALL_READABLE_HISTORY))

    async def show(self, resident_ids: Collection[UUID], *, at: datetime) -> set[UUID]:
        """Bring back the addresses of those whom no measure protects any more; return whose."""
        ids = list(resident_ids)
        await self._tx.fetch(_HELD, ids=ids)
        still = {row["resident_id"] for row in await self._tx.fetch(_PROTECTED_STILL, ids=ids)}
        shown = {one for one in ids if one not in still}
        for row in await self._tx.fetch(_SEALED_OF, ids=list(shown)):
            postal_code, address = self._opened(row)
            await self._tx.execute(
                _SHOW, id=row["resident_id"], postal_code=postal_code, address=address, at=at
            )
            await self._tx.execute(_FORGET_SEALED, id=row["resident_id"])
        return shown

    async def open(self, resident_id: UUID) -> tuple[str, str] | None:
        """Return the postal code and the address of one protected person: the guarded answer."""
        row = await self._tx.fetch_one(_SEALED_OF, ids=[resident_id])
        return self._opened(row) if row else None

    async def is_hidden(self, resident_id: UUID) -> bool:
        return await self._tx.fetch_one(_SEALED_OF, ids=[resident_id]) is not None

    async def numbers(self) -> frozenset[str]:
        """Return the numbers of whoever is protected, without the zeros a file may have lost."""
        rows = await self._tx.fetch(_NUMBERS)
        return frozenset(row["resident_number"].lstrip("0") for row in rows)

    async def of_register_only(self) -> list[UUID]:
        """Return whom a file has under protection and no measure names."""
        return [row["id"] for row in await self._tx.fetch(_UNKNOWN)]

    async def _seal_history(self, rows: Sequence[Row]) -> None:
        for row in rows:
            await self._tx.execute(
                _SEAL_HISTORY,
                resident_number=row["resident_number"],
                history_number=row["history_number"],
                **self._sealed(row),
            )

    def _sealed(self, row: Row) -> dict[str, Any]:
        number = row["resident_number"]
        return {
            "postal_code_sealed": self._cipher.encrypt(
                row["postal_code"], field=POSTAL_CODE, row_id=number
            ),
            "address_sealed": self._cipher.encrypt(row["address"], field=ADDRESS, row_id=number),
        }

    def _opened(self, row: Row) -> tuple[str, str]:
        number = row["resident_number"]
        return (
            self._cipher.decrypt(row["postal_code_sealed"], field=POSTAL_CODE, row_id=number),
            self._cipher.decrypt(row["address_sealed"], field=ADDRESS, row_id=number),
        )
