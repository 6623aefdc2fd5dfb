"""The calendar warns a month before, and when a year is over; and ends nothing."""

import json
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from uuid import UUID

from foundation import clock
from foundation.database import Database
from foundation.encryption import Keyring
from foundation.events import Job
from foundation.parameters import OPENING_APPROVAL
from services.registry.protection.domain import last_day_of, warning_day
from services.registry.protection.jobs import handlers
from services.registry.protection.service import LAPSE_OPENING, LOOK_AT_CALENDAR
from tests.services.registry.conftest import PATH
from tests.services.registry.protection.conftest import Office
from tests.services.registry.protection.test_endpoints import MASK
from tests.support.house import House

APPROVE_WITHIN = OPENING_APPROVAL.lasting(OPENING_APPROVAL.default)
OpenDatabase = Callable[..., Awaitable[Database]]


async def done_at(
    at: datetime, kind: str, office: Office, house: House, database_of: OpenDatabase
) -> None:
    """Do the jobs of one kind that this municipality waits for, as if it were that moment."""
    rows = await office.run("SELECT * FROM registry.jobs WHERE kind = $1", kind)
    database = await database_of("registry")
    doing = handlers(Keyring(house.keys_of("registry")))[kind]
    with clock.frozen(at):
        for row in rows:
            job = Job(
                id=UUID(str(row["id"])),
                kind=kind,
                payload={name: str(value) for name, value in _payload(row["payload"]).items()},
                attempts=0,
                created_at=row["created_at"],
            )
            async with database.transaction(office.tenancies.kitami) as tx:
                await doing(tx, job)


class TestCalendar:
    async def test_warns_then_calls_it_overdue_and_goes_on_protecting(
        self, office: Office, house: House, database_of: OpenDatabase
    ) -> None:
        measure = await office.granted(await office.apply("秘匿 花子"))
        ends_on = last_day_of(clock.today())
        assert measure["ends_on"] == ends_on.isoformat()
        first, warning = ends_on - timedelta(days=90), warning_day(ends_on)
        assert await waits_for(office) == [first]
        await done_at(noon(first), LOOK_AT_CALENDAR, office, house, database_of)
        assert await state_of(office, measure["id"]) == "granted"
        assert await waits_for(office) == [first, warning]
        await done_at(noon(warning), LOOK_AT_CALENDAR, office, house, database_of)
        assert await state_of(office, measure["id"]) == "expiring"
        late = ends_on + timedelta(days=1)
        assert late in await waits_for(office)
        await done_at(noon(late), LOOK_AT_CALENDAR, office, house, database_of)
        assert await state_of(office, measure["id"]) == "overdue"
        assert [one["kind"] for one in await office.alerts()] == ["expiring", "overdue"]
        assert (await office.record("秘匿 花子"))["address"] == MASK
        listed = await office.registrar.get(
            f"{PATH}/protection-measures", params={"state": "overdue"}
        )
        assert [one["id"] for one in listed.json()["items"]] == [measure["id"]]
        with clock.frozen(noon(late)):
            extended = await office.step(office.registrar, measure, "extension")
        assert extended.json()["state"] == "extended"

    async def test_takes_an_unused_look_away(
        self, office: Office, house: House, database_of: OpenDatabase
    ) -> None:
        await office.apply("秘匿 花子")
        opening = (await office.opening()).json()
        late = clock.now() + APPROVE_WITHIN + timedelta(seconds=2)
        await done_at(late, LAPSE_OPENING, office, house, database_of)
        refused = await office.opening_step(
            office.administrator, opening, "decision", decision="agreed"
        )
        assert refused.status_code == 409
        assert "opening_lapsed" in {one["kind"] for one in await office.alerts()}


async def waits_for(office: Office) -> list[date]:
    """Return on which days the calendar will be looked at."""
    rows = await office.run(
        "SELECT available_at FROM registry.jobs WHERE kind = $1 ORDER BY 1", LOOK_AT_CALENDAR
    )
    return [row["available_at"].astimezone(clock.JST).date() for row in rows]


async def state_of(office: Office, measure_id: str) -> str:
    answer = await office.registrar.get(f"{PATH}/protection-measures/{measure_id}")
    return str(answer.json()["state"])


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), clock.JST)


def _payload(given: str | dict[str, str]) -> dict[str, str]:
    return json.loads(given) if isinstance(given, str) else given
