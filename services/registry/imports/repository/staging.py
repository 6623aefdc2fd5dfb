"""The good lines of a file: judged against each other and the register, then let in at once.

Everything here is one statement over all lines, never a loop over residents.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Uuid,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import InstrumentedAttribute

from foundation.database import Statement, Transaction, tenant_is
from foundation.encryption import Cipher
from services.registry.imports.domain import FaultKind
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

_IMPORT = bindparam("import_id", type_=Uuid())
_HERE = and_(tenant_is(StagingRow), StagingRow.import_id == _IMPORT)
_GOOD = and_(_HERE, StagingRow.faulty.is_(False))
_SAME_RESIDENT = and_(
    tenant_is(ResidentRow),
    ResidentRow.tenant_id == StagingRow.tenant_id,
    ResidentRow.resident_number == StagingRow.resident_number,
)
_LINES = [
    column.name for column in StagingRow.__table__.c if column.name not in {"tenant_id", "faulty"}
]
_KEPT = (*PERSON, "name_search", "kana_search", "content_digest")

_ADD = Statement(
    "registry.staging.add",
    insert(StagingRow).values(
        tenant_id=bindparam("tenant_id", type_=Integer),
        faulty=False,
        **{name: bindparam(name) for name in _LINES},
    ),
)


def _shortens(
    given: InstrumentedAttribute[str], kept: InstrumentedAttribute[str]
) -> ColumnElement[bool]:
    """Tell whether a number of the file is one of the register but for its leading zeros."""
    return and_(func.ltrim(kept, "0") == func.ltrim(given, "0"), kept != given)


_duplicated = (
    select(StagingRow.resident_number)
    .where(_HERE)
    .group_by(StagingRow.resident_number)
    .having(func.count() > 1)
)
# A household is judged as the register would have it afterwards: the lines of the file, and whoever
# of the household the file does not speak of.
_spoken_of = select(StagingRow.resident_number).where(_HERE)
_afterwards = union_all(
    select(StagingRow.household_number, StagingRow.is_householder).where(
        _HERE, StagingRow.resident_until.is_(None)
    ),
    select(HouseholdRow.household_number, ResidentRow.is_householder)
    .join(
        ResidentRow,
        and_(
            tenant_is(ResidentRow),
            ResidentRow.tenant_id == HouseholdRow.tenant_id,
            ResidentRow.household_id == HouseholdRow.id,
        ),
    )
    .where(
        tenant_is(HouseholdRow),
        HouseholdRow.household_number.in_(select(StagingRow.household_number).where(_HERE)),
        ResidentRow.resident_until.is_(None),
        ResidentRow.resident_number.not_in(_spoken_of),
    ),
).subquery("afterwards")
_beheaded = (
    select(_afterwards.c.household_number)
    .group_by(_afterwards.c.household_number)
    .having(func.count(case((_afterwards.c.is_householder, 1))) != 1)
)
_ended = (
    select(StagingRow.resident_number)
    .join(ResidentRow, _SAME_RESIDENT)
    .where(_HERE, StagingRow.protection == "", ResidentRow.protection != "")
)
# A check digit does not notice a lost leading zero: it would let everybody in a second time.
_shortened_resident = (
    select(StagingRow.resident_number)
    .join(ResidentRow, _shortens(StagingRow.resident_number, ResidentRow.resident_number))
    .where(_HERE, tenant_is(ResidentRow))
)
_shortened_household = (
    select(StagingRow.household_number)
    .join(HouseholdRow, _shortens(StagingRow.household_number, HouseholdRow.household_number))
    .where(_HERE, tenant_is(HouseholdRow))
)
_CROSS_CHECKS = {
    kind: Statement(
        f"registry.staging.mark_{kind.value}",
        update(StagingRow)
        .where(_HERE, column.in_(offenders))
        .values(faulty=True)
        .returning(StagingRow.line),
    )
    for kind, column, offenders in (
        (FaultKind.DUPLICATE_RESIDENT, StagingRow.resident_number, _duplicated),
        (FaultKind.NO_SINGLE_HOUSEHOLDER, StagingRow.household_number, _beheaded),
        (FaultKind.PROTECTION_WOULD_END, StagingRow.resident_number, _ended),
        (FaultKind.RESIDENT_NUMBER, StagingRow.resident_number, _shortened_resident),
        (FaultKind.HOUSEHOLD_NUMBER, StagingRow.household_number, _shortened_household),
    )
}

_WOULD = Statement(
    "registry.staging.would",
    select(
        func.count().label("good"),
        func.count(case((ResidentRow.id.is_(None), 1))).label("new"),
        func.count(case((ResidentRow.content_digest != StagingRow.content_digest, 1))).label(
            "changed"
        ),
    )
    .select_from(StagingRow)
    .outerjoin(ResidentRow, _SAME_RESIDENT)
    .where(_GOOD),
)

# One id for each household number that is new: the first proposed among its lines.
_ADD_HOUSEHOLDS = Statement(
    "registry.households.add_from_staging",
    postgresql.insert(HouseholdRow)
    .from_select(
        ["tenant_id", "id", "household_number", "version"],
        select(
            StagingRow.tenant_id,
            func.array_agg(
                postgresql.aggregate_order_by(StagingRow.new_household_id, StagingRow.line)
            )[1],
            StagingRow.household_number,
            literal(1, Integer),
        )
        .where(_GOOD)
        .group_by(StagingRow.tenant_id, StagingRow.household_number),
    )
    .on_conflict_do_nothing(),
)
_KEEP_HISTORY = Statement(
    "registry.resident_history.add_from_staging",
    insert(ResidentHistoryRow).from_select(
        [
            "tenant_id",
            "resident_number",
            "history_number",
            "resident_id",
            "household_id",
            *PERSON,
            "changed_tx",
            "superseded_at",
        ],
        select(
            ResidentRow.tenant_id,
            ResidentRow.resident_number,
            ResidentRow.history_number,
            ResidentRow.id,
            ResidentRow.household_id,
            *(ResidentRow.__table__.c[name] for name in PERSON),
            ResidentRow.changed_tx,
            bindparam("at", type_=ResidentRow.__table__.c.changed_at.type),
        )
        .join(StagingRow, _SAME_RESIDENT)
        .where(_GOOD, ResidentRow.content_digest != StagingRow.content_digest),
    ),
)
_arriving = postgresql.insert(ResidentRow).from_select(
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
    select(
        StagingRow.tenant_id,
        StagingRow.new_resident_id,
        HouseholdRow.id,
        StagingRow.resident_number,
        literal(1, Integer),
        *(StagingRow.__table__.c[name] for name in _KEPT),
        bindparam("at", type_=ResidentRow.__table__.c.changed_at.type),
        literal(1, Integer),
    )
    .join(
        HouseholdRow,
        and_(
            tenant_is(HouseholdRow),
            HouseholdRow.tenant_id == StagingRow.tenant_id,
            HouseholdRow.household_number == StagingRow.household_number,
        ),
    )
    .where(_GOOD),
)
_ADD_RESIDENTS = Statement(
    "registry.residents.add_from_staging",
    _arriving.on_conflict_do_update(
        index_elements=["tenant_id", "resident_number"],
        set_={
            **{name: _arriving.excluded[name] for name in ("household_id", *_KEPT, "changed_at")},
            "history_number": ResidentRow.history_number + 1,
            "version": ResidentRow.version + 1,
            "changed_tx": THIS_TRANSACTION,
        },
        # Protection may have begun while the file was let in; whoever comes first, it stays.
        where=and_(
            ResidentRow.content_digest != _arriving.excluded.content_digest,
            or_(ResidentRow.protection == "", _arriving.excluded.protection != ""),
        ),
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
    .join(StagingRow, _SAME_RESIDENT)
    .where(_GOOD, StagingRow.address_sealed.is_not(None)),
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
# Rows that arrived in this same transaction have no statistics, and a planner that believes in five
# of them joins five thousand one by one. Every join here is of whole sets, so it may not.
_JOIN_WHOLE_SETS = Statement(
    "registry.staging.join_whole_sets",
    select(func.set_config("enable_nestloop", "off", True)),  # noqa: FBT003 - SQL's own argument
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
    .where(_GOOD, StagingRow.protection != "", ResidentHistoryRow.address != ""),
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
_CLEAR = Statement("registry.staging.clear", delete(StagingRow).where(_HERE))


class Staging:
    """The waiting lines of one import."""

    def __init__(self, transaction: Transaction, import_id: UUID) -> None:
        self._tx = transaction
        self._import_id = import_id

    async def add(self, lines: Sequence[dict[str, Any]]) -> None:
        await self._tx.execute_many(_ADD, lines)

    async def cross_check(self) -> dict[FaultKind, list[int]]:
        """Mark lines that contradict each other or the register; return them by cause."""
        await self._tx.execute(_JOIN_WHOLE_SETS)
        marked: dict[FaultKind, list[int]] = {}
        for kind, statement in _CROSS_CHECKS.items():
            rows = await self._tx.fetch(statement, import_id=self._import_id)
            if rows:
                marked[kind] = sorted(row["line"] for row in rows)
        return marked

    async def would(self) -> tuple[int, int, int]:
        """Return how many lines are good, how many of them new, how many change somebody."""
        row = await self._tx.fetch_one(_WOULD, import_id=self._import_id)
        return (row["good"], row["new"], row["changed"]) if row else (0, 0, 0)

    async def let_in(self, at: Any) -> None:
        """Write every good line into the register; what changes is kept as history first."""
        await self._tx.execute(_ADD_HOUSEHOLDS, import_id=self._import_id)
        await self._tx.execute(_KEEP_HISTORY, import_id=self._import_id, at=at)
        await self._tx.execute(_ADD_RESIDENTS, import_id=self._import_id, at=at)
        await self._tx.execute(_SEAL_ADDRESSES, import_id=self._import_id, at=at)

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

    async def clear(self) -> None:
        await self._tx.execute(_CLEAR, import_id=self._import_id)
