"""A right holds until the end of its last day in Japan, and is written down as ended after it."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from foundation import clock
from foundation.database import Database
from gateway.mandates import jobs
from gateway.representations import taking_up
from tests.gateway.mandates.conftest import TODAY, Family, slug

TOMORROW = datetime.combine(TODAY + timedelta(days=1), time(), clock.JST)


async def held(family: Family, right: dict[str, Any], *, at: datetime) -> bool:
    """Tell whether the mother could take a right up at an instant."""
    place = family.door.tenancies.kitami
    (row,) = await family.seen(
        "SELECT subject FROM platform.resident_bindings WHERE tenant_id = $1 AND resident_id = $2",
        place.tenant_id,
        family.mother_id,
    )
    async with family.door.state.database.transaction(place) as work:
        with clock.frozen(at):
            found = await taking_up.taken_up(work, UUID(right["id"]), person=row["subject"])
    return found is not None


async def expire(family: Family, right: dict[str, Any], *, at: datetime) -> None:
    """Do the job as the office's worker does it."""
    database = await Database.open(
        family.door.house.dsn("platform_app"), application_name="test", size=1
    )
    try:
        async with database.transaction(family.door.tenancies.kitami) as work:
            with clock.frozen(at):
                await jobs.expire(work, UUID(right["id"]))
    finally:
        await database.close()


async def jobs_of(family: Family, right: dict[str, Any]) -> list[datetime]:
    rows = await family.seen(
        "SELECT available_at FROM platform.jobs WHERE kind = $1"
        " AND payload ->> 'representation_id' = $2",
        jobs.EXPIRE,
        right["id"],
    )
    return [row["available_at"] for row in rows]


class TestLastDay:
    async def test_is_included_to_its_last_second_in_japan(self, family: Family) -> None:
        right = await family.recorded(ends_on=TODAY.isoformat())
        assert await held(family, right, at=TOMORROW - timedelta(microseconds=1))
        assert not await held(family, right, at=TOMORROW)

    async def test_is_not_before_the_first(self, family: Family) -> None:
        first = TODAY + timedelta(days=1)
        right = await family.recorded(starts_on=first.isoformat())
        assert not await held(family, right, at=TOMORROW - timedelta(microseconds=1))
        assert await held(family, right, at=TOMORROW)

    async def test_leaves_a_job_for_the_midnight_after_it(self, family: Family) -> None:
        right = await family.recorded(ends_on=TODAY.isoformat())
        assert await jobs_of(family, right) == [TOMORROW]
        majority = datetime.combine(date(TODAY.year + 8, 4, 1), time(), clock.JST)
        assert await jobs_of(family, await family.recorded()) == [majority]

    async def test_is_written_down_with_an_entry_and_an_event(self, family: Family) -> None:
        right = await family.recorded(ends_on=TODAY.isoformat())
        await expire(family, right, at=TOMORROW)
        path = f"/representations/recorded/{family.child_id}"
        (seen,) = (await family.clerk.get(path, why="registration")).json()["items"]
        assert (seen["state"], seen["is_in_force"]) == ("ended", False)
        (entry,) = await family.seen(
            "SELECT actor_kind, subjects, detail FROM audit.entries WHERE object = $1"
            " AND action = 'platform.representation.end'",
            right["id"],
        )
        assert entry["actor_kind"] == "machine"
        assert entry["subjects"] == [family.child_id]
        assert "expired" in entry["detail"]
        told = await family.seen(
            "SELECT data FROM platform.outbox WHERE type = 'platform.representation.ended.v1'"
            " AND subject_id = $1",
            family.child_id,
        )
        assert len(told) == 1

    async def test_is_not_written_down_before_it_is_over(self, family: Family) -> None:
        right = await family.recorded(ends_on=TODAY.isoformat())
        await expire(family, right, at=TOMORROW - timedelta(microseconds=1))
        assert await held(family, right, at=TOMORROW - timedelta(microseconds=1))
        assert len(await jobs_of(family, right)) == 2

    async def test_ends_what_nobody_confirmed(self, family: Family) -> None:
        waiting = (await family.record(ends_on=TODAY.isoformat())).json()
        await expire(family, waiting, at=TOMORROW)
        await expire(family, waiting, at=TOMORROW)
        answer = await family.colleague.post(f"/representations/{waiting['id']}/confirmation")
        assert slug(answer) == (409, "platform/representation-state-conflict")
