"""Where requests to see an address are kept; the address itself never is."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Integer, Text, bindparam, insert, literal_column, select, update

from foundation.database import Row, Statement, Transaction, tenant_is
from foundation.encryption import Cipher, Field
from services.registry.protection.domain import Ground, Opening, OpeningId, OpeningState
from services.registry.protection.models import OpeningRow

_o = OpeningRow
_REASON = Field("registry.address_openings.reason")
_OF_ID = (tenant_is(_o), _o.id == bindparam("id"))
_ADD = Statement(
    "registry.address_openings.add",
    insert(_o).values(
        {column.name: bindparam(column.name, type_=column.type) for column in _o.__table__.c}
    ),
)
_LOCKED = Statement(
    "registry.address_openings.locked", select(*_o.__table__.c).where(*_OF_ID).with_for_update()
)
_WAITING = Statement(
    "registry.address_openings.waiting",
    select(*_o.__table__.c)
    .where(
        tenant_is(_o),
        literal_column("state IN ('requested', 'approved')"),  # spelt out: the index covers these
        _o.id > bindparam("after"),
    )
    .order_by(_o.id)
    .limit(bindparam("limit", type_=Integer)),
)
_DECIDE = Statement(
    "registry.address_openings.decide",
    update(_o)
    .where(*_OF_ID)
    .values(
        state=bindparam("state"),
        until=bindparam("until", type_=DateTime(timezone=True)),
        decided_by=bindparam("by", type_=Text),
        decided_at=bindparam("at", type_=DateTime(timezone=True)),
        version=_o.version + 1,
    ),
)
_USE = Statement(
    "registry.address_openings.use",
    update(_o)
    .where(*_OF_ID)
    .values(
        state=OpeningState.VIEWED.value,
        viewed_at=bindparam("at", type_=DateTime(timezone=True)),
        version=_o.version + 1,
    ),
)
_LAPSE = Statement(
    "registry.address_openings.lapse",
    update(_o).where(*_OF_ID).values(state=OpeningState.LAPSED.value, version=_o.version + 1),
)


class Openings:
    """The requests of one municipality to see a protected address."""

    def __init__(self, transaction: Transaction, cipher: Cipher) -> None:
        self._tx = transaction
        self._cipher = cipher

    async def add(self, opening: Opening) -> None:
        await self._tx.execute(
            _ADD,
            id=opening.id,
            resident_id=opening.resident_id,
            state=opening.state.value,
            purpose=opening.purpose,
            ground=opening.ground.value,
            reason_sealed=self._cipher.encrypt(opening.reason, field=_REASON, row_id=opening.id),
            requested_by=opening.requested_by,
            requested_at=opening.requested_at,
            until=opening.until,
            decided_by=None,
            decided_at=None,
            viewed_at=None,
            version=opening.version,
        )

    async def get_for_change(self, opening_id: UUID) -> Opening | None:
        """Return a request and keep everybody else's hands off it: one look is one look."""
        row = await self._tx.fetch_one(_LOCKED, id=opening_id)
        return self._opening(row) if row else None

    async def waiting(self, *, after: UUID, limit: int) -> list[Opening]:
        rows = await self._tx.fetch(_WAITING, after=after, limit=limit)
        return [self._opening(row) for row in rows]

    async def decide(
        self, opening: Opening, state: OpeningState, *, by: str, at: datetime, until: datetime
    ) -> None:
        """Keep the second official's word.

        Raises:
            CheckViolation: it is who asked; the table refuses that by itself.
        """
        await self._tx.execute(_DECIDE, id=opening.id, state=state.value, by=by, at=at, until=until)

    async def use(self, opening: Opening, *, at: datetime) -> None:
        """Keep that the one look was taken."""
        await self._tx.execute(_USE, id=opening.id, at=at)

    async def lapse(self, opening: Opening) -> None:
        """Keep that the time is over."""
        await self._tx.execute(_LAPSE, id=opening.id)

    def _opening(self, row: Row) -> Opening:
        return Opening(
            id=OpeningId(row["id"]),
            resident_id=row["resident_id"],
            state=OpeningState(row["state"]),
            purpose=row["purpose"],
            ground=Ground(row["ground"]),
            reason=self._cipher.decrypt(row["reason_sealed"], field=_REASON, row_id=row["id"]),
            requested_by=row["requested_by"],
            requested_at=row["requested_at"],
            until=row["until"],
            decided_by=row["decided_by"],
            version=row["version"],
        )
