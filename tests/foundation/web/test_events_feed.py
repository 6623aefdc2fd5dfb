"""Whoever follows a service's events reads each once, in order, and only their municipality's."""

from typing import Any

from foundation.identity import Role
from tests.foundation.web.conftest import Office
from tests.support.callers import a_machine, a_resident, an_official

EVENTS = "/benefits/v1/events"


async def _take_notes(office: Office, *amounts: int) -> None:
    for amount in amounts:
        response = await office.clerk().post(
            "/benefits/v1/notes", json={"text": "控え", "amount": amount}
        )
        assert response.status_code == 201


class TestTheFeed:
    async def test_hands_out_every_event_once_and_in_order(self, office: Office) -> None:
        await _take_notes(office, 1, 2, 3)
        read: list[dict[str, Any]] = []
        page: dict[str, Any] = {"has_more": True, "next_cursor": None}
        while page["has_more"]:
            query = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
            response = await office.machine().get(EVENTS, params={"limit": 2, **query})
            page = response.json()
            read += page["items"]
        assert [event["data"]["amount"] for event in read] == [1, 2, 3]
        assert {event["type"] for event in read} == {"benefits.note.taken.v1"}

    async def test_can_be_followed_when_nothing_is_new(self, office: Office) -> None:
        empty = (await office.machine().get(EVENTS)).json()
        assert empty == {"items": [], "next_cursor": None, "has_more": False}
        await _take_notes(office, 1)
        cursor = (await office.machine().get(EVENTS)).json()["next_cursor"]
        quiet = (await office.machine().get(EVENTS, params={"cursor": cursor})).json()
        assert (quiet["items"], quiet["next_cursor"]) == ([], cursor)

    async def test_shows_nothing_of_another_municipality(self, office: Office) -> None:
        await _take_notes(office, 1)
        neighbour = office.client.as_(a_machine(), tenancy=office.tenancies.chiyoda)
        assert (await neighbour.get(EVENTS)).json()["items"] == []

    async def test_is_for_machines_and_administrators(self, office: Office) -> None:
        kitami = office.tenancies.kitami
        for principal, status in (
            (an_official(Role.ADMINISTRATOR), 200),
            (an_official(Role.CLERK), 403),
            (a_resident(), 403),
            (a_machine(scopes=["benefits:read"]), 403),
        ):
            response = await office.client.as_(principal, tenancy=kitami).get(EVENTS)
            assert response.status_code == status

    async def test_takes_no_cursor_it_did_not_give_out(self, office: Office) -> None:
        for cursor in ("abc", "W10", "WzEsIngiXQ", "Wy0xLCIwMTg5MGE1ZC1hYzk2LTc3NGIiXQ"):
            response = await office.machine().get(EVENTS, params={"cursor": cursor})
            assert response.status_code == 400
