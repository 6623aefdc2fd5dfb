"""Good lines enter the register: some thousand at a time, all of them in one transaction."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Date,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql

from foundation.database import Statement, Transaction, tenant_is
from foundation.encryption import Cipher
from services.registry.imports.models import StagingRow
from services.registry.residents.models import (
    PERSON,
    THIS_TRANSACTION,
    HouseholdRow,
    ProtectedAddressRow,
    ResidentHistoryRow,
    ResidentRow,
)
from services.registry.residents.repository import ADDRESS, POSTAL_CODE

from .judging import MISSING, SAME_RESIDENT, THEIR_HOUSEHOLD
from .staging import GOOD

_AT_ONCE = 10_000
"""Lines of one statement; each is done within a second or two, so none is ever given up."""
ENDED_BY_FILE = "職権消除(その他)"
_KEPT = (*PERSON, "name_search", "kana_search", "content_digest")
_SOME = and_(
    GOOD,
    StagingRow.line > bindparam("after", type_=Integer),
    StagingRow.line <= bindparam("upto", type_=Integer),
)
_AT = bindparam("at", type_=ResidentRow.__table__.c.changed_at.type)
# Protection may have begun while the file was let in; whoever comes first, it stays.
_IS_CHANGED = and_(
    ResidentRow.content_digest != StagingRow.content_digest,
    or_(ResidentRow.protection == "", StagingRow.protection != ""),
)

# One id for each household number that is new: one proposed among its lines, and only those.
_ADD_HOUSEHOLDS = Statement(
    "registry.households.add_from_staging",
    postgresql.insert(HouseholdRow)
    .from_select(
        ["tenant_id", "id", "household_number", "version"],
        select(
            StagingRow.tenant_id,
            StagingRow.new_household_id,
            StagingRow.household_number,
            literal(1, Integer),
        )
        .where(_SOME)
        .ext(postgresql.distinct_on(StagingRow.household_number))
        .order_by(StagingRow.household_number),
    )
    .on_conflict_do_nothing(),
)
_HISTORY = [
    "tenant_id",
    "resident_number",
    "history_number",
    "resident_id",
    "household_id",
    *PERSON,
    "changed_tx",
    "superseded_at",
]
_as_they_are = select(
    ResidentRow.tenant_id,
    ResidentRow.resident_number,
    ResidentRow.history_number,
    ResidentRow.id,
    ResidentRow.household_id,
    *(ResidentRow.__table__.c[name] for name in PERSON),
    ResidentRow.changed_tx,
    _AT,
)
_KEEP_HISTORY = Statement(
    "registry.resident_history.add_from_staging",
    insert(ResidentHistoryRow).from_select(
        _HISTORY, _as_they_are.join(StagingRow, SAME_RESIDENT).where(_SOME, _IS_CHANGED)
    ),
)


def _arriving(lines: Select[Any]) -> Any:
    return insert(ResidentRow).from_select(
        [
            "tenant_id",
            "id",
            "household_id",
            "resident_number",
            "history_number",
            *_KEPT,
            "changed_at",
            "version",
        ],
        lines,
    )


_incoming = (
    select(
        StagingRow.tenant_id,
        StagingRow.new_resident_id,
        HouseholdRow.id,
        StagingRow.resident_number,
        func.coalesce(StagingRow.history_number, literal(1, Integer)),
        *(StagingRow.__table__.c[name] for name in _KEPT),
        _AT,
        literal(1, Integer),
    )
    .join(HouseholdRow, THEIR_HOUSEHOLD)
    .where(_SOME)
)
_ADD_ALL = Statement("registry.residents.add_all_from_staging", _arriving(_incoming))
_ADD_NEW = Statement(
    "registry.residents.add_from_staging",
    _arriving(_incoming.outerjoin(ResidentRow, SAME_RESIDENT).where(ResidentRow.id.is_(None))),
)
_CHANGE = Statement(
    "registry.residents.change_from_staging",
    update(ResidentRow)
    .where(SAME_RESIDENT, THEIR_HOUSEHOLD, _SOME, _IS_CHANGED)
    .values(
        household_id=HouseholdRow.id,
        **{name: StagingRow.__table__.c[name] for name in _KEPT},
        changed_at=_AT,
        history_number=func.greatest(
            ResidentRow.history_number + 1,
            func.coalesce(StagingRow.history_number, literal(1, Integer)),
        ),
        version=ResidentRow.version + 1,
        changed_tx=THIS_TRANSACTION,
    ),
)
_sealing = postgresql.insert(ProtectedAddressRow).from_select(
    ["tenant_id", "resident_id", "postal_code_sealed", "address_sealed", "changed_at"],
    select(
        ResidentRow.tenant_id,
        ResidentRow.id,
        StagingRow.postal_code_sealed,
        StagingRow.address_sealed,
        bindparam("at", type_=ProtectedAddressRow.__table__.c.changed_at.type),
    )
    .join(StagingRow, SAME_RESIDENT)
    .where(GOOD, StagingRow.address_sealed.is_not(None)),
)
_SEAL_ADDRESSES = Statement(
    "registry.protected_addresses.add_from_staging",
    _sealing.on_conflict_do_update(
        index_elements=["tenant_id", "resident_id"],
        set_={
            name: _sealing.excluded[name]
            for name in ("postal_code_sealed", "address_sealed", "changed_at")
        },
    ),
)
_KEEP_MISSING = Statement(
    "registry.resident_history.add_missing",
    insert(ResidentHistoryRow).from_select(_HISTORY, _as_they_are.where(MISSING)),
)
_END_MISSING = Statement(
    "registry.residents.end_missing",
    update(ResidentRow)
    .where(MISSING)
    .values(
        resident_until=func.greatest(bindparam("ended_on", type_=Date), ResidentRow.resident_from),
        change_reason=ENDED_BY_FILE,
        changed_on=bindparam("ended_on", type_=Date),
        content_digest=b"",
        changed_at=_AT,
        history_number=ResidentRow.history_number + 1,
        changed_tx=THIS_TRANSACTION,
        version=ResidentRow.version + 1,
    ),
)
_NEWLY_SEALED = Statement(
    "registry.resident_history.to_seal",
    select(
        ResidentHistoryRow.resident_number,
        ResidentHistoryRow.history_number,
        ResidentHistoryRow.postal_code,
        ResidentHistoryRow.address,
    )
    .join(
        StagingRow,
        and_(
            tenant_is(ResidentHistoryRow),
            ResidentHistoryRow.tenant_id == StagingRow.tenant_id,
            ResidentHistoryRow.resident_number == StagingRow.resident_number,
        ),
    )
    .where(GOOD, StagingRow.protection != "", ResidentHistoryRow.address != ""),
)
_SEAL_HISTORY = Statement(
    "registry.resident_history.seal",
    update(ResidentHistoryRow)
    .where(
        tenant_is(ResidentHistoryRow),
        ResidentHistoryRow.resident_number == bindparam("resident_number"),
        ResidentHistoryRow.history_number == bindparam("history_number"),
    )
    .values(
        postal_code="",
        address="",
        postal_code_sealed=bindparam("postal_code_sealed"),
        address_sealed=bindparam("address_sealed"),
    ),
)
_LAST_LINE = Statement(
    "registry.staging.last_line",
    select(func.coalesce(func.max(StagingRow.line), 0).label("line")).where(GOOD),
)
_ALONE = Statement(
    "registry.imports.alone",
    select(
        func.pg_advisory_xact_lock(
            func.hashtextextended("registry.imports", bindparam("tenant_id", type_=Integer))
        )
    ),
)


class LettingIn:
    """The one way from the waiting lines of an import into the register."""

    def __init__(self, transaction: Transaction, import_id: UUID) -> None:
        self._tx = transaction
        self._import_id = import_id

    async def alone(self) -> None:
        """Wait until no other file is entering this municipality's register."""
        await self._tx.fetch_one(_ALONE)

    async def run(
        self,
        at: datetime,
        *,
        new: int,
        changed: int,
        all_new: bool,
    ) -> None:
        """Write every good line; what changes is kept as history first."""
        row = await self._tx.fetch_one(_LAST_LINE, import_id=self._import_id)
        last = row["line"] if row else 0
        steps = [_ADD_HOUSEHOLDS]
        if changed:
            steps += [_KEEP_HISTORY, _CHANGE]
        if new:
            steps.append(_ADD_ALL if all_new else _ADD_NEW)
        for after in range(0, last, _AT_ONCE):
            for step in steps:
                given: dict[str, Any] = {"after": after, "upto": after + _AT_ONCE}
                if step is not _ADD_HOUSEHOLDS:
                    given["at"] = at
                await self._tx.execute(step, import_id=self._import_id, **given)
        await self._tx.execute(_SEAL_ADDRESSES, import_id=self._import_id, at=at)

    async def end_missing(self, at: datetime, *, ended_on: date) -> int:
        """End the residence of everybody present whom the file does not speak of."""
        await self._tx.execute(_KEEP_MISSING, import_id=self._import_id, at=at)
        return await self._tx.execute(
            _END_MISSING, import_id=self._import_id, at=at, ended_on=ended_on
        )

    async def seal_history(self, cipher: Cipher) -> None:
        """Seal where the newly protected lived before; they are few, so one by one."""
        for row in await self._tx.fetch(_NEWLY_SEALED, import_id=self._import_id):
            number = row["resident_number"]
            await self._tx.execute(
                _SEAL_HISTORY,
                resident_number=number,
                history_number=row["history_number"],
                postal_code_sealed=cipher.encrypt(
                    row["postal_code"], field=POSTAL_CODE, row_id=number
                ),
                address_sealed=cipher.encrypt(row["address"], field=ADDRESS, row_id=number),
            )
