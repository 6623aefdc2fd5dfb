"""What the register publishes of a record to the platform: no name, no address."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Boolean, Date, Integer, Text, Uuid, bindparam, column, func, select, table

from foundation.database import Statement, Transaction, tenant_is

RESIDENTS = table(
    "platform_residents",
    column("tenant_id", Integer),
    column("resident_id", Uuid),
    column("household_id", Uuid),
    column("birth_text", Text),
    column("birth_on", Date),
    column("present", Boolean),
    column("protected", Boolean),
    schema="registry",
)
_OF_IDS = Statement(
    "platform.residents.of_ids",
    select(
        RESIDENTS.c.resident_id,
        RESIDENTS.c.household_id,
        RESIDENTS.c.birth_text,
        RESIDENTS.c.birth_on,
        RESIDENTS.c.present,
        RESIDENTS.c.protected,
    ).where(tenant_is(RESIDENTS), RESIDENTS.c.resident_id == func.any(bindparam("ids"))),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A line of the register; `birth_text` may be vague, and then `birth_on` is the earliest day.

    `present`: still a resident of this municipality. `protected`: under 支援措置.
    """

    resident_id: UUID
    household_id: UUID
    birth_text: str
    birth_on: date
    present: bool
    protected: bool

    @property
    def born_on(self) -> date | None:
        """The day of birth where the register knows it; a vague one dates nothing."""
        return self.birth_on if self.birth_text == self.birth_on.isoformat() else None


async def of(work: Transaction, *resident_ids: UUID) -> dict[UUID, Record]:
    """Return the records of this municipality among these, by number."""
    rows = await work.fetch(_OF_IDS, ids=list(resident_ids))
    return {row["resident_id"]: Record(**row) for row in rows}
