"""What a municipality lays down of protection holds at once, and within what the nation allows."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from foundation import clock
from foundation.database import Database
from foundation.identity import Role
from services.registry.protection.domain import last_day_of
from services.registry.protection.service import LOOK_AT_CALENDAR
from tests.services.registry.protection.conftest import Office
from tests.services.registry.protection.test_jobs import done_at, noon, state_of, waits_for
from tests.support.callers import ServiceClient, an_official
from tests.support.house import House

OpenService = Callable[[str], Awaitable[ServiceClient]]
OpenDatabase = Callable[..., Awaitable[Database]]
Lay = Callable[[str, int], Awaitable[None]]


@pytest.fixture
async def laid(service_client: OpenService, office: Office) -> Lay:
    """Return how the municipality's administrator sets a parameter, at the platform's office."""
    client = await service_client("platform")
    chief = client.as_(an_official(Role.ADMINISTRATOR), tenancy=office.tenancies.kitami)

    async def lay(name: str, value: int) -> None:
        answer = await chief.post(
            f"/platform/v1/parameters/registry.{name}/values",
            json={
                "value": value,
                "starts_on": clock.today().isoformat(),
                "reason": "試験のため",
                "supersedes": True,
            },
        )
        assert answer.status_code == 201, answer.text

    return lay


def minutes_left(opening: dict[str, Any]) -> int:
    left = datetime.fromisoformat(opening["until"]) - clock.now()
    return round(left / timedelta(minutes=1))


class TestTheNotice:
    async def test_comes_as_early_as_was_laid_down_after_the_measure(
        self, office: Office, laid: Lay, house: House, database_of: OpenDatabase
    ) -> None:
        measure = await office.granted(await office.apply("秘匿 花子"))
        ends_on = last_day_of(clock.today())
        await laid("protection_notice_days", 60)
        first, early = (ends_on - timedelta(days=days) for days in (90, 60))
        await done_at(noon(first), LOOK_AT_CALENDAR, office, house, database_of)
        assert await waits_for(office) == [first, early]
        await done_at(noon(early), LOOK_AT_CALENDAR, office, house, database_of)
        assert await state_of(office, measure["id"]) == "expiring"

    async def test_waits_again_where_it_was_laid_down_later_meanwhile(
        self, office: Office, laid: Lay, house: House, database_of: OpenDatabase
    ) -> None:
        await laid("protection_notice_days", 60)
        measure = await office.granted(await office.apply("秘匿 花子"))
        ends_on = last_day_of(clock.today())
        first, early, later = (ends_on - timedelta(days=days) for days in (90, 60, 40))
        await done_at(noon(first), LOOK_AT_CALENDAR, office, house, database_of)
        await laid("protection_notice_days", 40)
        await done_at(noon(early), LOOK_AT_CALENDAR, office, house, database_of)
        assert await state_of(office, measure["id"]) == "granted"
        assert later in await waits_for(office)


class TestAnOpening:
    async def test_waits_and_is_used_for_as_long_as_is_laid_down(
        self, office: Office, laid: Lay
    ) -> None:
        await office.apply("秘匿 花子")
        assert minutes_left((await office.opening()).json()) == 15
        await laid("opening_approval_minutes", 30)
        await laid("opening_view_minutes", 3)
        opening = (await office.opening()).json()
        assert minutes_left(opening) == 30
        allowed = await office.opening_step(
            office.administrator, opening, "decision", decision="agreed"
        )
        assert minutes_left(allowed.json()) == 3
        with clock.frozen(clock.now() + timedelta(minutes=4)):
            late = await office.opening_step(office.clerk, opening, "viewing")
        assert late.status_code == 409
