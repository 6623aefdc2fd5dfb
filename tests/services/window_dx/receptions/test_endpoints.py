"""A person takes a number, is called once, and everything that took time is measured."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from foundation import clock
from foundation.identifiers import new_id
from foundation.identity import Role
from tests.support.callers import (
    As,
    ServiceClient,
    a_machine,
    a_representative,
    a_resident,
    an_official,
)
from tests.support.house import Tenancies

OpenService = Callable[[str], Awaitable[ServiceClient]]
NINE = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
PATH = "/window-dx/v1"


@pytest.fixture
async def service(service_client: OpenService) -> ServiceClient:
    return await service_client("window_dx")


@pytest.fixture
def clerk(service: ServiceClient, tenancies: Tenancies) -> As:
    return service.as_(an_official(Role.CLERK), tenancy=tenancies.kitami)


@pytest.fixture
def foreign_clerk(service: ServiceClient, tenancies: Tenancies) -> As:
    return service.as_(an_official(Role.CLERK), tenancy=tenancies.chiyoda)


@pytest.fixture
async def windows(service: ServiceClient, tenancies: Tenancies) -> tuple[str, str]:
    administrator = service.as_(an_official(Role.ADMINISTRATOR), tenancy=tenancies.kitami)
    made = [
        await administrator.post(f"{PATH}/windows", json={"code": code, "name": name})
        for code, name in (("JUMIN", "市民課 1番"), ("FUKUSHI", "福祉課 2番"))
    ]
    assert [answer.status_code for answer in made] == [201, 201]
    first, second = (answer.json()["id"] for answer in made)
    return first, second


async def take(caller: As, window: str, **more: Any) -> dict[str, Any]:
    answer = await caller.post(
        f"{PATH}/receptions", json={"window_id": window, "matter": "転入届", **more}
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


async def call(caller: As, window: str) -> dict[str, Any] | None:
    answer = await caller.post(f"{PATH}/windows/{window}/call-next")
    assert answer.status_code == 200, answer.text
    return answer.json()["reception"]


class TestTakeTicket:
    async def test_is_hidden_from_another_municipality(
        self, clerk: As, foreign_clerk: As, windows: tuple[str, str]
    ) -> None:
        await take(clerk, windows[0])
        refused = await foreign_clerk.post(
            f"{PATH}/receptions", json={"window_id": windows[0], "matter": "転入届"}
        )
        assert (refused.status_code, refused.json()["type"]) == (
            404,
            "/problems/window-dx/window-not-found",
        )

    async def test_counts_from_one_at_each_window_each_day(
        self, clerk: As, windows: tuple[str, str]
    ) -> None:
        with clock.frozen(NINE):
            numbers = [(await take(clerk, window))["number"] for window in (*windows, *windows)]
        with clock.frozen(NINE + timedelta(days=1)):
            numbers.append((await take(clerk, windows[0]))["number"])
        assert numbers == [1, 1, 2, 2, 1]

    async def test_gives_a_resident_a_number_for_nobody_else(
        self, service: ServiceClient, tenancies: Tenancies, windows: tuple[str, str]
    ) -> None:
        own = new_id()
        resident = service.as_(a_resident(own), tenancy=tenancies.kitami)
        taken = await take(resident, windows[0], resident_id=str(new_id()))
        assert (UUID(taken["resident_id"]), taken["channel"]) == (own, "online")

    async def test_refuses_a_clerk_a_resident_the_register_does_not_know(
        self, clerk: As, windows: tuple[str, str]
    ) -> None:
        refused = await clerk.post(
            f"{PATH}/receptions",
            json={"window_id": windows[0], "matter": "転入届", "resident_id": str(new_id())},
        )
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/resident_id"

    async def test_never_gives_a_number_twice_at_one_moment(
        self, clerk: As, windows: tuple[str, str]
    ) -> None:
        taken = await asyncio.gather(*(take(clerk, windows[0]) for _ in range(30)))
        assert sorted(reception["number"] for reception in taken) == list(range(1, 31))


class TestReadReception:
    async def test_is_hidden_from_another_municipality(
        self, clerk: As, foreign_clerk: As, windows: tuple[str, str]
    ) -> None:
        taken = await take(clerk, windows[0])
        assert (await clerk.get(f"{PATH}/receptions/{taken['id']}")).status_code == 200
        assert (await foreign_clerk.get(f"{PATH}/receptions/{taken['id']}")).status_code == 404

    async def test_is_hidden_from_another_resident(
        self, service: ServiceClient, tenancies: Tenancies, windows: tuple[str, str]
    ) -> None:
        own, other = (service.as_(a_resident(new_id()), tenancy=tenancies.kitami) for _ in range(2))
        taken = await take(own, windows[0])
        assert (await own.get(f"{PATH}/receptions/{taken['id']}")).status_code == 200
        assert (await other.get(f"{PATH}/receptions/{taken['id']}")).status_code == 404

    async def test_is_hidden_from_a_resident_the_register_does_not_know(
        self,
        clerk: As,
        service: ServiceClient,
        tenancies: Tenancies,
        windows: tuple[str, str],
    ) -> None:
        taken = await take(clerk, windows[0])
        stranger = service.as_(a_resident(None), tenancy=tenancies.kitami)
        assert (await stranger.get(f"{PATH}/receptions/{taken['id']}")).status_code == 404

    async def test_is_shown_to_who_took_it_before_the_register_knew_them(
        self, service: ServiceClient, tenancies: Tenancies, windows: tuple[str, str]
    ) -> None:
        newcomer, other = (
            service.as_(a_resident(None, subject=name), tenancy=tenancies.kitami)
            for name in ("newcomer", "other")
        )
        taken = await take(newcomer, windows[0])
        assert (await newcomer.get(f"{PATH}/receptions/{taken['id']}")).status_code == 200
        assert (await other.get(f"{PATH}/receptions/{taken['id']}")).status_code == 404

    async def test_is_not_the_representatives_own_afterwards(
        self, service: ServiceClient, tenancies: Tenancies, windows: tuple[str, str]
    ) -> None:
        child, mother, other = new_id(), new_id(), new_id()
        acting, herself, elsewhere = (
            service.as_(principal, tenancy=tenancies.kitami)
            for principal in (
                a_representative(child, subject="mother"),
                a_resident(mother, subject="mother"),
                a_representative(other, subject="mother"),
            )
        )
        path = f"{PATH}/receptions/{(await take(acting, windows[0]))['id']}"
        assert (await acting.get(path)).status_code == 200
        assert (await herself.get(path)).status_code == 404
        assert (await elsewhere.get(path)).status_code == 404
        of_the_child = service.as_(a_resident(child), tenancy=tenancies.kitami)
        assert (await of_the_child.get(path)).status_code == 200

    async def test_tells_how_many_wait_before(self, clerk: As, windows: tuple[str, str]) -> None:
        taken = [await take(clerk, windows[0]) for _ in range(3)]
        answer = await clerk.get(f"{PATH}/receptions/{taken[2]['id']}")
        assert answer.json()["ahead"] == 2


class TestListReceptions:
    async def test_is_hidden_from_another_municipality(
        self, clerk: As, foreign_clerk: As, windows: tuple[str, str]
    ) -> None:
        await take(clerk, windows[0])
        path = f"{PATH}/windows/{windows[0]}/receptions"
        assert len((await clerk.get(path)).json()["items"]) == 1
        assert (await foreign_clerk.get(path)).status_code == 404

    async def test_shows_every_reception_once_over_its_pages(
        self, clerk: As, windows: tuple[str, str]
    ) -> None:
        for _ in range(5):
            await take(clerk, windows[0])
        shown, cursor = list[int](), None
        while True:
            answer = await clerk.get(
                f"{PATH}/windows/{windows[0]}/receptions",
                params={"limit": 2} | ({"cursor": cursor} if cursor else {}),
            )
            shown += [item["number"] for item in answer.json()["items"]]
            cursor = answer.json()["next_cursor"]
            if cursor is None:
                break
        assert shown == [1, 2, 3, 4, 5]

    async def test_shows_only_the_states_asked_for(
        self, clerk: As, windows: tuple[str, str]
    ) -> None:
        for _ in range(3):
            await take(clerk, windows[0])
        await call(clerk, windows[0])
        answer = await clerk.get(
            f"{PATH}/windows/{windows[0]}/receptions", params={"state": "serving"}
        )
        assert [item["number"] for item in answer.json()["items"]] == [1]


class TestCallNext:
    async def test_is_hidden_from_another_municipality(
        self, clerk: As, foreign_clerk: As, windows: tuple[str, str]
    ) -> None:
        await take(clerk, windows[0])
        refused = await foreign_clerk.post(f"{PATH}/windows/{windows[0]}/call-next")
        assert refused.status_code == 404
        called = await call(clerk, windows[0])
        assert called is not None

    async def test_calls_in_the_order_of_the_numbers(
        self, clerk: As, windows: tuple[str, str]
    ) -> None:
        for _ in range(3):
            await take(clerk, windows[0])
        called = [await call(clerk, windows[0]) for _ in range(4)]
        assert [reception and reception["number"] for reception in called] == [1, 2, 3, None]

    async def test_calls_nobody_twice_at_one_moment(
        self, clerk: As, windows: tuple[str, str]
    ) -> None:
        for _ in range(20):
            await take(clerk, windows[0])
        called = await asyncio.gather(*(call(clerk, windows[0]) for _ in range(20)))
        numbers = [reception["number"] for reception in called if reception]
        assert sorted(numbers) == list(range(1, 21))

    async def test_calls_the_same_person_again_when_the_request_is_repeated(
        self, clerk: As, windows: tuple[str, str]
    ) -> None:
        for _ in range(2):
            await take(clerk, windows[0])
        headers = {"Idempotency-Key": "call-1"}
        path = f"{PATH}/windows/{windows[0]}/call-next"
        answers = [await clerk.post(path, headers=headers) for _ in range(2)]
        assert answers[0].json() == answers[1].json()
        assert answers[1].headers["Idempotency-Replayed"] == "true"

    async def test_is_for_clerks(
        self, service: ServiceClient, tenancies: Tenancies, windows: tuple[str, str]
    ) -> None:
        for principal in (a_resident(new_id()), a_machine(), an_official(Role.COUNSELLOR)):
            refused = await service.as_(principal, tenancy=tenancies.kitami).post(
                f"{PATH}/windows/{windows[0]}/call-next"
            )
            assert refused.status_code == 403


class TestChangeReception:
    @pytest.mark.parametrize("act", ["hold", "resumption", "completion", "absence", "transfer"])
    async def test_is_hidden_from_another_municipality(
        self, act: str, clerk: As, foreign_clerk: As, windows: tuple[str, str]
    ) -> None:
        await take(clerk, windows[0])
        called = await call(clerk, windows[0])
        assert called is not None
        body = {"json": {"window_id": windows[1]}} if act == "transfer" else {}
        refused = await foreign_clerk.post(f"{PATH}/receptions/{called['id']}/{act}", **body)
        assert refused.status_code == 404
        unchanged = await clerk.get(f"{PATH}/receptions/{called['id']}")
        assert unchanged.json()["reception"] == called

    async def test_goes_through_a_whole_visit(self, clerk: As, windows: tuple[str, str]) -> None:
        taken = await take(clerk, windows[0])
        path = f"{PATH}/receptions/{taken['id']}"
        states = [taken["state"]]
        await call(clerk, windows[0])
        for act, body in (
            ("hold", None),
            ("resumption", None),
            ("transfer", {"window_id": windows[1]}),
        ):
            answer = await clerk.post(f"{path}/{act}", **({"json": body} if body else {}))
            states.append(answer.json()["state"])
        called = await call(clerk, windows[1])
        assert called is not None
        states.append((await clerk.post(f"{path}/completion")).json()["state"])
        assert states == ["waiting", "held", "serving", "waiting", "finished"]
        assert (called["id"], called["number"]) == (taken["id"], taken["number"])

    async def test_refuses_to_finish_who_was_never_called(
        self, clerk: As, windows: tuple[str, str]
    ) -> None:
        taken = await take(clerk, windows[0])
        refused = await clerk.post(f"{PATH}/receptions/{taken['id']}/completion")
        assert (refused.status_code, refused.json()["type"]) == (
            409,
            "/problems/window-dx/reception-state-conflict",
        )


class TestBoard:
    async def test_is_hidden_from_another_municipality(
        self, clerk: As, foreign_clerk: As, windows: tuple[str, str]
    ) -> None:
        path = f"{PATH}/windows/{windows[0]}/board"
        assert (await clerk.get(path)).json() == {"waiting": 0, "serving": []}
        assert (await foreign_clerk.get(path)).status_code == 404

    async def test_shows_numbers_and_no_names(self, clerk: As, windows: tuple[str, str]) -> None:
        for _ in range(3):
            await take(clerk, windows[0])
        await call(clerk, windows[0])
        answer = await clerk.get(f"{PATH}/windows/{windows[0]}/board")
        assert answer.json() == {"waiting": 2, "serving": [1]}


class TestWaitingTimes:
    async def test_is_hidden_from_another_municipality(
        self, clerk: As, foreign_clerk: As, windows: tuple[str, str]
    ) -> None:
        path = f"{PATH}/windows/{windows[0]}/waiting-times"
        days = {"since": "2026-11-23", "until": "2026-11-23"}
        assert (await clerk.get(path, params=days)).status_code == 200
        assert (await foreign_clerk.get(path, params=days)).status_code == 404

    async def test_refuse_days_in_the_wrong_order(
        self, clerk: As, windows: tuple[str, str]
    ) -> None:
        answer = await clerk.get(
            f"{PATH}/windows/{windows[0]}/waiting-times",
            params={"since": "2026-11-24", "until": "2026-11-23"},
        )
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/until")

    async def test_are_measured_and_not_typed(self, clerk: As, windows: tuple[str, str]) -> None:
        for minutes in (0, 1):
            with clock.frozen(NINE + timedelta(minutes=minutes)):
                await take(clerk, windows[0])
        for minutes in (10, 15):
            with clock.frozen(NINE + timedelta(minutes=minutes)):
                called = await call(clerk, windows[0])
            assert called is not None
            with clock.frozen(NINE + timedelta(minutes=minutes + 3)):
                await clerk.post(f"{PATH}/receptions/{called['id']}/completion")
        answer = await clerk.get(
            f"{PATH}/windows/{windows[0]}/waiting-times",
            params={"since": "2026-11-23", "until": "2026-11-23"},
        )
        assert answer.json() == {
            "called": 2,
            "wait_median_seconds": 720,
            "wait_p90_seconds": 816,
            "served": 2,
            "service_median_seconds": 180,
            "service_p90_seconds": 180,
        }
