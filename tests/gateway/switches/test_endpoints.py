"""An administrator shuts and opens services; every gateway and every front end knows at once."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from foundation import clock
from foundation.database import Database
from foundation.identity import Role
from foundation.problems import Problem
from gateway.bulletin import Bulletin
from gateway.switches.domain import State
from gateway.switches.problems import ServiceClosed, ServicePaused, ServiceReadOnly
from gateway.switches.reading import Signs, take_down_old
from gateway.switches.signs import Switches
from tests.support.callers import ServiceClient, an_official
from tests.support.front_door import FrontDoor
from tests.support.house import House, Tenancies

OpenService = Callable[[str], Awaitable[ServiceClient]]
OpenDatabase = Callable[[str], Awaitable[Database]]
BASE = "/platform/v1/services"
NOTICE: dict[str, Any] = {
    "message_ja": "機器の点検のため休止しています。",
    "message_en": "Paused while equipment is being checked.",
    "paper_route": {
        "office_ja": "市民課",
        "office_en": "Citizens' division",
        "address_ja": "北見市大通西3丁目1番地1",
        "address_en": "3-1-1 Odori-nishi, Kitami",
        "telephone": "0157-23-7111",
        "hours_ja": "平日 8時45分から17時30分",
        "hours_en": "weekdays 8:45 to 17:30",
    },
}
CHIEF = an_official(Role.ADMINISTRATOR)


def in_hours(hours: float) -> str:
    return (clock.now() + timedelta(hours=hours)).isoformat()


def paused(hours: float = 1) -> dict[str, Any]:
    return {"state": "paused", "until": in_hours(hours), "notice": NOTICE, "reason": "点検"}


def closed() -> dict[str, Any]:
    return {"state": "closed", "notice": NOTICE, "reason": "制度の終了"}


def opened() -> dict[str, Any]:
    return {"state": "open", "reason": "点検の終了"}


class Office:
    """One administrator at the switches, and a gateway that looks on."""

    def __init__(self, client: ServiceClient, database: Database, tenancies: Tenancies) -> None:
        self.tenancies = tenancies
        self.client = client
        self.chief = client.as_(CHIEF, tenancy=tenancies.kitami)
        self.switches = Switches()
        self.bulletin = Bulletin(database, [Signs(self.switches).read])

    async def switch(self, service: str, body: dict[str, Any], *, version: int) -> Any:
        return await self.chief.put(
            f"{BASE}/{service}/switch", json=body, headers={"If-Match": f'"{version}"'}
        )

    async def refusal(self, service: str, *, is_reading: bool = False) -> Problem | None:
        await self.bulletin.refresh()
        try:
            self.switches.check(self.tenancies.kitami.code, service, is_reading=is_reading)
        except Problem as problem:
            return problem
        return None


@pytest.fixture
async def office(
    service_client: OpenService, database_of: OpenDatabase, tenancies: Tenancies
) -> Office:
    return Office(await service_client("platform"), await database_of("platform"), tenancies)


class TestSwitch:
    async def test_is_open_where_nobody_touched_it(self, office: Office) -> None:
        said = await office.chief.get(f"{BASE}/benefits/switch")
        assert (said.json()["state"], said.headers["etag"]) == ("open", '"1"')
        assert await office.refusal("benefits") is None

    async def test_pauses_one_service_with_its_sign(self, office: Office) -> None:
        answer = await office.switch("benefits", paused(), version=1)
        assert answer.status_code == 200, answer.text
        assert answer.json()["switched_by"] == CHIEF.subject
        problem = await office.refusal("benefits")
        assert isinstance(problem, ServicePaused)
        assert (problem.detail, problem.detail_ja) == (NOTICE["message_en"], NOTICE["message_ja"])
        assert problem.extensions["paper_route"] == NOTICE["paper_route"]
        assert 3_500 < int(problem.headers["Retry-After"]) <= 3_600
        assert await office.refusal("registry") is None

    async def test_shuts_every_service_at_once_and_its_own_office_never(
        self, office: Office
    ) -> None:
        assert (await office.switch("all", closed(), version=1)).status_code == 200
        for service in ("registry", "benefits", "window_dx", "consultation"):
            assert isinstance(await office.refusal(service), ServiceClosed)
        assert await office.refusal("platform") is None

    async def test_may_leave_reading_open(self, office: Office) -> None:
        body = {"state": "read_only", "notice": NOTICE, "reason": "切替"}
        assert (await office.switch("window-dx", body, version=1)).status_code == 200
        assert await office.refusal("window_dx", is_reading=True) is None
        assert isinstance(await office.refusal("window_dx"), ServiceReadOnly)

    async def test_opens_again(self, office: Office) -> None:
        await office.switch("benefits", closed(), version=1)
        answer = await office.switch("benefits", opened(), version=2)
        assert (answer.json()["state"], answer.headers["etag"]) == ("open", '"3"')
        assert await office.refusal("benefits") is None

    async def test_ends_a_pause_by_itself(self, office: Office) -> None:
        await office.switch("benefits", paused(1), version=1)
        assert await office.refusal("benefits") is not None
        with clock.frozen(clock.now() + timedelta(hours=2)):
            assert await office.refusal("benefits") is None
            said = (await office.chief.get(f"{BASE}/benefits/switch")).json()
        assert (said["state"], said["until"], said["notice"]) == ("open", None, None)

    async def test_does_not_pause_what_is_closed(self, office: Office) -> None:
        await office.switch("benefits", closed(), version=1)
        answer = await office.switch("benefits", paused(), version=2)
        assert (answer.status_code, answer.json()["type"]) == (
            409,
            "/problems/platform/switch-closed",
        )

    @pytest.mark.parametrize(
        "body",
        [
            {"state": "paused", "notice": NOTICE, "reason": "x"},
            {"state": "closed", "reason": "x"},
            {"state": "paused", "until": "2020-01-01T00:00:00Z", "notice": NOTICE, "reason": "x"},
        ],
    )
    async def test_never_turns_people_away_without_a_word(
        self, office: Office, body: dict[str, Any]
    ) -> None:
        assert (await office.switch("benefits", body, version=1)).status_code == 422

    async def test_is_not_changed_by_who_has_not_seen_it(self, office: Office) -> None:
        await office.switch("benefits", closed(), version=1)
        assert (await office.switch("benefits", opened(), version=1)).status_code == 412

    async def test_is_nothing_for_other_duties(self, office: Office) -> None:
        clerk = office.client.as_(an_official(Role.CLERK), tenancy=office.tenancies.kitami)
        answer = await clerk.put(
            f"{BASE}/benefits/switch", json=closed(), headers={"If-Match": '"1"'}
        )
        assert answer.status_code == 403

    @pytest.mark.parametrize("service", ["window_dx", "platform", "nothing"])
    async def test_is_not_found_under_a_name_that_is_none(
        self, office: Office, service: str
    ) -> None:
        assert (await office.chief.get(f"{BASE}/{service}/switch")).status_code == 404

    async def test_is_another_in_another_municipality(self, office: Office) -> None:
        await office.switch("benefits", closed(), version=1)
        neighbour = office.client.as_(CHIEF, tenancy=office.tenancies.kinokawa)
        assert (await neighbour.get(f"{BASE}/benefits/switch")).json()["state"] == "open"
        await office.bulletin.refresh()
        office.switches.check(office.tenancies.kinokawa.code, "benefits", is_reading=False)

    async def test_leaves_its_trace_and_its_fact(self, office: Office) -> None:
        await office.switch("benefits", paused(), version=1)
        feed = await office.chief.get("/platform/v1/events")
        assert [one["type"] for one in feed.json()["items"]] == ["platform.service.switched.v1"]

    async def test_lists_all_switches(self, office: Office) -> None:
        await office.switch("benefits", closed(), version=1)
        said = (await office.chief.get(BASE)).json()["items"]
        assert {one["service"]: one["state"] for one in said} == {
            "all": "open",
            "registry": "open",
            "benefits": "closed",
            "window-dx": "open",
            "consultation": "open",
        }


class TestPauses:
    def plan(self, begins: float = 1, ends: float = 2) -> dict[str, Any]:
        hours = {"starts_at": in_hours(begins), "ends_at": in_hours(ends)}
        return {"state": "paused", **hours, "notice": NOTICE, "reason": "年末年始"}

    async def test_begin_and_end_by_themselves(self, office: Office) -> None:
        answer = await office.chief.post(f"{BASE}/benefits/pauses", json=self.plan())
        assert answer.status_code == 201, answer.text
        assert await office.refusal("benefits") is None
        with clock.frozen(clock.now() + timedelta(hours=1.5)):
            assert isinstance(await office.refusal("benefits"), ServicePaused)
        with clock.frozen(clock.now() + timedelta(hours=2.5)):
            assert await office.refusal("benefits") is None

    async def test_are_listed_and_called_off(self, office: Office) -> None:
        planned = (await office.chief.post(f"{BASE}/all/pauses", json=self.plan())).json()
        listed = (await office.chief.get(f"{BASE}/all/pauses")).json()["items"]
        assert [one["id"] for one in listed] == [planned["id"]]
        off = await office.chief.delete(f"{BASE}/all/pauses/{planned['id']}")
        assert off.status_code == 200
        assert (await office.chief.get(f"{BASE}/all/pauses")).json()["items"] == []
        with clock.frozen(clock.now() + timedelta(hours=1.5)):
            assert await office.refusal("benefits") is None
        again = await office.chief.delete(f"{BASE}/all/pauses/{planned['id']}")
        assert again.status_code == 404

    @pytest.mark.parametrize(("begins", "ends"), [(-1, 1), (2, 1), (1, 0.999)])
    async def test_lie_ahead(self, office: Office, begins: float, ends: float) -> None:
        answer = await office.chief.post(f"{BASE}/benefits/pauses", json=self.plan(begins, ends))
        assert answer.status_code == 422

    async def test_are_not_called_off_from_elsewhere(self, office: Office) -> None:
        planned = (await office.chief.post(f"{BASE}/all/pauses", json=self.plan())).json()
        neighbour = office.client.as_(CHIEF, tenancy=office.tenancies.kinokawa)
        assert (await neighbour.delete(f"{BASE}/all/pauses/{planned['id']}")).status_code == 404


class TestSigns:
    async def test_are_taken_down_when_their_time_is_over(
        self, office: Office, database_of: OpenDatabase, house: House
    ) -> None:
        await office.switch("benefits", paused(), version=1)
        database = await database_of("platform")
        with clock.frozen(clock.now() + timedelta(hours=2)):
            async with database.unbound() as tx:
                await take_down_old(tx)
        connection = await asyncpg.connect(house.superuser_dsn())
        try:
            assert await connection.fetchval("SELECT count(*) FROM platform.signs") == 0
        finally:
            await connection.close()

    async def test_hang_at_the_desk_before_anybody_signs_in(
        self, office: Office, door: FrontDoor
    ) -> None:
        await office.switch("benefits", paused(), version=1)
        await office.chief.post(f"{BASE}/all/pauses", json=TestPauses().plan())
        await door.state.bulletin.refresh()
        answer = await door.http.get("/platform/v1/municipalities/012084/services")
        assert answer.status_code == 200, answer.text
        said = {one["service"]: one for one in answer.json()["items"]}
        assert said["benefits"]["state"] == "paused"
        assert said["benefits"]["notice"] == NOTICE
        assert said["registry"]["state"] == "open"
        assert [len(one["planned"]) for one in said.values()] == [1, 1, 1, 1]

    async def test_are_asked_for_by_code(self, door: FrontDoor) -> None:
        answer = await door.http.get("/platform/v1/municipalities/999999/services")
        assert answer.status_code == 404


class TestState:
    def test_is_ordered_from_open_to_shut(self) -> None:
        assert list(State) == [State.OPEN, State.READ_ONLY, State.PAUSED, State.CLOSED]
