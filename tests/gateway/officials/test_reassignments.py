"""On the first of April forty people change desks: checked beforehand, carried out whole."""

from datetime import date, datetime, timedelta
from typing import Any

import httpx

from foundation import clock
from foundation.clock import JST
from foundation.identifiers import new_id
from tests.gateway.officials.town import TownHall
from tests.support.forgery import claims_of
from tests.support.front_door import PROVIDERS

APRIL = datetime(2027, 4, 1, tzinfo=JST)


async def loaded(town: TownHall, *entries: dict[str, Any], by: str = "administrator1") -> Any:
    answer = await town.call(
        "POST",
        "/reassignments",
        by=by,
        json={
            "effective_on": "2027-04-01",
            "reason": "令和9年4月1日付け人事異動",
            "entries": list(entries),
        },
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


async def filed(town: TownHall, content: bytes) -> httpx.Response:
    """Send a list as a personnel section saves it."""
    return await town.door.http.post(
        "/platform/v1/reassignments/files",
        params={"effective_on": "2027-04-01", "reason": "人事異動"},
        content=content,
        headers={
            "Authorization": f"Bearer {await town.administrator()}",
            "Content-Type": "text/csv",
            "Idempotency-Key": str(new_id()),
        },
    )


async def confirmed(town: TownHall, one: dict[str, Any], *, by: str = "administrator1") -> Any:
    path = f"/reassignments/{one['id']}/confirmation"
    return await town.call("POST", path, by=by, version=one["version"])


async def roles_at(town: TownHall, moment: datetime, *usernames: str) -> list[list[str]]:
    await town.administrator()
    await town.first()
    with clock.frozen(moment):
        return [await roles_of_frozen(town, username) for username in usernames]


async def roles_of_frozen(town: TownHall, username: str) -> list[str]:
    """Sign in without asking the office, which keeps its own time."""
    left = await town.door.authorize(
        town.tenancy, client_id="demo-desk", scope="openid platform:read"
    )
    answer = town.door.official_provider(town.tenancy).approve(
        left.headers["location"],
        subject=username,
        says={"groups": [], "preferred_username": f"N-{username}"},
    )
    back = await town.come_back(None, answer)
    code = back.headers["location"].partition("code=")[2].partition("&")[0]
    tokens = await town.door.redeem(code, client_id="demo-desk")
    return claims_of(tokens.json()["access_token"])["roles"]


async def test_forty_people_have_exactly_the_new_duties_on_the_morning_and_not_before(
    town: TownHall,
) -> None:
    await town.administrator()
    today = clock.today().isoformat()
    for number in range(20):
        await town.call(
            "POST",
            "/role-grants",
            json={
                "employee_id": f"N-{number}",
                "role": "clerk",
                "starts_on": today,
                "reason": "現職",
            },
        )
    list_ = "職員番号,役割,終了日\r\n" + "".join(
        f"N-{number},{'給付・窓口' if number % 2 else '相談'},2028/03/31\r\n"
        for number in range(40)
    )
    answer = await filed(town, list_.encode("cp932"))
    assert answer.status_code == 201, answer.text
    one = answer.json()
    assert (one["people"], one["begun"], one["ended"], one["faults"]) == (40, 60, 20, [])
    done = await confirmed(town, one)
    assert done.json()["state"] == "confirmed", done.text
    before = await roles_at(town, APRIL - timedelta(minutes=1), "0", "1", "39")
    assert before == [["clerk"], ["clerk"], []]
    after = await roles_at(town, APRIL, "0", "1", "39")
    assert after == [["counsellor"], ["benefits_officer", "clerk"], ["benefits_officer", "clerk"]]
    last = datetime(2028, 4, 1, tzinfo=JST)
    assert await roles_at(town, last, "0") == [[]]


async def test_lists_every_fault_and_carries_nothing_out(town: TownHall) -> None:
    list_ = (
        "職員番号,メールアドレス,役割,終了日\n"
        "N-1,,給付,\n"
        "N-1,,窓口,\n"
        ",,窓口,\n"
        "N-3,a@city.example,窓口,\n"
        "N-4,,部長,\n"
        "N-5,,窓口,2027-03-31\n"
        "N-6,,窓口,来年\n"
    )
    answer = await filed(town, list_.encode())
    found = [(one["line"], one["code"]) for one in answer.json()["faults"]]
    assert found == [
        (2, "person-twice"),
        (3, "one-name"),
        (4, "one-name"),
        (5, "unknown-role"),
        (6, "ends-before"),
        (7, "no-date"),
    ]
    refused = await confirmed(town, answer.json())
    assert refused.json()["type"] == "/problems/platform/reassignment-has-faults"
    assert (await town.call("GET", "/role-grants")).json()["items"] == []


async def test_a_sensitive_duty_takes_a_second_administrator(town: TownHall) -> None:
    one = await loaded(town, {"employee_id": "N-tanaka", "roles": ["treasurer"]})
    assert one["needs_four_eyes"] is True
    alone = await confirmed(town, one)
    assert alone.json()["type"] == "/problems/platform/four-eyes-required"
    together = await confirmed(town, one, by="administrator2")
    assert together.json()["state"] == "confirmed", together.text


async def test_warns_of_what_it_cannot_change_and_of_what_does_not_go_together(
    town: TownHall,
) -> None:
    await town.official(
        await town.first(),
        "tanaka",
        "treasurer",
        issuer=f"{PROVIDERS}/officials/{town.tenancy.code}",
        preferred_username="N-tanaka",
    )
    one = await loaded(
        town,
        {"employee_id": "N-tanaka", "roles": ["benefits_officer"]},
        {"employee_id": "N-new", "roles": ["clerk"]},
    )
    assert [(warning["line"], warning["code"]) for warning in one["warnings"]] == [
        (1, "kept-by-group"),
        (1, "conflict-benefits_officer-treasurer"),
        (2, "yet-to-sign-in"),
    ]


async def test_is_decided_once(town: TownHall) -> None:
    one = await loaded(town, {"employee_id": "N-1", "roles": ["clerk"]})
    gone = await town.call("POST", f"/reassignments/{one['id']}/disposal", version=1)
    assert gone.json()["state"] == "discarded"
    again = await confirmed(town, gone.json())
    assert again.json()["type"] == "/problems/platform/reassignment-state-conflict"


async def test_a_day_that_is_over_is_refused(town: TownHall) -> None:
    answer = await town.call(
        "POST",
        "/reassignments",
        json={
            "effective_on": date(2020, 4, 1).isoformat(),
            "reason": "昔",
            "entries": [{"employee_id": "N-1", "roles": ["clerk"]}],
        },
    )
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/effective_on"]


async def test_is_another_town_s_never(town: TownHall) -> None:
    one = await loaded(town, {"employee_id": "N-1", "roles": ["clerk"]})
    elsewhere = TownHall(town.door, town.door.tenancies.kinokawa)
    answer = await elsewhere.call("GET", f"/reassignments/{one['id']}")
    assert answer.status_code == 404
